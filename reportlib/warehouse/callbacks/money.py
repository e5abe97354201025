"""Amounts of money as tables write them: 1.234,50 and 1,234.50, with or without a currency beside them."""

import re
from unicodedata import category

from reportlib.warehouse.callbacks.model import Unusable, brief, is_missing
from reportlib.warehouse.contract.tables import LARGEST_VALUE

DECIMALS = {"comma": ",", "point": "."}
COMMA, POINT = DECIMALS
_MONEY = re.compile(r"(?P<before>\D*?)(?P<digits>\d[\d.,'’\s]*|[.,]\d+)(?P<after>\D*)")
_SHORT = ("kr", "zł", "Fr", "Rs", "lei", "Ft", "Kč")
_CODE = re.compile(r"[A-Za-z]{3}")


def money(text: str, decimal: str | None) -> tuple[float | None, str | None]:
    """An amount, and its currency where three letters beside it say one. Raises Unusable with the reason."""
    text = text.strip().replace("−", "-").replace("\u00a0", " ")
    if is_missing(text):
        return None, None
    found = _MONEY.fullmatch(text.strip("()"))
    beside = [found[name].strip(" -.+") for name in ("before", "after")] if found else []
    if not found or not all(map(_is_currency, beside)):
        raise Unusable(f"{brief(text)} is no amount of money")
    digits = re.sub(r"[\s'’]", "", found["digits"])
    sign = decimal_of(text) or (decimal if re.search(r"[.,]", digits) else POINT)
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


def decimal_of(text: str) -> str | None:
    """The decimal sign that an amount has beyond doubt; None of 12, and of 1.234: 0.234 is no thousand."""
    signs = re.findall(r"[.,]", text)
    if not signs:
        return None
    last = COMMA if signs[-1] == "," else POINT
    if len(set(signs)) == 2:
        return last
    before, behind = (re.sub(r"\D", "", part) for part in (re.split(r"[.,]", text)[0], re.split(r"[.,]", text)[-1]))
    if len(signs) == 1:
        return last if len(behind) != 3 or before in ("", "0") else None
    return POINT if last == COMMA else COMMA  # 1.234.567
