"""Send slots and latency by hand; every cell against the oracle is in test_against_oracle.py."""

from datetime import UTC, datetime, timedelta
from math import exp, log, sqrt

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from reportlib import metrics
from reportlib.errors import InvalidParameters, UnknownTimeZone
from reportlib.metrics.send_times import latency
from tests.small_database import MINUTE, NOW, START, SmallDatabase, campaign, fill, small_database

HOUR = 60 * MINUTE


def one_message(**contact):
    """A message handed over on Monday 2 November 2026, 9 h UTC, clicked ten minutes later; data until the 23rd."""
    database = SmallDatabase()
    database.account("acme", "UTC")
    database.campaign("a")
    database.contact("ann", **contact)
    message = database.message("a", "ann")
    database.event(message, "clicked", occurred_at=START + 10 * MINUTE)
    late = database.message("a", "ann", at=NOW)
    late["delivered_at"] = NOW
    return database, message


def test_a_slot_is_the_hour_of_the_hand_over(duckdb):
    database, _ = one_message()
    frame = metrics.send_slots(fill(duckdb, database), "a")
    assert frame[["weekday", "hour", "delivered", "mature", "responded"]].to_numpy().tolist() == [
        [1, 9, 1, 1, 1],
        [1, 12, 1, 0, 0],  # too young
    ]


@pytest.mark.parametrize(("after", "responded"), [(HOUR, 1), (HOUR + timedelta(milliseconds=1), 0)])
def test_the_window_ends_on_the_millisecond(duckdb, after, responded):
    database, message = one_message()
    database.events[0]["occurred_at"] = message["sent_at"] + after
    assert metrics.send_slots(fill(duckdb, database), "a", window_hours=1)["responded"].sum() == responded


def test_the_clock_of_each_recipient_where_it_is_known(engine):
    database, _ = one_message(timezone="Asia/Kathmandu")
    database.contact("bob", timezone="Mars/Olympus")
    database.message("a", "bob")
    warehouse = fill(engine, database)
    frame = metrics.send_slots(warehouse, "a", timezone="recipient")
    assert set(zip(frame["weekday"], frame["hour"], strict=True)) == {(1, 14), (1, 17), (1, 9)}
    assert frame.attrs["zone_known"] == pytest.approx(2 / 3)
    assert "recipient" in frame.attrs["timezone"]
    assert metrics.activity(warehouse, "a", "recipient")["hour"].tolist() == [14]
    assert metrics.send_slots(warehouse, "a").attrs["zone_known"] is None


def test_what_cannot_be_asked(duckdb):
    database = small_database(campaign("a").sent(2, channel="sms").delivered(2))
    campaign("b").sent(1, channel="email").delivered(1, opened=1).add_to(database)
    campaign("c").sent(1, channel="whatsapp").delivered(1, opened=1).add_to(database)
    warehouse = fill(duckdb, database)
    with pytest.raises(InvalidParameters, match="never pooled"):
        metrics.send_slots(warehouse, None, "opened")
    with pytest.raises(InvalidParameters, match="sms"):
        metrics.send_slots(warehouse, None, "opened", channel="sms")
    with pytest.raises(InvalidParameters, match="clicked"):
        metrics.send_slots(warehouse, None, "clickd")
    with pytest.raises(InvalidParameters, match="email"):
        metrics.response_latency(warehouse, None, "clicked", "e-mail")
    with pytest.raises(InvalidParameters, match="above zero"):
        metrics.send_slots(warehouse, window_hours=0)
    with pytest.raises(UnknownTimeZone, match="Europe/Berlin"):
        metrics.send_slots(warehouse, timezone="Europe/Berln")
    assert metrics.send_slots(warehouse, "a", "opened").empty  # an SMS cannot be opened: nothing to go by, no zero
    assert metrics.send_slots(warehouse, ["a", "b"], "opened")["channel"].tolist() == ["email"]


def test_replies_by_email_that_nobody_captures_are_left_out(duckdb):
    database = small_database(campaign("a").sent(3, channel="email").delivered(3))
    campaign("b").sent(2, channel="sms").delivered(2, replied=1).add_to(database)
    assert metrics.send_slots(fill(duckdb, database), None, "replied")["channel"].tolist() == ["sms"]


def test_no_campaign_at_all(duckdb):
    database = SmallDatabase()
    database.account("acme", "UTC")
    warehouse = fill(duckdb, database)
    with pytest.raises(InvalidParameters, match="no campaign"):
        metrics.started_within(warehouse)
    assert metrics.send_slots(warehouse).empty
    assert metrics.response_latency(warehouse).empty


def test_weeks_leave_out_older_campaigns(duckdb):
    database = small_database(campaign("old"), campaign("new"))
    database.campaigns[0]["started_at"] = START - timedelta(weeks=2)
    warehouse = fill(duckdb, database)
    assert metrics.started_within(warehouse, None, 1) == ["new"]
    assert metrics.started_within(warehouse, ["old", "new"], 2) == ["old", "new"]
    assert metrics.started_within(warehouse, ["old"], 1) == ["old"]


def test_latency_counts_messages_for_as_long_as_they_could_be_followed(duckdb):
    """Four messages: answered after 10 min; followed 30 min only; answered after 40 min; silent to the end."""
    database = SmallDatabase()
    database.account("acme", "UTC")
    database.campaign("a")
    at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    for number, (sent, answered) in enumerate([(at, 10), (at + 90 * MINUTE, None), (at, 40), (at, None)]):
        message = database.message("a", f"c{number}", at=sent)
        message["delivered_at"] = message["sent_at"]
        if answered:
            database.event(message, "clicked", occurred_at=message["sent_at"] + answered * MINUTE)
    end = database.messages[0]["sent_at"] + 120 * MINUTE
    database.event(database.messages[0], "unsubscribed", occurred_at=end)
    frame = metrics.response_latency(fill(duckdb, database), "a").set_index("age_minutes")
    assert frame["followed"].to_dict() == {10: 4, 30: 3, 40: 2, 120: 1}
    assert frame["share"].to_dict() == {10: 0.25, 30: 0.25, 40: pytest.approx(0.625), 120: pytest.approx(0.625)}
    times = metrics.response_times(frame.reset_index()).iloc[0]
    assert times[["delivered", "answered", "median_minutes", "most_minutes"]].tolist() == [4, 2, 40, 40]


def test_latency_where_nobody_responds(duckdb):
    warehouse = fill(duckdb, small_database(campaign("a").sent(3, channel="sms").delivered(3)))
    frame = metrics.response_latency(warehouse, "a")
    assert (frame["share"] == 0).all()
    assert frame["low"].isna().all()
    assert metrics.response_times(frame)["median_minutes"].isna().all()
    assert metrics.response_times(metrics.response_latency(warehouse, "a", "opened")).empty


def test_greenwood_by_hand(duckdb):
    """Ten messages, two answered: the interval on the complementary log-log scale."""
    database = small_database(campaign("a").sent(10).delivered(10, clicked=2))
    database.event(database.messages[0], "unsubscribed", occurred_at=NOW)  # all are followed for weeks
    warehouse = fill(duckdb, database)
    row = metrics.response_latency(warehouse, "a").iloc[-1]
    error = sqrt(2 / (10 * 8)) / -log(0.8)
    low, high = (1 - 0.8 ** exp(sign * 1.959963984540054 * error) for sign in (-1, 1))
    assert (row["low"], row["high"]) == (pytest.approx(low), pytest.approx(high))


def test_the_estimate_is_that_of_statsmodels():
    rng = np.random.default_rng(2)
    ages, answered = rng.integers(1, 60, 200), rng.integers(0, 2, 200)
    counts = pd.DataFrame({"channel": "sms", "age_minutes": ages, "answered": answered, "messages": 1})
    summed = counts.groupby(["channel", "age_minutes", "answered"], as_index=False)["messages"].sum()
    frame = latency._curve(summed).set_index("age_minutes")
    reference = SurvfuncRight(ages, answered)
    assert frame["share"][reference.surv_times].to_numpy() == pytest.approx(1 - reference.surv_prob)
