"""What a provider's failure code means: the catalogue, and the order in which a code is looked up in it."""

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from reportlib.errors import InvalidParameters

PERMANENCES = ("permanent", "transient", "fixable", "unknown")
COLUMNS = ("provider", "code", "title", "category", "permanence", "advice")
_RANGES = {"whatsapp": [(200, 299, "200")]}  # Meta documents these as one family: permission not granted
_ENHANCED = re.compile(r"(?<![\d.])([45])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")  # not a part of 10.5.1.1, an address
_REPLY = re.compile(r"\s*([45]\d\d)\b(?!\.)")
_CODE = re.compile(r"(?<![\w.])\d{3,}(?![\w.]*\w)")  # a number that stands alone, as in "131026: Message undeliverable"
_WORD = re.compile(r"(?<![a-z])(hard|soft|blocked|suppressed)(?![a-z])|(hard|soft)[ _-]?bounced?")
_LEADING = re.compile(r"\W*(hard|soft|blocked|suppressed|permanent|transient)(?![a-z])|.*\b(hard|soft)[ _-]?bounced?\b")


@dataclass(frozen=True)
class Meaning:
    """What a failure means: whether to send again (`permanence`), why (`category`, `title`) and what to do."""

    permanence: str
    category: str
    title: str
    advice: str


UNKNOWN = Meaning("unknown", "unknown", "Not in the catalogue", "Ask the provider what this code means.")


def read_catalogue(override: str | None = None) -> dict[tuple[str, str], Meaning]:
    """Meanings by (provider, code): the 686 codes of the package, with those of the `override` file in their stead.

    The file is a CSV with the columns provider, code, title, category, permanence, advice. Raises InvalidParameters.
    """
    catalogue = dict(_packaged())
    if override:
        try:
            with Path(override).open(encoding="utf-8-sig", newline="") as lines:
                catalogue |= _read(lines, override)
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidParameters(
                f"{override} cannot be read ({getattr(error, 'strerror', None) or 'not UTF-8 text'})"
            ) from None
    return catalogue


WORDS = {
    "hard": Meaning("permanent", "invalid_recipient", "Hard bounce", "Remove the address."),
    "soft": Meaning("transient", "unknown", "Soft bounce", "May succeed later."),
    "blocked": Meaning("transient", "carrier_blocked", "Blocked", "May be sent again; look at content and reputation."),
    "suppressed": Meaning("permanent", "suppressed", "On a suppression list", "Do not resend."),
    "permanent": Meaning("permanent", "unknown", "Permanent failure", "Do not resend."),
    "transient": Meaning("transient", "unknown", "Transient failure", "May succeed later."),
}


def meaning(catalogue: dict, channel: str, provider: str | None, code: str | None, reason: str | None) -> Meaning:
    """The meaning of one message's failure, looked up from the particular to the general; never guessed permanent.

    By its code, as `meaning_of_code`; where that tells nothing, by the provider's words: for e-mail the enhanced status
    (RFC 3463) c.s.d, c.s.0, c.0.0 and the reply code (RFC 5321); a known code of the provider among them; one of WORDS
    in the code, or where the reason begins; else unknown.
    """
    if found := meaning_of_code(catalogue, channel, provider, code):
        return found
    code, reason = str(code or "").strip(), str(reason or "")
    of_mail = _of_mail(catalogue, reason) if channel == "email" else None
    return (
        of_mail
        or _of_words(code, _WORD)
        or _code_within(catalogue, channel, provider, reason)
        or (_of_words(reason, _LEADING) or UNKNOWN)
    )


def meaning_of_code(catalogue: dict, channel: str, provider: str | None, code: str | None) -> Meaning | None:
    """The meaning that a code has by itself, whatever its reason; None where it has none.

    Provider and code, where "dlr/6" is the code 6 of the provider's space dlr, and "bounce/5.2.2" the provider's
    verdict "bounce", which says whether to send again, with the enhanced status that says why; provider and range; for
    e-mail the enhanced status and the reply code.
    """
    provider, code = str(provider or "").lower(), str(code or "").strip()
    if found := _of_provider(catalogue, provider, code):
        return found
    if channel != "email":
        return None
    verdict, _, status = code.rpartition("/")
    if known := _of_provider(catalogue, provider, verdict):
        return _with_reason(known, _of_mail(catalogue, status))
    return _of_mail(catalogue, code)


def _code_within(catalogue, channel, provider, reason) -> Meaning | None:
    """Of a WhatsApp message without a provider Meta's codes."""
    unknown = provider in (None, "", "(unknown)") and channel == "whatsapp"
    provider = "whatsapp" if unknown else str(provider or "").lower()
    found = (_of_provider(catalogue, provider, code[0]) for code in _CODE.finditer(reason))
    return next((one for one in found if one), None)


def _of_words(text, pattern) -> Meaning | None:
    found = pattern.match(text.lower()) if pattern is _LEADING else pattern.search(text.lower())
    return WORDS[found[1] or found[2]] if found else None


def _with_reason(verdict: Meaning, status: Meaning | None) -> Meaning:
    """A verdict, hard or soft, with the reason that a status gives, where it gives one."""
    if status is None or status.category == "unknown":
        return verdict
    permanence = status.permanence if verdict.permanence == "unknown" else verdict.permanence
    advice = status.advice if permanence == status.permanence else verdict.advice
    return Meaning(permanence, status.category, status.title, advice)


def _of_provider(catalogue, provider, code) -> Meaning | None:
    """Under the provider's name, else under those of which it is another name: 360dialog's codes are WhatsApp's."""
    found = _of_name(catalogue, provider, code)
    others = () if found or not provider else _also_called(provider)
    return found or next(filter(None, (_of_name(catalogue, other, code) for other in others)), None)


@lru_cache(maxsize=1024)
def _also_called(provider) -> tuple[str, ...]:
    from reportlib.warehouse.callbacks.providers import PROVIDERS  # of all providers; most reports need none

    return tuple(name for name, module in PROVIDERS.items() if provider in module.ALIASES)


def _of_name(catalogue, provider, code) -> Meaning | None:
    if (provider, code) in catalogue:
        return catalogue[provider, code]
    space, _, number = code.partition("/")
    if (f"{provider}_{space}", number) in catalogue:
        return catalogue[f"{provider}_{space}", number]
    for low, high, like in _RANGES.get(provider, ()):
        if code.isdecimal() and low <= int(code) <= high:
            return catalogue[provider, like]
    return None


def _of_mail(catalogue, text: str) -> Meaning | None:
    return next((catalogue[candidate] for candidate in _mail_codes(text) if candidate in catalogue), None)


def _mail_codes(text: str):
    if enhanced := _ENHANCED.search(text):
        status, subject, detail = enhanced.groups()
        yield "smtp", f"{status}.{subject}.{detail}"
        yield "smtp", f"{status}.{subject}.0"
        yield "smtp", f"{status}.0.0"
    if reply := _REPLY.match(text):
        yield "smtp_reply", reply[1]


@lru_cache
def _packaged():
    with files("reportlib.metrics.failures").joinpath("codes.csv").open(encoding="utf-8", newline="") as lines:
        return _read(lines, "failure_codes.csv")


def _read(lines, name: str) -> dict[tuple[str, str], Meaning]:
    rows = csv.DictReader(lines)
    missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        raise InvalidParameters(f"{name} lacks the columns {', '.join(missing)}")
    found = {}
    for row in rows:
        # "none" marks what providers list though nothing failed; on a message that did fail it explains nothing.
        permanence = "unknown" if row["permanence"] == "none" else row["permanence"]
        if permanence not in PERMANENCES:
            raise InvalidParameters(
                f"{name}, line {rows.line_num}: permanence {permanence!r} is none of {', '.join(PERMANENCES)}"
            )
        found[row["provider"].lower(), row["code"]] = Meaning(permanence, row["category"], row["title"], row["advice"])
    return found
