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


def meaning(catalogue: dict, channel: str, provider: str | None, code: str | None, reason: str | None) -> Meaning:
    """The meaning of a failure, looked up from the particular to the general; never guessed permanent.

    Provider and code, where "dlr/6" is the code 6 of the provider's space dlr, and "bounce/5.2.2" the provider's
    verdict "bounce", which says whether to send again, with the enhanced status that says why; provider and range; for
    e-mail the enhanced status (RFC 3463) c.s.d, c.s.0, c.0.0 and the reply code (RFC 5321), from the code or else from
    the reason; else unknown.
    """
    provider, code = str(provider or "").lower(), str(code or "").strip()
    if found := _of_provider(catalogue, provider, code):
        return found
    if channel != "email":
        return UNKNOWN
    verdict, _, status = code.rpartition("/")
    if verdict := _of_provider(catalogue, provider, verdict):
        return _with_reason(verdict, _of_mail(catalogue, status))
    return _of_mail(catalogue, code) or _of_mail(catalogue, reason or "") or UNKNOWN


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
