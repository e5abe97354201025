"""What a report on an audience says first and in its tables; nobody is told apart, and names stay text."""

from datetime import timedelta

import pandas as pd
import pytest

from reportlib import audience, metrics
from reportlib.presentation.audience.first_screen import first_screen
from reportlib.presentation.look.first_screen import shown as screen_of
from tests.small_database import START, SmallDatabase, fill, in_memory_engine, small_database

EVIL = "<script>alert(1)</script>"
DAY = timedelta(days=1)


def a_year() -> SmallDatabase:
    """Forty people with mail for a year: half click, one of them opted out long ago and still gets mail; ten of SMS."""
    database = small_database()
    database.campaign("a", start=START - 360 * DAY)
    for number in range(40):
        database.contact(f"c{number}", country=EVIL if number < 25 else "BR" if number < 37 else "DE")
        for ago in (360, 200, 10):
            message = database.message("a", f"c{number}", at=START - ago * DAY)
            if number < 20:
                database.event(message, "clicked")
            if number == 0 and ago == 360:
                database.event(message, "unsubscribed", DAY)
    for number in range(10):
        database.message("a", f"c{number}", channel="sms", at=START - 5 * DAY)
    return database


def asked(warehouse, account="acme"):
    return (
        metrics.audience_list(warehouse, account),
        metrics.attention(warehouse, account),
        metrics.sleepers(warehouse, account),
        metrics.still_written(warehouse, account),
        metrics.reach(warehouse, account),
    )


@pytest.fixture(scope="module")
def shown():
    engine = in_memory_engine()
    warehouse = fill(engine, a_year())
    yield warehouse, asked(warehouse)
    engine.dispose()


def test_the_first_screen_has_reach_attention_and_what_to_do(shown):
    _, found = shown
    first = first_screen(*found, "acme")
    assert first.verdict.level == "bad"  # somebody who opted out is written to
    assert first.verdict.text == "1 message in 30 days went to people who had opted out or complained."
    assert first.verdict.advice.startswith("40 people can be reached")
    assert "50 % of those whose reactions can be seen" in first.verdict.advice.replace("\u202f", " ")
    assert [card.count for card in first.cards] == ["40", "0", "20", "31"]
    assert [one.command.split(" --who ")[1] for one in first.actions] == [
        "unreachable --to unreachable.csv",
        "sleepers --to sleepers.csv",
    ]
    assert "Of 20 who slept 30 days ago 0.0" in first.actions[1].why


def test_the_first_screen_answers_five_questions(shown):
    _, found = shown
    told = screen_of(first_screen(*found, "acme")).text
    for asked_for, answer in {
        "how many can be reached": "Can be reached: 40",
        "is that good": "went to people who had opted out or complained",
        "is it usual": "in the four weeks before",
        "what shall I do": "1. Stop writing to people who are lost",
        "what may I not believe": "What to believe: Who was never written to is on no list",
    }.items():
        assert answer in told, asked_for


def test_groups_below_the_smallest_are_not_told_apart_and_names_stay_text(shown):
    warehouse, (people, attention, sleepers, still_written, reach) = shown
    groups = metrics.audience_groups(warehouse, "acme", ["country"], 10)
    assert groups["group"].tolist() == [EVIL, "BR"] and groups["reachable"].tolist() == [25, 12]
    assert metrics.audience_groups(warehouse, "acme", ["country"], 13)["group"].tolist() == [EVIL, "(smaller groups)"]
    displays = [
        audience.headline(warehouse, "acme", people, attention, sleepers, still_written, reach),
        audience.tables.growth(people),
        audience.tables.movement(attention),
        audience.tables.sleepers(sleepers, 21),
        audience.tables.still_written(still_written),
        audience.tables.reach(reach),
        audience.tables.groups(groups, 10),
    ]
    html = "".join(one.html for one in displays)
    assert EVIL not in html and "&lt;script&gt;" in html
    assert "fewer than 21" in html and ">c0<" not in html


def test_charts_have_their_numbers(shown):
    warehouse, (people, attention, *_) = shown
    stay = metrics.audience_survival(warehouse, "acme")
    for chart in (audience.charts.growth(people), audience.charts.attention(attention), audience.charts.stay(stay)):
        about = chart.to_dict()["usermeta"]["reportlib"]
        assert about["rows"] and all(len(row) == len(about["columns"]) for row in about["rows"])
    (of_sms,) = [row for row in audience.charts.attention(attention).usermeta["reportlib"]["rows"] if row[0] == "SMS"]
    assert of_sms[-1] == "10"  # nobody tells whether they react


def test_nobody_written_to_is_no_audience():
    engine = in_memory_engine()
    warehouse = fill(engine, small_database())
    found = asked(warehouse)
    said = audience.headline(warehouse, "acme", *found)
    assert "Nobody was written to yet" in said.text
    for chart in (audience.charts.growth(found[0]), audience.charts.attention(found[1])):
        assert "Nobody was written to" in chart.description
    engine.dispose()


def test_who_carries_messages_that_do_not_arrive_is_told():
    engine, database = in_memory_engine(), small_database()
    database.campaign("a", start=START - 90 * DAY)
    for number in range(40):
        database.contact(f"c{number}", carrier=EVIL if number < 20 else "Oi", email_domain="gmail.com")
        for week in range(8):
            at, lost = START - (7 * week + 7) * DAY, number < 20 or (week == 1 and number < 38)
            database.message("a", f"c{number}", "failed" if lost else "delivered", channel="sms", at=at)
    database.campaign("b", start=START - 8 * DAY)
    database.message("b", "c1", at=START - 7 * DAY)
    database.message("b", "c2", at=START - DAY)
    warehouse = fill(engine, database)
    weeks = metrics.deliverability(warehouse, "acme", 10)
    found = metrics.failures_against_usual(weeks)
    assert dict(zip(found["group"], found["verdict"], strict=True)) == {EVIL: "as usual", "Oi": "as usual"}
    shown = audience.delivery.deliverability(found, weeks)
    said = shown.text.replace("\u202f", " ")
    assert f"SMS, {EVIL}: 100.0 % of 20 messages failed, as usual" in said
    usual = "in its weeks before 0.4 %"  # of six weeks
    assert f"SMS, Oi: 90.0 % of 20 messages failed, not shown to be unusual; {usual}" in said
    assert EVIL not in shown.html
    assert "Campaign a  and  Campaign b" in audience.delivery.overlap(metrics.audience_overlap(warehouse, "acme")).text
    none = weeks.head(0)
    said = audience.delivery.deliverability(metrics.failures_against_usual(none), none).text
    assert "in the last week that is over" in said
    engine.dispose()


def leaving(*verdicts, channel="all", people=80):
    """What `metrics.opt_out_pressure` says of a channel, with these verdicts on one, two and three before."""
    told = [
        (channel, at, 1000, 10, 1.5**at, 1.2**at, 1.9**at, 0.01, people, verdict)
        for at, verdict in enumerate(("", *verdicts))
    ]
    names = ["channel", "before", "messages", "left", "odds_ratio", "low", "high", "p_value", "people", "verdict"]
    return pd.DataFrame(told, columns=names)


def test_who_leaves_after_more_messages_is_said_as_far_as_it_is_known():
    more = audience.pressure.leaving(leaving("higher", "higher", "not distinguishable")).text
    assert "leaves more often: one before: odds × 1.50 (1.20 to 1.90), two before: odds × 2.25 (1.44 to 3.61)" in more
    assert "80 people who left are held against others" in more
    alike = audience.pressure.leaving(leaving(*["not distinguishable"] * 3)).text
    assert "No effect of more messages on who leaves is distinguishable: 80 people who left are compared" in alike
    few = audience.pressure.leaving(leaving(*["too few people tell"] * 3, people=1)).text
    assert "Too few people left to tell" in few and "1 person who left can be compared" in few
    nobody = metrics.opt_out_pressure(fill(in_memory_engine(), small_database()), "acme")
    for shown in (audience.pressure.leaving(nobody), audience.pressure.leaving_by_level(nobody)):
        assert "Neither opt-outs nor complaints are measured" in shown.text
    table = audience.pressure.leaving_by_level(leaving("higher", "lower", "too few people tell")).text
    assert all(word in table for word in ("left more", "left less", "too few people tell", "held against"))


def test_the_list_by_group_has_the_largest_in_their_last_weeks(shown):
    frame = metrics.audience_list_by_group(shown[0], "acme", ["country"], 10)
    assert set(frame["group"]) == {EVIL, "BR"}  # three of DE are too few, and alone
    last = frame[frame["group"] == EVIL].iloc[-1]
    assert (last["before"], last["new"], last["lost"], last["net"], last["reachable"]) == (25, 0, 0, 0, 25)
    together = metrics.audience_list_by_group(shown[0], "acme", ["country"], 13)
    assert together[together["group"] == "(smaller groups)"]["reachable"].iloc[-1] == 15
    table = audience.tables.groups_by_week(frame, 10)
    assert EVIL not in table.html and table.text.count("BR") == 4
    assert "No group has 10 people" in audience.tables.groups_by_week(frame.head(0), 10).text
