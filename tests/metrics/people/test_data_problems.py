"""What is odd in the data is counted, with examples; what is fine is not."""

from datetime import timedelta

import pandas as pd
import pytest

from reportlib import metrics
from tests.small_database import NOW, START, SmallDatabase, campaign, fill, small_database


def problems(engine, database, campaigns="a"):
    return metrics.data_problems(fill(engine, database), campaigns).set_index("problem")


def test_clean_data_have_no_problem(engine):
    assert problems(engine, small_database(campaign("a", audience=9).sent(9).delivered(8, opened=4).failed(1))).empty


@pytest.mark.parametrize("moment", [START - timedelta(days=1), NOW + timedelta(days=2)])
def test_impossible_event_times(engine, moment):
    database = small_database(campaign("a").sent(1).delivered(1), campaign("b").sent(1).delivered(1))
    for message in database.messages:
        database.event(message, "opened", occurred_at=moment)
    row = problems(engine, database).loc["impossible event time"]
    assert (row["count"], row.examples) == (1, "e1")


def test_engagement_on_a_failed_message_and_an_opened_sms(duckdb):
    database = small_database(campaign("a").sent(1).failed(1).sent(1, channel="sms").delivered(1))
    for kind in ("opened", "clicked"):
        database.event(database.messages[0], kind)
    database.event(database.messages[1], "opened")
    found = problems(duckdb, database)
    assert found["count"].to_dict() == {"engagement on a failed message": 2, "opened SMS": 1}
    assert found.examples["engagement on a failed message"] == "e1, e2"


def test_messages_without_a_final_word_for_three_days(duckdb):
    database = small_database(campaign("a").sent(1), campaign("late").sent(1).delivered(1))
    newest = database.messages[1]
    newest["delivered_at"] = database.messages[0]["sent_at"] + timedelta(hours=72)
    assert problems(duckdb, database).empty
    newest["delivered_at"] += timedelta(seconds=1)
    assert problems(duckdb, database)["count"].to_dict() == {"no outcome after 72 hours": 1}


def test_more_people_than_declared(duckdb):
    found = problems(duckdb, small_database(campaign("a", audience=2).sent(5).delivered(5)))
    assert found["count"].to_dict() == {"larger audience than declared": 3}
    assert found.examples.to_list() == ["a"]


def test_data_as_of_is_the_latest_time_but_not_of_the_future(engine):
    database = small_database(campaign("a").sent(1).delivered(1))
    message = database.messages[0]
    assert metrics.data_as_of(fill(engine, database)) == pd.Timestamp(message["delivered_at"])
    database.event(message, "opened", occurred_at=START + timedelta(hours=5))
    database.event(message, "opened", occurred_at=NOW + timedelta(hours=22))  # counts, and ages nothing
    database.event(message, "opened", occurred_at=NOW + timedelta(days=30))
    latest = metrics.data_as_of(fill(engine, database))
    assert latest == pd.Timestamp(START + timedelta(hours=5))
    assert str(latest.tz) == "UTC"
    assert metrics.data_as_of(fill(engine, SmallDatabase())) is pd.NaT
