"""One row of a table under our names made into a message and what people did with it."""

import re
from functools import lru_cache
from itertools import product
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from reportlib.definitions import CHANNELS
from reportlib.errors import nearest
from reportlib.warehouse.callbacks.merging.phones import country_called
from reportlib.warehouse.callbacks.message_table.mapping import ATTRIBUTE
from reportlib.warehouse.callbacks.message_table.times import readings
from reportlib.warehouse.callbacks.model import Unusable, brief, is_missing
from reportlib.warehouse.callbacks.money import COMMA, money
from reportlib.warehouse.contract.tables import MESSAGE_STATUSES
from reportlib.warehouse.source.message_columns import ENGAGEMENT, FIRST_TIMES, OF_CAMPAIGNS, OF_CONTACTS, TEXTS, TIMES

PLACE, PROBLEM = "place", "problem"  # beside the columns of a row: where it stands, and why it cannot be used
CLOCK, DECIMAL = "clock", "decimal"  # of its times, where that is not the account's; of its cost
KNOWN_STAYS = "known_stays"  # of a row that knows no more of its message than that there is one
STAGED_TEXTS = (*TEXTS, *OF_CAMPAIGNS, *OF_CONTACTS)
MOST = 10_000  # opens of one message; more is a column that holds something else
FLAGS = {
    **dict.fromkeys(("true", "yes", "y", "ja", "si", "sí", "sim", "oui", "x"), True),
    **dict.fromkeys(("false", "no", "n", "nein", "não", "nao", "non"), False),
}
_CUT = re.compile(r"\d(?:[.,]\d+)?E\+\d+|\d[.,]\d+E\d+|\d{16,}\.0", re.IGNORECASE | re.ASCII)
_WHOLE = re.compile(r"\d+\.0", re.ASCII)  # an id that went through a column of fractions
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:E[+-]?\d+)?", re.IGNORECASE | re.ASCII)
# Of spreadsheets, in English, German, Spanish, Portuguese, French and Italian.
_ERRORS = {
    *("#value!", "#ref!", "#name?", "#div/0!", "#num!", "#null!", "#spill!", "#calc!", "#wert!"),
    *("#bezug!", "#zahl!", "#¡valor!", "#¡ref!", "#¿nombre?", "#¡div/0!", "#¡num!", "#¡nulo!", "#valor!"),
    *("#nome?", "#núm!", "#nulo!", "#valeur!", "#nom?", "#nombre!", "#nul!", "#valore!", "#rif!"),
}
_IDS = ("message_id", "provider_message_id", "contact_id", "campaign_id", "account_id")
_ALL_TIMES = (*TIMES, *FIRST_TIMES)
_ORDER = (("queued_at", TIMES[1:] + FIRST_TIMES), ("sent_at", TIMES[2:] + FIRST_TIMES), ("delivered_at", FIRST_TIMES))


class Message(NamedTuple):
    """What a row says: the values of STAGED_TEXTS, TIMES (ms) and NUMBERS.

    `engagement` are rows of kind, number, ms and is_machine; `attributes` are names and values of the contact's.
    """

    texts: list[str | None]
    times: list[int | None]
    cost: float | None
    parts: int | None
    billable: bool | None
    has_own_id: bool
    known_stays: bool
    engagement: list[tuple]
    attributes: list[tuple[str, str]]


def parsed(row) -> Message:
    """What a row says, given as texts by our names. Raises Unusable with the reason why nothing can be made of it."""
    if not isinstance(row, dict) or not set(map(type, row.values())) <= {str}:
        raise Unusable("is no row of a table")
    if PROBLEM in row:
        raise Unusable(row[PROBLEM])
    row = dict(row)
    letters = "".join(row.values())
    if "\x00" in letters:
        row = {name: value.replace("\x00", "\ufffd") for name, value in row.items()}
    if "#" in letters and (name := next((name for name, value in row.items() if value.lower() in _ERRORS), None)):
        raise Unusable(f"its {name} is {row[name]}, which a spreadsheet shows for what it cannot work out")
    for name in _IDS:
        if is_missing(row.get(name)):
            row.pop(name, None)
        elif _CUT.fullmatch(row[name]):
            raise Unusable(f"a spreadsheet has cut the {name} to a number like 5.5119E+12: export it as text")
        elif _WHOLE.fullmatch(row[name]):
            row[name] = row[name].removesuffix(".0")
    for name in ("campaign_id", "contact_id"):
        if name not in row:
            raise Unusable(f"has no {name}")
    row.setdefault("status", _status(row))
    for name, words in (("channel", CHANNELS), ("status", MESSAGE_STATUSES)):
        if name not in row:
            raise Unusable(f"has no {name}")
        if row[name] not in words:
            raise Unusable(f"{brief(row[name])} is no {name}{nearest(row[name], words)}")
    row.setdefault("time_zone", "UTC")
    row.setdefault("account_id", "imported")
    row.setdefault("account", row["account_id"])
    row.setdefault("campaign", row["campaign_id"])
    if "variant" in row and "experiment_id" not in row:  # one campaign for each arm
        row["experiment_id"] = row["campaign_id"]
        for name, sign in (("campaign_id", "/"), ("campaign", " ")):
            row[name] = f"{row[name]}{sign}{row['variant']}"
    _address(row)
    times = _times(row, _zone(row.get(CLOCK, row["time_zone"])))
    _zone(row["time_zone"])
    has_own_id = "message_id" in row
    if not has_own_id:
        row["message_id"] = _default_id(row, times)
    engagement = list(_engagement(row, times))
    cost, currency = _cost(row.get("cost", ""), row.get(DECIMAL))
    if currency:
        row.setdefault("currency", currency)
    return Message(
        [row.get(name) for name in STAGED_TEXTS],
        [times.get(name) for name in TIMES],
        cost,
        _whole(row.get("parts"), "parts") or None,  # Twilio writes 0 where it does not know yet
        _flag(row.get("billable"), "billable"),
        has_own_id,
        KNOWN_STAYS in row,
        engagement,
        [(name.removeprefix(ATTRIBUTE), value) for name, value in row.items() if name.startswith(ATTRIBUTE)],
    )


def _address(row):
    """What an address tells of whose it is: a number its country, a mailbox its domain."""
    who = row["contact_id"]
    if row["channel"] == "email":
        _, at, domain = who.rpartition("@")
        if at and domain:
            row.setdefault("email_domain", domain.lower())
    elif "country" not in row and (country := country_called(who, row["channel"] == "whatsapp")):
        row["country"] = country


def _default_id(row, times) -> str:
    """Of what tells one message from another; nothing in it can be taken for the sign between its parts."""
    since = times.get("queued_at") or times.get("sent_at") or ""
    parts = (row.get(name, "") for name in ("provider", "provider_message_id", "campaign_id", "contact_id", "channel"))
    return "/".join(part.replace("%", "%25").replace("/", "%2F") for part in (*parts, str(since)))


def _status(row) -> str:
    reached = (("failed_at", "failed"), ("delivered_at", "delivered"), ("opened_at", "delivered"), ("sent_at", "sent"))
    return next((status for name, status in reached if row.get(name)), "queued")


def _times(row, zone) -> dict[str, int]:
    """Epoch milliseconds by name. Of a repeated hour the first, but not so that something precedes what it follows."""
    found = {name: told for name in _ALL_TIMES if name in row and (told := readings(row[name], zone))}
    if all(len(told) == 1 for told in found.values()):
        return {name: told[0] for name, told in found.items()}
    ways = [dict(zip(found, way, strict=True)) for way in product(*found.values())]
    return min(ways, key=_out_of_order)  # of several the first


def _out_of_order(times) -> int:
    return sum(
        times[later] < times[name] for name, after in _ORDER if name in times for later in after if later in times
    )


def _engagement(row, times):
    for kind, (first, number, by_machines) in ENGAGEMENT.items():
        if first not in row and number not in row and by_machines not in row:
            continue
        at = times.get(first)
        count = _whole(row.get(number), number)
        count = (1 if at is not None else 0) if count is None else count
        machines = _whole(row.get(by_machines), by_machines) if by_machines else None
        if count > MOST or (machines or 0) > count:
            raise Unusable(f"{max(count, machines or 0)} {number}" + (f" of {count}" if count <= MOST else ""))
        if at is not None and not count:
            raise Unusable(f"0 {number}, but {first}")
        for nth in range(1, count + 1):
            yield kind, nth, at, None if machines is None else nth <= machines


def _whole(text, name) -> int | None:
    """How many; of a table that says only whether, one or none."""
    number = _number(text) if text is None or text.lower() not in FLAGS else int(FLAGS[text.lower()])
    if number is not None and (number < 0 or number != int(number)):
        raise Unusable(f"{brief(text)} {name}")
    return None if number is None else int(number)


def _flag(text, name) -> bool | None:
    """Whether, or None where that is not told."""
    number = _whole(text, name)
    if number not in (None, 0, 1):
        raise Unusable(f"{brief(text)} {name}")
    return None if number is None else bool(number)


def _cost(text, decimal) -> tuple[float | None, str | None]:
    """What a message cost, and the currency that stands beside it; Twilio writes it as a negative price."""
    plain = decimal != COMMA and _NUMBER.fullmatch(text)
    number, currency = (_number(text), None) if plain else money(text, decimal)
    return None if number is None else abs(number), currency


def _number(text) -> float | None:
    if is_missing(text):
        return None
    if not _NUMBER.fullmatch(text) or abs(float(text)) > 1e15:
        raise Unusable(f"{brief(text)} is no number")
    return float(text)


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Unusable(f"{brief(name)} is no time zone") from None
