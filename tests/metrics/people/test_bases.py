"""No base depends on the response: with some of the events gone, whatever is counted is still of as many."""

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from reportlib import metrics
from reportlib.definitions import CHANNELS, EVENT_KINDS
from reportlib.errors import ReportError
from reportlib.metrics.comparison.verdict import verdict_table
from reportlib.metrics.weekly.campaigns import finished_campaigns_of
from reportlib.metrics.weekly.history import campaign_history
from reportlib.publishing.export.summary import write_csv
from tests import examples
from tests.oracle import is_reportable
from tests.random_database import databases
from tests.small_database import fill

SUMMARY = ["campaign_id", "channel", "audience", "engagement_base", "engagement_base_name"]
COMPARED = ["campaign_id", "compared_hours", "audience", "assigned", "young", "engagement_base", "engagement_base_name"]
VERDICTS = ["metric", "arm", "baseline", "base", "baseline_base", "base_name"]
SLOTS = ["campaign_id", "channel", "weekday", "hour", "delivered", "mature"]
HISTORY = ["campaign_id", "channel", "compared_hours", "old_enough", "audience", "engagement_base"]


def told_of(database):
    """Of all kinds of events it is known that they are measured, and up to when there are data; each has its time."""
    kept = [row for row in database.measured if row["what"] not in EVENT_KINDS]
    database.measured[:] = kept
    for account in database.accounts:
        for channel in CHANNELS:
            for what in EVENT_KINDS:
                database.declare(channel, what, True, account=account["account_id"])
    database.outcome(database.contacts[0]["contact_id"], at=database.opened_at)
    database.events[:] = [event for event in database.events if event["occurred_at"]]
    return database


def counted(warehouse, ids, folder):
    """What rates are of: the export, maps, weeks, a monitor, a comparison and its export."""
    file = write_csv(metrics.summary(warehouse, ids), folder / "summary.csv")
    rows = pd.read_csv(file, dtype=str)
    assert not (rows.filter(like="_pct").astype("float64") > 100).any(axis=None)
    yield "export", rows[SUMMARY]
    for metric in ("clicked", "unsubscribed"):
        slots = metrics.send_slots(warehouse, ids, metric, 24)
        assert (slots["responded"] <= slots["mature"]).all()
        yield f"map of {metric}", slots[SLOTS]
        effects = metrics.slot_effects(slots)
        yield f"slots of {metric}", effects[["weekday", "hour", "delivered", "mature", "campaigns"]]
    for account in metrics.campaigns(warehouse).query("campaign_id in @ids")["account_id"].unique():
        chosen = finished_campaigns_of(warehouse, account).dropna(subset="finished_at").reset_index(drop=True)
        yield f"weeks of {account}", campaign_history(warehouse, chosen)[HISTORY]
    yield "monitor", pd.concat([metrics.live_ledger(metrics.live_outcomes(warehouse, one)) for one in ids])
    if len(ids) < 2:
        return
    compared = metrics.comparable(warehouse, ids)
    yield "comparison", compared[COMPARED]
    design = metrics.design(warehouse, compared)
    found = [*metrics.compare_campaigns(compared, design), *metrics.explore_campaigns(compared, design)]
    rows = verdict_table(found)
    assert not (rows["count"] > rows["base"]).any()
    yield "verdicts", rows[VERDICTS]


def compare_bases(engine, database, kept, folder):
    told_of(database)
    ids = [row["campaign_id"] for row in database.campaigns if is_reportable(database, row)]
    every = database.events
    before, after = {}, {}
    for found, events in ((before, every), (after, [event for n, event in enumerate(every) if kept[n % len(kept)]])):
        database.events = events
        try:
            found.update(counted(fill(engine, database), ids, folder))
        except ReportError as error:
            found["refused"] = pd.DataFrame({"why": [str(error)]})
    assert before.keys() == after.keys()
    for what, frame in before.items():
        rows = [one.astype("str").sort_values(list(one.columns), ignore_index=True) for one in (frame, after[what])]
        pd.testing.assert_frame_equal(*rows, obj=what)


_settings = settings(
    max_examples=examples(2),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=set(Phase) - {Phase.explain, Phase.shrink},  # which take minutes
)
_asked = given(databases(), st.lists(st.booleans(), min_size=1, max_size=5))


@_settings
@_asked
def test_bases(duckdb, tmp_path, database, kept):
    compare_bases(duckdb, database, kept, tmp_path)


@pytest.mark.slow
@_settings
@_asked
def test_on_sqlite_too(sqlite, tmp_path, database, kept):
    compare_bases(sqlite, database, kept, tmp_path)


@pytest.mark.slow
@_settings
@_asked
def test_on_postgresql_too(postgresql, tmp_path, database, kept):
    compare_bases(postgresql, database, kept, tmp_path)
