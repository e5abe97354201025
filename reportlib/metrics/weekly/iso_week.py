"""Weeks as ISO 8601 has them: from Monday to Sunday, week 1 being the one with the year's first Thursday."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

from reportlib.errors import InvalidParameters, nearest
from reportlib.metrics.local_time import check_zone

LAST = "last"
_WEEK = re.compile(r"([12][0-9]{3})-W([0-9]{2})")
_ALMOST = re.compile(r"([12][0-9]{3})[- ]*W?([0-9]{1,2})", re.IGNORECASE)


@dataclass(frozen=True, order=True)
class Week:
    """One ISO week of some years; `str` gives "2026-W46", which sorts as the weeks do.

    Example
    -------
    >>> str(metrics.Week(2026, 46).previous(46))
    '2025-W52'
    """

    year: int
    number: int

    def __str__(self):
        return f"{self.year:04}-W{self.number:02}"

    @property
    def monday(self) -> date:
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def sunday(self) -> date:
        return date.fromisocalendar(self.year, self.number, 7)

    def previous(self, n: int = 1) -> "Week":
        """The week so many before; a negative number gives one that follows."""
        return week_of_day(self.monday - timedelta(weeks=n))

    def start(self, zone: str) -> pd.Timestamp:
        """Its first moment in the zone, UTC: where Monday has no midnight, or two, still the first of Monday."""
        midnight = datetime.combine(self.monday, datetime.min.time(), ZoneInfo(check_zone(zone)))
        return pd.Timestamp(midnight.astimezone(UTC)).as_unit("ms")

    def end(self, zone: str) -> pd.Timestamp:
        """The first moment that is no longer in it, UTC; an hour more or less than 168 after the start twice a year."""
        return self.previous(-1).start(zone)


def week_of_day(day: date) -> Week:
    """The week that a day is in."""
    return Week(*day.isocalendar()[:2])


def week_of(moment: pd.Timestamp, zone: str) -> Week:
    """The week that a moment is in, on the zone's clock."""
    return week_of_day(moment.tz_convert(ZoneInfo(check_zone(zone))).date())


def parse_week(text: str, now: pd.Timestamp | int, zone: str) -> Week:
    """The week that a text names: "2026-W46", or "last": the last week that is over at `now` on the zone's clock.

    `now` is a moment, UTC, or epoch milliseconds. Raises InvalidParameters for any other text, UnknownTimeZone.

    Example
    -------
    >>> str(metrics.parse_week("last", pd.Timestamp("2026-11-20", tz="UTC"), "Europe/Berlin"))
    '2026-W46'
    """
    if text == LAST:
        moment = pd.Timestamp(now, unit="ms", tz="UTC") if isinstance(now, int) else now
        return week_of(moment, zone).previous()
    found = _WEEK.fullmatch(text)
    if not found:
        almost = _ALMOST.fullmatch(text)
        meant = f", did you mean '{almost[1]}-W{int(almost[2]):02}'?" if almost else nearest(text, [LAST])
        raise InvalidParameters(f"{text!r} is no week{meant}; weeks look like '2026-W46', and '{LAST}' is one too")
    year, number = int(found[1]), int(found[2])
    weeks = date(year, 12, 28).isocalendar().week  # the 28th of December is always in the last week
    if not 1 <= number <= weeks:
        raise InvalidParameters(f"{text!r} is no week: {year} has the weeks 1 to {weeks}")
    return Week(year, number)
