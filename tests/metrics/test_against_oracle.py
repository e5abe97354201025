"""Every metric agrees with the brute-force oracle, on hundreds of random small databases."""

from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from tests import examples
from tests.metrics import against_oracle as comparison
from tests.oracle import CAMPAIGN_COLUMNS
from tests.random_database import GROUPINGS, ZONES, databases, questions
from tests.small_database import fill

BRIEF = settings(
    max_examples=examples(3),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=set(Phase) - {Phase.explain},  # explaining costs minutes and says little here
)
BELOW_CAMPAIGNS = [by[0] for by in GROUPINGS if len(by) == 1 and by[0] not in CAMPAIGN_COLUMNS]
groupings = st.sampled_from(GROUPINGS)
zones = st.none() | st.sampled_from((*ZONES, "recipient"))
responses = st.sampled_from((("clicked", None), ("replied", None), ("opened", "email"), ("opened_human", "whatsapp")))
windows = st.sampled_from((1, 24, 48))


@BRIEF
@given(databases(), groupings, st.data())
def test_delivery(duckdb, database, by, data):
    warehouse, campaigns = fill(duckdb, database), data.draw(questions(database))
    for each in {by, (), ("campaign_id",)}:
        comparison.compare_delivery(warehouse, database, campaigns, each)


@BRIEF
@given(databases(), groupings, st.data())
def test_engagement(duckdb, database, by, data):
    warehouse, campaigns = fill(duckdb, database), data.draw(questions(database))
    for each in {by, (), ("campaign_id",)}:
        comparison.compare_engagement(warehouse, database, campaigns, each)


@BRIEF
@given(databases(), groupings, st.data())
def test_breakdown(duckdb, database, by, data):
    comparison.compare_breakdown(fill(duckdb, database), database, data.draw(questions(database)), by)


@BRIEF
@given(databases(), st.lists(st.sampled_from(BELOW_CAMPAIGNS), min_size=1, max_size=4, unique=True), st.data())
def test_breakdowns(duckdb, database, names, data):
    comparison.compare_breakdowns(fill(duckdb, database), database, data.draw(questions(database)), tuple(names))


@BRIEF
@given(databases(), groupings, st.data())
def test_failures(duckdb, database, by, data):
    comparison.compare_failures(fill(duckdb, database), database, data.draw(questions(database)), by)


@BRIEF
@given(databases(), zones, st.data())
def test_activity(duckdb, database, timezone, data):
    comparison.compare_activity(fill(duckdb, database), database, data.draw(questions(database)), timezone)


@BRIEF
@given(databases(), zones, responses, windows, st.data())
def test_send_slots(duckdb, database, timezone, response, window_hours, data):
    (metric, channel), campaigns = response, data.draw(questions(database))
    comparison.compare_send_slots(fill(duckdb, database), database, campaigns, metric, window_hours, timezone, channel)


@BRIEF
@given(databases(), st.sampled_from(("clicked", "replied")), st.sampled_from(("email", "sms", "whatsapp")), st.data())
def test_response_latency(duckdb, database, metric, channel, data):
    comparison.compare_latency(fill(duckdb, database), database, data.draw(questions(database)), metric, channel)


@BRIEF
@given(databases(), zones, st.data())
def test_activity_sums_to_the_engagement_totals(duckdb, database, timezone, data):
    comparison.compare_activity_with_totals(fill(duckdb, database), database, data.draw(questions(database)), timezone)


@BRIEF
@given(databases(), zones, st.data())
def test_the_exposure_map_has_every_delivered_message(duckdb, database, timezone, data):
    comparison.compare_exposure_with_deliveries(
        fill(duckdb, database), database, data.draw(questions(database)), timezone
    )


@BRIEF
@given(databases(), st.none() | st.sampled_from(ZONES), st.data())
def test_delivery_timeline(duckdb, database, timezone, data):
    comparison.compare_timeline(fill(duckdb, database), database, data.draw(questions(database)), timezone)


@BRIEF
@given(databases(), st.data())
def test_data_problems(duckdb, database, data):
    comparison.compare_data_problems(fill(duckdb, database), database, data.draw(questions(database)))


@BRIEF
@given(databases())
def test_data_as_of(duckdb, database):
    comparison.compare_data_as_of(fill(duckdb, database), database)


@BRIEF
@given(databases(), st.data())
def test_summary(duckdb, database, data):
    comparison.compare_summary(fill(duckdb, database), database, data.draw(questions(database)))
