"""How the columns of another tool's table become ours."""

from collections.abc import Callable, Collection, Mapping as Of
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import yaml

from reportlib.definitions import CHANNELS, EVENT_KINDS
from reportlib.errors import InvalidParameters, nearest
from reportlib.warehouse.callbacks.message_table.times import DAY_FIRST, MONTH_FIRST, is_no_time
from reportlib.warehouse.callbacks.model import KINDS, beginning
from reportlib.warehouse.callbacks.money import DECIMALS
from reportlib.warehouse.contract.tables import MESSAGE_STATUSES
from reportlib.warehouse.source import spreadsheets
from reportlib.warehouse.source.message_columns import COLUMNS, ENGAGEMENT, FIRST_TIMES, TIMES, TOLD
from reportlib.yaml_files import load_bounded

DATES = {"month first": MONTH_FIRST, "day first": DAY_FIRST}
LARGEST = 1 << 20  # bytes of a mapping
ATTRIBUTE = "attribute:"  # before the name of a contact's attribute, among the columns of a row
_CHANNELS = {**dict(zip(CHANNELS, CHANNELS, strict=True)), "e-mail": "email"}
_TIMES = frozenset((*TIMES, *FIRST_TIMES, "occurred_at"))
STATUSES = (*MESSAGE_STATUSES, *EVENT_KINDS)  # of which the last ones are a delivery, and what was done after it


@dataclass(frozen=True)
class Mapping:
    """What a table's columns are to us: a YAML file of the same parts, all of them optional.

    Attributes
    ----------
    columns : our name: theirs, or several of theirs, of which the first that is filled counts
    fixed : our name: the value of every row
    statuses : their word: ours, one of STATUSES
    dates : "month first" or "day first", where 11/02/2026 would not say so
    decimal : "comma" or "point" in amounts of money, where 1.234 would not say so
    clock : the time zone of times without an offset, where it is not the account's
    only : their column: the values, or the value, of rows that are read; others are left out
    attributes : the name of a contact's attribute: their column
    events : their word in the column `event`: one of a callback's kinds; then each row is an event of a message
    inbound : their column: the values of rows that people wrote: replies, and requests to stop
    is_whole : whether columns that it does not name are left alone, though they may be called as ours are
    adapt : of a known download, what no column says: takes a row under our names and its cells, returns the row
    """

    columns: Of[str, str | tuple[str, ...]] = field(default_factory=dict)
    fixed: Of[str, str] = field(default_factory=dict)
    statuses: Of[str, str] = field(default_factory=dict)
    dates: str | None = None
    decimal: str | None = None
    clock: str | None = None
    only: Of[str, str | tuple[str, ...]] = field(default_factory=dict)
    attributes: Of[str, str] = field(default_factory=dict)
    events: Of[str, str] = field(default_factory=dict)
    inbound: Of[str, str | tuple[str, ...]] = field(default_factory=dict)
    is_whole: bool = False
    adapt: Callable[[dict, dict], dict] | None = None

    @property
    def named(self) -> dict[str, tuple[str, ...]]:
        """Their columns by ours, as the mapping names them."""
        told = {ours: _several(theirs) for ours, theirs in self.columns.items()}
        return told | {ATTRIBUTE + name: (theirs,) for name, theirs in self.attributes.items()}

    def with_fixed(self, **values: str | None) -> "Mapping":
        """The same with these values of rows that have none themselves; None changes nothing."""
        return replace(self, fixed={**self.fixed, **{name: one for name, one in values.items() if one is not None}})


class Reader:
    """Rows of one file under our names, by a mapping and the columns that the file has."""

    def __init__(self, mapping: Mapping, columns: Of[str, tuple[str, ...]]):
        self.mapping, self.columns = mapping, columns
        theirs = {word.casefold(): ours for word, ours in mapping.statuses.items()}
        self._statuses = {**dict(zip(STATUSES, STATUSES, strict=True)), **theirs}
        self._events = {word.casefold(): kind for word, kind in mapping.events.items()}
        self._only, self._inbound = _conditions(mapping.only), _conditions(mapping.inbound)

    def is_read(self, cells: Of[str, str]) -> bool:
        """Whether the row is one of those that are read."""
        return _holds(self._only, cells)

    def is_inbound(self, cells: Of[str, str]) -> bool:
        """Whether the row is what a person wrote."""
        return bool(self._inbound) and _holds(self._inbound, cells)

    def kind(self, word: str | None) -> str | None:
        """What an event's word means, one of a callback's kinds."""
        return self._events.get((word or "").strip().casefold())

    def row(self, cells: dict[str, str]) -> dict[str, str]:
        """A row under our names, without its empty cells."""
        row = dict(self.mapping.fixed)
        for ours, theirs in self.columns.items():
            for name in theirs:
                if (cell := cells.get(name)) and not (ours in _TIMES and is_no_time(cell)):
                    row[ours] = spreadsheets.original(cell) if cell[0] in "'=" else cell
                    break
        for name, known in (("status", self._statuses), ("channel", _CHANNELS)):
            if word := known.get(row.get(name, "").strip().casefold()):
                row[name] = word
        if row.get("status") in ENGAGEMENT:
            first, number, _ = ENGAGEMENT[row["status"]]
            row["status"] = "delivered"
            if first not in row:
                row.setdefault(number, "1")
        return self.mapping.adapt(row, cells) if self.mapping.adapt else row


def read_mapping(path: str, ours: Collection[str] = (*COLUMNS, *TOLD)) -> Mapping:
    """The mapping in a YAML file, to columns that are `ours`. Raises InvalidParameters where it is none."""
    try:
        given = load_bounded(beginning(Path(path), LARGEST), yaml.SafeLoader) or {}
    except (OSError, yaml.YAMLError, InvalidParameters, ValueError, LookupError, AttributeError, TypeError) as error:
        reason = getattr(error, "strerror", None) or next(iter(str(error).splitlines()), type(error).__name__)
        raise InvalidParameters(f"{path} cannot be read as a mapping ({reason})") from None
    if not isinstance(given, dict):
        raise InvalidParameters(f"{path} is no mapping of columns, fixed, statuses and dates")
    known = tuple(one.name for one in fields(Mapping) if one.name not in ("is_whole", "adapt"))
    words = {name: given.pop(name) for name in ("dates", "decimal", "clock") if given.get(name) is not None}
    if "dates" in words and str(words["dates"]) not in DATES:
        raise InvalidParameters(f"{path}: dates is {words['dates']!r}, and should be one of {', '.join(DATES)}")
    if "decimal" in words and str(words["decimal"]) not in DECIMALS:
        raise InvalidParameters(f"{path}: decimal is {words['decimal']!r}, and should be {' or '.join(DECIMALS)}")
    if not all(isinstance(part, dict) for part in given.values()):
        raise InvalidParameters(f"{path} is no mapping of columns, fixed and statuses, each with lines `ours: theirs`")
    for name in given:
        if name not in known:
            raise InvalidParameters(f"{path}: {name!r} is not one of {', '.join(known)}{nearest(name, known)}")
    parts: dict[str, Any] = {
        name: {
            str(key): tuple(map(str, value)) if isinstance(value, list) else _text(value) for key, value in of.items()
        }
        for name, of in given.items()
    }
    for name in (*parts.get("columns", ()), *parts.get("fixed", ())):
        if name not in ours:
            raise InvalidParameters(f"{path}: {name!r} is not one of our columns{nearest(name, ours)}")
    for name in ("fixed", "statuses", "attributes", "events"):
        if several := next((key for key, value in parts.get(name, {}).items() if isinstance(value, tuple)), None):
            raise InvalidParameters(f"{path}: {name} has several values for {several!r}, and may have one")
    for word, kind in parts.get("events", {}).items():
        if kind not in KINDS:
            raise InvalidParameters(f"{path}: the event {word!r} is {kind!r}, which is none{nearest(kind, KINDS)}")
    return Mapping(**parts | {name: str(word) for name, word in words.items()})


def _text(value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)  # as tables write them


def _several(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _conditions(given) -> dict[str, frozenset[str]]:
    return {column: frozenset(value.casefold() for value in _several(values)) for column, values in given.items()}


def _holds(conditions, cells) -> bool:
    return all(cells.get(column, "").strip().casefold() in values for column, values in conditions.items())
