"""What a source can tell at all: as the table `measured` declares it, else as any campaign of the account showed it.

One receipt, or one event of a kind, on a channel and a provider is enough: whoever brought it in can bring it in. So a
campaign in which nobody clicked has 0 %, and one whose provider tells of no clicks has none. Deliveries are known too
where every message has failed, so that none waits for a receipt; and failures where none of a campaign waits.
"""

from functools import partial

import numpy as np
import pandas as pd
from sqlalchemy import and_, or_, select, true

from reportlib.definitions import ACTED, CHANNELS, EVENT_KINDS, EVENTS
from reportlib.metrics.memo import remembered, remembered_each
from reportlib.metrics.people import totals
from reportlib.metrics.people.seen import SOURCE, seen
from reportlib.metrics.selection.campaigns import campaigns as all_campaigns, select_campaigns
from reportlib.metrics.selection.grouping import UNKNOWN
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import measured as declarations, messages

WHAT = ("delivered", "failed", *EVENT_KINDS)
# What is told apart from an event's kind by totals only, and the kind.
OF_KIND = {name: one.event for name, one in ACTED.items() if not one.columns}
OF_KIND |= {f"{name}_total": one.event for name, one in ACTED.items() if one.summed}
OF_ALL = ("delivered", "failed", "by_person")  # asked of everybody, not of those only who were reached
TOLD = (*dict.fromkeys((*WHAT, *OF_KIND, *OF_ALL)),)
_RECEIVED, _HANDED_OVER = (messages.c.status == status for status in ("delivered", "sent"))
RECEIPT, NOT_FAILED, EITHER = "receipt", "not failed", "receipt or not failed"  # the people a rate is of


def measured(warehouse: Warehouse, campaigns=None) -> pd.DataFrame:
    """What the sources of these campaigns can tell, and from how many campaigns of their accounts that is known.

    Returns
    -------
    DataFrame, one row per account, channel, provider and what, with the columns
        account_id, channel, provider, what : str; what is "delivered", "failed" or a kind of event
        is_measured : bool, in any of the campaigns asked about
        declared : bool, whether the table `measured` says so; else it is derived
        seen, campaigns : int64, in how many of the account's campaigns that sent anything so it was seen

    Raises
    ------
    UnknownCampaign, CampaignNotStarted

    Example
    -------
    >>> metrics.measured(warehouse, "spring-sale")[["channel", "provider", "what", "is_measured"]].head(2)
      channel provider       what  is_measured
    0   email  mailgun  delivered         True
    1   email  mailgun     failed         True
    """
    chosen = select_campaigns(warehouse, campaigns)
    key = ["account_id", *SOURCE, "what"]
    told = _long(told_by(warehouse, chosen), "is_measured").groupby(key)["is_measured"].max()
    shown = seen(warehouse, _known(chosen["account_id"]))
    of_accounts = all_campaigns(warehouse)
    of_accounts = of_accounts[of_accounts["account_id"].isin(chosen["account_id"])]
    in_totals = told_by(warehouse, of_accounts)
    shown = pd.concat([shown[shown["sent"]], in_totals[~in_totals["by_person"]]], ignore_index=True)
    counted = _long(shown, "seen").groupby(key)["seen"].agg(seen="sum", campaigns="size")
    declared = {_declared_for(row) for row in _declared(warehouse).itertuples(index=False)}
    frame = told.to_frame().join(counted).reset_index().fillna({"seen": 0, "campaigns": 0})
    frame["declared"] = [_declared_for(row) in declared for row in frame.itertuples(index=False)]
    order = {what: at for at, what in enumerate(WHAT)}
    ordered = frame.sort_values(key, key=lambda column: column.map(order) if column.name == "what" else column)
    kinds = {"is_measured": "bool", "declared": "bool", "seen": "int64", "campaigns": "int64"}
    return ordered[[*key, *kinds]].astype(kinds).reset_index(drop=True)


def told_by(warehouse: Warehouse, chosen: pd.DataFrame) -> pd.DataFrame:
    """What each of these rows of `campaigns` can tell: account_id, campaign_id, channel, provider, a bool for each of
    TOLD; and reaches, whether any message of it did not fail.

    A row per channel and provider that the campaign has messages of. What is declared of a campaign goes before what
    is declared of its account, and that before what was seen; opens of an SMS nobody can declare. Of a campaign known
    as totals only what is given is told, by a provider of its own; by_person is false of it alone.
    """
    return _told_by(warehouse, _known(chosen["account_id"]), chosen["campaign_id"].tolist())


@remembered
def _told_by(warehouse, account_ids, campaign_ids):
    question, accounts = ("told by", warehouse.opened_ms), tuple(account_ids) or ("",)  # that has the columns
    frame = pd.concat(remembered_each(warehouse, question, accounts, partial(_told_by_messages, warehouse)).values())
    frame = frame[frame["campaign_id"].isin(campaign_ids)].reset_index(drop=True)
    in_totals = totals.told(warehouse, campaign_ids)
    if len(in_totals):
        given = {name: in_totals.get(name, False) for name in TOLD}
        frame = pd.concat([frame, in_totals.assign(**given)[[*frame]]], ignore_index=True)
    return frame


def _told_by_messages(warehouse, account_ids: tuple) -> dict:
    """The rows of `told_by` of all campaigns of these accounts that have messages, by account."""
    shown = seen(warehouse, [*account_ids])
    able = shown.groupby(["account_id", *SOURCE], sort=False)[[*WHAT, "waiting"]].transform("max")
    settled = {"delivered": able["delivered"] | ~able["waiting"], "failed": able["failed"] | ~shown["waiting"]}
    frame = shown.assign(**able[[*EVENT_KINDS]], **settled)
    declared = _declared(warehouse)
    for row in declared.sort_values("campaign_id", na_position="first").itertuples(index=False):
        about = (frame["account_id"].astype(str) == str(row.account_id)) & (frame["channel"] == row.channel)
        if not pd.isna(row.campaign_id):
            about &= frame["campaign_id"].astype(str) == str(row.campaign_id)
        if row.what in WHAT:
            frame.loc[about, row.what] = bool(row.is_measured)
    for kind in EVENT_KINDS:
        frame.loc[~frame["channel"].isin(EVENTS[kind].channels), kind] = False
    of_people = {name: frame[kind] for name, kind in OF_KIND.items()} | {"by_person": True}
    frame = frame.assign(reaches=shown["delivered"] | shown["waiting"], **of_people)
    frame = frame[["account_id", "campaign_id", *SOURCE, *TOLD, "reaches"]]
    return dict.fromkeys(account_ids, frame[:0]) | dict(iter(frame.groupby("account_id", sort=False)))


def untold(warehouse: Warehouse, campaign_ids: list, base: str | None = None):
    """The condition that nobody tells whether a message of these campaigns was delivered; None where all is told.

    Of all messages where `base` is NOT_FAILED.
    """
    told = told_by(warehouse, select_campaigns(warehouse, campaign_ids))
    told = told[told["by_person"]]
    return of_these(told if base == NOT_FAILED else told[~told["delivered"]])


def in_base(
    told: pd.DataFrame,
    rows=messages,
    received=_RECEIVED,
    handed_over=_HANDED_OVER,
    among: pd.DataFrame | None = None,
):
    """The condition that a message of `of_these` is one that rates are of: with a receipt, or, where nobody tells of
    deliveries, handed over and not failed."""
    assumed = of_these(told[~told["delivered"]], rows, among)
    return received if assumed is None else or_(received, and_(handed_over, assumed))


def of_these(told: pd.DataFrame, rows=messages, among: pd.DataFrame | None = None):
    """The condition that a message is of the campaign, channel and provider of one of these rows of `told_by`; None
    where there are none.

    Where only messages of the rows `among` are asked it, campaigns are named of those sources alone that are not in
    `told` as often: to look each up among hundreds takes DuckDB longer than all else in the condition.
    """
    sources = told.groupby(SOURCE, sort=True)["campaign_id"]
    whole = {} if among is None else among.groupby(SOURCE).size().to_dict()
    parts = [
        and_(
            rows.c.channel == channel,
            _provided(rows, provider),
            *([] if len(ids) == whole.get((channel, provider)) else [rows.c.campaign_id.in_(ids.tolist())]),
        )
        for (channel, provider), ids in sources
    ]
    if len(parts) and among is not None and len(told) == len(among):
        return true()
    return or_(*parts) if parts else None


def heard(frame: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """Of each row of counts, 0 or 1 for what is TOLD: heard_… where a source of its messages tells it, unheard_… where
    not each does.

    Rows have campaign_id, 0 or 1 for each of CHANNELS that they use, and where they are of one the provider.
    """
    key = ["campaign_id", *(["provider"] if "provider" in frame else [])]
    told = told[told["channel"].isin(CHANNELS)]
    of_rows, told_of = (list(zip(*[map(str, rows[name]) for name in key], strict=True)) for rows in (frame, told))
    keys = {one: at for at, one in enumerate(dict.fromkeys(told_of))}
    cell = np.array([(keys[one], CHANNELS.index(of)) for one, of in zip(told_of, told["channel"], strict=True)], int)
    can, asked = told[[*TOLD]].to_numpy(bool), told["reaches"].to_numpy(bool)  # nobody else is asked what people did
    cannot = ~can & (asked[:, None] | np.isin(TOLD, OF_ALL))
    at = np.array([keys.get(one, -1) for one in of_rows], int)
    used, ways = frame[[*CHANNELS]].to_numpy() == 1, {}
    for way, said in (("heard", can), ("unheard", cannot)):
        by_channel = np.zeros((len(keys) + 1, len(CHANNELS), len(TOLD)), bool)  # the last is of rows that no source has
        np.logical_or.at(by_channel, tuple(cell.reshape(-1, 2).T), said)
        ways[way] = (by_channel[at] & used[:, :, None]).any(axis=1)
    found = {f"{way}_{what}": ways[way][:, n] for n, what in enumerate(TOLD) for way in ways}
    return pd.DataFrame(found, frame.index).astype("int64")


def _provided(rows, provider):
    return rows.c.provider.is_(None) if provider == UNKNOWN else rows.c.provider == provider


def _known(ids: pd.Series) -> list:
    return ids.dropna().unique().tolist()


def _long(frame, value):
    return frame.melt(["account_id", *SOURCE], [*WHAT], "what", value)


def _declared_for(row):
    return str(row.account_id), row.channel, row.what


@remembered
def _declared(warehouse):
    """The rows of the table `measured`; none where the database has no such table."""
    if warehouse.has(declarations):
        return warehouse.sql(select(*declarations.columns))
    return pd.DataFrame({column.name: pd.Series([], dtype="object") for column in declarations.columns})
