"""How campaigns are offered, in places that show text alone."""

import unicodedata
from datetime import UTC, date, tzinfo
from zoneinfo import ZoneInfo

import pandas as pd

LONGEST_NAME, LONGEST_ID = 64, 40  # characters that a row shows
_TURNS_TEXT = dict.fromkeys((0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))


def one_line(text) -> str:
    """A name from the database for a place that shows text alone: on one line, what turns text around kept within."""
    shown = str(text).translate(_TURNS_TEXT)
    shown = "".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in shown)
    return f"\u2068{shown}\u2069"


def label(row) -> str:
    """How a campaign is offered: names repeat, ids do not. What is long is cut in its middle: a row is seen whole."""
    day = started(row)
    when = f"{day:%Y-%m-%d}" if day else str(row.status)
    return " · ".join([one_line(_cut(row.name, LONGEST_NAME)), one_line(_cut(row.campaign_id, LONGEST_ID)), when])


def _cut(text, longest) -> str:
    text = str(text)
    return text if len(text) <= longest else f"{text[: longest // 2].rstrip()}…{text[-(longest // 2 - 1) :].lstrip()}"


def started(row) -> date | None:
    """The day on which a campaign started, on its account's clock."""
    if pd.isna(row.started_at):
        return None
    zone: tzinfo
    try:
        zone = ZoneInfo(row.timezone)
    except (KeyError, TypeError, ValueError):  # none, or no zone: the reports say so
        zone = UTC
    return row.started_at.tz_convert(zone).date()
