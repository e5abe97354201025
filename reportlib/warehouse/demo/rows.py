"""The demo's plan as rows, for the statements that draw from it."""

import math
from datetime import UTC
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from reportlib.warehouse.demo import gateways, last_week, priced, tested, untold
from reportlib.warehouse.demo.campaigns import IN_TOTALS
from reportlib.warehouse.demo.facts import facts_of
from reportlib.warehouse.demo.model import Campaign
from reportlib.warehouse.demo.plan import PLAN

ADDED = (
    *untold.CAMPAIGNS,
    *last_week.CAMPAIGNS,
    *priced.CAMPAIGNS,
    *IN_TOTALS,
    *gateways.CAMPAIGNS,
    *tested.CAMPAIGNS,
)  # beside the messages asked for, whose rows stay as they were
NOT_COLUMNS = ("channels", "start", "share", "attributes", "totals")


def plan_tables(messages: int) -> dict[str, list[dict]]:
    """The plan as rows, by the names that demo_sql knows them by."""
    contacts = max(400, round(messages * PLAN.contacts_per_message))
    account_rows, first = [], 0
    for account in PLAN.accounts:
        size = round(contacts * account.share)
        account_rows.append(
            {
                "account_id": account.account_id,
                "name": account.name,
                "timezone": account.timezone,
                "currency": account.currency,
                "first": first,
                "size": size,
            }
        )
        first += size
    return {
        "plan_accounts": account_rows,
        "plan_segments": [vars(segment) for segment in PLAN.segments],
        "plan_homes": [
            vars(home) | {"account_id": account.account_id} | edges
            for account in PLAN.accounts
            for home, edges in _with_edges(account.homes)
        ],
        "plan_choices": list(_choice_rows()),
        "plan_channels": [
            vars(channel) | {"account_id": account.account_id}
            for account in PLAN.accounts
            for channel in account.channels
        ],
        "plan_failures": list(_failure_rows()),
        "plan_attributes": [
            {"campaign_id": campaign.campaign_id, "attribute": name, "value": value}
            for campaign in PLAN.campaigns
            for name, value in facts_of(campaign).items()
        ],
        "plan_totals": [
            {
                "campaign_id": campaign.campaign_id,
                "channel": campaign.channels[0].value,
                "what": what,
                "share": share,
                "times": times,
            }
            for campaign in PLAN.campaigns
            for what, share, times in campaign.totals
        ],
        "plan_clocks": [_clock(zone) for zone in sorted(_zones())],
    }


def _zones() -> set[str]:
    homes = {home.timezone for account in PLAN.accounts for home in account.homes if home.timezone}
    return homes | {account.timezone for account in PLAN.accounts}


def _clock(zone: str) -> dict:
    """A zone's offset from UTC before and after the one change that clocks make in 16 weeks, if any."""
    hours = pd.date_range(PLAN.first_day, PLAN.as_of, freq="h", tz=UTC)
    offsets = hours.tz_convert(zone).tz_localize(None) - hours.tz_localize(None)
    changed = next(iter(np.flatnonzero(offsets != offsets[0])), -1)
    return {
        "timezone": zone,
        "before_ms": round(offsets[0].total_seconds() * 1000),
        "after_ms": round(offsets[-1].total_seconds() * 1000),
        "change_ms": round(hours[changed].timestamp() * 1000),
    }


def _with_edges(choices):
    """Each choice with the part of [0, 1) in which it is drawn."""
    high = 0.0
    for choice in choices:
        low, high = high, high + choice.weight
        yield choice, {"low": low, "high": 2.0 if choice is choices[-1] else high}


def _choice_rows():
    for account in PLAN.accounts:
        kinds = {"carrier": account.carriers, "email_domain": account.email_domains} | PLAN.attributes
        for kind, choices in kinds.items():
            for choice, edges in _with_edges(choices):
                yield {"owner": account.account_id, "kind": kind, "value": choice.value} | edges
    for campaign in PLAN.campaigns:
        for choice, edges in _with_edges(campaign.channels):
            yield {"owner": campaign.campaign_id, "kind": "channel", "value": choice.value} | edges


def _failure_rows():
    """Per campaign, channel and carrier the parts of [0, 1) that fail, and why."""
    for campaign in PLAN.campaigns:
        account = next(account for account in PLAN.accounts if account.account_id == campaign.account_id)
        for channel in account.channels:
            for carrier in account.carriers:
                high = 0.0
                for failure in failures_of(campaign, channel.channel, carrier.value):
                    low, high = high, high + failure.rate
                    yield {
                        "campaign_id": campaign.campaign_id,
                        "channel": channel.channel,
                        "carrier": carrier.value,
                        "code": failure.code,
                        "reason": failure.reason,
                        "low": low,
                        "high": high,
                    }


def failures_of(campaign: Campaign, channel: str, carrier: str | None) -> list:
    """What can go wrong with a message of this campaign, on this channel, to a contact with this carrier."""
    here = [f for f in PLAN.failures if (f.account_id, f.channel) == (campaign.account_id, channel)]
    own = [f for f in here if f.campaign == campaign.campaign_id]
    return own or [f for f in here if f.campaign is None and f.carrier in (None, carrier)]


def campaign_rows(messages: int, pools: dict[str, int]) -> list[dict]:
    """Campaigns with their number of people, their first message number and their walk through the pool.

    A walk takes every `stride`-th contact; one that shares no divisor with the pool meets everyone once. The arms of
    an experiment share a walk, the later one going on where the earlier one stopped; who of them is in which arm is
    drawn afterwards.
    """
    whole = [campaign for campaign in PLAN.campaigns if campaign not in ADDED]
    total = sum(campaign.share for campaign in whole if campaign.is_sent)
    rows, number = [], 1
    walked: dict[str, int] = {}
    for order, campaign in enumerate(PLAN.campaigns):
        if order == len(whole):
            number *= 2  # past every second attempt of those before
        pool = campaign.segment_id or campaign.account_id
        walk = campaign.experiment_id or campaign.campaign_id
        skip = walked.get(walk, 0)
        wanted = campaign.people or max(1, round(messages * campaign.share / total))
        people = min(wanted, pools.get(pool, 0) - skip)
        held_out = min(round(campaign.held_out * people), pools.get(pool, 0) - skip - people)
        walked[walk] = skip + people + held_out
        zone = next(account.timezone for account in PLAN.accounts if account.account_id == campaign.account_id)
        start = campaign.start.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        stride_from = 7919 if campaign.experiment_id else 7919 + 1009 * order
        rows.append(
            {name: value for name, value in vars(campaign).items() if name not in NOT_COLUMNS}
            | {
                "is_added": campaign in ADDED,
                "pool": pool,
                "pool_size": pools.get(pool, 0),
                "people": people,
                "messaged": people if campaign.is_sent else 0,
                "held_out": held_out,
                "skip": skip,
                "stride": next(n for n in range(stride_from, 10**9) if math.gcd(n, max(1, pools.get(pool, 0))) == 1),
                "first": number,
                "start_ms": round(start.timestamp() * 1000),
            }
        )
        number += rows[-1]["messaged"]
    return rows
