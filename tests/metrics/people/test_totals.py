"""Campaigns known as totals only: their figures are those that their people would give, as far as totals tell."""

from datetime import timedelta

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from reportlib import metrics
from reportlib.definitions import DEFINITIONS, EVENT_KINDS
from reportlib.metrics.people.breakdown import breakdown
from reportlib.metrics.people.measured import NOT_FAILED
from reportlib.metrics.people.rates import rate_given
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import TOTALLED
from tests import examples
from tests.small_database import NOW, START, campaign, fill, followed, in_memory_engine, small_database

LEDGER = ["audience", "not_sent", "sent", "delivered", "failed", "pending", "engagement_base"]


def totalled(channel="email", status="completed", **counts):
    """A campaign known as totals beside one with people."""
    database = small_database(campaign("people", audience=10).sent(9).delivered(8, opened=4, clicked=2).failed(1))
    database.campaign("totals", status=status)
    database.totals("totals", channel, **counts)
    return database


def rate(warehouse, metric, base=None):
    (row,) = breakdown(warehouse, "totals", "channel", base=base).to_dict("records")
    found = metrics.rate_of(row, metric)
    return found and (found.count, found.base, found.base_name)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(3))
@given(st.data())
def test_totals_say_what_the_people_they_are_of_say(duckdb, data):
    sent = data.draw(st.integers(2, 30))
    delivered = data.draw(st.integers(1, sent - 1))
    failed = data.draw(st.integers(min(1, sent - delivered), sent - delivered))  # or nobody tells of failures
    opened, clicked, replied = (data.draw(st.integers(1, delivered)) for _ in range(3))
    did = {"opened": opened, "clicked": clicked, "replied": replied}
    people = campaign("people", audience=sent).sent(sent).delivered(delivered, **did).failed(failed)
    database = small_database(people)
    database.campaign("totals")
    database.totals("totals", audience=sent, sent=sent, delivered=delivered, failed=failed)
    database.totals("totals", **{kind: (count, count) for kind, count in did.items()})
    warehouse = fill(duckdb, database)
    of_people, of_totals = (
        breakdown(warehouse, one, by).iloc[0] for one in ("people", "totals") for by in ["campaign_id"]
    )
    assert of_totals[LEDGER].tolist() == of_people[LEDGER].tolist()
    for one in DEFINITIONS:
        if one.name not in ("opened_human", "click_to_open"):  # of each person, so in no totals
            assert metrics.rate_of(of_totals, one.name) == metrics.rate_of(of_people, one.name), one.name
    names = ["opened_total", "clicked_total", "replied_total"]
    assert of_totals[names].tolist() == of_people[names].tolist()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(3))
@given(
    st.dictionaries(st.sampled_from(TOTALLED), st.integers(0, 9)),
    st.dictionaries(st.sampled_from(TOTALLED), st.integers(0, 9)),
    st.sampled_from((None, NOT_FAILED)),
)
def test_whatever_is_given_the_ledger_closes_and_no_rate_is_above_one(duckdb, mail, sms, base):
    database = totalled(**mail)
    database.totals("totals", "sms", **sms)
    warehouse = fill(duckdb, database)
    for by in ((), "variant", ("campaign_id", "channel")):
        frame = breakdown(warehouse, None, by, base=base)
        assert (frame["audience"] == frame["not_sent"] + frame["sent"]).all()
        assert (frame["sent"] == frame["delivered"] + frame["failed"] + frame["pending"]).all()
        assert (frame[LEDGER] >= 0).all(axis=None)
        for one in DEFINITIONS:
            told = frame[rate_given(frame, one.name)]
            assert told[one.numerator].between(0, told[one.bases[0]]).all(), one.name
    summary = metrics.summary(warehouse)
    percentages = summary[[name for name in summary if "_pct" in name]]
    assert ((percentages >= 0) & (percentages <= 100) | percentages.isna()).all(axis=None)


def test_what_is_not_given_is_not_measured(duckdb):
    warehouse = fill(duckdb, totalled(sent=100, delivered=90, clicked=9))
    row = metrics.summary(warehouse, "totals").iloc[-1]
    assert (row.delivered, row.clicked, row.clicked_pct_of_delivered) == (90, 9, 10)
    empty = ["failed", "pending", "failed_pct_of_sent", "opened", "opened_pct_of_delivered", "replied", "complained"]
    assert row[empty].isna().all()
    told = metrics.measured(warehouse, "totals").set_index("what")["is_measured"]
    assert told[told].index.tolist() == ["delivered", "clicked"]
    ledger = metrics.delivery(warehouse, "totals").iloc[0]
    assert (ledger.delivery_measured, ledger.failed_measured, ledger.by_person) == (True, False, False)


def test_without_deliveries_rates_are_of_those_not_failed(duckdb):
    warehouse = fill(duckdb, totalled(sent=100, failed=4, opened=24))
    assert rate(warehouse, "opened") == (24, 96, "not failed")
    warehouse = fill(duckdb, totalled(delivered=90, sent=100, failed=4, opened=24))
    assert rate(warehouse, "opened") == (24, 90, "delivered")
    assert rate(warehouse, "opened", NOT_FAILED) == (24, 96, "not failed")


@pytest.mark.parametrize(
    ("given", "sent"),
    [({"delivered": 90, "failed": 4}, 94), ({"audience": 100}, 100), ({"audience": 100, "delivered": 90}, 90)],
)
def test_who_was_sent_to_where_that_is_not_given(duckdb, given, sent):
    assert metrics.delivery(fill(duckdb, totalled(**given)), "totals")["sent"].tolist() == [sent]


def test_events_of_nobody_known_are_times_and_no_people(duckdb):
    row = metrics.summary(fill(duckdb, totalled(sent=100, opened=(None, 512))), "totals").iloc[-1]
    assert row.opened_total == 512 and pd.isna(row.opened) and pd.isna(row.opened_pct_of_delivered)


def test_of_a_campaign_with_messages_these_count(duckdb):
    database = totalled(sent=7)
    database.totals("people", sent=1000, delivered=1000, opened=1000)
    warehouse = fill(duckdb, database)
    row = metrics.breakdown(warehouse, "people").iloc[0]
    assert (row.sent, row.opened, row.by_person) == (9, 4, True)


def test_what_contradicts_is_told(duckdb):
    warehouse = fill(duckdb, totalled(audience=80, sent=90, delivered=85, failed=6, opened=86, clicked=3))
    (problem,) = metrics.data_problems(warehouse).query("problem == 'contradicting totals'").itertuples()
    assert (problem.count, problem.examples) == (3, "totals")  # audience, failed, opened
    assert metrics.data_problems(fill(duckdb, totalled(sent=90, opened=86))).empty


def test_groups_of_people_and_totals_together(duckdb):
    warehouse = fill(duckdb, totalled(sent=100, delivered=90, opened=(30, 50)))
    row = metrics.breakdown(warehouse).iloc[0]
    assert (row.audience, row.delivered, row.opened, row.opened_total) == (110, 98, 34, 54)
    assert (row.opened_human, row.clicked) == (4, 2)  # of those who are known
    assert pd.isna(row.opened_or_clicked) and pd.isna(row.clicked_in_base)  # and so in no rate
    assert metrics.rate_of(row, "opened").count == 34 and metrics.rate_of(row, "clicked") is None
    by_country = metrics.breakdown(warehouse, by="country")
    assert by_country["audience"].sum() == 9


@pytest.fixture(scope="module")
def of_both():
    engine = in_memory_engine()
    yield fill(engine, totalled(sent=100, delivered=90, failed=3, clicked=10))
    engine.dispose()


@pytest.mark.parametrize("what", [metrics.breakdowns, metrics.activity, metrics.delivery_timeline, metrics.failures,
                                  metrics.failure_patterns, metrics.recoverable, metrics.send_slots,
                                  metrics.response_latency])  # fmt: skip
def test_what_needs_each_person_names_the_campaigns_it_lacks(of_both, what):
    warehouse = of_both
    assert what(warehouse, "totals").attrs["totals_only"] == ["Campaign totals"]
    assert what(warehouse, "totals").get("failed", pd.Series([0])).sum() == 0
    assert what(warehouse).attrs["totals_only"] == ["Campaign totals"]
    assert what(warehouse, "people").attrs["totals_only"] == []


def test_a_cancelled_campaign_is_reported_once_totals_tell_of_it(duckdb):
    database = totalled(status="cancelled", sent=50)
    database.campaign("nothing", status="cancelled")
    assert set(metrics.select_campaigns(fill(duckdb, database))["campaign_id"]) == {"people", "totals"}


def test_how_fresh_totals_are(duckdb):
    database = totalled(sent=50)
    database.messages.clear()
    database.events.clear()
    assert metrics.data_as_of(fill(duckdb, database)) == pd.Timestamp(START)  # sending began then
    taken = START + timedelta(days=9)
    database.totals("totals", clicked=1, as_of=taken)
    database.totals("totals", opened=1, as_of=NOW + timedelta(days=1))
    assert metrics.data_as_of(fill(duckdb, database)) == pd.Timestamp(taken)


def test_the_table_or_when_it_was_taken_may_be_missing(duckdb):
    fill(duckdb, totalled(sent=50))
    for statement, known in (("ALTER TABLE campaign_totals DROP as_of", 2), ("DROP TABLE campaign_totals", 1)):
        with duckdb.begin() as connection:
            connection.exec_driver_sql(statement)
        counts = metrics.delivery(Warehouse(duckdb), by="campaign_id")
        assert (counts["sent"] > 0).sum() == known


def compared(duckdb, **columns):
    database = small_database(campaign("people", **columns).sent(600).delivered(580, clicked=58).failed(10))
    database.campaign("totals", **columns)
    database.totals("totals", sent=600, delivered=580, failed=10, clicked=174)
    return followed(duckdb, database)


def test_a_comparison_is_of_delivered_and_says_that_it_checked_no_design(duckdb):
    warehouse = compared(duckdb, experiment_id="x", variant="B")
    frame = metrics.comparable(warehouse, ["people", "totals"])
    made = metrics.design(warehouse, frame, breakdowns=["country"])
    assert not made.declared and set(made.mixes) == {"channel"}
    (verdict,) = metrics.compare_campaigns(frame, made)
    assert (verdict.arm, verdict.count, verdict.base, verdict.base_name) == ("Campaign totals", 174, 580, "delivered")
    assert (verdict.baseline_count, verdict.baseline_base, verdict.word) == (58, 580, "higher")
    (said,) = (reason.text for reason in verdict.reasons if reason.guard == "totals")
    assert said.startswith("Campaign totals: known as totals only") and "cannot be checked" in said
    opened = next(one for one in metrics.explore_campaigns(frame, made) if one.metric == "opened")
    assert opened.word == "not comparable" and "Not measured for Campaign totals" in str(opened)
    audience = metrics.differences(frame, made).set_index("aspect").loc["audience"]
    assert (audience["same"], audience["detail"]) == (False, "not known: Campaign totals known as totals only")
    assert set(metrics.response_by_age(warehouse, frame, "clicked")["campaign_id"]) == {"people"}
    assert metrics.rate_gap_by(warehouse, frame, "totals", "people", "clicked", "country").empty
    assert len(metrics.rate_gap_by(warehouse, frame, "totals", "people", "clicked", "channel")) == 1


def test_a_week_has_its_totals(duckdb):
    database = totalled(sent=100, delivered=90, clicked=9)
    database.totals("totals", audience=110, as_of=START + timedelta(days=20))
    figures = metrics.weekly_figures(fill(duckdb, database), "acme", "2026-W45", 12)
    assert set(figures.campaigns["campaign_id"]) == {"people", "totals"}
    assert figures.ledger.iloc[0][["audience", "sent", "delivered"]].tolist() == [120, 109, 98]
    asked = figures.verdicts.set_index(["campaign_id", "metric"])
    assert asked.loc[("totals", "clicked"), ["count", "base", "old_enough"]].tolist() == [9, 90, True]
    assert ("totals", "opened") not in asked.index
    failed = figures.trends.query("metric == 'failed' and week == '2026-W45'").iloc[0]
    assert (failed["campaigns"], failed["count"], failed["base"]) == (1, 1, 10)  # of what tells failures


def test_every_kind_of_event_can_be_given(duckdb):
    warehouse = fill(duckdb, totalled(sent=100, delivered=90, **dict.fromkeys(EVENT_KINDS, 9)))
    assert [rate(warehouse, kind) for kind in EVENT_KINDS] == [(9, 90, "delivered")] * len(EVENT_KINDS)
    warehouse = fill(duckdb, totalled("sms", sent=100, delivered=90, **dict.fromkeys(EVENT_KINDS, 9)))
    assert rate(warehouse, "opened") is None  # no SMS can tell
