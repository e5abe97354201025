"""Campaigns known as totals only: the counts that their people would have given, as far as `campaign_totals` has them.

What is counted of people begins in `people_by_channel` and `told_by`; from here come the rows of campaigns without a
message, and all rates, intervals and cards follow.
"""

from collections.abc import Callable
from functools import wraps

import pandas as pd

from reportlib.definitions import ACTED, CHANNELS, EVENT_KINDS, EVENTS
from reportlib.metrics.selection.campaigns import campaigns as all_campaigns, select_campaigns
from reportlib.metrics.selection.known_totals import known_totals
from reportlib.warehouse import Warehouse

SOURCE = "(totals)"  # in the place of a provider
TIMES = {f"{one.name}_total": kind for kind, one in EVENTS.items() if one.summed}  # by the kind of event


def totals_only(warehouse: Warehouse, campaigns=None) -> pd.DataFrame:
    """Those of these campaigns that are known as totals only: rows of `select_campaigns`."""
    chosen = select_campaigns(warehouse, campaigns)
    return chosen[chosen["campaign_id"].isin(known_totals(warehouse)["campaign_id"])].reset_index(drop=True)


def of_people(metric: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
    """A metric that needs each person: its frame's attrs have as `totals_only` the names of the campaigns it was asked
    about that are known as totals only, and so are not in it."""

    @wraps(metric)
    def answered(warehouse, campaigns=None, *arguments, **options):
        frame = metric(warehouse, campaigns, *arguments, **options)
        frame.attrs["totals_only"] = totals_only(warehouse, campaigns)["name"].astype(str).tolist()
        return frame

    return answered


def counted(warehouse: Warehouse, campaign_ids: list, of_not_failed: bool) -> pd.DataFrame:
    """The rows of `people_by_channel` of those of these campaigns that are known as totals only.

    People of several channels are added up. `of_not_failed`: engagement is of those not failed, whatever is given.
    """
    rows = [
        {"campaign_id": campaign, "channel": channel, **_counts(people, times, channel, of_not_failed)}
        for campaign, channel, people, times in _each(warehouse, campaign_ids)
    ]
    by_channel = pd.DataFrame(rows, columns=["campaign_id", "channel", *_counts({}, {}, "", False)])
    if not rows:
        return by_channel
    whole = by_channel.drop(columns="channel").groupby("campaign_id", as_index=False, sort=False).sum()
    return pd.concat([by_channel, whole.assign(channel=None)], ignore_index=True)


def told(warehouse: Warehouse, campaign_ids: list) -> pd.DataFrame:
    """The rows of `told_by` of those of these campaigns that are known as totals only: what is given is measured."""
    given, rows = [*_each(warehouse, campaign_ids)], []
    account = all_campaigns(warehouse).set_index("campaign_id")["account_id"] if given else {}
    for campaign, channel, people, times in given:
        row = {"account_id": account[campaign], "campaign_id": campaign, "channel": channel, "provider": SOURCE}
        row |= {what: what in people for what in ("delivered", "failed", *EVENT_KINDS)}
        row |= {name: kind in times for name, kind in TIMES.items()}
        ledger = _ledger(people)
        rows.append(row | {"reaches": ledger["sent"] > ledger["failed"]})
    return pd.DataFrame(rows)


def contradicting(warehouse: Warehouse, campaign_ids: list) -> list:
    """The campaign of each total that counts as another number than it is: more people did than could have."""
    return [
        campaign
        for campaign, channel, people, times in _each(warehouse, campaign_ids)
        for what, count in people.items()
        if _counts(people, times, channel, False)[EVENTS[what].name if what in EVENTS else what] != count
    ]


def _each(warehouse, campaign_ids):
    """Each campaign and channel: campaign_id, channel, what → people, what → times."""
    totals = known_totals(warehouse)
    totals = totals[totals["campaign_id"].isin(campaign_ids)]
    if totals.empty:  # as most often: to group nothing takes a millisecond
        return
    for (campaign, channel), given in totals.groupby(["campaign_id", "channel"], sort=False):
        counts = given.set_index("what")[["people", "total"]].clip(lower=0)
        yield campaign, channel, *(counts[name].dropna().astype("int64").to_dict() for name in counts)


def _ledger(people: dict[str, int]) -> dict[str, int]:
    """Audience = not_sent + sent, sent = delivered + failed + pending; what contradicts it counts as far as it can."""
    settled = people.get("delivered", 0) + people.get("failed", 0)
    sent = people.get("sent", settled or people.get("audience", 0))
    delivered = min(people.get("delivered", 0), sent)
    failed = min(people.get("failed", 0), sent - delivered)
    audience = max(people.get("audience", 0), sent)
    ledger = {"audience": audience, "not_sent": audience - sent, "sent": sent, "delivered": delivered}
    return ledger | {"delivered_implied": 0, "failed": failed, "pending": sent - delivered - failed}


def _counts(people, times, channel, of_not_failed):
    ledger = _ledger(people)
    receipts = "delivered" in people and not of_not_failed
    base = ledger["delivered"] if receipts else ledger["sent"] - ledger["failed"]
    counts = ledger | {"engagement_base": base, "opened_or_clicked": 0}  # none where totals do not tell
    for name, one in ACTED.items():
        did = min(people.get(one.event, 0), base) if one.columns else 0
        counts |= {name: did, f"{name}_in_base": did}
        if one.summed:
            counts[f"{name}_total"] = times.get(one.event, 0) if one.columns else 0
    clicked = counts["clicked"]  # as the platform tells them, whoever clicked
    as_told = {"clicked_at_most": clicked, "clicked_by_any": clicked, "clicked_aside": 0}
    counts |= as_told | {f"{name}_in_base": number for name, number in as_told.items()}
    return counts | {one: int(one == channel) for one in CHANNELS}
