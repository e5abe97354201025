"""The same selects give the same numbers on PostgreSQL: every metric against the oracle, on fewer databases."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metrics import comparison
from tests.metrics.test_against_oracle import BRIEF, groupings, responses, windows, zones
from tests.random_database import ZONES, databases, questions
from tests.small_database import fill

FEW = settings(BRIEF, max_examples=10)


@FEW
@given(databases(), groupings, st.data())
def test_people(postgresql, database, by, data):
    warehouse, campaigns = fill(postgresql, database), data.draw(questions(database))
    for each in {by, ("campaign_id",)}:
        comparison.compare_delivery(warehouse, database, campaigns, each)
        comparison.compare_engagement(warehouse, database, campaigns, each)
        comparison.compare_failures(warehouse, database, campaigns, each)


@FEW
@given(databases(), st.none() | st.sampled_from(ZONES), st.data())
def test_time(postgresql, database, timezone, data):
    warehouse, campaigns = fill(postgresql, database), data.draw(questions(database))
    comparison.compare_activity(warehouse, database, campaigns, timezone)
    comparison.compare_timeline(warehouse, database, campaigns, timezone)
    comparison.compare_data_as_of(warehouse, database)


@FEW
@given(databases(), zones, responses, windows, st.data())
def test_send_times(postgresql, database, timezone, response, window_hours, data):
    (metric, channel), campaigns = response, data.draw(questions(database))
    warehouse = fill(postgresql, database)
    comparison.compare_send_slots(warehouse, database, campaigns, metric, window_hours, timezone, channel)
    comparison.compare_latency(warehouse, database, campaigns, "clicked", channel or "sms")


@FEW
@given(databases(), st.data())
def test_reports(postgresql, database, data):
    warehouse, campaigns = fill(postgresql, database), data.draw(questions(database))
    comparison.compare_data_problems(warehouse, database, campaigns)
    comparison.compare_summary(warehouse, database, campaigns)
    comparison.compare_breakdowns(warehouse, database, campaigns, ("channel", "country", "segment", "attribute:plan"))
