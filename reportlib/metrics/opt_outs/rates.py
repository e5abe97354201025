"""Opt-outs against what is usual for the account, and complaints by who runs the mailbox."""

import csv
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

import pandas as pd

from reportlib.metrics.memo import remembered
from reportlib.metrics.people.breakdown import breakdown
from reportlib.metrics.selection.campaigns import campaigns as all_campaigns, select_campaigns
from reportlib.metrics.selection.grouping import UNKNOWN
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import FINISHED_STATUSES

LATEST = 40  # campaigns of the account that say what is usual
FEWEST, FEWEST_PEOPLE = 3, 100  # campaigns, and people of each
KINDS = ("unsubscribed", "complained")
OTHERS = "others"


@remembered
def opt_out_rates(warehouse: Warehouse, campaign) -> pd.DataFrame:
    """How many of a campaign left or complained by channel, and how many do in the account's earlier campaigns.

    Returns
    -------
    DataFrame, one row per channel and kind that is measured, with the columns
        channel, kind : str
        people, base : int64, those who did of those whom rates are of, as in `engagement`
        per_1000 : float64; NaN where the base is 0
        usual, usual_most : float64, the median and the 90th percentile of the account's latest campaigns over before
            this one began, per 1,000; NaN where fewer than FEWEST of them reached FEWEST_PEOPLE on the channel
        campaigns : int64, how many that stands on

    Raises
    ------
    UnknownCampaign, CampaignNotStarted

    Example
    -------
    >>> metrics.opt_out_rates(warehouse, "spring-sale")[["channel", "kind", "people", "base"]].head(2)
      channel          kind  people  base
    0   email  unsubscribed      24  5105
    1   email    complained       6  5105
    """
    about = select_campaigns(warehouse, campaign).iloc[0]
    known = all_campaigns(warehouse)
    earlier = (known["account_id"] == about["account_id"]) & known["status"].isin(FINISHED_STATUSES)
    earlier &= (known["campaign_id"] != about["campaign_id"]) & (known["started_at"] < about["started_at"])
    reportable = select_campaigns(warehouse)["campaign_id"]
    ids = known.loc[earlier & known["campaign_id"].isin(reportable), "campaign_id"].head(LATEST).tolist()
    own = breakdown(warehouse, about["campaign_id"], by="channel")
    history = breakdown(warehouse, ids, by=("campaign_id", "channel"))
    history = history[history["engagement_base"] >= FEWEST_PEOPLE]
    rows = []
    for row in own.sort_values("channel").to_dict("records"):
        for kind in KINDS:
            if pd.isna(row[f"{kind}_in_base"]):
                continue
            before = history[(history["channel"] == row["channel"]) & history[f"{kind}_in_base"].notna()]
            rates = 1000 * before[f"{kind}_in_base"].astype("float64") / before["engagement_base"]
            enough = len(rates) >= FEWEST
            people, base = int(row[f"{kind}_in_base"]), int(row["engagement_base"])
            per_1000 = 1000 * people / base if base else float("nan")
            usual = [rates.quantile(part) if enough else float("nan") for part in (0.5, 0.9)]
            rows.append((row["channel"], kind, people, base, per_1000, *usual, len(rates)))
    columns = {"channel": "str", "kind": "str", "people": "int64", "base": "int64", "per_1000": "float64"}
    columns |= {"usual": "float64", "usual_most": "float64", "campaigns": "int64"}
    return pd.DataFrame(rows, columns=[*columns]).astype(columns)


@remembered
def complaints_by_mailbox(warehouse: Warehouse, campaigns=None) -> pd.DataFrame:
    """Complaints and opt-outs of e-mail by who runs the people's mailboxes, from the domains of mailboxes.csv.

    Returns
    -------
    DataFrame, one row per provider, those with the most people first, with the columns
        provider : str, "Google", …; OTHERS for domains of no table, "(unknown)" for contacts without one
        base : int64, people whom rates are of; complained, unsubscribed : Int64, of them, NA where not measured

    Raises
    ------
    UnknownCampaign, CampaignNotStarted

    Example
    -------
    >>> metrics.complaints_by_mailbox(warehouse, "spring-sale")[["provider", "base", "complained"]].head(2)
        provider  base  complained
    0     Google  2984           4
    1  Microsoft   998           2
    """
    found = breakdown(warehouse, campaigns, by=("channel", "email_domain"))
    found = found[found["channel"] == "email"]
    named = found.assign(
        provider=found["email_domain"].map(mailbox_provider).astype("str"), base=found["engagement_base"]
    )
    counted = {kind: f"{kind}_in_base" for kind in ("complained", "unsubscribed")}
    each = named.groupby("provider")
    frame = each[["base"]].sum()
    for kind, column in counted.items():
        whole = named[column].notna().groupby(named["provider"]).all()
        frame[kind] = each[column].sum().astype("Int64").where(whole)
    frame = frame.reset_index().sort_values(["base", "provider"], ascending=[False, True], ignore_index=True)
    return frame.astype({"base": "int64", "complained": "Int64", "unsubscribed": "Int64", "provider": "str"})


def mailbox_provider(domain: str) -> str:
    """Who runs the mailboxes of a domain."""
    if domain == UNKNOWN:
        return UNKNOWN
    plain = str(domain).strip().lower().rstrip(".")
    return next((provider for pattern, provider in _providers() if fnmatchcase(plain, pattern)), OTHERS)


@cache
def _providers() -> tuple[tuple[str, str], ...]:
    with files("reportlib.metrics.opt_outs").joinpath("mailboxes.csv").open(encoding="utf-8") as lines:
        return tuple((row["domain"], row["provider"]) for row in csv.DictReader(lines))
