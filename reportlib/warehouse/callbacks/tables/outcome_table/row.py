"""One row of a table of outcomes, and what only the whole file tells: how its money and its days are written."""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple
from zoneinfo import ZoneInfo

from reportlib.warehouse.callbacks.message_table.mapping import DATES
from reportlib.warehouse.callbacks.message_table.times import (
    DAY_FIRST,
    MONTH_FIRST,
    SLASHED,
    form,
    is_no_time,
    readings,
    rewritten,
)
from reportlib.warehouse.callbacks.model import Unusable, is_missing
from reportlib.warehouse.callbacks.money import decimal_of, money


class Outcome(NamedTuple):
    """What a row says; `person` as the file has it, times in epoch milliseconds."""

    outcome_id: str
    person: str
    kind: str
    at_ms: int
    value: float | None
    currency: str | None
    campaign_id: str | None
    message_id: str | None


class Conventions(NamedTuple):
    """How a file writes: its decimal sign, one of DECIMALS, and the form of its times; None where it does not tell."""

    decimal: str | None
    times: str | None


def conventions(values: Iterable[str], times: Iterable[str], decimal: str | None, dates: str | None) -> Conventions:
    """What all cells of a column together tell, unless it was said."""
    found = {sign for value in values if (sign := decimal_of(value))}
    forms = {form(text) for text in times if not is_no_time(text)}
    told = forms & {DAY_FIRST, MONTH_FIRST}
    if forms & {SLASHED, DAY_FIRST, MONTH_FIRST}:
        of_times = DATES.get(dates or "") or (told.pop() if len(told) == 1 else None)
    else:
        of_times = next(iter(forms)) if len(forms) == 1 else None
    return Conventions(decimal or (found.pop() if len(found) == 1 else None), of_times)


def outcome(row: dict[str, str], kind: str, has_own_id: bool, how: Conventions, zone: ZoneInfo) -> Outcome:
    """What a row under our names says. Raises Unusable with the reason why it cannot be used."""
    person = (row.get("contact_id") or "").strip()
    if is_missing(person):
        raise Unusable("does not say whose it is")
    moments = readings(rewritten(row.get("occurred_at", ""), how.times), zone)
    if not moments:
        raise Unusable("has no time")
    kind = (row.get("kind") or kind).strip()
    value, currency = money(row.get("value", ""), how.decimal)
    currency = (row.get("currency") or currency or "").strip().upper() or None
    given = row.get("outcome_id", "").strip()
    said = repr((person.lower(), moments[0], value, currency)).encode()
    own = given if not is_missing(given) else hashlib.sha256(said).hexdigest()[:24]
    return Outcome(
        own if has_own_id and own == given else f"{kind}/{own}",
        person.lower() if "@" in person else person,
        kind,
        moments[0],
        value,
        currency,
        _id(row.get("campaign_id")),
        _id(row.get("message_id")),
    )


def _id(text: str | None) -> str | None:
    given = (text or "").strip()
    return None if is_missing(given) else given
