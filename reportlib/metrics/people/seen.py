"""What was ever seen of an account's campaigns: how many messages of each status, which kinds of events."""

import pandas as pd
from sqlalchemy import Select, and_, case, func, select

from reportlib.definitions import EVENT_KINDS
from reportlib.metrics.memo import remembered
from reportlib.metrics.people.fold.reading import kept_by
from reportlib.metrics.people.fold.table import KINDS, loose, sources
from reportlib.metrics.selection.campaigns import asked_in_portions, campaigns as all_campaigns
from reportlib.metrics.selection.grouping import UNKNOWN
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import events, messages

SOURCE = ["channel", "provider"]
STATUSES = {
    "received_messages": messages.c.status == "delivered",
    "waiting_messages": messages.c.status == "sent",
    "failed_messages": messages.c.status == "failed",
    "sent_messages": messages.c.status != "queued",
}


@remembered
def seen(warehouse: Warehouse, account_ids: list) -> pd.DataFrame:
    """What was ever seen of the accounts' campaigns: account_id, campaign_id, channel, provider; bool: sent (anything),
    waiting (for a receipt, some message), each of EVENT_KINDS, delivered, failed; int64: STATUSES.
    """
    known = all_campaigns(warehouse)
    known = known[known["account_id"].isin(account_ids)]
    ids, kept = known["campaign_id"].tolist(), kept_by(warehouse)
    found, acted = _in_fold(kept, ids) if kept else _in_tables(warehouse, ids)
    pairs = set(acted)
    rows = list(zip(found["campaign_id"], found["channel"], found["provider"], strict=True))
    did = {kind: pd.Series([(*row, kind) in pairs for row in rows], found.index, bool) for kind in EVENT_KINDS}
    frame = found.assign(**did).astype(dict.fromkeys(STATUSES, "int64"))
    of_status = {"delivered": "received_messages", "failed": "failed_messages", "waiting": "waiting_messages"}
    frame = frame.assign(**{name: frame[count] > 0 for name, count in of_status.items()})
    account = known.set_index("campaign_id")["account_id"]
    return frame.assign(account_id=frame["campaign_id"].map(account), sent=frame["sent_messages"] > 0)


def by_source() -> Select:
    """How many messages there are of each campaign, channel and provider: those, STATUSES."""
    keys = (messages.c.campaign_id, messages.c.channel, messages.c.provider)
    counts = [func.sum(case((so, 1), else_=0)).label(name) for name, so in STATUSES.items()]
    return select(*keys, *counts).group_by(*keys)


def _in_tables(warehouse, ids):
    """Events are read without their messages where a campaign has one channel and provider, and so no need of them."""
    m, e = messages.c, events.c
    found = warehouse.sql(by_source().where(m.campaign_id.in_(ids)))
    found["provider"] = found["provider"].fillna(UNKNOWN)
    several = found.loc[found["campaign_id"].duplicated(), "campaign_id"].unique().tolist()
    source = _only_source(found[~found["campaign_id"].isin(several)])
    kinds = warehouse.sql(select(e.campaign_id, e.kind).where(e.campaign_id.in_(list(source))).distinct())
    acted = [(row.campaign_id, *source[row.campaign_id], row.kind) for row in kinds.itertuples(index=False)]
    if several:
        told_apart = asked_in_portions(warehouse, several, _kinds_apart).fillna({"provider": UNKNOWN})
        acted += told_apart[["campaign_id", *SOURCE, "kind"]].itertuples(index=False, name=None)
    return found, acted


def _kinds_apart(ids):
    m, e = messages.c, events.c
    own = and_(m.message_id == e.message_id, m.campaign_id == e.campaign_id)
    joined = select(m.campaign_id, m.channel, m.provider, e.kind).join_from(events, messages, own)
    return joined.where(e.campaign_id.in_(ids), m.campaign_id.in_(ids)).distinct()


def _in_fold(kept, ids):
    found = kept.sql(select(*sources.columns).where(sources.c.campaign_id.in_(ids)))
    found["provider"] = found["provider"].fillna(UNKNOWN)
    acted = [
        (row.campaign_id, row.channel, row.provider, kind)
        for row in found.itertuples(index=False)
        for kind, bit in KINDS.items()
        if row.met & bit
    ]
    source = _only_source(found[~found["campaign_id"].duplicated(keep=False)])
    of_none = kept.sql(select(*loose.columns).where(loose.c.campaign_id.in_(list(source))))
    acted += [(row.campaign_id, *source[row.campaign_id], row.kind) for row in of_none.itertuples(index=False)]
    return found.drop(columns="met"), acted


def _only_source(alone):
    return dict(zip(alone["campaign_id"], zip(alone["channel"], alone["provider"], strict=True), strict=True))
