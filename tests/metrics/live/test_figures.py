"""What a monitor counts, against plain Python and against the metrics of reports, on random small databases."""

import math
from collections import Counter, defaultdict
from datetime import timedelta

import pandas as pd
import pytest
from hypothesis import assume, given, strategies as st

from reportlib import metrics
from reportlib.errors import CampaignNotStarted, UnknownCampaign
from reportlib.metrics.live.flow import BUCKET_SECONDS, by_bucket
from reportlib.metrics.live.latency import seconds_for
from reportlib.metrics.live.outcomes import LEDGER, TOLD, live_channels, live_failures, live_ledger, live_told
from reportlib.metrics.selection.grouping import UNKNOWN
from reportlib.warehouse.contract.tables import FINISHED_STATUSES
from tests.metrics.against_oracle import plain
from tests.metrics.test_against_oracle import BRIEF
from tests.oracle import is_reportable
from tests.random_database import databases
from tests.small_database import START, campaign, fill, small_database

FLAGS = ("delivery_measured", "failed_measured")
OUTCOMES = {"queued": "not sent", "sent": "pending", "delivered": "delivered", "failed": "failed"}
campaigns_of_it = st.integers(0, 3)


def asked(database, number):
    one = database.campaigns[number]
    assume(is_reportable(database, one))
    return one, [row for row in database.messages if row["campaign_id"] == one["campaign_id"]]


def once_per_channel(database):
    """Without events, and one message to each person on a channel: where the monitor counts as reports do."""
    database.events.clear()
    kept = {(row["campaign_id"], row["contact_id"], row["channel"]): row for row in database.messages}
    database.messages[:] = kept.values()
    return database


def ms(moment):
    return None if moment is None else int(moment.timestamp() * 1000)


def final(row):
    return row.get({"delivered": "delivered_at", "failed": "failed_at"}.get(row["status"], ""))


@BRIEF
@given(databases(), campaigns_of_it)
def test_outcomes(duckdb, database, number):
    one, rows = asked(database, number)
    expected = defaultdict(list)
    for row in rows:
        code = row.get("failure_code") if row["status"] == "failed" else None
        key = (row["channel"], row["provider"] or UNKNOWN, OUTCOMES[row["status"]], None if code is None else str(code))
        expected[key].append(row)
    frame = metrics.live_outcomes(fill(duckdb, database), one["campaign_id"])
    found = {tuple(map(plain, row[:4])): row for row in frame.itertuples(index=False)}
    assert set(found) == set(expected)
    for key, row in found.items():
        members = expected[key]
        assert row.messages == len(members)
        sent = [ms(each["sent_at"]) for each in members if each.get("sent_at")]
        ends = [ms(final(each)) for each in members if final(each)]
        times = (row.first_handed_over, row.last_handed_over, row.last_final)
        assert [None if pd.isna(time) else ms(time) for time in times] == [
            min(sent, default=None),
            max(sent, default=None),
            max(ends, default=None),
        ]
        assert plain(row.reason) in {each.get("failure_reason") for each in members} | {None}


@BRIEF
@given(databases(), campaigns_of_it)
def test_the_ledger_is_that_of_reports(duckdb, database, number):
    warehouse = fill(duckdb, once_per_channel(database))
    one, rows = asked(database, number)
    outcomes = metrics.live_outcomes(warehouse, one["campaign_id"])
    by_channel = metrics.delivery(warehouse, one["campaign_id"], "channel")
    expected = by_channel.set_index("channel")[LEDGER].sort_index()
    found = live_channels(outcomes).set_index("channel").sort_index()
    pd.testing.assert_frame_equal(found, expected, check_index_type=False)
    whole = metrics.delivery(warehouse, one["campaign_id"]).iloc[0]
    told = pd.DataFrame([{what: whole[flag] for what, flag in zip(TOLD, FLAGS, strict=True)}])
    ledger = live_ledger(outcomes, one["audience_size"], told).iloc[0]
    if len({row["contact_id"] for row in rows}) == len(rows):  # nobody is written to on two channels either
        assert ledger.to_dict() == whole[ledger.index].to_dict()
    assert ledger["audience"] == ledger["not_sent"] + ledger["sent"]
    assert ledger["sent"] == ledger["delivered"] + ledger["failed"] + ledger["pending"]


def test_what_a_source_tells_is_seen_in_the_campaign_or_known_of_it(duckdb):
    mixed = campaign("a", status="sending").sent(9, channel="sms").delivered(8).sent(9, provider="smtp").failed(1)
    outcomes = metrics.live_outcomes(fill(duckdb, small_database(mixed)), "a")
    told = live_told(outcomes)
    assert told.to_dict("list") == {
        **{"channel": ["email", "sms"], "provider": ["smtp", UNKNOWN]},
        **{"delivered": [False, True], "failed": [True, False]},
    }
    assert live_ledger(outcomes, told=told)[[*FLAGS]].iloc[0].tolist() == [False, False]
    known = pd.DataFrame({"channel": ["sms"], "provider": [UNKNOWN], "delivered": [True], "failed": [True]})
    assert live_told(outcomes, known)["failed"].all()
    assert live_told(outcomes.head(0)).empty


@BRIEF
@given(databases(), campaigns_of_it)
def test_failures_are_those_of_reports(duckdb, database, number):
    warehouse = fill(duckdb, once_per_channel(database))
    one, _ = asked(database, number)
    keys = ["channel", "provider", "code"]
    theirs = metrics.failures(warehouse, one["campaign_id"], by="channel")
    ours = live_failures(metrics.live_outcomes(warehouse, one["campaign_id"]))
    counts = [frame.groupby(keys, dropna=False)["failed"].sum().rename_axis(keys).to_dict() for frame in (theirs, ours)]
    assert Counter(map(str, counts[0].items())) == Counter(map(str, counts[1].items()))
    meant = theirs.dropna(subset="code").set_index(keys)["permanence"].to_dict()
    assert ours.dropna(subset="code").set_index(keys)["permanence"].to_dict() == meant


@BRIEF
@given(databases(), campaigns_of_it)
def test_the_flow(duckdb, database, number):
    one, rows = asked(database, number)
    flow = metrics.live_flow(fill(duckdb, database), one["campaign_id"])
    size = 1000 * flow.attrs["bucket_s"]
    expected = Counter()
    for row in rows:
        if row["status"] != "queued":
            moments = row.get("sent_at"), row.get("delivered_at"), row.get("failed_at")
            sent = next((ms(moment) // size * size for moment in moments if moment), None)
            end = ms(final(row))
            end = None if end is None else max(end // size * size, sent)
            expected[OUTCOMES[row["status"]], sent, end] += 1
    assert {tuple(map(plain, row[:3])): row.messages for row in flow.itertuples(index=False)} == expected


@BRIEF
@given(databases(), campaigns_of_it)
def test_the_timeline_is_that_of_reports(duckdb, database, number):
    database.events.clear()
    warehouse = fill(duckdb, database)
    one, _ = asked(database, number)
    theirs = metrics.delivery_timeline(warehouse, one["campaign_id"], "UTC")
    timeline = by_bucket(metrics.live_flow(warehouse, one["campaign_id"]))
    names = ["sent", "delivered", "failed"]
    assert timeline[names].sum().to_dict() == theirs[names].sum().to_dict()
    assert timeline.attrs["untimed"] == theirs.attrs["untimed"]
    minutes, seconds = theirs.attrs["bucket_minutes"], timeline.attrs["bucket_s"]
    if 60 * minutes % seconds == 0:  # then ours can be put together to theirs
        buckets = timeline["bucket_ms"] // (60_000 * minutes) * (60_000 * minutes)
        ours = timeline.groupby(buckets)[names].sum()
        starts = theirs["bucket"].astype("int64")
        their_rows = theirs.set_index(starts)[names]
        pd.testing.assert_frame_equal(
            ours[ours.sum(axis=1) > 0], their_rows[their_rows.sum(axis=1) > 0], check_names=False
        )


@BRIEF
@given(databases(), campaigns_of_it)
def test_delivery_times(duckdb, database, number):
    one, rows = asked(database, number)
    expected = Counter()
    for row in rows:
        if row["status"] == "delivered" and row.get("delivered_at") and row.get("sent_at"):
            took = ms(row["delivered_at"]) - ms(row["sent_at"])
            expected[row["channel"], max(1, math.ceil(took / 1000))] += 1
    frame = metrics.live_latency(fill(duckdb, database), one["campaign_id"])
    assert {(row.channel, row.within_s): row.delivered for row in frame.itertuples()} == expected


def test_how_long_deliveries_take(duckdb):
    database = small_database(campaign("a").sent(4).delivered(4))
    for row, seconds in zip(database.messages, (1, 1, 4, 100), strict=True):
        row["delivered_at"] = row["sent_at"] + timedelta(seconds=seconds)
    latency = metrics.live_latency(fill(duckdb, database), "a")
    assert [seconds_for(latency, share) for share in (0.5, 0.75, 0.9)] == [1, 4, 100]
    assert seconds_for(latency[:0], 0.5) is None


@BRIEF
@given(databases(), campaigns_of_it)
def test_the_history(duckdb, database, number):
    one, _ = asked(database, number)
    start = one["started_at"]
    earlier = {
        row["campaign_id"]
        for row in database.campaigns
        if row["account_id"] == one["account_id"]
        and row["status"] in FINISHED_STATUSES
        and is_reportable(database, row)
        and row["campaign_id"] != one["campaign_id"]
        and (start is None or (row["started_at"] and row["started_at"] < start))
    }
    settled, failed = Counter(), Counter()
    for row in database.messages:
        if row["campaign_id"] in earlier and row["status"] in ("delivered", "failed"):
            place = row["campaign_id"], row["channel"], row["provider"] or UNKNOWN
            settled[place] += 1
            if row["status"] == "failed":
                code = row.get("failure_code")
                failed[(*place, None if code is None else str(code))] += 1
    frame = metrics.failure_history(fill(duckdb, database), one["campaign_id"])
    found = {tuple(map(plain, row[:4])): row for row in frame.itertuples(index=False)}
    assert {key: row.failed for key, row in found.items() if row.failed} == failed
    assert {key[:3]: row.settled for key, row in found.items()} == settled


@pytest.mark.parametrize("name", ["live_outcomes", "live_flow", "live_latency", "failure_history"])
def test_campaigns_that_cannot_be_watched_are_refused(duckdb, name):
    warehouse = fill(duckdb, small_database(campaign("a", status="scheduled")))
    with pytest.raises(CampaignNotStarted, match="scheduled"):
        getattr(metrics, name)(warehouse, "a")
    with pytest.raises(UnknownCampaign):
        getattr(metrics, name)(warehouse, "b")


@pytest.mark.parametrize(("minutes", "seconds"), [(1, 5), (15, 5), (16, 10), (60, 30), (120, 60), (24 * 60, 600)])
def test_buckets_fit_the_time_that_has_passed(duckdb, minutes, seconds):
    assert seconds in BUCKET_SECONDS
    database = small_database(campaign("a", status="sending").sent(1))
    database.opened_at = START + timedelta(minutes=minutes)
    assert metrics.live_flow(fill(duckdb, database), "a").attrs["bucket_s"] == seconds
