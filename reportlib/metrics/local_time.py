"""Account time in SQL: epoch milliseconds shifted by CASEs over a zone's transitions, exact on every engine.

Only `+ - % CASE` on BIGINT, so all engines agree, and native conversions (slower, and spelt differently everywhere)
are not needed. The hour that autumn repeats falls into one bucket.
"""

from bisect import bisect_left
from datetime import UTC, datetime
from functools import lru_cache, partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import numpy as np
import pandas as pd
from sqlalchemy import BigInteger, case, literal

from reportlib.errors import UnknownTimeZone, nearest

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
WEEK_MS = 7 * DAY_MS
_FIRST_SECOND, _LAST_SECOND = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2000, 2040))


def check_zone(name: str) -> str:
    """The name itself when it is an IANA zone; UnknownTimeZone otherwise."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise UnknownTimeZone(
            f"{name!r} is not an IANA time zone{nearest(name, available_timezones())}; "
            "they look like 'America/Sao_Paulo'"
        ) from None
    return name


def local_ms(utc_ms, zone: str):
    """An expression for local wall-clock milliseconds, from one for UTC epoch milliseconds.

    Exact between 2000 and 2040; outside, the nearest known offset holds. Each CASE halves the changes that are left:
    a moment is compared with six, not with all that come after it.
    """
    offsets = zone_offsets(check_zone(zone))
    return utc_ms + (_offset(utc_ms, offsets) if len(offsets) > 1 else offsets[0][1])


def _offset(utc_ms, offsets):
    middle = len(offsets) // 2
    if not middle:
        return literal(offsets[0][1], BigInteger)
    later, earlier = _offset(utc_ms, offsets[middle:]), _offset(utc_ms, offsets[:middle])
    return case((utc_ms >= offsets[middle][0], later), else_=earlier)


def at_local(utc_ms: pd.Series, zone: str) -> pd.Series:
    """`local_ms` of the values of a Series of Int64; missing ones stay missing."""
    starts, offsets = np.array(zone_offsets(check_zone(zone))).T
    known = utc_ms.dropna()
    at = np.searchsorted(starts[1:], known.to_numpy(dtype="int64"), side="right")
    return (known + offsets[at]).reindex(utc_ms.index)


def hours_of_week(utc_ms: np.ndarray, zones: np.ndarray) -> np.ndarray:
    """The `hour_of_week` of epoch milliseconds, each on the clock of the zone in the same place."""
    found = pd.Series(utc_ms, dtype="Int64").groupby(zones)
    local = [at_local(some, zone) for zone, some in found]
    return hour_of_week(pd.concat([pd.Series(dtype="Int64"), *local]).sort_index().to_numpy("int64"))


@lru_cache
def zone_offsets(zone: str) -> tuple[tuple[int, int], ...]:
    """When a zone's offset from UTC changes: pairs (epoch ms from which it holds, offset in ms), oldest first."""
    info = ZoneInfo(zone)

    def offset(second):
        return int(datetime.fromtimestamp(second, info).utcoffset().total_seconds()) * 1000

    def is_other(before, second):
        return offset(second) != before

    days = pd.to_datetime(np.arange(_FIRST_SECOND, _LAST_SECOND + 1, DAY_MS // 1000), unit="s", utc=True)
    clock = days.tz_convert(info).tz_localize(None) - days.tz_localize(None)
    found = [(_FIRST_SECOND * 1000, offset(_FIRST_SECOND))]
    for at in np.flatnonzero(clock[1:] != clock[:-1]):  # between that day's start and the next one's
        day, before = _FIRST_SECOND + int(at) * DAY_MS // 1000, found[-1][1]
        seconds = range(day, day + DAY_MS // 1000 + 1)
        change = seconds[bisect_left(seconds, True, key=partial(is_other, before))]
        found.append((change * 1000, offset(change)))
    return tuple(found)


def with_weekday_and_hour(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with weekday (1 Monday to 7 Sunday) and hour in the stead of hour_ms, the `hour_of_week`."""
    hours = frame["hour_ms"].astype("int64") // HOUR_MS
    return frame.drop(columns="hour_ms").assign(weekday=hours // 24 + 1, hour=hours % 24)


def hour_of_week(local):
    """Milliseconds from Monday 0 h to the start of the hour, local time; 1970-01-01 was a Thursday."""
    in_week = (local + 3 * DAY_MS) % WEEK_MS
    return in_week - in_week % HOUR_MS
