"""Links that are no content (to unsubscribe, of preferences, the e-mail as a page), and those that no person sees."""

import csv
import os
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from sqlalchemy import func, or_

from reportlib.errors import InvalidParameters

VARIABLE = "REPORTLIB_LINK_PATTERNS"  # a CSV file with more of them
ASIDE, HIDDEN = "aside", "hidden"
COLUMNS = ("pattern", "what", "reason")


def patterns(what: str) -> list[str]:
    """The pieces of addresses of ASIDE or HIDDEN links: ours, and those of the file that VARIABLE names.

    In small letters; `_` is any one letter. Raises InvalidParameters for a file that cannot be used.
    """
    found = [*_ours(), *_of_file(os.environ.get(VARIABLE))]
    return sorted({pattern for pattern, of in found if of == what})


def matches(url, what: str):
    """The condition that an address has one of the `patterns`; NULL where there is no address."""
    address = func.lower(url)
    return or_(*[address.like(f"%{pattern}%") for pattern in patterns(what)])


@lru_cache
def _ours():
    with files(__package__).joinpath("link_patterns.csv").open(encoding="utf-8") as lines:
        return [(row["pattern"], row["what"]) for row in csv.DictReader(lines)]


@lru_cache
def _of_file(file: str | None):
    if not file:
        return []
    try:
        rows = list(csv.DictReader(Path(file).read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidParameters(f"{VARIABLE} names {file}, which cannot be read ({reason})") from None
    for line, row in enumerate(rows, 2):
        pattern, what = ((row.get(name) or "").strip().lower() for name in COLUMNS[:2])
        if len(pattern.strip("_%")) < 3 or what not in (ASIDE, HIDDEN):
            raise InvalidParameters(
                f"{file}, line {line}: a pattern of three letters or more, and {ASIDE} or {HIDDEN} behind a comma, "
                f"under the header {','.join(COLUMNS)}"
            )
    return [(row["pattern"].strip().lower(), row["what"].strip().lower()) for row in rows]
