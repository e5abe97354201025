"""On whose clock hours are read: each account's own, one zone for all, or each recipient's where it is known."""

from dataclasses import dataclass
from math import gcd

import pandas as pd
from sqlalchemy import Select, case, func, select

from reportlib.errors import UnknownTimeZone
from reportlib.metrics.local_time import HOUR_MS, check_zone, hour_of_week, local_ms, zone_offsets
from reportlib.metrics.selection.campaigns import portions
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import contacts, messages

RECIPIENT = "recipient"


@dataclass(frozen=True)
class Clock:
    """The clock of some campaigns: `zone`, or for contacts who have one of `own_zones`, their own."""

    campaign_ids: list
    zone: str
    own_zones: tuple[str, ...] = ()

    def hour_of_week(self, utc_ms, own_zone=None):
        """Milliseconds from Monday 0 h to the start of the hour; `own_zone` is the zone of a row's contact."""
        local = local_ms(utc_ms, self.zone)
        if self.own_zones:
            own = [(own_zone == zone, local_ms(utc_ms, zone)) for zone in self.own_zones]
            local = case(*own, else_=local)
        return hour_of_week(local)

    def per_hour(self, rows, moment: str, keys: tuple[str, ...], **counted) -> Select:
        """Sums of `counted`, expressions over the rows, by their columns `keys` and hour_ms, the `hour_of_week`.

        `moment` names their column of epoch milliseconds; they have contact_id. Parts of hours are summed first, so
        that there are few of which the hour is to be found.
        """
        own_zone = [contacts.c.timezone.label("own_zone")] if self.own_zones else []
        at, step_ms = rows.c[moment], self._step_ms()
        part = [*[rows.c[key] for key in keys], (at - at % step_ms).label("part_ms"), *own_zone]
        values = [value.label(name) for name, value in counted.items()]
        source = rows.outerjoin(contacts, contacts.c.contact_id == rows.c.contact_id) if self.own_zones else rows
        parts = _summed(select(*part, *values).select_from(source).cte("part"), counted).cte("parts")
        hour_ms = self.hour_of_week(parts.c.part_ms, parts.c.get("own_zone")).label("hour_ms")
        columns = [parts.c[name] for name in (*keys, *counted)]
        return _summed(select(*columns, hour_ms).cte("cell"), counted)

    def _step_ms(self):
        """The longest part of an hour such that no clock of these is set within one, nor by a fraction of it."""
        zones = (self.zone, *self.own_zones)
        return gcd(HOUR_MS, *[ms for zone in zones for change in zone_offsets(zone) for ms in change])

    def is_set_between(self, part_ms: int) -> bool:
        """Whether this is one clock for all, which is never set within such a part of an hour, nor by a fraction."""
        return not self.own_zones and self._step_ms() % part_ms == 0

    def zone_is_known(self):
        """The condition that a row's contact has a zone of their own."""
        return contacts.c.timezone.in_(self.own_zones)


def clocks(warehouse: Warehouse, chosen: pd.DataFrame, timezone: str | None = None) -> list[Clock]:
    """The clocks of campaigns of `select_campaigns`: None, their accounts'; RECIPIENT; or an IANA zone for all.

    Each campaign is in one clock's; there are several of one zone where the campaigns are asked about in `portions`.

    Raises UnknownTimeZone, for an account's own too.
    """
    by_account = timezone in (None, RECIPIENT)
    zones = chosen["timezone"].fillna("UTC") if by_account else pd.Series(timezone, index=chosen.index)
    own_zones = _own_zones(warehouse, chosen["campaign_id"].tolist()) if timezone == RECIPIENT else ()
    return [
        Clock(part, check_zone(zone), own_zones)
        for zone, ids in chosen["campaign_id"].groupby(zones, sort=True)
        for part in portions(warehouse, ids.tolist())
    ]


def zones_of(found: list[Clock]) -> dict:
    """By campaign the zone of its clock."""
    return {campaign: clock.zone for clock in found for campaign in clock.campaign_ids}


def clock_name(chosen: pd.DataFrame, timezone: str | None = None) -> str:
    """ "Europe/Berlin", "each account's own zone" or "each recipient's own zone"."""
    if timezone == RECIPIENT:
        return "each recipient's own zone"
    if timezone is not None:
        return timezone
    zones = chosen["timezone"].fillna("UTC").unique()
    return zones[0] if len(zones) == 1 else "each account's own zone" if len(zones) else "UTC"


def _summed(rows, counted):
    """The sums of the columns `counted` by all others."""
    keys = [column for column in rows.c if column.name not in counted]
    return select(*keys, *[func.sum(rows.c[name]).label(name) for name in counted]).group_by(*keys)


def _own_zones(warehouse, campaign_ids):
    """The zones of the campaigns' contacts that exist; others count as not known."""
    written = select(messages.c.contact_id).where(messages.c.campaign_id.in_(campaign_ids))
    found = warehouse.sql(
        select(contacts.c.timezone)
        .where(contacts.c.contact_id.in_(written), contacts.c.timezone.is_not(None))
        .distinct()
    )
    return tuple(sorted(zone for zone in found["timezone"] if _exists(zone)))


def _exists(zone):
    try:
        return bool(check_zone(zone))
    except UnknownTimeZone:
        return False
