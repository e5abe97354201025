"""Histories of campaigns as `metrics.campaign_history` has them, without a database: what judgments are tried on."""

import pandas as pd

from reportlib.metrics import Week
from reportlib.metrics.weekly.history import HISTORY

THIS = Week(2026, 46)
DID = ("opened", "clicked", "opened_in_base", "clicked_in_base")


def row(weeks_ago, clicked, delivered=1000, channel="whatsapp", **columns):
    """A campaign of one channel, so many weeks before THIS: 50 of the audience failed, half of the others opened."""
    campaign_id = columns.pop("campaign_id", f"{channel}-{weeks_ago}")
    about = {
        "campaign_id": campaign_id,
        "label": f"Campaign {campaign_id}",
        "week": str(THIS.previous(weeks_ago)),
        "finished_at": THIS.start("UTC") - pd.Timedelta(weeks=weeks_ago),
        "age_hours": 168.0 * (weeks_ago + 1),
        "compared_hours": 168,
        "old_enough": True,
        "channel": channel,
        "audience": delivered + 50,
        "sent": delivered + 50,
        "delivered": delivered,
        "failed": 50,
        "opened": pd.NA if channel == "sms" else delivered // 2,
        "clicked": clicked,
    }
    about |= columns
    within = {"opened_in_base": about["opened"], "clicked_in_base": about["clicked"]}
    receipts = {
        "engagement_base": about["delivered"],
        "engagement_base_name": "receipt",
        "delivery_measured": True,
        "failed_measured": True,
        "by_person": True,
        "receipts_missing": False,
    }
    return about | within | receipts


def history(*rows):
    """The rows, and for each campaign one with the channel "all": the sums of its channels."""
    parts = pd.DataFrame(list(rows), columns=HISTORY).astype(
        dict.fromkeys(DID, "Int64")
        | {"delivery_measured": "bool", "failed_measured": "bool", "by_person": "bool"}
        | {"receipts_missing": "bool"}
    )
    sums = dict.fromkeys(("audience", "sent", "delivered", "failed", "engagement_base", *DID), "sum")
    about = dict.fromkeys([name for name in HISTORY if name not in (*sums, "campaign_id", "channel")], "first")
    whole = parts.groupby("campaign_id", as_index=False, sort=False).agg(about | sums).assign(channel="all")
    return pd.concat([parts, whole], ignore_index=True)[HISTORY]
