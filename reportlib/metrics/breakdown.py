"""Delivery and engagement per group: one pass over the messages answers both."""

import pandas as pd
from sqlalchemy import String, and_, cast, literal, select, union_all

from reportlib.metrics.campaigns import select_campaigns
from reportlib.metrics.definitions import definition
from reportlib.metrics.grouping import CAMPAIGN_GROUPINGS, CONTACT_GROUPINGS, grouped, grouping, message_columns
from reportlib.metrics.outcomes import LEDGER, PEOPLE, TOTALS, people_counts, person_outcomes
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract import CHANNELS, campaigns, events, messages

DELIVERY = (*LEDGER, "audience_declared")
ENGAGEMENT = ("channels", "audience", "delivered", *PEOPLE, *TOTALS, "replies_measured")


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


def breakdown(warehouse: Warehouse, campaigns=None, by=()) -> pd.DataFrame:
    """`delivery` and `engagement` in one frame: their columns, one row per group, the largest audience first."""
    names = grouping(by)
    chosen = select_campaigns(warehouse, campaigns)
    person = person_outcomes(chosen["campaign_id"].tolist(), message_columns(names), warehouse.opened_ms)
    source, groups = grouped(person, tuple(dict.fromkeys(("campaign_id", *names))))
    frame = warehouse.sql(select(*groups, *people_counts(person)).select_from(source).group_by(*_unlabelled(groups)))
    frame = _summed(_with_declared_audience(_counted(frame), chosen, names), names)
    return _without_unmeasured(warehouse, _largest_first(frame, names), chosen)


def breakdowns(warehouse: Warehouse, campaigns=None, by=()) -> pd.DataFrame:
    """Several breakdowns from one pass over the messages: one row per name of `by` and group, the largest first.

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
        return pd.DataFrame({name: [] for name in ("dimension", "group", *DELIVERY, *ENGAGEMENT)})
    parts = _parts(chosen["campaign_id"].tolist(), names, warehouse.opened_ms)
    frame = _counted(warehouse.sql(union_all(*parts))).assign(audience_declared=pd.NA)
    ordered = frame.sort_values(["position", "audience", "group"], ascending=[True, False, True], ignore_index=True)
    ordered.insert(0, "dimension", ordered.pop("position").map(dict(enumerate(names))).astype("str"))
    return _without_unmeasured(warehouse, ordered.astype({"audience_declared": "Int64"}), chosen)


def _parts(campaign_ids, names, opened_ms):
    """One select per name: position, group, and the counts. What several can share, they share."""
    described = {}
    for within in {message_columns((name,)) for name in names}:
        person = person_outcomes(campaign_ids, within, opened_ms)
        columns = tuple(name for name in names if name in CONTACT_GROUPINGS) if not within else ()
        source, groups = grouped(person, columns)
        described[within] = select(person, *groups).select_from(source).cte("_".join(("described", *within)))
    for position, name in enumerate(names):
        person = described[message_columns((name,))]
        source, (group,) = (person, [person.c[name]]) if name in person.c else grouped(person, (name,))
        group = cast(group, String)
        counts = select(literal(position).label("position"), group.label("group"), *people_counts(person))
        yield counts.select_from(source).group_by(group)


def _unlabelled(groups):
    return [group.element for group in groups]


def _counted(frame):
    """Counts as int64, whatever the engine's sums come as."""
    return frame.astype(dict.fromkeys((*LEDGER, *PEOPLE, *TOTALS, *CHANNELS), "int64"))


def _largest_first(frame, names):
    return frame.sort_values(["audience", *names], ascending=[False] + [True] * len(names), ignore_index=True)


def _channels_used(frame):
    """The 0/1 columns per channel as one text, e.g. "email+sms"."""
    used = pd.Series("", index=frame.index, dtype="str")
    for channel in sorted(CHANNELS):
        used += frame[channel].map({0: "", 1: f"+{channel}"}).astype("str")
    return used.str.removeprefix("+")


def _with_declared_audience(frame, chosen, names):
    """Count people who were declared but never given a message as not sent; groups within a campaign have none."""
    if not set(names) <= set(CAMPAIGN_GROUPINGS):
        return frame.assign(audience_declared=pd.array([pd.NA] * len(frame), dtype="Int64"))
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


def _summed(frame, names):
    """Totals over campaigns: sums, and for the channels whether any campaign has them."""
    how = {name: "sum" for name in (*LEDGER, *PEOPLE, *TOTALS)} | {channel: "max" for channel in CHANNELS}
    if not names:
        total = frame.agg(how).to_frame().T.astype("int64")
        return total.assign(audience_declared=pd.array([frame["audience_declared"].sum(skipna=False)], dtype="Int64"))
    groups = frame.groupby(list(names), sort=False, dropna=False)
    return groups.agg(how).assign(audience_declared=groups["audience_declared"].sum(skipna=False)).reset_index()


def _without_unmeasured(warehouse, frame, chosen):
    """NA where no channel of the group can report the metric: never a zero that nobody measured."""
    frame = frame.assign(channels=_channels_used(frame)).drop(columns=list(CHANNELS))
    frame = frame.astype(dict.fromkeys([*PEOPLE, *TOTALS], "Int64"))
    channels = frame["channels"].str.split("+")
    opens_unsupported = channels.map(lambda used: not set(used) & set(definition("opened").channels))
    opens = ["opened", "opened_human", "opened_or_clicked", "opened_total", "opened_human_total"]
    frame.loc[opens_unsupported & (frame["channels"] != ""), opens] = pd.NA
    has_email = frame["channels"].str.contains("email")
    captured = not has_email.any() or email_replies_captured(warehouse, chosen["account_id"].tolist())
    frame["replies_measured"] = ~has_email | captured
    if not captured:
        frame.loc[frame["channels"] == "email", ["replied", "replied_total"]] = pd.NA
    return frame


def email_replies_captured(warehouse: Warehouse, account_ids: list) -> bool:
    """Whether these accounts ever brought in a reply by e-mail; without inbound parsing there never is one."""
    reply = (
        select(events.c.event_id)
        .join_from(events, messages, messages.c.message_id == events.c.message_id)
        .join(campaigns, campaigns.c.campaign_id == messages.c.campaign_id)
        .where(and_(events.c.kind == "replied", messages.c.channel == "email", campaigns.c.account_id.in_(account_ids)))
        .limit(1)
    )
    return not warehouse.sql(reply).empty
