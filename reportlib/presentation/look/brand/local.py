"""Numbers and dates as a locale writes them, by Babel's copy of Unicode's CLDR; imported where a brand has a locale."""

import re
from copy import copy
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_interval, format_skeleton, format_time


def known(name: str) -> str:
    """The name of a locale as Babel has it: "pt_BR" of "pt-br". Raises ValueError for one that it does not know."""
    try:
        return str(_locale(name.replace("-", "_")))
    except (UnknownLocaleError, ValueError, TypeError):
        raise ValueError(f"{name!r} is no locale: name one like pt_BR, de_DE or en") from None


def number(written: str, locale: str) -> str:
    """A number that is written "12,345.60" or "-0.5" in the locale's digits, with as many decimals."""
    plain = written.replace(",", "").replace("−", "-")
    places = len(plain.partition(".")[2])
    pattern = copy(_locale(locale).decimal_formats[None])
    pattern.frac_prec = (places, places)
    said = pattern.apply(Decimal(plain), _locale(locale), group_separator="," in written)
    return said.replace("-", "−")


def day(when: date, locale: str, skeleton: str = "yMMMd") -> str:
    """A day with the parts that CLDR's skeleton names."""
    return format_skeleton(skeleton, _plain(when), locale=_locale(locale))


def clock(when: datetime, locale: str) -> str:
    """The time of day, to the minute."""
    return format_time(_plain(when), "short", locale=_locale(locale))


def days(first: date, last: date, locale: str) -> str:
    """From one day to another; what both share is said once."""
    return format_interval(first, last, "yMMMd", locale=_locale(locale))


def for_sheets(locale: str) -> str:
    """How a spreadsheet shows a day: "dd/mm/yyyy", always with four digits of the year."""
    pattern = _locale(locale).datetime_skeletons["yMd"].pattern
    letters = re.sub(r"'[^']*'|[^yMd./\- ]", "", pattern)
    return re.sub("y+", "yyyy", letters).replace("M", "m").strip()


@lru_cache
def for_charts(locale: str) -> dict:
    """The locale as Vega knows one: numbers, and the names of days and months."""
    known = _locale(locale)
    symbols = known.number_symbols.get("latn") or next(iter(known.number_symbols.values()))
    grouping = known.decimal_formats[None].grouping
    days, months = known.days["format"], known.months["format"]
    periods = known.day_periods["format"]["wide"]
    return {
        "number": {
            "decimal": symbols["decimal"],
            "thousands": symbols["group"],
            "grouping": [grouping[0], *[grouping[1]] * 6],
            "currency": ["", ""],
        },
        "time": {
            "dateTime": "%x %X",
            "date": "%Y-%m-%d",
            "time": "%H:%M:%S",
            "periods": [periods.get("am", "AM"), periods.get("pm", "PM")],
            "days": [days["wide"][(at - 1) % 7] for at in range(7)],
            "shortDays": [days["abbreviated"][(at - 1) % 7] for at in range(7)],
            "months": [months["wide"][at] for at in range(1, 13)],
            "shortMonths": [months["abbreviated"][at] for at in range(1, 13)],
        },
    }


@lru_cache
def _locale(name) -> Locale:
    return Locale.parse(name)


def _plain(when):
    """The same without its zone: what is to be written is what its clock shows."""
    return when.replace(tzinfo=None) if isinstance(when, datetime) else when
