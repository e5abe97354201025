"""What every provider's callbacks become: one thing said of one message, in words that all of them share."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import NamedTuple

from reportlib.definitions import EVENT_KINDS
from reportlib.warehouse.contract.tables import NOTHING

DELIVERY_KINDS = ("queued", "sent", "deferred", "delivered", "failed")  # they change a message's state
OTHER_KINDS = ("subscribed", "autoresponded")  # kept, and in no report
KINDS = (*DELIVERY_KINDS, *EVENT_KINDS, *OTHER_KINDS)

_MOST_COST = 1e9  # of one message; more is no price
_EXACT_BELOW = 2.0**53
LONGEST_TEXT = 1_000  # characters kept of a reason or an address
_MILLISECONDS_FROM = 100_000_000_000  # as seconds, the year 5138
_MICROSECONDS_FROM = 100_000_000_000_000  # as milliseconds, the same
_MISSING = frozenset(
    ("", *NOTHING, "n/a", "n.a.", "#n/a", "#nv", "#n/d", "na", "<na>", "nil", "nat", "undefined", "(null)", "<null>")
) | frozenset(("-", "--", "–", "—"))
_ZONE_WITH_COLON = re.compile(r"([+-]\d\d):(\d\d)$")  # as Postmark writes it, in spite of RFC 2822
_ENHANCED_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_CONTROLS = {code: " " for code in (*range(32), 127, 0x85, 0x2028, 0x2029)}


class Callback(NamedTuple):
    """One thing that a provider said of one message.

    Attributes
    ----------
    key : what names it among the provider's callbacks: said again, it has the same key
    kind : one of KINDS; "failed" is final, whether the message left or not; "deferred" is tried again by the provider
    message : the provider's id of the message; None where the payload points at none (then recipient says whose)
    recipient : the person: a phone number's digits, an e-mail address in lower case, or the provider's user id
    at_ms : when it happened, epoch milliseconds; None where nobody says
    code : of a failure, as the failure catalogue spells it for this provider
    reason : the provider's words of a failure; of a tapped button its label; of who leaves why, or in what words
    url : the link clicked
    is_machine : True or False where the provider says who opened or clicked, else None
    channel : whatsapp, sms or email, needed where there is no message id
    cost, currency, category, billable, parts : of the message, as in the contract, where this callback tells them
    """

    key: str
    kind: str
    message: str | None
    recipient: str | None
    at_ms: int | None
    code: str | None = None
    reason: str | None = None
    url: str | None = None
    is_machine: bool | None = None
    channel: str | None = None
    cost: float | None = None
    currency: str | None = None
    category: str | None = None
    billable: bool | None = None
    parts: int | None = None


class Unusable(Exception):
    """A payload, or a piece of one, that no row can be made of; its text says why, to the person who imports."""


def named(callbacks: list[Callback]) -> list[Callback]:
    """The same, each of which names a message or a person. Raises Unusable."""
    for callback in callbacks:
        if callback.message is None and callback.recipient is None:
            raise Unusable("names neither a message nor a person")
    return callbacks


def moment(value) -> int | None:
    """Epoch milliseconds of a time as providers write it; None for None and "".

    Epoch seconds, milliseconds or microseconds, as a number or as text; ISO 8601 or RFC 2822 with a zone. Raises
    Unusable for anything else, and for a time without a zone: nobody knows when that was.
    """
    if type(value) is int and 0 <= value < _MILLISECONDS_FROM:  # the usual case, and the next: whole seconds
        return value * 1000
    if value is None or value == "":
        return None
    if isinstance(value, str):
        if value.isdecimal() and len(value) < 12:
            return int(value) * 1000
        text = value.strip()
        try:
            return _epoch(float(text))
        except ValueError:
            return _written(text)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _epoch(value)
    raise Unusable(f"{brief(value)} is no time")


def moment_utc(value) -> int | None:
    """`moment` of a time that its provider documents to be UTC, though it is written without a zone."""
    text = value.strip() if isinstance(value, str) else value
    try:
        written = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return moment(value)
    return _epoch(written.replace(tzinfo=written.tzinfo or UTC).timestamp())


def words(value) -> str | None:
    """One line of text from what may be anything; None where there is none. Raises Unusable for a cut number."""
    if type(value) is str and value.isprintable() and len(value) <= LONGEST_TEXT:  # the usual case
        return value.strip() or None
    if type(value) is not str:
        if value is None or isinstance(value, dict | list):
            return None
        if type(value) is float and abs(value) >= _EXACT_BELOW:
            raise Unusable(f"{value} was a number with more digits than are kept: ids are texts")
        value = str(value)
    if not value.isprintable():  # the quick test: what it lets pass holds no control characters
        value = value.translate(_CONTROLS)
    return value.strip()[:LONGEST_TEXT] or None


def is_missing(text: str | None) -> bool:
    """Whether a cell is empty, or holds a word that programs write for nothing."""
    return text is None or text.lower() in _MISSING


def beginning(path: Path, largest: int) -> str:
    """The text of a file that should be small. Raises ValueError for one with more bytes than that, OSError."""
    with path.open("rb") as stream:
        content = stream.read(largest + 1)
    if len(content) > largest:
        raise ValueError(f"it has more than {largest:,} bytes")
    return content.decode()


def required(record, name: str) -> str:
    """The text of a field that must be there. Raises Unusable."""
    found = words(record.get(name))
    if found is None:
        raise Unusable(f"has no {name}")
    return found


def part(record, name: str) -> dict:
    """The object under this name, empty where there is none. Raises Unusable where it is something else."""
    found = record.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Unusable(f"its {name} is no object")
    return found


def parts(record, name: str) -> list[dict]:
    """The objects in the list under this name, empty where there is none. Raises Unusable for anything else."""
    found = record.get(name)
    if found is None:
        return []
    if isinstance(found, list):
        for one in found:
            if not isinstance(one, dict):
                break
        else:
            return found
    raise Unusable(f"its {name} is no list of objects")


def amount(value) -> float | None:
    """What something cost, never below 0: Twilio writes a charge as a negative price. None for what is no number."""
    try:
        number = abs(float(value))
    except (TypeError, ValueError):
        return None
    return number if number < _MOST_COST and not isinstance(value, bool) else None


def number_of_parts(value) -> int | None:
    """Of how many parts an SMS is; None for what is no number of them, 0 included: it is not told yet."""
    number = amount(value)
    return int(number) if number and number == int(number) else None


def phone(value) -> str | None:
    """The digits of a phone number, without `whatsapp:`, + and blanks; another id of a person as it is."""
    if type(value) is str and value.isdecimal() and len(value) <= LONGEST_TEXT:  # the usual case
        return value
    text = words(value)
    if text is None or text.isdecimal():
        return text
    number = text.rpartition(":")[2].strip()
    digits = "".join(letter for letter in number if letter not in "+ -().")
    return digits if digits.isdecimal() else number or None


def message_id(value, ends_at: str | None = None) -> str | None:
    """A mail's id without its angle brackets, and without what the provider writes behind it from `ends_at` on."""
    text = (words(value) or "").strip("<> ")
    return (text.partition(ends_at)[0] if ends_at else text) or None


def mailbox(value) -> str | None:
    """An e-mail address in lower case, without a name and brackets."""
    text = words(value)
    return text.rpartition("<")[2].strip(" >").lower() if text else None


def with_status(verdict: str, status: str | None) -> str:
    """A provider's verdict on a mail, hard or soft, with the enhanced status (RFC 3463) that says why: bounce/5.2.2."""
    return f"{verdict}/{status}" if status and _ENHANCED_STATUS.fullmatch(status) else verdict


def brief(value) -> str:
    """What was found in the place of something else, short enough for a message."""
    shown = type(value).__name__ if isinstance(value, dict | list) else repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _epoch(number) -> int:
    try:
        whole = number * 1000 if abs(number) < _MILLISECONDS_FROM else number
        return round(whole if abs(whole) < _MICROSECONDS_FROM * 10 else whole / 1000)
    except (OverflowError, ValueError):  # infinite, or not a number
        raise Unusable(f"{brief(number)} is no time") from None


def _written(text: str) -> int:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        try:
            found = parsedate_to_datetime(_ZONE_WITH_COLON.sub(r"\1\2", text))
        except (ValueError, TypeError, IndexError):
            raise Unusable(f"{brief(text)} is no time") from None
    if found.tzinfo is None:
        raise Unusable(f"the time {brief(text)} has no zone")
    try:
        return round(found.timestamp() * 1000)
    except (OverflowError, ValueError):
        raise Unusable(f"{brief(text)} is no time") from None
