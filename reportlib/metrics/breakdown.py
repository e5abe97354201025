"""Delivery and engagement per group: one pass over the messages answers both."""

import pandas as pd
from sqlalchemy import literal, select, union_all

from reportlib.metrics.campaigns import select_campaigns
from reportlib.metrics.definitions import definition
from reportlib.metrics.grouping import CAMPAIGN_GROUPINGS, CONTACT_GROUPINGS, grouped, grouping, message_columns
from reportlib.metrics.outcomes import LEDGER, PEOPLE, TOTALS, people_counts, person_outcomes
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract import CHANNELS, campaigns, events, messages

DELIVERY = (*LEDGER, "audience_declared")
ENGAGEMENT = ("channels", "audience", "delivered", *PEOPLE, *TOTALS, "replies_measured")
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


def breakdown(warehouse: Warehouse, campaigns=None, by=(), until: dict | None = None) -> pd.DataFrame:
    """`delivery` and `engagement` in one frame: their columns, one row per group, the largest audience first.

    As things stood at an earlier moment where `until` has one, epoch milliseconds by campaign id.
    """
    names = grouping(by)
    chosen = select_campaigns(warehouse, campaigns)
    person = person_outcomes(chosen["campaign_id"].tolist(), message_columns(names), warehouse.opened_ms, until)
    source, groups = grouped(person, tuple(dict.fromkeys(("campaign_id", *names))))
    frame = warehouse.sql(select(*groups, *people_counts(person)).select_from(source).group_by(*_unlabelled(groups)))
    frame = _counted(frame).astype({"campaign_id": chosen["campaign_id"].dtype})  # of no rows it would be text
    total = _over_campaigns(warehouse, _with_declared_audience(frame, chosen, names), chosen, names)
    return total.sort_values(["audience", *names], ascending=[False] + [True] * len(names), ignore_index=True)


def breakdowns(warehouse: Warehouse, campaigns=None, by=()) -> pd.DataFrame:
    """Several breakdowns in one frame: one row per name of `by` and group, the largest first.

    Those by what stands in the contact's own row share one pass over the messages; the others, whose joins are as long
    as the audience, go one by one, so that memory holds one of them at a time.

    Returns
    -------
    DataFrame with the columns
        dimension : str, a name of `by`, in its order
        group : str
    then those of `breakdown`.
    """
    names = grouping(by)
    chosen = select_campaigns(warehouse, campaigns)
    if not names:
        return pd.DataFrame({name: [] for name in ("dimension", "group", *BREAKDOWN)})
    shared = [name for name in names if name in CONTACT_GROUPINGS]
    found = [
        breakdown(warehouse, campaigns, name).rename(columns={name: "group"}).assign(dimension=name)
        for name in names
        if name not in shared
    ]
    if shared:
        counts = union_all(*_per_contact_column(chosen["campaign_id"].tolist(), shared, warehouse.opened_ms))
        frame = _counted(warehouse.sql(counts)).assign(audience_declared=_none_declared)
        found.append(_over_campaigns(warehouse, frame, chosen, ("dimension", "group")))
    total = pd.concat(found)[["dimension", "group", *BREAKDOWN]]
    position = total["dimension"].map({name: at for at, name in enumerate(names)})
    ordered = total.assign(position=position).sort_values(
        ["position", "audience", "group"], ascending=[True, False, True], ignore_index=True
    )
    return ordered.drop(columns="position")


def _per_contact_column(campaign_ids, names, opened_ms):
    """One select per name, all of the same people: campaign_id, dimension, group, and the counts."""
    person = person_outcomes(campaign_ids, (), opened_ms)
    source, groups = grouped(person, tuple(names))
    described = select(person, *groups).select_from(source).cte("described")
    for name in names:
        keys = (described.c.campaign_id, literal(name).label("dimension"), described.c[name].label("group"))
        counts = select(*keys, *people_counts(described))
        yield counts.group_by(described.c.campaign_id, described.c[name])


def _unlabelled(groups):
    return [group.element for group in groups]


def _counted(frame):
    """Counts as int64, whatever the engine's sums come as."""
    return frame.astype(dict.fromkeys((*LEDGER, *PEOPLE, *TOTALS, *CHANNELS), "int64"))


def _none_declared(frame):
    return pd.array([pd.NA] * len(frame), dtype="Int64")


def _channels_used(frame):
    """The 0/1 columns per channel as one text, e.g. "email+sms"."""
    used = pd.Series("", index=frame.index, dtype="str")
    for channel in sorted(CHANNELS):
        used += frame[channel].map({0: "", 1: f"+{channel}"}).astype("str")
    return used.str.removeprefix("+")


def _with_declared_audience(frame, chosen, names):
    """Count people who were declared but never given a message as not sent; groups within a campaign have none."""
    if not set(names) <= set(CAMPAIGN_GROUPINGS):
        return frame.assign(audience_declared=_none_declared)
    about = chosen[["campaign_id", "variant", "template_id", "audience_size"]].astype({"audience_size": "Int64"})
    missing = about[~about["campaign_id"].isin(frame["campaign_id"])]
    if len(missing):
        zeros = missing[["campaign_id"]].assign(**dict.fromkeys([*LEDGER, *PEOPLE, *TOTALS, *CHANNELS], 0))
        for name in set(names) - {"campaign_id"}:
            zeros[name] = missing[name].fillna("(unknown)").astype(str)
        frame = pd.concat([frame, zeros], ignore_index=True)
    declared = frame["campaign_id"].map(about.set_index("campaign_id")["audience_size"]).astype("Int64")
    unmessaged = (declared - frame["audience"]).fillna(0).clip(lower=0).astype("int64")
    return frame.assign(
        audience=frame["audience"] + unmessaged,
        not_sent=frame["not_sent"] + unmessaged,
        audience_declared=declared,
    )


def _over_campaigns(warehouse, frame, chosen, keys):
    """Totals over campaigns per value of `keys`: sums, and NA where nothing in the group could be measured."""
    frame = frame.assign(**_heard(warehouse, frame, chosen))
    how = dict.fromkeys((*LEDGER, *PEOPLE, *TOTALS), "sum") | dict.fromkeys((*CHANNELS, "heard", "unheard"), "max")
    if keys:
        groups = frame.groupby(list(keys), sort=False, dropna=False)
        total = groups.agg(how).assign(audience_declared=groups["audience_declared"].sum(skipna=False)).reset_index()
    else:
        declared = pd.array([frame["audience_declared"].sum(skipna=False)], dtype="Int64")
        total = frame.agg(how).fillna(0).to_frame().T.astype("int64").assign(audience_declared=declared)
    return _without_unmeasured(total)


def _heard(warehouse, frame, chosen):
    """Per row 0/1: whether some channel of it brings replies in, and whether e-mail of it brings none."""
    email, others = frame["email"] == 1, (frame["whatsapp"] == 1) | (frame["sms"] == 1)
    captured = pd.Series(False, index=frame.index)
    if email.any():
        account = frame["campaign_id"].map(chosen.set_index("campaign_id")["account_id"])
        captured = account.isin(accounts_with_email_replies(warehouse))
    return {"heard": (others | (email & captured)).astype("int64"), "unheard": (email & ~captured).astype("int64")}


def _without_unmeasured(frame):
    """NA where no channel of the group can report the metric: never a zero that nobody measured."""
    opens = ["opened", "opened_human", "opened_or_clicked", "opened_total", "opened_human_total"]
    channels = _channels_used(frame)
    unopenable = channels.isin([channel for channel in CHANNELS if channel not in definition("opened").channels])
    frame = frame.astype(dict.fromkeys([*PEOPLE, *TOTALS], "Int64"))
    frame.loc[unopenable, opens] = pd.NA
    frame.loc[(frame["unheard"] == 1) & (frame["heard"] == 0), ["replied", "replied_total"]] = pd.NA
    measured = frame["unheard"] == 0
    return frame.drop(columns=[*CHANNELS, "heard", "unheard"]).assign(channels=channels, replies_measured=measured)


def accounts_with_email_replies(warehouse: Warehouse) -> list:
    """The accounts that ever brought in a reply by e-mail; without inbound parsing there never is one."""
    replied = (
        select(campaigns.c.account_id)
        .join_from(events, messages, messages.c.message_id == events.c.message_id)
        .join(campaigns, campaigns.c.campaign_id == messages.c.campaign_id)
        .where(events.c.kind == "replied", messages.c.channel == "email")
        .distinct()
    )
    return warehouse.sql(replied)["account_id"].tolist()
