"""What is in the columns of a table: how much, how various, and what it looks like."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from reportlib.errors import InvalidData
from reportlib.warehouse.callbacks.merging.phones import is_number
from reportlib.warehouse.callbacks.message_table.row import FLAGS
from reportlib.warehouse.callbacks.message_table.sheet import Sheet, open_sheet
from reportlib.warehouse.callbacks.message_table.times import SLASHED, form, readings, rewritten
from reportlib.warehouse.callbacks.model import Unusable
from reportlib.warehouse.callbacks.tables.proposing.words import names_of

MOST_DISTINCT = 10_000  # that are kept of a column
MOST_WORDS = 40  # a column with more different texts holds no states
MOSTLY = 0.8
_MAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
_WHOLE = re.compile(r"\d{1,4}")
UTC_ZONE = ZoneInfo("UTC")


@dataclass
class Column:
    """A column: its name, how many cells are filled, and how often each value stands there."""

    name: str
    filled: int = 0
    values: Counter = field(default_factory=Counter)

    def rank(self, known: Sequence[str]) -> tuple[int, int] | None:
        """How well its name is one of these, the likeliest first, as a number that is small for what fits well."""
        named = enumerate(names_of(self.name))
        return next(((shortened, known.index(name)) for shortened, name in named if name in known), None)

    def share(self, test) -> float:
        """The share of its values that pass a test."""
        return sum(map(bool, map(test, self.values))) / len(self.values) if self.values else 0.0

    @property
    def holds(self) -> str:
        """What it looks like: times, mails, numbers (of phones), counts, flags, words, texts, nothing."""
        if not self.values:
            return "nothing"
        kinds = (("mails", _MAIL.fullmatch), ("flags", _is_flag), ("counts", _WHOLE.fullmatch), ("times", is_time))
        for kind, test in (*kinds, ("numbers", is_number)):
            if self.share(test) >= MOSTLY:
                return kind
        return "words" if len(self.values) <= min(MOST_WORDS, max(2, self.filled / 2)) else "texts"

    @property
    def forms(self) -> set[str]:
        """How its times are written, where a cell alone does not say."""
        return {found for value in self.values if (found := form(value))}


@dataclass
class Look:
    """A table with what is in its columns, and its first rows."""

    sheet: Sheet
    columns: list[Column]
    rows: int
    first: list[dict[str, str]]

    def column(self, name: str) -> Column:
        """The column of this name."""
        return next(one for one in self.columns if one.name == name)


def look(path: Path) -> Look:
    """Read the file once. Raises InvalidData where it is no table."""
    sheet = open_sheet(path, _looks_like_header)
    if not any(sheet.names):
        raise InvalidData(f"{path} holds no table")
    columns, rows = [Column(name) for name in sheet.names], 0
    first: list = []
    for _, cells, problem in sheet.records(checked=True):
        rows += 1
        if problem:
            continue
        for column, cell in zip(columns, cells, strict=True):
            if text := cell.strip():
                column.filled += 1
                if text in column.values or len(column.values) < MOST_DISTINCT:
                    column.values[text] += 1
        if len(first) < MOST_DISTINCT:
            first.append(dict(zip(sheet.names, cells, strict=True)))
    return Look(sheet, [column for column in columns if column.name], rows, first)


def is_time(text: str) -> bool:
    """Whether a cell may be a time, whatever its column makes of it."""
    said = form(text)
    if said == SLASHED:
        return True
    try:
        return bool(readings(rewritten(text, said), UTC_ZONE))
    except Unusable:
        return False


def _is_flag(text):
    return text.lower() in (*FLAGS, "-")


def _looks_like_header(cells) -> int:
    """How many texts there are, where there are several, each once, none of them an address or a time; else 0."""
    named = [cell for cell in cells if cell]
    plain = len(named) > 1 and len(set(named)) == len(named) and len(named) >= len(cells) - 1
    holds_data = any(_MAIL.fullmatch(cell) or is_time(cell) or is_number(cell) for cell in named)
    return len(named) if plain and not holds_data else 0
