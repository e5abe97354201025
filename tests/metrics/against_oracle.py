"""Each metric against the oracle, on one database and one question."""

from datetime import timedelta

import pandas as pd
import pytest

from reportlib import metrics
from tests import oracle

# The documented columns and types; a metric that returns others breaks its promise.
LEDGER_TYPES = {name: "int64" for name in oracle.LEDGER} | {"audience_declared": "Int64"}
LEDGER_TYPES |= dict.fromkeys(("delivery_measured", "failed_measured", "by_person"), "bool")
PEOPLE = ("opened", "opened_human", "clicked", "replied", "unsubscribed", "complained", "opened_or_clicked")
PEOPLE = (*PEOPLE, *oracle.CLICKS)
TOTALS = ("opened_total", "opened_human_total", "clicked_total", "replied_total")
IN_BASE = tuple(f"{name}_in_base" for name in (*oracle.ACTIONS, *oracle.CLICKS))
ENGAGEMENT_TYPES = {
    **{"channels": "str", "audience": "int64", "delivered": "int64", "delivery_measured": "bool"},
    **{"engagement_base": "int64", "engagement_base_name": "str"},
}
ENGAGEMENT_TYPES |= dict.fromkeys((*PEOPLE, *IN_BASE, *TOTALS), "Int64")


def plain(value):
    """A cell as Python has it; None where it is missing."""
    if pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value


def groups(frame, by, columns):
    """A frame as the oracle answers: group → column → value."""
    found = {}
    for row in frame.to_dict("records"):
        group = tuple(str(row[name]) for name in by)
        assert group not in found, f"two rows for {group}"
        found[group] = {name: plain(row[name]) for name in columns}
    return found


def types(frame):
    return {name: str(kind) for name, kind in frame.dtypes.items()}


def compare_delivery(warehouse, database, campaigns, by):
    frame = metrics.delivery(warehouse, campaigns, by)
    kinds = LEDGER_TYPES | {"channels": "str"}
    assert list(frame.columns) == [*by, *kinds]
    assert {name: kind for name, kind in types(frame).items() if name not in by} == kinds
    used = oracle.engagement(database, campaigns, by)
    expected = oracle.delivery(database, campaigns, by)
    expected = {group: row | {"channels": used[group]["channels"]} for group, row in expected.items()}
    assert groups(frame, by, kinds) == expected
    assert (frame.audience == frame.not_sent + frame.sent).all()
    assert (frame.sent == frame.delivered + frame.failed + frame.pending).all()
    assert (frame.delivered_implied <= frame.delivered).all()


def compare_engagement(warehouse, database, campaigns, by):
    frame = metrics.engagement(warehouse, campaigns, by)
    assert list(frame.columns) == [*by, *ENGAGEMENT_TYPES]
    assert {name: types(frame)[name] for name in ENGAGEMENT_TYPES} == ENGAGEMENT_TYPES
    assert groups(frame, by, ENGAGEMENT_TYPES) == oracle.engagement(database, campaigns, by)
    assert (frame.opened_human.fillna(0) <= frame.opened.fillna(0)).all()
    assert (frame.opened.fillna(0) <= frame.delivered).all()
    assert (frame.clicked.fillna(0) <= frame.delivered).all()
    for name in IN_BASE:
        assert (frame[name].fillna(0) <= frame.engagement_base).all()


def compare_breakdown(warehouse, database, campaigns, by):
    frame = metrics.breakdown(warehouse, campaigns, by if len(by) != 1 else by[0])
    expected = oracle.engagement(database, campaigns, by)
    for group, ledger in oracle.delivery(database, campaigns, by).items():
        expected[group] |= ledger
    assert groups(frame, by, [*LEDGER_TYPES, *ENGAGEMENT_TYPES]) == expected
    assert frame.audience.is_monotonic_decreasing


def compare_breakdowns(warehouse, database, campaigns, by):
    frame = metrics.breakdowns(warehouse, campaigns, by)
    expected = {}
    for name in by:
        for (group,), row in oracle.engagement(database, campaigns, (name,)).items():
            expected[name, group] = row | oracle.delivery(database, campaigns, (name,))[group,]
    assert groups(frame, ("dimension", "group"), [*LEDGER_TYPES, *ENGAGEMENT_TYPES]) == expected
    assert list(frame.dimension.unique()) == [name for name in by if any(key[0] == name for key in expected)]


def compare_failures(warehouse, database, campaigns, by):
    frame = metrics.failures(warehouse, campaigns, by)
    counted = {}
    for row in frame.to_dict("records"):
        assert row["permanence"] in ("permanent", "transient", "fixable", "unknown")
        assert row["title"]
        assert row["advice"]
        kind = tuple(plain(row[name]) for name in ("channel", "provider", "code", "permanence", "category"))
        group = counted.setdefault(tuple(str(row[name]) for name in by), {})
        group[kind] = group.get(kind, 0) + row["failed"]
    assert counted == oracle.failures(database, campaigns, by)
    assert frame.failed.dtype == "int64"
    assert frame.failed.is_monotonic_decreasing


def compare_activity(warehouse, database, campaigns, timezone=None):
    frame = metrics.activity(warehouse, campaigns, timezone)
    key = ("kind", "channel", "weekday", "hour")
    documented = {"kind": "str", "channel": "str"} | dict.fromkeys(
        ("weekday", "hour", "events", "machine_events"), "int64"
    )
    assert types(frame) == documented
    cells = {tuple(plain(row[name]) for name in key): row for row in frame.to_dict("records")}
    assert len(cells) == len(frame)
    assert {
        cell: {name: row[name] for name in ("events", "machine_events")} for cell, row in cells.items()
    } == oracle.activity(database, campaigns, timezone)


def compare_activity_with_totals(warehouse, database, campaigns, timezone=None):
    """The heat map of each channel is the engagement totals of the review, spread over the week, in whatever zone."""
    if any(event["occurred_at"] is None for event in database.events):
        return  # they are in the totals, and in no map
    events = metrics.activity(warehouse, campaigns, timezone)
    people = (events.events - events.machine_events).groupby([events.kind, events.channel]).sum().to_dict()
    every = events.groupby(["kind", "channel"]).events.sum().to_dict()
    for row in metrics.engagement(warehouse, campaigns, "channel").to_dict("records"):
        channel = row["channel"]
        totals = {"opened": row["opened_human_total"], "clicked": row["clicked_total"], "replied": row["replied_total"]}
        for kind, total in totals.items():
            if not pd.isna(total):
                assert people.get((kind, channel), 0) == total, (kind, channel)
        if not pd.isna(row["opened_total"]):
            assert every.get(("opened", channel), 0) == row["opened_total"]
        alone = metrics.activity(warehouse, campaigns, timezone, channel)
        assert alone.events.sum() == sum(count for (_, each), count in every.items() if each == channel)


def compare_exposure_with_deliveries(warehouse, database, campaigns, timezone=None):
    """The map of what was sent has every delivered message that has a time."""
    frame = metrics.send_slots(warehouse, campaigns, "clicked", 48, timezone)
    timed = sum(1 for _ in oracle.answers(database, campaigns, "clicked"))
    assert frame.delivered.sum() == timed
    effects = metrics.slot_effects(frame)
    for name in ("delivered", "mature", "responded"):
        assert effects[name].sum() == frame[name].sum()


def compare_send_slots(warehouse, database, campaigns, metric, window_hours, timezone=None, channel=None):
    frame = metrics.send_slots(warehouse, campaigns, metric, window_hours, timezone, channel)
    key, counts = ("campaign_id", "channel", "weekday", "hour"), ("delivered", "mature", "responded", "answered_before")
    assert {name: types(frame)[name] for name in (*key[2:], *counts)} == dict.fromkeys((*key[2:], *counts), "int64")
    cells = {(str(row["campaign_id"]), *(row[name] for name in key[1:])): row for row in frame.to_dict("records")}
    assert len(cells) == len(frame)
    assert {cell: {name: row[name] for name in counts} for cell, row in cells.items()} == oracle.send_slots(
        database, campaigns, metric, window_hours, timezone, channel
    )


def compare_latency(warehouse, database, campaigns, metric, channel):
    """Up to an hour, where a step is a minute; later ages are in longer steps."""
    frame = metrics.response_latency(warehouse, campaigns, metric, channel)
    assert set(frame["channel"]) <= {channel}
    for minutes in (1, 30, 59):
        known = frame[frame["age_minutes"] <= minutes]
        share = known["share"].iloc[-1] if len(known) else 0
        minute, age = timedelta(minutes=1), timedelta(minutes=minutes)
        assert share == pytest.approx(oracle.answered_by(database, campaigns, metric, age, minute, channel))
    answered = frame[frame["low"].notna()]
    assert (answered["low"] <= answered["share"]).all()
    assert (answered["share"] <= answered["high"]).all()
    assert frame["share"].is_monotonic_increasing
    assert frame["followed"].is_monotonic_decreasing


def compare_timeline(warehouse, database, campaigns, timezone=None):
    frame = metrics.delivery_timeline(warehouse, campaigns, timezone)
    zones = {row["account_id"]: row["timezone"] for row in database.accounts}
    shared = {zones[row["account_id"]] for row in oracle.chosen_campaigns(database, campaigns)}
    zone = timezone or (shared.pop() if len(shared) == 1 else "UTC")
    assert frame.attrs["timezone"] == zone
    kinds = ("sent", "delivered", "failed")
    shown = {
        row["bucket"].to_pydatetime(): {kind: row[kind] for kind in kinds if row[kind]}
        for row in frame.to_dict("records")
        if any(row[kind] for kind in kinds)
    }
    assert shown == oracle.timeline(database, campaigns, zone, frame.attrs["bucket_minutes"])
    assert frame.attrs["untimed"] == sum(moment is None for *_, moment in oracle.happenings(database, campaigns))
    for kind in kinds:
        assert (frame[f"{kind}_cumulative"] == frame[kind].cumsum()).all()
    assert (frame.pending == frame.sent_cumulative - frame.delivered_cumulative - frame.failed_cumulative).all()
    assert frame.bucket.is_monotonic_increasing
    assert frame.bucket.is_unique
    assert {name: kind for name, kind in types(frame).items() if name != "bucket"} == dict.fromkeys(
        (*kinds, *(f"{kind}_cumulative" for kind in kinds), "pending"), "int64"
    )
    _check_gaps(frame)


def _check_gaps(frame):
    """From `shown_from` to `shown_until` there is a row for every bucket, empty ones included."""
    step = timedelta(minutes=frame.attrs["bucket_minutes"])
    if len(frame):
        regular = frame.bucket[frame.bucket.between(frame.attrs["shown_from"], frame.attrs["shown_until"])]
        assert set(regular.diff().dropna()) <= {step}
        assert {gap % step for gap in frame.bucket.diff().dropna()} <= {timedelta(0)}


def compare_data_problems(warehouse, database, campaigns):
    frame = metrics.data_problems(warehouse, campaigns)
    assert dict(zip(frame.problem, frame["count"], strict=True)) == oracle.data_problems(database, campaigns)
    assert types(frame) == {"problem": "str", "count": "int64", "examples": "str", "explanation": "str"}
    assert frame.explanation.str.len().gt(20).all()


def compare_data_as_of(warehouse, database):
    latest, expected = metrics.data_as_of(warehouse), oracle.data_as_of(database)
    assert (latest is pd.NaT) if expected is None else (latest == expected and latest.tzinfo is not None)


def compare_summary(warehouse, database, campaigns):
    frame = metrics.summary(warehouse, campaigns)
    expected = oracle.summary(database, campaigns)
    rows = groups(frame, ("campaign_id", "channel"), [name for name in frame.columns[4:] if name != "data_as_of"])
    assert set(rows) == set(expected)
    for key, row in rows.items():
        assert row == pytest.approx(expected[key], abs=0.00005), key
    as_of = oracle.data_as_of(database)
    assert set(frame.data_as_of.dropna()) <= {as_of and as_of.strftime("%Y-%m-%dT%H:%M:%SZ")}
