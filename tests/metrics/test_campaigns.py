"""Which campaigns there are, which can be asked about, and what is said of the others."""

import pandas as pd
import pytest

from reportlib import metrics
from reportlib.errors import CampaignNotStarted, UnknownCampaign, UnknownGrouping, UnknownTimeZone
from tests.small_database import START, SmallDatabase, campaign, fill, in_memory_engine, small_database

METRICS = (
    metrics.delivery,
    metrics.engagement,
    metrics.breakdown,
    metrics.breakdowns,
    metrics.failures,
    metrics.delivery_timeline,
    metrics.activity,
    metrics.data_problems,
    metrics.summary,
    metrics.attributes,
)
each_metric = pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.__name__)
TYPES = {
    **dict.fromkeys(("campaign_id", "name", "account_id", "account", "timezone", "status"), "str"),
    **dict.fromkeys(("template_id", "segment_id", "experiment_id", "variant"), "str"),
    **dict.fromkeys(("scheduled_at", "started_at", "completed_at"), "datetime64[ms, UTC]"),
    "audience_size": "Int64",
}


@pytest.fixture(scope="module")
def warehouse():
    every_status = [
        campaign(status, status=status) for status in ("draft", "scheduled", "cancelled", "sent", "sending")
    ]
    engine = in_memory_engine()
    yield fill(engine, small_database(*every_status, campaign("spring-mail").sent(2)))
    engine.dispose()


def test_columns_and_types(engine):
    columns = {"template_id": "t", "segment_id": "s", "experiment_id": "x", "variant": "A", "scheduled_at": START}
    database = small_database(campaign("a", audience=3, completed_at=START, **columns), timezone="Asia/Kathmandu")
    frame = metrics.campaigns(fill(engine, database))
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == TYPES
    row = frame.iloc[0]
    assert (row.account, row.timezone, row.audience_size) == ("Account acme", "Asia/Kathmandu", 3)
    assert row.started_at == pd.Timestamp(START)


def test_the_latest_start_comes_first_and_those_without_one_last(duckdb):
    starts = {"old": START - pd.Timedelta(days=9), "never": None, "new": START}
    database = small_database(*[campaign(name, start=start) for name, start in starts.items()])
    assert metrics.campaigns(fill(duckdb, database)).campaign_id.to_list() == ["new", "old", "never"]


def test_all_means_all_that_can_be_reported(warehouse):
    frame = metrics.delivery(warehouse, by="campaign_id")
    assert set(frame.campaign_id) == {"sent", "sending", "spring-mail"}
    assert set(metrics.finished_campaigns(warehouse)) == {"sent", "spring-mail"}


@each_metric
def test_an_unknown_campaign_is_named_with_the_nearest_one(warehouse, metric):
    with pytest.raises(UnknownCampaign, match=r"'spring-mal'.*did you mean 'spring-mail'"):
        metric(warehouse, ["sent", "spring-mal"])


@each_metric
@pytest.mark.parametrize("status", ["draft", "scheduled", "cancelled"])
def test_a_campaign_that_has_not_started_is_refused_by_its_status(warehouse, metric, status):
    with pytest.raises(CampaignNotStarted, match=f"status '{status}'"):
        metric(warehouse, ["sent", status])


@pytest.mark.parametrize("metric", METRICS[:5], ids=lambda metric: metric.__name__)
@pytest.mark.parametrize(("by", "hint"), [("contry", "did you mean 'country'"), ("message_id", "channel"), ("", "")])
def test_an_unknown_grouping_is_named(warehouse, metric, by, hint):
    with pytest.raises(UnknownGrouping, match=f"{by!r}.*{hint}"):
        metric(warehouse, None, ("channel", by))


@pytest.mark.parametrize("metric", METRICS[:5], ids=lambda metric: metric.__name__)
def test_an_attribute_needs_a_name(warehouse, metric):
    with pytest.raises(UnknownGrouping, match="attribute:"):
        metric(warehouse, None, ("attribute:",))


@pytest.mark.parametrize("metric", [metrics.delivery, metrics.engagement, metrics.breakdown, metrics.failures])
def test_a_grouping_named_twice_is_no_crash(warehouse, metric):
    once, twice = metric(warehouse, None, ("channel",)), metric(warehouse, None, ("channel", "channel"))
    pd.testing.assert_frame_equal(once, twice)


@pytest.mark.parametrize("metric", [metrics.activity, metrics.delivery_timeline])
def test_an_unknown_time_zone_is_named_with_the_nearest_one(warehouse, metric):
    with pytest.raises(UnknownTimeZone, match=r"'Europe/Berlim'.*did you mean 'Europe/Berlin'"):
        metric(warehouse, None, "Europe/Berlim")


@pytest.mark.parametrize("metric", [metrics.activity, metrics.delivery_timeline])
def test_an_unknown_account_time_zone_is_named_unless_another_is_asked_for(duckdb, metric):
    warehouse = fill(duckdb, small_database(campaign("a").sent(1).delivered(1, opened=1), timezone="Mars/Phobos"))
    with pytest.raises(UnknownTimeZone, match="'Mars/Phobos'"):
        metric(warehouse)
    assert len(metric(warehouse, None, "UTC"))


@each_metric
def test_an_empty_warehouse_is_no_crash(duckdb, metric):
    frame = metric(fill(duckdb, SmallDatabase()))
    counts = [] if isinstance(frame, list) else frame.select_dtypes("number").fillna(0).to_numpy().ravel().tolist()
    assert not any(counts)


@each_metric
def test_no_campaigns_is_not_all_campaigns(warehouse, metric):
    frame = metric(warehouse, [])
    counts = [] if isinstance(frame, list) else frame.select_dtypes("number").fillna(0).to_numpy().ravel().tolist()
    assert not any(counts)


@each_metric
def test_a_campaign_without_messages_is_no_crash(warehouse, metric):
    frame = metric(warehouse, "sent")
    counts = [] if isinstance(frame, list) else frame.select_dtypes("number").fillna(0).to_numpy().ravel().tolist()
    assert not any(counts)


@pytest.mark.parametrize("metric", [metrics.activity, metrics.failures, metrics.campaigns, metrics.data_problems])
def test_types_do_not_depend_on_there_being_rows(duckdb, metric):
    database = small_database(campaign("a", audience=1).sent(3).delivered(1, opened=1).failed(1, "30005", "gone"))
    columns = {"template_id": "t", "segment_id": "s", "experiment_id": "x", "variant": "A"}
    database.campaigns[0] |= columns
    full = metric(fill(duckdb, database))
    assert len(full)
    assert dict(metric(fill(duckdb, SmallDatabase())).dtypes) == dict(full.dtypes)


@pytest.mark.parametrize(("stored", "asked"), [(42, "42"), ("42", 42), (42, 42), ("042", "042")])
def test_an_id_is_found_as_text_or_number(engine, stored, asked):
    warehouse = fill(engine, small_database(campaign(stored).sent(3), campaign("7" if stored == "042" else 7)))
    assert metrics.delivery(warehouse, asked).audience.to_list() == [3]
    assert metrics.summary(warehouse, [asked]).audience.to_list() == [3, 3]


def test_an_id_is_not_read_as_a_number(duckdb):
    warehouse = fill(duckdb, small_database(campaign("007").sent(3)))
    with pytest.raises(UnknownCampaign):
        metrics.delivery(warehouse, 7)


@pytest.mark.parametrize("large", [7, 2**62 + 1])
def test_numbers_of_templates_stay_whole_where_some_are_missing(engine, large):
    numbered = [
        campaign("a", template_id=large).sent(2),
        campaign("b").sent(1),
        campaign("c", template_id=8, audience=4),
    ]
    warehouse = fill(engine, small_database(*numbered))
    assert set(metrics.campaigns(warehouse)["template_id"].dropna()) == {large, 8}
    found = metrics.delivery(warehouse, by="template_id").set_index("template_id")["audience"]
    assert found.to_dict() == {str(large): 2, "(unknown)": 1, "8": 4}


def test_naming_a_campaign_twice_counts_it_once(duckdb):
    warehouse = fill(duckdb, small_database(campaign("a").sent(3)))
    assert metrics.delivery(warehouse, ["a", "a"]).audience.to_list() == [3]
