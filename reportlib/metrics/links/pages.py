"""What a clicked address is shown as: the page, without what tells the person or the way they came by.

Addresses are written by anybody and may hold credentials, tokens, mailboxes or scripts: only a host, a path and the
parameters that tell pages apart are taken from them, and what looks like a secret is left out.
"""

import csv
import re
import unicodedata
from collections import Counter, defaultdict
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

LONGEST = 200  # letters of a link
MOST_VALUES, CLICKS_EACH = 20, 3  # of a parameter that tells pages apart: few values, each clicked so often on average
HIDDEN = "•••"  # in the stead of what looks like a secret
NO_PAGE = "(no web address)"
_WEB = re.compile(r"(?:https?:)?//([^/\\]*)(.*)", re.IGNORECASE | re.DOTALL)
_HOST = re.compile(r"[\w.-]{1,253}(?::\d{1,5})?")
_NAME = re.compile(r"[A-Za-z][\w.-]{0,30}", re.ASCII)
_VALUE = re.compile(r"[\w.~+ -]{1,32}")
_TOKEN = re.compile(r"(?=[^/]*\d)(?=[^/]*[A-Za-z])[A-Za-z0-9_=+.-]{16,}|[A-Za-z0-9_=+-]{32,}|\d{7,}", re.ASCII)
_MAILBOX = re.compile(r"@|%40", re.IGNORECASE)


def link(page: str | None, values: dict[str, str | None]) -> str:
    """What a page, an address up to its ? or #, is shown as, with those of these parameters that it has."""
    found = _WEB.fullmatch((page or "").strip())
    if not found:
        return NO_PAGE
    host, path = _plain(found[1].rpartition("@")[2]).lower(), _plain(found[2])
    if not _HOST.fullmatch(host):
        return NO_PAGE
    path = "/".join(HIDDEN if is_secret(part) else part for part in re.split(r"[/\\]", path)).rstrip("/")
    said = [(name, value) for name, value in values.items() if value is not None]
    query = "&".join(f"{name}={_plain(value) if _is_harmless(value) else HIDDEN}" for name, value in said)
    whole = f"{host}{path}{f'?{query}' if query else ''}"
    return whole if len(whole) <= LONGEST else f"{whole[: LONGEST - 1]}…"


def telling_parameters(queries) -> tuple[str, ...]:
    """The names of the parameters that tell pages apart, from tuples of page, query and clicks, in alphabetical order.

    Those that are not of TRACKING, whose values are no secrets and few on some page: at most MOST_VALUES, each clicked
    CLICKS_EACH times on average.
    """
    clicked: dict[tuple, Counter] = defaultdict(Counter)
    for page, query, clicks in queries:
        for part in (query or "").split("&"):
            name, sign, value = part.partition("=")
            if sign and _NAME.fullmatch(name) and not is_tracking(name):
                clicked[page, name][value] += clicks
    names = {
        name
        for (_, name), values in clicked.items()
        if len(values) <= MOST_VALUES and values.total() >= CLICKS_EACH * len(values) and all(map(_is_harmless, values))
    }
    return tuple(sorted(names))


def is_tracking(name: str) -> bool:
    """Whether a parameter tells by which way somebody came."""
    return any(fnmatchcase(name.lower(), pattern) for pattern in _tracking())


def is_secret(part: str) -> bool:
    """Whether a piece of an address may be a mailbox, a token or a number of a person."""
    return bool(_MAILBOX.search(part) or _TOKEN.search(part))


def _is_harmless(value: str) -> bool:
    return bool(_VALUE.fullmatch(value)) and not is_secret(value)


def _plain(text: str) -> str:
    """Without letters that nobody sees, or that turn the order of others."""
    return "".join(letter for letter in text if unicodedata.category(letter)[0] != "C" and letter not in "\u2028\u2029")


@cache
def _tracking() -> tuple[str, ...]:
    with files("reportlib.metrics.links").joinpath("tracking.csv").open(encoding="utf-8") as lines:
        return tuple(row["name"] for row in csv.DictReader(lines))
