"""The account whose people are asked about: its campaigns with a report, its clock, up to when there are data."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

import pandas as pd
from sqlalchemy import BigInteger, case, func, literal, select

from reportlib.metrics.local_time import DAY_MS, WEEK_MS, local_ms
from reportlib.metrics.people.bits import STATUSES, holds
from reportlib.metrics.people.data_problems import data_as_of
from reportlib.metrics.people.fold.reading import kept_by
from reportlib.metrics.people.fold.table import fold
from reportlib.metrics.people.hand_over import handed_over_ms
from reportlib.metrics.people.totals import totals_only
from reportlib.metrics.selection.accounts import select_account
from reportlib.metrics.selection.campaigns import campaigns, select_campaigns
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import messages
from reportlib.warehouse.engines import sound_ms

MOVED_DAYS = 30  # between the two moments at which attention is looked at


@dataclass(frozen=True)
class Audience:
    """An account's people, as far as its campaigns that can be reported have written to them.

    `as_of_ms` is the moment up to which there are data, `start_ms` the account's first hand-over at the earliest;
    `last_ms` has by campaign the last of its hand-overs. `kept` is the warehouse as seen from the fold, where there is
    one that serves: then contacts are told apart by their numbers.
    """

    warehouse: Warehouse
    kept: Warehouse | None
    account_id: object
    zone: str
    campaign_ids: tuple
    as_of_ms: int
    start_ms: int
    last_ms: dict

    def week_of(self, ms):
        """The Monday of a moment's week, on the account's clock: local milliseconds."""
        local = local_ms(ms, self.zone)
        return local - (local + 3 * DAY_MS) % WEEK_MS

    @property
    def then_ms(self) -> int:
        """The earlier of the two moments at which attention is looked at."""
        return _then_ms(self.as_of_ms)

    @property
    def seen(self) -> Warehouse:
        """Where messages and events are asked for, which failed ones are all in: of the fold, if there is one, only
        those that its tables do not tell of."""
        return self.kept or self.warehouse

    def at_ms(self, rows=messages):
        """When a message was handed over, as far as anything says."""
        told = _told_ms() if rows is messages else rows.c.sent_ms
        return func.coalesce(told, literal(self.start_ms, BigInteger))

    def ids_since(self, ms: int) -> list:
        """The campaigns that handed anything over after a moment."""
        return [one for one in self.campaign_ids if self.last_ms.get(one, ms) > ms]


def audience(warehouse: Warehouse, account=None) -> Audience | None:
    """The people of an account, as in `select_account`; None where none of its campaigns has written to anybody.

    Raises InvalidParameters (no such account), UnknownTimeZone.
    """
    about = select_account(warehouse, account)
    known = campaigns(warehouse)
    known = known[known["account_id"] == about["account_id"]]
    reportable = select_campaigns(warehouse)["campaign_id"]
    ids = [one for one in known["campaign_id"].tolist() if one in set(reportable)]
    as_of = data_as_of(warehouse)
    if not ids or pd.isna(as_of):
        return None
    as_of_ms = int(as_of.timestamp() * 1000)
    kept = kept_by(warehouse, _then_ms(as_of_ms))
    found = _written(kept or warehouse, ids, bool(kept))
    if found.empty:
        return None
    start = as_of_ms if found["first_ms"].isna().all() else int(found["first_ms"].min())
    last = dict(zip(found["campaign_id"], found["last_ms"].fillna(start).astype("int64"), strict=True))
    return Audience(warehouse, kept, about["account_id"], about["timezone"], tuple(ids), as_of_ms, start, last)


def of_account(metric: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
    """A metric of an account's people: its frame's attrs have as `totals_only` the names of the account's campaigns
    that are known as totals only, and so tell nothing of people."""

    @wraps(metric)
    def answered(warehouse, account=None, *arguments, **options):
        frame = metric(warehouse, account, *arguments, **options)
        in_totals = totals_only(warehouse)
        mine = in_totals["account_id"] == select_account(warehouse, account)["account_id"]
        frame.attrs["totals_only"] = in_totals.loc[mine, "name"].astype(str).tolist()
        return frame

    return answered


def monday_ms(ms: int, zone: str) -> int:
    """The Monday of a moment's week, on the clock of a zone: local milliseconds, as `Audience.week_of` has it."""
    day = pd.Timestamp(ms, unit="ms", tz="UTC").tz_convert(zone).tz_localize(None).normalize()
    return int((day - pd.Timedelta(days=day.weekday())).timestamp() * 1000)


def _written(seen, ids, kept) -> pd.DataFrame:
    """When each of the campaigns handed over first and last: campaign_id, first_ms, last_ms."""
    m, f = messages.c, fold.c
    asked = [(m, m.status != "queued", handed_over_ms(), _told_ms())]
    asked += [(f, is_sent(f), case((f.is_handed_over, f.sent_ms)), f.sent_ms)] if kept else []
    found = [
        seen.sql(
            select(c.campaign_id, func.min(first).label("first_ms"), func.max(last).label("last_ms"))
            .where(c.campaign_id.in_(ids), sent)
            .group_by(c.campaign_id)
        )
        for c, sent, first, last in asked
    ]
    moments = pd.concat([one.astype(dict.fromkeys(("first_ms", "last_ms"), "Int64")) for one in found])
    return moments.groupby("campaign_id", as_index=False).agg({"first_ms": "min", "last_ms": "max"})


def is_sent(settled):
    """The condition that a message of the fold was handed over."""
    return holds(settled.flags, *STATUSES.values())


def _then_ms(as_of_ms):
    return as_of_ms - MOVED_DAYS * DAY_MS


def _told_ms():
    return func.coalesce(handed_over_ms(), *[sound_ms(messages.c[name]) for name in ("delivered_at", "failed_at")])
