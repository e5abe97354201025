"""One row of a table of outcomes, and what only the whole file tells: how its money and its days are written."""

import hashlib
import re
from collections.abc import Iterable
from typing import NamedTuple
from unicodedata import category
from zoneinfo import ZoneInfo

from reportlib.warehouse.callbacks.message_table.mapping import DATES, DECIMALS
from reportlib.warehouse.callbacks.message_table.row import is_missing
from reportlib.warehouse.callbacks.message_table.times import DAY_FIRST, MONTH_FIRST, SLASHED, form, readings, rewritten
from reportlib.warehouse.callbacks.model import Unusable, brief
from reportlib.warehouse.contract.tables import LARGEST_VALUE

COMMA, POINT = DECIMALS
_MONEY = re.compile(r"(?P<before>\D*?)(?P<digits>\d[\d.,'’\s]*|[.,]\d+)(?P<after>\D*)")
_SHORT = ("kr", "zł", "Fr", "Rs", "lei", "Ft", "Kč")
_CODE = re.compile(r"[A-Za-z]{3}")


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
    found = {sign for value in values if (sign := _decimal_of(value))}
    forms = {form(text) for text in times if text}
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


def money(text: str, decimal: str | None) -> tuple[float | None, str | None]:
    """An amount, and its currency where three letters beside it say one. Raises Unusable with the reason."""
    text = text.strip().replace("−", "-").replace("\u00a0", " ")
    if is_missing(text) or text in ("-", "–"):
        return None, None
    found = _MONEY.fullmatch(text.strip("()"))
    beside = [found[name].strip(" -.+") for name in ("before", "after")] if found else []
    if not found or not all(map(_is_currency, beside)):
        raise Unusable(f"{brief(text)} is no amount of money")
    digits = re.sub(r"[\s'’]", "", found["digits"])
    sign = _decimal_of(text) or (decimal if re.search(r"[.,]", digits) else POINT)
    if sign is None:
        raise Unusable(f"{brief(text)} may be thousands or a fraction: write `decimal: comma`, or point, in a mapping")
    other = DECIMALS[POINT if sign == COMMA else COMMA]
    number = digits.replace(other, "").replace(DECIMALS[sign], ".")
    try:
        amount = float(number)
    except ValueError:
        raise Unusable(f"{brief(text)} is no amount of money") from None
    if amount > LARGEST_VALUE:
        raise Unusable(f"{brief(text)} is no amount of money")
    code = next(filter(_CODE.fullmatch, beside), None)
    is_negative = "-" in found["before"] or found["after"].strip().startswith("-") or text.startswith("(")
    return -amount if is_negative else amount, code


def _is_currency(text: str) -> bool:
    """Whether what stands beside a number says its currency, or nothing."""
    return not text or bool(_CODE.fullmatch(text)) or any(category(one) == "Sc" for one in text) or text in _SHORT


def _decimal_of(text: str) -> str | None:
    """The decimal sign that an amount has beyond doubt; None of 12, and of 1.234, which may be thousands."""
    signs = re.findall(r"[.,]", text)
    if not signs:
        return None
    last = COMMA if signs[-1] == "," else POINT
    if len(set(signs)) == 2:
        return last
    behind = len(re.sub(r"\D", "", re.split(r"[.,]", text)[-1]))
    if len(signs) == 1:
        return last if behind != 3 else None
    return POINT if last == COMMA else COMMA  # 1.234.567


def _id(text: str | None) -> str | None:
    given = (text or "").strip()
    return None if is_missing(given) else given
