"""Many campaigns are asked about in parts; the figures must not show it."""

from pandas.testing import assert_frame_equal

from reportlib import metrics
from reportlib.metrics.selection.campaigns import portions
from tests.small_database import campaign, fill, small_database

DATABASE = small_database(
    campaign("a", audience=10).sent(9).delivered(8, opened=4, clicked=1).failed(1),
    campaign("b", audience=5).sent(5).delivered(5, opened=5, clicked=3),
    campaign("c", audience=7).sent(6).delivered(3, opened=1).failed(3),
)
QUESTIONS = {
    "delivery": lambda warehouse: metrics.delivery(warehouse),
    "by campaign and channel": lambda warehouse: metrics.breakdown(warehouse, by=("campaign_id", "channel")),
    "by country": lambda warehouse: metrics.breakdown(warehouse, by="country"),
    "breakdowns": lambda warehouse: metrics.breakdowns(warehouse, by=("segment", "country", "attribute:plan")),
    "failures": lambda warehouse: metrics.failures(warehouse, by="country"),
    "timeline": metrics.delivery_timeline,
    "activity": metrics.activity,
    "send slots": metrics.send_slots,
    "latency": metrics.response_latency,
}


def test_in_parts_as_in_one(duckdb, monkeypatch):
    warehouse = fill(duckdb, DATABASE)
    whole = {name: ask(warehouse) for name, ask in QUESTIONS.items()}
    monkeypatch.setitem(portions.__globals__, "PORTION", 1)
    warehouse = fill(duckdb, DATABASE)
    assert len(portions(warehouse, ["a", "b", "c"])) == 3
    for name, ask in QUESTIONS.items():
        assert_frame_equal(ask(warehouse), whole[name], obj=name)
