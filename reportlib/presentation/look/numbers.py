"""How numbers and moments are written, everywhere the same: as the brand's locale has it, where it names one."""

import datetime
import math
from zoneinfo import ZoneInfo

import pandas as pd

from reportlib.presentation.look.brand.brand import brand

NOTHING = "–"
UNMEASURED = "not measured"
THIN_SPACE = "\u202f"


def count(number) -> str:
    """12,345; "–" for a missing one."""
    return NOTHING if _missing(number) else _local(f"{int(number):,}")


def decimal(number, places: int) -> str:
    """12,345.6 with so many decimals; "–" for a missing one."""
    return NOTHING if _missing(number) else _local(f"{number:,.{places}f}")


def signed(number, places: int) -> str:
    """ "+1,234.5" or "−0.5" with so many decimals, "+0" of nothing; "–" for a missing one."""
    if _missing(number):
        return NOTHING
    written = f"{number:+,.{places}f}"
    return written[0].replace("-", "−") + _local(written[1:])


def significant(number: float, digits: int) -> str:
    """ "95" or "99.4" with so many digits that count, of a number below a thousand."""
    return _local(f"{number:.{digits}g}")


def line(fraction: float) -> str:
    """ "95 %" or "97.5 %" of a goal."""
    return f"{_local(f'{100 * fraction:.10g}')}{THIN_SPACE}%"


def whole(text: str) -> str:
    """A sentence whose percentages are not torn apart at the end of a line."""
    return text.replace(" %", f"{THIN_SPACE}%")


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
    return f"{_local(f'{100 * fraction:.0f}')}{THIN_SPACE}%"


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
    sign = "+" if rounded > 0 else "−" if rounded else ""
    return f"{sign}{_local(f'{abs(rounded):.2f}')}"


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
    return f"{_day(local, f'{local:%a} {local.day} {local:%b %Y}', 'yMMMEd')}, {clock(local)}"


def date(timestamp, zone: str) -> str:
    """A UTC timestamp as "22 Sep 2026" in the zone; "–" for a missing one."""
    if _missing(timestamp):
        return NOTHING
    local = timestamp.tz_convert(ZoneInfo(zone))
    return _day(local, f"{local.day} {local:%b %Y}", "yMMMd")


def short_date(moment: datetime.datetime, weekday: bool = False) -> str:
    """ "15 Nov", or "Sun 15 Nov", of a moment on the clock that it is of."""
    written = f"{moment.day} {moment:%b}"
    return _day(moment, f"{moment:%a} {written}" if weekday else written, "MMMEd" if weekday else "MMMd")


def clock(moment: datetime.datetime) -> str:
    """ "19:00" of a moment on the clock that it is of."""
    if not (locale := brand().locale):
        return f"{moment:%H:%M}"
    from reportlib.presentation.look.brand import local

    return local.clock(moment, locale)


def utc(iso: str) -> str:
    """ "15 Nov 2026, 17:59 UTC" of an ISO 8601 moment in UTC."""
    return f"{day(iso)}, {clock(datetime.datetime.fromisoformat(iso))} UTC"


def day(iso: str | None) -> str:
    """ "15 Nov 2026" of an ISO 8601 moment, unbreakable; "–" for none."""
    if not iso:
        return NOTHING
    moment = datetime.datetime.fromisoformat(iso)
    return _day(moment, f"{moment.day} {moment:%b} {moment.year}", "yMMMd").replace(" ", "\u00a0")


def days(first: datetime.date, last: datetime.date) -> str:
    """ "9–15 Nov 2026", "28 Dec 2026–3 Jan 2027": what both days share is said once."""
    if locale := brand().locale:
        from reportlib.presentation.look.brand import local

        return local.days(first, last, locale)
    start = str(first.day)
    if (first.year, first.month) != (last.year, last.month):
        start += f" {first:%b}" if first.year == last.year else f" {first:%b %Y}"
    return f"{start}–{last.day} {last:%b %Y}"


def change(percent) -> str:
    """ "+4.6 %", "−12.0 %" of a change in percent; "–" for a missing one."""
    if _missing(percent):
        return NOTHING
    sign = "−" if f"{percent:+.1f}"[0] == "-" else "+"
    return f"{sign}{_local(f'{abs(percent):.1f}')}{THIN_SPACE}%"


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
    return _local(written)


def _digits(percentage: float) -> str:
    near_an_end = min(percentage, 100 - percentage)
    if near_an_end <= 0 or near_an_end >= 0.1:
        return f"{percentage:.1f}"
    if near_an_end >= 0.005:
        return f"{percentage:.2f}"
    return "<\u202f0.01" if percentage < 50 else ">\u202f99.99"


def _local(written: str) -> str:
    """A number like "12,345.6", or "<\u202f0.01", in the locale of the brand."""
    if not (locale := brand().locale):
        return written
    from reportlib.presentation.look.brand import local  # Babel, where it is needed

    mark, space, digits = written.rpartition(THIN_SPACE)
    return f"{mark}{space}{local.number(digits, locale)}"


def _day(moment, written: str, skeleton: str) -> str:
    """A day that the package writes so, as the locale of the brand has it."""
    if not (locale := brand().locale):
        return written
    from reportlib.presentation.look.brand import local

    return local.day(moment, locale, skeleton)


def _missing(value) -> bool:
    return value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value))
