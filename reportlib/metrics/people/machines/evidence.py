"""What is known of an account's clicks: how soon people click there, whose links are scanned, which domains click all.

Asked once for all campaigns of an account, so that an event has the same verdict in every report that it is in.
"""

import pandas as pd
from sqlalchemy import case, func, null, or_, select, union_all

from reportlib.metrics.memo import remembered, remembered_each
from reportlib.metrics.people.counted import FUTURE_MS
from reportlib.metrics.people.fold.reading import kept_by
from reportlib.metrics.people.fold.table import CLICKS, clicks as settled_clicks
from reportlib.metrics.people.machines.clicks import LATER, told_clicks, unflagged_clicks
from reportlib.metrics.people.machines.human_times import own_times
from reportlib.metrics.people.machines.judge import Domains, Judge
from reportlib.metrics.people.machines.rules import (
    ALL_QUICK,
    DOMAIN_MESSAGES,
    MINUTE_MS,
    MOST_DOMAINS,
    NEARLY_ALL,
    ONE_CLICK,
    SECOND_MS,
    SOON,
    WINDOWS,
)
from reportlib.metrics.people.seen import seen
from reportlib.metrics.selection.campaigns import asked_in_portions, campaigns
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import contacts, messages

DOMAINS = {"email_domain": "str", "window": "int64", "messages": "int64", "clicked": "int64", "several": "bool"}


@remembered
def judge_of(warehouse: Warehouse, campaign_ids: list) -> Judge:
    """The Judge of these campaigns' events, from all that their accounts' campaigns have shown."""
    known = campaigns(warehouse)
    asked = known[known["campaign_id"].isin(campaign_ids)].groupby("account_id")["campaign_id"].agg(tuple)
    counted = clicks_by_account(warehouse, tuple(asked.index))
    gateways = domains_by_account(warehouse, tuple(asked.index))
    times: list[tuple[tuple | None, str, int, int]] = []
    scanned, domains, kinds = [], [], dict.fromkeys(("asides", "hidden"), False)
    for account, ids in asked.items():
        clicked = counted[account]
        own, mine = own_times(clicked[~clicked["all_quick"]]), clicked[clicked["campaign_id"].isin(ids)]
        hasty = mine.loc[mine["all_quick"] & ~mine["channel"].isin(own.coarse), ["channel", "campaign_id"]]
        for channel, some in hasty.drop_duplicates().groupby("channel")["campaign_id"]:
            least = SOON[channel].machine * SECOND_MS
            times.append((tuple(some), channel, least, least))
        times += [(ids if len(asked) > 1 else None, *limits) for limits in own.limits]
        linked = mine.groupby(["channel", "campaign_id"], as_index=False)["links"].sum()
        linked = linked[(linked["links"] > 1) & ~linked["channel"].isin(own.coarse)]
        scanned += [(tuple(some), channel) for channel, some in linked.groupby("channel")["campaign_id"]]
        domains += _gateways(gateways[account], ids)
        kinds = {kind: kinds[kind] or bool(mine[kind].any()) for kind in kinds}
    return Judge(warehouse.opened_ms, tuple(times), tuple(scanned), tuple(domains), **kinds)


def _gateways(known, ids):
    hasty = tuple(one for one in ids if one in known.attrs.get("all_quick", ()))
    others = tuple(one for one in ids if one not in hasty)
    for (window, several), names in known.groupby(["window", "several"])["email_domain"]:
        for some, sure in ((others, True), (hasty, False)):
            if some:
                yield Domains(some, int(window), tuple(names), sure, bool(several))


def clicks_by_account(warehouse: Warehouse, accounts: tuple) -> dict:
    """By account the clicks that nobody flagged: campaign_id, channel; bucket (of EDGES, LATER: all others), CLICKS:
    int64; all_quick : bool, whether people may be so quick there."""

    def ask(new):
        known = campaigns(warehouse)
        mine = known.loc[known["account_id"].isin(new)].set_index("campaign_id")["account_id"]
        found = _with_all_quick(warehouse, _counted(warehouse, mine.index.tolist()), new)
        account = found["campaign_id"].map(mine)
        return {one: found[account == one].reset_index(drop=True) for one in new}

    return remembered_each(warehouse, ("clicks", warehouse.opened_ms), accounts, ask)


def domains_by_account(warehouse: Warehouse, accounts: tuple) -> dict:
    """By account the domains whose gateway clicks: email_domain : str; window : int64, seconds; messages, clicked :
    int64, e-mails to it, and those clicked within the window; several : bool, whether more than once.
    attrs has all_quick, the campaigns in which people may click as soon."""
    counted = clicks_by_account(warehouse, accounts)

    def ask(new):
        known = campaigns(warehouse)
        return {
            one: _domains(warehouse, counted[one], known.loc[known["account_id"] == one, "campaign_id"]) for one in new
        }

    return remembered_each(warehouse, ("domains that click", warehouse.opened_ms), accounts, ask)


def _counted(warehouse, ids) -> pd.DataFrame:
    """The clicks, those nobody flagged: campaign_id, channel, bucket (of EDGES, LATER: all others), CLICKS: int64."""
    kept = kept_by(warehouse)
    if kept:
        known = settled_clicks.c
        in_time = or_(known.late_ms.is_(None), known.late_ms <= warehouse.opened_ms + FUTURE_MS)
        found = kept.sql(_summed(known).where(known.campaign_id.in_(ids), in_time))
    else:
        found = asked_in_portions(warehouse, ids, lambda part: _summed(told_clicks(part, warehouse.opened_ms).c))
    return found.astype(dict.fromkeys(("bucket", *CLICKS), "int64"))


def _summed(row):
    keys = (row.campaign_id, row.channel, row.bucket)
    return select(*keys, *[func.sum(row[name]).label(name) for name in CLICKS]).group_by(*keys)


def _with_all_quick(warehouse, found, accounts):
    """With all_quick : bool, whether people may be so quick in the campaign, on that channel."""
    keys = ["campaign_id", "channel"]
    sent = seen(warehouse, list(accounts)).groupby(keys)["sent_messages"].sum()
    quick = found[found["bucket"] < LATER].groupby(keys)["clicks"].sum()
    hasty = quick[quick * 100 >= sent.reindex(quick.index) * ALL_QUICK].index
    return found.assign(all_quick=pd.MultiIndex.from_frame(found[keys]).isin(hasty))


def _domains(warehouse, counted, campaign_ids) -> pd.DataFrame:
    """The domains of which nearly all e-mails were clicked within a window, with the shortest such window."""
    quick = counted.loc[(counted["channel"] == "email") & (counted["bucket"] < LATER), "clicks"].sum()
    if quick * 100 < DOMAIN_MESSAGES * NEARLY_ALL:
        return pd.DataFrame(columns=list(DOMAINS)).astype(DOMAINS)
    ids, m = campaign_ids.tolist(), messages.c
    click = unflagged_clicks(ids, warehouse.opened_ms).where(m.channel == "email").cte("mail_clicks")
    quick = (
        select(click.c.message_id, func.min(click.c.after_ms).label("after_ms"), func.count().label("clicks"))
        .where(click.c.after_ms >= -MINUTE_MS, click.c.after_ms <= WINDOWS[-1] * SECOND_MS)
        .group_by(click.c.message_id)
        .cte("quick")
    )
    within = {f"within_{window}": quick.c.after_ms <= window * SECOND_MS for window in WINDOWS}
    counted = [func.sum(case((condition, 1), else_=0)).label(name) for name, condition in within.items()]
    counted.append(func.sum(func.coalesce(quick.c.clicks, 0)).label("clicks"))
    per = (
        select(m.campaign_id, contacts.c.email_domain, func.count().label("messages"), *counted)
        .select_from(
            messages.outerjoin(contacts, contacts.c.contact_id == m.contact_id).outerjoin(
                quick, quick.c.message_id == m.message_id
            )
        )
        .where(m.campaign_id.in_(ids), m.channel == "email", m.status.in_(("sent", "delivered")))
        .group_by(m.campaign_id, contacts.c.email_domain)
        .cte("per_domain")
    )
    sums = {name: func.sum(per.c[name]) for name in ("messages", "clicks", *within)}
    totals, longest = [total.label(name) for name, total in sums.items()], sums[f"within_{WINDOWS[-1]}"]
    hasty = (
        select(per.c.campaign_id, null().label("email_domain"), *totals)
        .group_by(per.c.campaign_id)
        .having(longest * 100 >= sums["messages"] * ALL_QUICK)
        .cte("all_quick")
    )
    behind = (
        select(null().label("campaign_id"), per.c.email_domain, *totals)
        .where(per.c.campaign_id.not_in(select(hasty.c.campaign_id)), per.c.email_domain.is_not(None))
        .group_by(per.c.email_domain)
        .having(sums["messages"] >= DOMAIN_MESSAGES, longest * 100 >= sums["messages"] * NEARLY_ALL)
    )
    found = warehouse.sql(union_all(select(hasty), behind))
    found = found.astype(dict.fromkeys(sums, "int64")).sort_values(
        ["messages", "email_domain"], ascending=[False, True], ignore_index=True
    )
    named = found[found["email_domain"].notna()].head(MOST_DOMAINS)
    longest = named[f"within_{WINDOWS[-1]}"]
    named = named.assign(window=WINDOWS[-1], clicked=longest, several=named["clicks"] > ONE_CLICK * longest)
    for window in reversed(WINDOWS):
        nearly = named[f"within_{window}"] * 100 >= named["messages"] * NEARLY_ALL
        named = named.assign(
            window=named["window"].mask(nearly, window),
            clicked=named["clicked"].mask(nearly, named[f"within_{window}"]),
        )
    answer = named[list(DOMAINS)].astype(DOMAINS)
    answer.attrs["all_quick"] = tuple(found["campaign_id"].dropna())
    return answer
