"""Delivery and engagement per group: one pass over the messages answers both."""

import pandas as pd

from reportlib.metrics.memo import remembered
from reportlib.metrics.people.age import Age
from reportlib.metrics.people.counts import COUNTS, people_by_channel, people_by_dimension, people_by_group
from reportlib.metrics.people.measured import NOT_FAILED, told_by
from reportlib.metrics.people.outcomes import CLICKS, IN_BASE, LEDGER, PEOPLE, TOTALS
from reportlib.metrics.people.over_campaigns import none_declared, over_campaigns
from reportlib.metrics.people.totals import of_people
from reportlib.metrics.selection.campaigns import select_campaigns
from reportlib.metrics.selection.grouping import CAMPAIGN_GROUPINGS, MESSAGE_GROUPINGS, UNKNOWN, grouping
from reportlib.warehouse import Warehouse

DELIVERY = (*LEDGER, "delivery_measured", "failed_measured", "by_person", "audience_declared")
BASE = ("delivery_measured", "engagement_base", "engagement_base_name")
ENGAGEMENT = ("channels", "audience", "delivered", *BASE, *PEOPLE, *CLICKS, *IN_BASE, *TOTALS)
BREAKDOWN = tuple(dict.fromkeys((*DELIVERY, *ENGAGEMENT)))


def delivery(warehouse: Warehouse, campaigns=None, by=()) -> pd.DataFrame:
    """The delivery ledger, one row per group (one row in all without `by`).

    Returns
    -------
    DataFrame with the columns of `by`, then, in people,
        audience, not_sent, sent, delivered, delivered_implied, failed, pending : int64
            audience = not_sent + sent, sent = delivered + failed + pending; delivered_implied are those of the
            delivered whose provider has not said so yet, but who opened, clicked or replied
        delivery_measured : bool, whether receipts come in for all messages of the group: where not, delivered are
            those known to be by what they did, and pending those of whom nothing is known
        failed_measured, by_person : bool, whether failures are told of all of the group, and whether each person is
            known: both but where a campaign of it is known as totals only, the one where its totals do not say
        audience_declared : Int64
            what the campaigns declared; NA below campaign level or where none was declared. People declared beyond
            those with a message are in audience and not_sent; fewer declared than messaged is a residual to show.
        channels : str
            the channels of the group's messages, e.g. "email+sms"

    Raises
    ------
    UnknownCampaign, CampaignNotStarted, UnknownGrouping

    Example
    -------
    >>> metrics.delivery(warehouse, "spring-sale")[["audience", "delivered", "failed", "pending"]]
       audience  delivered  failed  pending
    0     17699      16697     825      177
    """
    return breakdown(warehouse, campaigns, by)[[*grouping(by), *DELIVERY, "channels"]]


def engagement(warehouse: Warehouse, campaigns=None, by=()) -> pd.DataFrame:
    """What people did, one row per group (one row in all without `by`).

    Returns
    -------
    DataFrame with the columns of `by`, then
        channels : str
            the channels of the group's messages, e.g. "email+sms"
        audience, delivered : int64, people
        delivery_measured : bool, as in `delivery`
        engagement_base : int64, people, of whom the engagement rates are: those with a receipt, or, on channels and
            providers where delivery is not measured, those whose message was handed over and did not fail. Nobody is
            in it because they responded.
        engagement_base_name : str, "receipt", "not failed", or "receipt or not failed" where the group has both
        opened, opened_human, clicked, replied, unsubscribed, complained, opened_or_clicked : Int64, people, all who did
        opened_in_base, opened_human_in_base, clicked_in_base, replied_in_base, unsubscribed_in_base,
        complained_in_base : Int64, those of them in the base: the numerators of its rates
        clicked_at_most, clicked_by_any : Int64, people, were every click that is unsure a person's; and were no clicks
            told apart at all (docs/machine_clicks.md)
        clicked_aside : Int64, people whose only clicks are on links that are no content: to unsubscribe, of preferences
        clicked_at_most_in_base, clicked_by_any_in_base, clicked_aside_in_base : Int64, those of them in the base
        opened_total, opened_human_total, clicked_total, replied_total : Int64, events
            NA where no source of the group's campaigns and channels can tell it (`measured`): opens of SMS, replies
            where nobody brings them in; NAME_in_base also where one of several cannot. What a machine did is in
            `opened`, `opened_total` and clicked_by_any only.

    Raises
    ------
    UnknownCampaign, CampaignNotStarted, UnknownGrouping

    Example
    -------
    >>> metrics.engagement(warehouse, "spring-sale", by="channel")[["channel", "engagement_base", "clicked", "replied"]]
        channel  engagement_base  clicked  replied
    0  whatsapp             8447      691      290
    1     email             5105      190     <NA>
    2       sms             3145      124       30
    """
    return breakdown(warehouse, campaigns, by)[[*grouping(by), *ENGAGEMENT]]


@remembered
def breakdown(
    warehouse: Warehouse, campaigns=None, by=(), until: dict | Age | None = None, base: str | None = None
) -> pd.DataFrame:
    """`delivery` and `engagement` in one frame, one row per group, the largest audience first.

    As things stood at an earlier moment where `until` has one, epoch milliseconds by campaign id, or at an Age.
    With the `base` NOT_FAILED engagement is of those not failed whatever is measured: so are campaigns compared whose
    bases differ.

    Returns
    -------
    DataFrame with the columns of `by`, then, as those two have them,
        audience, not_sent, sent, delivered, delivered_implied, failed, pending : int64, people
        delivery_measured, failed_measured, by_person : bool; audience_declared : Int64, people
        channels : str
        engagement_base : int64, people; engagement_base_name : str
        opened, opened_human, clicked, replied, unsubscribed, complained, opened_or_clicked : Int64, people
        opened_in_base, opened_human_in_base, clicked_in_base, replied_in_base, unsubscribed_in_base,
        complained_in_base : Int64, people
        clicked_at_most, clicked_by_any, clicked_aside, clicked_at_most_in_base, clicked_by_any_in_base,
        clicked_aside_in_base : Int64, people
        opened_total, opened_human_total, clicked_total, replied_total : Int64, events

    Example
    -------
    >>> metrics.breakdown(warehouse, "spring-sale", by="channel")[["channel", "delivered", "clicked"]]
        channel  delivered  clicked
    0  whatsapp       8447      691
    1     email       5105      190
    2       sms       3145      124
    """
    names = grouping(by)
    chosen = select_campaigns(warehouse, campaigns)
    ids = chosen["campaign_id"].tolist()
    if set(names) <= {*CAMPAIGN_GROUPINGS, "channel"}:
        frame = _of_campaigns(people_by_channel(warehouse, ids, until, base), chosen, names)
    else:
        frame = people_by_group(warehouse, ids, names, until, base)
    campaign_id = frame["campaign_id"].astype(chosen["campaign_id"].dtype)  # of no rows it would be text
    frame = frame.assign(campaign_id=campaign_id)
    total = over_campaigns(_with_declared_audience(frame, chosen, names), told_by(warehouse, chosen), names)
    total = total if base is None else total.assign(engagement_base_name=base)
    return total.sort_values(["audience", *names], ascending=[False] + [True] * len(names), ignore_index=True)


def alike(warehouse: Warehouse, campaigns, by=(), until: dict | Age | None = None) -> pd.DataFrame:
    """`breakdown` of campaigns that are compared: where their bases differ, all of them are of those not failed."""
    counts = breakdown(warehouse, campaigns, by, until)
    used = counts.loc[counts["channels"] != "", "engagement_base_name"]
    return breakdown(warehouse, campaigns, by, until, NOT_FAILED) if used.nunique() > 1 else counts


@of_people
def breakdowns(warehouse: Warehouse, campaigns=None, by=()) -> pd.DataFrame:
    """Several breakdowns in one frame: one row per name of `by` and group, the largest first.

    Returns
    -------
    DataFrame with the columns
        dimension : str, a name of `by`, in its order
        group : str
    then the columns of `breakdown`

    Example
    -------
    >>> groups = metrics.breakdowns(warehouse, "spring-sale", by="attribute:tier")
    >>> groups[["group", "delivered", "clicked"]].head(2)
        group  delivered  clicked
    0  bronze      10737      620
    1  silver       3491      222
    """
    names = grouping(by)
    chosen = select_campaigns(warehouse, campaigns)
    if not names:
        return pd.DataFrame({name: [] for name in ("dimension", "group", *BREAKDOWN)})
    of_contacts = tuple(name for name in names if name not in (*CAMPAIGN_GROUPINGS, *MESSAGE_GROUPINGS))
    found = [
        breakdown(warehouse, campaigns, name).rename(columns={name: "group"}).assign(dimension=name)
        for name in names
        if name not in of_contacts
    ]
    if of_contacts:
        frame = people_by_dimension(warehouse, chosen["campaign_id"].tolist(), of_contacts)
        frame = frame.assign(audience_declared=none_declared)
        found.append(over_campaigns(frame, told_by(warehouse, chosen), ("dimension", "group")))
    total = pd.concat(found)[["dimension", "group", *BREAKDOWN]]
    position = total["dimension"].map({name: at for at, name in enumerate(names)})
    ordered = total.assign(position=position).sort_values(
        ["position", "audience", "group"], ascending=[True, False, True], ignore_index=True
    )
    return ordered.drop(columns="position")


def _of_campaigns(counted, chosen, names):
    """Rows of `people_by_channel`: those per channel where it is asked for, with what else the campaigns' rows say."""
    of_channels = counted["channel"].notna()
    frame = counted[of_channels] if "channel" in names else counted[~of_channels].drop(columns="channel")
    about = chosen.set_index("campaign_id")
    told = {name: frame["campaign_id"].map(_told(about[name])) for name in names if name in ("variant", "template_id")}
    return frame.assign(**told)


def _told(column):
    return column.astype("str").fillna(UNKNOWN)


def _with_declared_audience(frame, chosen, names):
    """Count people who were declared but never given a message as not sent; groups within a campaign have none."""
    if not set(names) <= set(CAMPAIGN_GROUPINGS):
        return frame.assign(audience_declared=none_declared)
    missing = chosen[~chosen["campaign_id"].isin(frame["campaign_id"])]
    if len(missing):
        zeros = missing[["campaign_id"]].assign(**dict.fromkeys(COUNTS, 0))
        for name in set(names) - {"campaign_id"}:
            zeros[name] = _told(missing[name])
        frame = pd.concat([frame, zeros], ignore_index=True)
    declared = frame["campaign_id"].map(chosen.set_index("campaign_id")["audience_size"]).astype("Int64")
    unmessaged = (declared - frame["audience"]).fillna(0).clip(lower=0).astype("int64")
    return frame.assign(
        audience=frame["audience"] + unmessaged,
        not_sent=frame["not_sent"] + unmessaged,
        audience_declared=declared,
    )
