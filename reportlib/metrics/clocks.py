"""On whose clock hours are read: each account's own, one zone for all, or each recipient's where it is known."""

from dataclasses import dataclass

import pandas as pd
from sqlalchemy import case, select

from reportlib.errors import UnknownTimeZone
from reportlib.metrics.campaigns import portions
from reportlib.metrics.local_time import check_zone, hour_of_week, local_ms
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract import contacts, messages

RECIPIENT = "recipient"


@dataclass(frozen=True)
class Clock:
    """The clock of some campaigns: `zone`, or for contacts who have one of `own_zones`, their own."""

    campaign_ids: list
    zone: str
    own_zones: tuple[str, ...] = ()

    def hour_of_week(self, utc_ms):
        """Milliseconds from Monday 0 h to the start of the hour; the rows must have been joined by `with_contacts`."""
        local = local_ms(utc_ms, self.zone)
        if self.own_zones:
            own = [(contacts.c.timezone == zone, local_ms(utc_ms, zone)) for zone in self.own_zones]
            local = case(*own, else_=local)
        return hour_of_week(local)

    def with_contacts(self, rows):
        """The rows, which have contact_id, with the contacts whose zones are asked for."""
        return rows.outerjoin(contacts, contacts.c.contact_id == rows.c.contact_id) if self.own_zones else rows

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


def clock_name(chosen: pd.DataFrame, timezone: str | None = None) -> str:
    """ "Europe/Berlin", "each account's own zone" or "each recipient's own zone"."""
    if timezone == RECIPIENT:
        return "each recipient's own zone"
    if timezone is not None:
        return timezone
    zones = chosen["timezone"].fillna("UTC").unique()
    return zones[0] if len(zones) == 1 else "each account's own zone" if len(zones) else "UTC"


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
