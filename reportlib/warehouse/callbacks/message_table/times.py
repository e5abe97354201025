"""Times as tables write them: ISO 8601, epochs, Excel's day numbers, compact digits, dates with slashes or month names.

What digits mean depends on their column, and so does whether 11/02 is in November: `form` says what a cell alone tells,
the survey of a file what its columns tell, `rewritten` makes ISO 8601 of it, and `readings` reads that.
"""

import re
import unicodedata
from collections import defaultdict
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from reportlib.errors import UnknownTimeZone
from reportlib.warehouse.callbacks.model import Unusable, brief, is_missing

EARLIEST_MS = 946_684_800_000  # 2000-01-01
LATEST_MS = 4_102_444_800_000  # 2100-01-01
EXCEL, COMPACT, MONTH_FIRST, DAY_FIRST, SLASHED = "Excel's day numbers", "compact digits", "m/d", "d/m", "slashed"
_EXCEL_DAYS = (36_526, 73_050)  # 2000 and 2100, counted from the day before 1900
_EXCEL_ZERO = datetime(1899, 12, 30)
_COMPACT = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
_CENTURY = {False: 2000, True: 1900}  # of two digits, as POSIX has it: 69 to 99 are of the last
_NUMBER = re.compile(r"\d+(?:[.,]\d*)?", re.ASCII)  # with the comma of a German spreadsheet, too
_CLOCK = (
    r"(?:(?:(?:\s*,|\s+at)?\s+|t)(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<part>\d{1,9}))?)?"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?)?)?"
    r"(?:\s*(?P<zone>z|(?:utc|gmt)?[+-]\d\d:?\d\d|(?:utc|gmt)(?:[+-]\d{1,2})?))?"
    r"(?:\s*\[?(?P<place>[a-z]+(?:/[a-z0-9_+-]+)+)\]?)?(?:\s*\([^()]*\))?"  # Mon Nov 02 2026 10:00:00 GMT+0100 (CET)
)
_DATES = [
    re.compile(date + _CLOCK, re.IGNORECASE | re.ASCII)
    for date in (
        r"(?P<year>\d{4})(?P<sign>[/.-])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})",
        r"(?P<first>\d{1,2})(?P<sign>[/.-])(?P<other>\d{1,2})(?P=sign)(?P<year>\d{4}|\d\d)",
        r"(?:[a-z]{3,9},?\s+)?(?P<day>\d{1,2})(?:\.|st|nd|rd|th)?[\s-]+(?:de\s+)?(?P<name>[a-z]{3,10})\.?,?[\s-]+(?:de\s+)?(?P<year>\d{4})",
        r"(?:[a-z]{3,9},?\s+)??(?P<name>[a-z]{3,10})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})",
    )
]
_MONTHS = (  # in English, German, Portuguese, Spanish, French, Italian and Dutch, without accents
    "january januar janner janeiro enero janvier gennaio januari",
    "february februar feber fevereiro febrero fevrier febbraio februari",
    "march marz marco marzo mars maart mrt",
    "april abril avril aprile",
    "may mai maio mayo maggio mei",
    "june juni junho junio juin giugno",
    "july juli julho julio juillet luglio",
    "august agosto aout augustus",
    "september setembro septiembre setiembre septembre settembre",
    "october oktober outubro octubre octobre ottobre",
    "november novembro noviembre novembre",
    "december dezember dezembro diciembre decembre dicembre",
)


def _by_name() -> dict[str, int]:
    """The number of each month by its names, and by what may be cut from them: three letters or more of one month."""
    found = defaultdict(set)
    for number, names in enumerate(_MONTHS, start=1):
        for name in names.split():
            for length in range(3, len(name) + 1):
                found[name[:length]].add(number)
    return {name: numbers.pop() for name, numbers in found.items() if len(numbers) == 1}


_MONTH_CALLED = _by_name()


def zone_called(name: str | None) -> ZoneInfo:
    """The time zone of this name, UTC without one. Raises UnknownTimeZone."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnknownTimeZone(f"{name!r} is no time zone: one is called like Europe/Berlin") from None


def is_no_time(text: str) -> bool:
    """Whether a cell of a column of times says that there is none; 0000-00-00 is MySQL's word for it."""
    return is_missing(text) or text.startswith("0000-00-00")


def form(text: str) -> str | None:
    """What can only be read if the rest of its column is of the same form; None for what says by itself what it is."""
    if text[4:5] == "-":  # the usual case: ISO 8601
        return None
    if _NUMBER.fullmatch(text):
        number = _number(text)
        if _EXCEL_DAYS[0] <= number < _EXCEL_DAYS[1]:
            return EXCEL
        return COMPACT if _compact(text) and _epoch_ms(number) is None else None
    found = _DATES[1].fullmatch(text.strip())
    if not found or found["sign"] == ".":  # 2.11.2026 is written where days come first
        return None
    if int(found["first"]) > 12 or int(found["other"]) > 12:
        return DAY_FIRST if int(found["first"]) > 12 else MONTH_FIRST
    return SLASHED


def rewritten(text: str, of_column: str | None) -> str:
    """The cell as ISO 8601 where all of its column is of this form; else as it is."""
    said = form(text)
    if said == EXCEL == of_column:
        return (_EXCEL_ZERO + timedelta(milliseconds=round(_number(text) * 86_400_000))).isoformat(
            timespec="milliseconds"
        )
    if said == COMPACT == of_column and (written := _compact(text)):
        return written.isoformat()
    if said in (SLASHED, DAY_FIRST, MONTH_FIRST) and of_column in (DAY_FIRST, MONTH_FIRST):
        written = _written(text, of_column == MONTH_FIRST)
        return written.isoformat() if written else text
    return text


def readings(text: str | None, zone: ZoneInfo) -> tuple[int, ...]:
    """Epoch milliseconds of a time, of both in an hour that the clocks go through twice; none of an empty cell.

    Digits are an epoch in seconds, milliseconds or microseconds; a time without an offset is on the clock of `zone`.
    Raises Unusable with the reason for what is no time, is a time only in a column of such, or lies outside 2000 to
    2100.
    """
    text = (text or "").strip()
    if is_no_time(text):
        return ()
    try:
        written = datetime.fromisoformat(text) if text[4:5] == "-" or not text.isdecimal() else None
    except ValueError:
        written = None
    if written is None:
        if _NUMBER.fullmatch(text):
            return (_digits(text),)
        written = _named(text)
    if isinstance(written.tzinfo, timezone):
        return (_within(written, text),)
    both = [_within(written.replace(tzinfo=written.tzinfo or zone, fold=fold), text) for fold in (0, 1)]
    return (both[0],) if both[0] == both[1] else tuple(both)


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _digits(text: str) -> int:
    found = _epoch_ms(_number(text))
    if found is not None:
        return found
    said = form(text)
    if said:
        raise Unusable(f"a time looks like {said}, and others of its column do not: write all of them one way")
    raise Unusable(f"{brief(text)} is no time between 2000 and 2100")


def _epoch_ms(number: float) -> int | None:
    """Of seconds, milliseconds, microseconds: at most one of them is in this century."""
    for per_ms in (0.001, 1, 1_000):
        if EARLIEST_MS <= number / per_ms < LATEST_MS:
            return round(number / per_ms)
    return None


def _named(text: str) -> datetime:
    if form(text) == SLASHED:
        raise Unusable("a date may be of two months: write `dates: month first`, or day first, in a mapping")
    written = _written(text, form(text) == MONTH_FIRST)
    if written is None:
        raise Unusable(f"{brief(text)} is no time")
    return written


def _written(text: str, month_first: bool) -> datetime | None:
    plain = "".join(one for one in unicodedata.normalize("NFD", text.strip()) if not unicodedata.combining(one))
    found = next((found for date in _DATES if (found := date.fullmatch(plain))), None)
    if found is None:
        return None
    told = found.groupdict()
    if "name" in told:
        month, day = _MONTH_CALLED.get(told["name"].lower(), 0), int(told["day"])
    elif "first" in told:
        month, day = (int(told[which]) for which in (("first", "other") if month_first else ("other", "first")))
    else:
        month, day = int(told["month"]), int(told["day"])
    year, hour = int(told["year"]), int(told["hour"] or 0)
    if told["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (told["half"].lower() == "p")
    part = int((told["part"] or "0").ljust(6, "0")[:6])
    try:
        return datetime(
            *(
                year + _CENTURY[year > 68] if year < 100 else year,
                month,
                day,
                hour,
                int(told["minute"] or 0),
                int(told["second"] or 0),
            ),
            part,
            _offset(told["zone"]) or (ZoneInfo(told["place"]) if told["place"] else None),
        )
    except (ValueError, ZoneInfoNotFoundError, OSError):
        return None


def _offset(zone: str | None) -> timezone | None:
    """Of z, utc, +01:00, utc+0100, gmt+1."""
    if zone is None:
        return None
    found = re.search(r"([+-])(\d\d?):?(\d\d)?", zone)
    if found is None:
        return UTC
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))


def _compact(text: str) -> datetime | None:
    if len(text) not in _COMPACT or not text.isdecimal():
        return None
    try:
        found = datetime.strptime(text, _COMPACT[len(text)])
    except ValueError:
        return None
    return found if 2000 <= found.year < 2100 else None


def _within(moment: datetime, text: str) -> int:
    try:
        ms = round(moment.timestamp() * 1000)
    except (OverflowError, ValueError):
        ms = -1
    if not EARLIEST_MS <= ms < LATEST_MS:
        raise Unusable(f"{brief(text)} is no time between 2000 and 2100")
    return ms
