"""Delivery and engagement per group: one pass over the messages answers both."""

import numpy as np
import pandas as pd

from reportlib.definitions import ACTED, definition
from reportlib.metrics.campaigns import select_campaigns
from reportlib.metrics.grouping import CAMPAIGN_GROUPINGS, MESSAGE_GROUPINGS, UNKNOWN, grouping
from reportlib.metrics.memo import remembered
from reportlib.metrics.people.age import Age
from reportlib.metrics.people.counts import people_by_channel, people_by_dimension, people_by_group
from reportlib.metrics.people.measured import accounts_with_email_replies
from reportlib.metrics.people.outcomes import LEDGER, PEOPLE, TOTALS
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import CHANNELS

DELIVERY = (*LEDGER, "audience_declared")
ENGAGEMENT = ("channels", "audience", "delivered", *PEOPLE, *TOTALS, "replies_measured")
COUNTED = ACTED | {f"{name}_total": one for name, one in ACTED.items() if one.summed}
COUNTED["opened_or_clicked"] = definition("click_to_open")
BREAKDOWN = tuple(dict.fromkeys((*DELIVERY, *ENGAGEMENT)))


def delivery(warehouse: Warehouse, campaigns=None, by=()) -> pd.DataFrame:
    """The delivery ledger, one row per group (one row in all without `by`).

    Returns
    -------
    DataFrame with the columns of `by`, then, in people,
        audience, not_sent, sent, delivered, delivered_implied, failed, pending : int64
            audience = not_sent + sent, sent = delivered + failed + pending; delivered_implied are those of the
            delivered whose provider has not said so yet, but who opened, clicked or replied
        audience_declared : Int64
            what the campaigns declared; NA below campaign level or where none was declared. People declared beyond
            those with a message are in audience and not_sent; fewer declared than messaged is a residual to show.

    Raises
    ------
    UnknownCampaign, CampaignNotStarted, UnknownGrouping
    """
    return breakdown(warehouse, campaigns, by)[[*grouping(by), *DELIVERY]]


def engagement(warehouse: Warehouse, campaigns=None, by=()) -> pd.DataFrame:
    """What people did, one row per group (one row in all without `by`).

    Returns
    -------
    DataFrame with the columns of `by`, then
        channels : str
            the channels of the group's messages, e.g. "email+sms"
        audience, delivered : int64, people
        opened, opened_human, clicked, replied, unsubscribed, complained, opened_or_clicked : Int64, people
        opened_total, opened_human_total, clicked_total, replied_total : Int64, events
            NA where no channel of the group can report it: opens of SMS, replies by e-mail to an account that
            has never captured one. Machine activity is in `opened` and `opened_total` only.
        replies_measured : bool, whether every channel of the group brings replies in

    Raises
    ------
    UnknownCampaign, CampaignNotStarted, UnknownGrouping
    """
    return breakdown(warehouse, campaigns, by)[[*grouping(by), *ENGAGEMENT]]


@remembered
def breakdown(warehouse: Warehouse, campaigns=None, by=(), until: dict | Age | None = None) -> pd.DataFrame:
    """`delivery` and `engagement` in one frame, one row per group, the largest audience first.

    As things stood at an earlier moment where `until` has one, epoch milliseconds by campaign id, or at an Age.

    Returns
    -------
    DataFrame with the columns of `by`, then, as those two have them,
        audience, not_sent, sent, delivered, delivered_implied, failed, pending : int64, people
        audience_declared : Int64, people
        channels : str
        opened, opened_human, clicked, replied, unsubscribed, complained, opened_or_clicked : Int64, people
        opened_total, opened_human_total, clicked_total, replied_total : Int64, events
        replies_measured : bool
    """
    names = grouping(by)
    chosen = select_campaigns(warehouse, campaigns)
    ids = chosen["campaign_id"].tolist()
    if set(names) <= {*CAMPAIGN_GROUPINGS, "channel"}:
        frame = _of_campaigns(people_by_channel(warehouse, ids, until), chosen, names)
    else:
        frame = people_by_group(warehouse, ids, names, until)
    campaign_id = frame["campaign_id"].astype(chosen["campaign_id"].dtype)  # of no rows it would be text
    frame = frame.assign(campaign_id=campaign_id)
    total = _over_campaigns(warehouse, _with_declared_audience(frame, chosen, names), chosen, names)
    return total.sort_values(["audience", *names], ascending=[False] + [True] * len(names), ignore_index=True)


def breakdowns(warehouse: Warehouse, campaigns=None, by=()) -> pd.DataFrame:
    """Several breakdowns in one frame: one row per name of `by` and group, the largest first.

    Returns
    -------
    DataFrame with the columns
        dimension : str, a name of `by`, in its order
        group : str
    then, as `delivery` and `engagement` have them,
        audience, not_sent, sent, delivered, delivered_implied, failed, pending : int64, people
        audience_declared : Int64, people
        channels : str
        opened, opened_human, clicked, replied, unsubscribed, complained, opened_or_clicked : Int64, people
        opened_total, opened_human_total, clicked_total, replied_total : Int64, events
        replies_measured : bool
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
        frame = frame.assign(audience_declared=_none_declared)
        found.append(_over_campaigns(warehouse, frame, chosen, ("dimension", "group")))
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


def _none_declared(frame):
    return pd.array([pd.NA] * len(frame), dtype="Int64")


def _channels_used(frame):
    """The 0/1 columns per channel as one text, e.g. "email+sms"."""
    names = sorted(CHANNELS)
    sets = ["+".join(name for bit, name in enumerate(names) if number >> bit & 1) for number in range(1 << len(names))]
    numbers = sum(frame[name].to_numpy() << bit for bit, name in enumerate(names))
    return pd.Series(np.array(sets, dtype=object)[numbers], index=frame.index, dtype="str")


def _with_declared_audience(frame, chosen, names):
    """Count people who were declared but never given a message as not sent; groups within a campaign have none."""
    if not set(names) <= set(CAMPAIGN_GROUPINGS):
        return frame.assign(audience_declared=_none_declared)
    missing = chosen[~chosen["campaign_id"].isin(frame["campaign_id"])]
    if len(missing):
        zeros = missing[["campaign_id"]].assign(**dict.fromkeys([*LEDGER, *PEOPLE, *TOTALS, *CHANNELS], 0))
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


def _over_campaigns(warehouse, frame, chosen, keys):
    """Totals over campaigns per value of `keys`: sums, and NA where nothing in the group could be measured."""
    frame = frame.assign(**_heard(warehouse, frame, chosen))
    summed, most = [*LEDGER, *PEOPLE, *TOTALS], [*CHANNELS, "heard", "unheard"]
    if keys:
        groups = frame.groupby(list(keys), sort=False, dropna=False)
        declared = groups["audience_declared"].sum(skipna=False)
        total = groups[summed].sum().assign(**groups[most].max(), audience_declared=declared).reset_index()
    else:
        declared = pd.array([frame["audience_declared"].sum(skipna=False)], dtype="Int64")
        both = pd.concat([frame[summed].sum(), frame[most].max().fillna(0)])
        total = both.to_frame().T.astype("int64").assign(audience_declared=declared)
    return _without_unmeasured(total)


def _heard(warehouse, frame, chosen):
    """Per row 0/1: whether some channel of it brings replies in, and whether e-mail of it brings none."""
    email, others = frame["email"] == 1, (frame["whatsapp"] == 1) | (frame["sms"] == 1)
    captured = pd.Series(False, index=frame.index)
    if email.any():
        account = frame["campaign_id"].map(chosen.set_index("campaign_id")["account_id"])
        captured = account.isin(accounts_with_email_replies(warehouse, chosen))
    return {"heard": (others | (email & captured)).astype("int64"), "unheard": (email & ~captured).astype("int64")}


def _without_unmeasured(frame):
    """NA where no channel of the group can report the metric: never a zero that nobody measured."""
    channels = _channels_used(frame)
    unheard = (frame["unheard"] == 1) & (frame["heard"] == 0)
    unmeasured = {name: _unable(frame, one.channels) for name, one in COUNTED.items()}
    unmeasured |= {name: unheard for name, one in COUNTED.items() if one.event == "replied"}
    counts = {name: _whole(frame[name], unmeasured[name]) for name in (*PEOPLE, *TOTALS)}
    measured = frame["unheard"] == 0
    known = frame.drop(columns=[*CHANNELS, "heard", "unheard"])
    return known.assign(**counts, channels=channels, replies_measured=measured)


def _unable(frame, channels):
    """Whether a group uses channels, but none of these."""
    return (frame[[*CHANNELS]].max(axis=1) == 1) & (frame[[*channels]].max(axis=1) == 0)


def _whole(numbers, missing):
    """Whole numbers as Int64, NA where they are missing; quicker than to set them so."""
    missing = np.array(np.broadcast_to(missing, len(numbers)))
    return pd.arrays.IntegerArray(numbers.to_numpy("int64", copy=True), missing)
