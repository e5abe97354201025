"""How numbers and moments are written, everywhere the same."""

import datetime
import math
from zoneinfo import ZoneInfo

import pandas as pd

NOTHING = "–"
UNMEASURED = "not measured"
THIN_SPACE = "\u202f"


def count(number) -> str:
    """12,345; "–" for a missing one."""
    return NOTHING if _missing(number) else f"{int(number):,}"


def percent(fraction, line: float | None = None) -> str:
    """ "41.2 %" of a fraction; more digits where one would lie: "0.03 %", "99.97 %".

    No rate but one that lies on the `line`, a fraction, is written as it: "94.97 %" beside a goal of 95 %.
    """
    if _missing(fraction):
        return NOTHING
    return f"{_off(100 * fraction, line)}{THIN_SPACE}%"


def about(fraction) -> str:
    """ "84 %" of a fraction, for a sentence whose table has the decimals; as `percent` near 0 and 1."""
    if _missing(fraction) or min(fraction, 1 - fraction) < 0.01:
        return percent(fraction)
    return f"{100 * fraction:.0f}{THIN_SPACE}%"


def outcomes(counts: dict, measured) -> str:
    """ "97 delivered, 2 failed, 1 pending" of such counts; those that are not `measured` are said to be so."""
    said = [f"{count(number)} {name}" for name, number in counts.items() if name in measured]
    unknown = [name for name in counts if name not in measured]
    return "; ".join(
        [*([", ".join(said)] if said else []), *([f"{', '.join(unknown)}: {UNMEASURED}"] if unknown else [])]
    )


def interval(low, high, line: float | None = None) -> str:
    """ "39.8–42.6" of two fractions, in percent; an end that is not on the `line` is not written as it."""
    if _missing(low) or _missing(high):
        return NOTHING
    return f"{_off(100 * low, line)}–{_off(100 * high, line)}"


def points(difference) -> str:
    """ "+1.23" or "−0.05" of a difference in percentage points; "0.00" without a sign."""
    if _missing(difference):
        return NOTHING
    rounded = round(difference, 2) + 0.0  # no "−0.00"
    return f"{rounded:+.2f}".replace("-", "−") if rounded else "0.00"


def rate(estimate) -> str:
    """A `metrics.Rate` as people read it: "41.2 % (39.8–42.6) of 4,812 delivered"."""
    if estimate.estimate is None:
        return f"{NOTHING} of 0 {estimate.base_name}"
    within = interval(estimate.low, estimate.high)
    return f"{percent(estimate.estimate)} ({within}) of {count(estimate.base)} {estimate.base_name}"


def moment(timestamp, zone: str) -> str:
    """A UTC timestamp as "Sun 15 Nov 2026, 19:00" in the zone; "–" for a missing one."""
    if _missing(timestamp):
        return NOTHING
    local = timestamp.tz_convert(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M}"


def date(timestamp, zone: str) -> str:
    """A UTC timestamp as "22 Sep 2026" in the zone; "–" for a missing one."""
    if _missing(timestamp):
        return NOTHING
    local = timestamp.tz_convert(ZoneInfo(zone))
    return f"{local.day} {local:%b %Y}"


def day(iso: str | None) -> str:
    """ "15 Nov 2026" of an ISO 8601 moment, unbreakable; "–" for none."""
    if not iso:
        return NOTHING
    moment = datetime.datetime.fromisoformat(iso)
    return f"{moment.day}\u00a0{moment:%b}\u00a0{moment.year}"


def days(first: datetime.date, last: datetime.date) -> str:
    """ "9–15 Nov 2026", "28 Dec 2026–3 Jan 2027": what both days share is said once."""
    start = str(first.day)
    if (first.year, first.month) != (last.year, last.month):
        start += f" {first:%b}" if first.year == last.year else f" {first:%b %Y}"
    return f"{start}–{last.day} {last:%b %Y}"


def change(percent) -> str:
    """ "+4.6 %", "−12.0 %" of a change in percent; "–" for a missing one."""
    if _missing(percent):
        return NOTHING
    return f"{percent:+.1f}{THIN_SPACE}%".replace("-", "−")


def duration(minutes: float) -> str:
    """ "2 h 5 min", "3 days": the two units that matter."""
    minutes = round(minutes)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        hours, rest = divmod(minutes, 60)
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{round(minutes / 1440)} days"


def plural(number, one: str, many: str | None = None) -> str:
    """ "1 click", "2,000 clicks"."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def _off(percentage, line):
    """The digits of a percentage, as many as tell it from the line."""
    written = _digits(percentage)
    for places in (2, 3, 4):
        if line is None or written != f"{100 * line:.{len(written.partition('.')[2])}f}" or percentage == 100 * line:
            break
        written = f"{percentage:.{places}f}"
    return written


def _digits(percentage: float) -> str:
    near_an_end = min(percentage, 100 - percentage)
    if near_an_end <= 0 or near_an_end >= 0.1:
        return f"{percentage:.1f}"
    if near_an_end >= 0.005:
        return f"{percentage:.2f}"
    return "<\u202f0.01" if percentage < 50 else ">\u202f99.99"


def _missing(value) -> bool:
    return value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value))
