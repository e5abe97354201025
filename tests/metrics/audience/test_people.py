"""The people of an account against plain Python: the list, how long they stay, attention, sleepers, reach."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from reportlib import metrics
from tests import examples, oracle
from tests.metrics.audience import people_oracle
from tests.metrics.audience.people_oracle import DAY, with_whole
from tests.random_database import databases
from tests.small_database import START, SmallDatabase, fill, in_memory_engine, small_database

QUICK = settings(
    max_examples=examples(3),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=set(Phase) - {Phase.explain},
)
ZONE = "America/Sao_Paulo"
SLEEPER_DAYS = 180
HARD = {"provider": "ses", "failure_code": "Permanent/General"}


@st.composite
def over_months(draw) -> SmallDatabase:
    """Three campaigns, twelve people, a year and a half: reactions by people and machines, all ways of being lost."""
    database = small_database(timezone=ZONE)
    days = st.integers(0, 500)
    for name in ("email", "sms", "late"):
        database.campaign(name, start=START - 500 * DAY)
    for number in range(12):
        created = draw(st.sampled_from([None, None, START - 300 * DAY, START - 40 * DAY]))
        country, carrier = draw(st.sampled_from([None, "BR", "DE"])), draw(st.sampled_from([None, "Vivo", "Oi"]))
        domain = draw(st.sampled_from([None, "gmail.com", "GoogleMail.com", "x.example"]))
        database.contact(f"c{number}", created_at=created, country=country, carrier=carrier, email_domain=domain)
    minutes = iter(range(1, 999))
    for _ in range(draw(st.integers(10, 40))):
        channel = draw(st.sampled_from(["email", "email", "sms", "whatsapp"]))
        name = draw(st.sampled_from(["email", "sms", "late"]))
        status = draw(st.sampled_from(["delivered", "sent", "failed", "queued"]))
        at = START - draw(days) * DAY + next(minutes) * timedelta(minutes=1)
        told = HARD if status == "failed" and draw(st.booleans()) else {"provider": "ses"}
        person = f"c{draw(st.integers(0, 11))}"
        message = database.message(name, person, status, channel=channel, at=at, **told)
        for _ in range(draw(st.integers(0, 2))):
            kind = draw(st.sampled_from(["opened", "clicked", "clicked", "replied", "unsubscribed", "complained"]))
            after = timedelta(days=draw(st.integers(1, 99)), minutes=next(minutes))
            database.event(message, kind, after, machine=draw(st.sampled_from([False, False, True])))
    for _ in range(draw(st.integers(0, 2))):
        person, at = f"c{draw(st.integers(0, 11))}", START - draw(days) * DAY
        database.outcome(person, kind=draw(st.sampled_from(["unsubscribed", "order"])), at=at)
    return database


@QUICK
@given(over_months())
def test_people_are_those_of_plain_python(duckdb, database):
    check(duckdb, database, "acme")


@settings(QUICK, max_examples=examples(2))
@given(over_months())
@pytest.mark.parametrize("name", ["postgresql", "sqlite"])
def test_people_on_other_engines(request, name, database):
    check(request.getfixturevalue(name), database, "acme")


@settings(QUICK, max_examples=examples(2))
@given(databases())
def test_people_of_awkward_sources(duckdb, database):
    for account in database.accounts:
        check(duckdb, database, account["account_id"])


def check(engine, database, account):
    warehouse = fill(engine, database)
    zone = next(row["timezone"] for row in database.accounts if row["account_id"] == account)
    found = metrics.attention(warehouse, account)
    told = {(row.channel, row.then, row.now): row.people for row in found.itertuples()}
    if not people_oracle.account_messages(database, account):
        assert not told and metrics.audience_list(warehouse, account).empty
        return
    assert told == people_oracle.attention(database, account)
    check_sleepers(metrics.sleepers(warehouse, account), database, account)
    joined, lost = people_oracle.changes(database, account, zone)
    check_list(metrics.audience_list(warehouse, account), joined, lost)
    check_stay(metrics.audience_survival(warehouse, account), database, account, zone)
    found = metrics.still_written(warehouse, account)
    told = {(row.channel, row.reason): row.messages for row in found.itertuples()}
    assert told == people_oracle.still_written(database, account)
    found = metrics.audience_groups(warehouse, account, "country", 1).set_index("group").drop(columns="dimension")
    assert found.to_dict("index") == people_oracle.by_country(database, account)
    changes = people_oracle.changes_by_country(database, account, zone)
    check_groups(metrics.audience_list_by_group(warehouse, account, "country", 1), *changes)
    check_deliverability(metrics.deliverability(warehouse, account, 1), database, account, zone)
    reach = metrics.reach(warehouse, account)
    assert dict(zip(reach["channels"], reach["people"], strict=True)) == people_oracle.ways(database, account)
    assert [len(names.split("+")) if names else 0 for names in reach["channels"]] == reach["number"].tolist()


def check_sleepers(frame, database, account):
    columns = ["people", "messages", "reacted", "opted_out", "complained", "failed", "now_sleeping"]
    rows = frame.set_index(["channel", "group"])[columns].to_dict("index")
    some = {key: {name: count for name, count in row.items() if count} for key, row in rows.items()}
    assert {key: row for key, row in some.items() if row} == people_oracle.sleepers(database, account, SLEEPER_DAYS)


def check_deliverability(frame, database, account, zone):
    weeks = frame["week"].dt.date.map(lambda day: "{}-W{:02}".format(*day.isocalendar()[:2]))
    counts = frame.drop(columns=["channel", "group", "week"]).astype(object).where(frame.notna(), None)
    found = dict(zip(zip(frame["channel"], frame["group"], weeks, strict=True), counts.to_dict("records"), strict=True))
    assert found == people_oracle.deliverability(database, account, zone)


def check_list(frame, joined, lost):
    reasons = {"opted out": "opted_out", "complained": "complained", "permanently failed": "failed"}
    for channel, rows in frame.groupby("channel"):
        last = {"week": rows["week"].iloc[-1], "first": rows["week"].iloc[0]}
        early = sum(count for (name, week), count in joined.items() if name == channel and week < last["first"])
        assert rows["before"].iloc[0] == early
        assert (rows["before"] + rows["new"] - rows["lost"] == rows["reachable"]).all()
        assert (rows["reachable"].shift(fill_value=early) == rows["before"]).all()
        assert (rows[[*reasons.values()]].sum(axis=1) == rows["lost"]).all()
        for row in rows.to_dict("records"):
            if row["week"] != last["week"]:  # the last has what is dated later, too
                assert row["new"] == joined[channel, row["week"]]
                assert {name: row[name] for name in reasons.values()} == {
                    column: lost[channel, row["week"], reason] for reason, column in reasons.items()
                }
        assert rows["lost"].sum() == sum(count for (name, *_), count in lost.items() if name == channel)


def check_groups(frame, joined, lost):
    assert {group for group, _ in joined} == set(frame["group"])
    for group, rows in frame.groupby("group"):
        early = sum(count for (name, week), count in joined.items() if name == group and week < rows["week"].iloc[0])
        assert rows["before"].iloc[0] == early
        assert (rows["net"] == rows["new"] - rows["lost"]).all()
        assert (rows["before"] + rows["net"] == rows["reachable"]).all()
        assert (rows["reachable"].shift(fill_value=early) == rows["before"]).all()
        for row in rows.iloc[:-1].itertuples():  # the last has what is dated later, too
            assert (row.new, row.lost) == (joined[group, row.week], lost[group, row.week])
        assert rows["lost"].sum() == sum(count for (name, _), count in lost.items() if name == group)


def check_stay(frame, database, account, zone):
    """Kaplan and Meier's estimate, each person followed from week to week."""
    end = oracle.data_as_of(database)
    people = with_whole(people_oracle.people(database, account))
    for channel, rows in frame.groupby("channel"):
        ages = [
            (max(0, weeks_between(one["first"], one["lost"] or end, zone)), one["lost"] is not None)
            for (_, name), one in people.items()
            if name == channel
        ]
        staying = 1.0
        for row in rows.to_dict("records"):
            at_risk = sum(age >= row["weeks"] for age, _ in ages)
            lost = sum(age == row["weeks"] and is_lost for age, is_lost in ages)
            staying *= 1 - lost / at_risk
            assert (row["at_risk"], row["lost"]) == (at_risk, lost)
            assert row["staying"] == pytest.approx(staying)
            assert not row["low"] > row["staying"] and not row["high"] < row["staying"]
        assert rows["at_risk"].iloc[0] == len(ages)


def weeks_between(first, last, zone):
    monday = [people_oracle.monday(moment, zone) for moment in (first, last)]
    return (monday[1] - monday[0]).days // 7


def test_the_survival_curve_is_that_of_the_book():
    """Six of 21 people on 6-MP relapsed at 6, 6, 6, 7, 10, 13 … weeks (Freireich and others 1963; Kalbfleisch and
    Prentice 2002, table 1.2): 0.627 stay at 16 weeks, 95 % from 0.368 to 0.805 on this scale."""
    lost, followed = (6, 6, 6, 7, 10, 13, 16, 22, 23), (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
    database = small_database()
    database.campaign("a", start=START - 300 * DAY)
    first = START - 35 * 7 * DAY
    for number, weeks in enumerate(lost):
        message = database.message("a", f"l{number}", at=first)
        database.event(message, "unsubscribed", weeks * 7 * DAY)
    for number, weeks in enumerate(followed):
        database.message("a", f"f{number}", at=START - weeks * 7 * DAY)
    engine = in_memory_engine()
    database.outcome("f0", at=START)
    frame = metrics.audience_survival(fill(engine, database), "acme")
    engine.dispose()
    found = frame[frame["channel"] == "all"].set_index("weeks").loc[16]
    assert (found["at_risk"], found["lost"]) == (11, 1)
    assert found["staying"] == pytest.approx(0.627, abs=0.001)
    assert (found["low"], found["high"]) == (pytest.approx(0.368, abs=0.001), pytest.approx(0.805, abs=0.001))
