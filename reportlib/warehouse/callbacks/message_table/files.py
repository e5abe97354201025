"""Per-contact tables in CSV files, gzip or not: their columns, and their rows under our names."""

import csv
import gzip
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import orjson

from reportlib.errors import InvalidData, nearest
from reportlib.warehouse.callbacks.message_table.mapping import Mapping
from reportlib.warehouse.callbacks.message_table.row import PLACE, PROBLEM
from reportlib.warehouse.callbacks.message_table.survey import Survey, survey
from reportlib.warehouse.callbacks.message_table.times import rewritten
from reportlib.warehouse.source.csv_files import DELIMITERS, LONGEST_LINE, records
from reportlib.warehouse.source.message_columns import DERIVED

_GZIP = b"\x1f\x8b"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # what a spreadsheet calls Unicode text
_ONE_ROW_PER_EVENT = frozenset(("event", "messageid", "email", "processed"))  # SendGrid's Email Activity


@dataclass(frozen=True)
class TableFile:
    """A file whose first record names columns, `mapping` by these names, and those of its columns that are not read."""

    path: Path
    delimiter: str
    names: list[str]
    mapping: Mapping
    ignored: list[str]

    def rows(self) -> Iterator[bytes]:
        """Each row as JSON under our names, and where it stands; what cannot be used with the reason.

        Raises InvalidData for what cannot be read, before its first row is handed out.
        """
        found = self._survey()
        number = 0
        with _reading(self.path) as lines:
            for number, (line, cells, problem) in enumerate(self._records(lines), start=1):
                place = {PLACE: f"{self.path.name} line {line}"}
                if problem:
                    yield orjson.dumps({**place, PROBLEM: problem, "cells": self.delimiter.join(cells)})
                    continue
                row = place | self.mapping.row(dict(zip(self.names, cells, strict=True)))
                for name, form in found.forms.items():
                    if name in row:
                        row[name] = rewritten(row[name], form)
                if number - 1 in found.refused:
                    row[PROBLEM] = found.refused[number - 1]
                yield orjson.dumps(row)
        if number != found.rows:
            raise InvalidData(f"{self.path} had {found.rows:,} rows and then {number:,}: it changed as it was read")

    def _survey(self) -> Survey:
        with _reading(self.path) as lines:
            cells = (None if problem else cells for _, cells, problem in self._records(_utf8(self.path, lines)))
            return survey(cells, self.names, self.mapping)

    def _records(self, lines):
        header, body = _header(lines, self.delimiter)
        return records(body, self.delimiter, len(self.names), header.line_num + 1)


def open_table(path: Path, mapping: Mapping) -> TableFile:
    """The file with its columns. Raises InvalidData where it is no table of one row per message."""
    with _reading(path) as lines:
        first = lines.readline(LONGEST_LINE)
        delimiter = max(DELIMITERS, key=first.count)
        header, _ = _header(chain([first], lines), delimiter)
        names = [name.strip() for name in header.cells]
    plain = [_plain(name) for name in names]
    columns = {}
    for ours, theirs in mapping.columns.items():
        places = [
            at for at, name in enumerate(names) if name == theirs or (ours == theirs and plain[at] == _plain(ours))
        ]
        if ours != theirs and not places:
            raise InvalidData(f"{path} has no column {theirs!r}{nearest(theirs, names)}")
        if len(places) > 1:
            raise InvalidData(f"{path} has the column {theirs!r} twice: take one out, or rename it")
        columns |= {ours: names[places[0]]} if places else {}
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice:
        raise InvalidData(f"{path} has the column {twice!r} twice: take one out, or rename it")
    if set(plain) >= _ONE_ROW_PER_EVENT:
        raise InvalidData(f"{path} has one row per event, as SendGrid's Email Activity does: import its Event Webhook")
    if not columns:
        raise InvalidData(f"{path} has none of the columns of a detailed export: name them in a mapping (--mapping)")
    left = [name for name in names if name and name not in columns.values() and name not in DERIVED]
    ignored = [f"{name!r}{nearest(name, sorted(set(mapping.columns) - set(columns)))}" for name in left]
    return TableFile(path, delimiter, names, mapping.of(columns), ignored)


@dataclass(frozen=True)
class _Header:
    cells: list[str]
    line_num: int


def _header(lines, delimiter) -> tuple[_Header, Iterator[str]]:
    """The first record that is not empty, and the lines after it."""
    lines = iter(lines)
    reader = csv.reader(lines, delimiter=delimiter)
    cells = next((cells for cells in reader if cells), [])
    return _Header(cells, reader.line_num), lines


def _plain(name: str) -> str:
    """A name without what tools write differently: Opened At, openedAt and opened_at are one."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


@contextmanager
def _reading(path: Path):
    """The lines of a file. Raises InvalidData for what goes wrong with it."""
    try:
        with path.open("rb") as stream, _text(stream) as lines:
            yield lines
    except (OSError, EOFError) as error:
        raise InvalidData(f"{path} cannot be read ({getattr(error, 'strerror', None) or error})") from None
    except UnicodeError:
        raise InvalidData(f"{path} is not UTF-8 text; save it as CSV with the encoding UTF-8") from None
    except csv.Error as error:
        raise InvalidData(f"{path} is not CSV ({error})") from None


def _text(stream) -> io.TextIOWrapper:
    if stream.peek(2)[:2] == _GZIP:
        stream = io.BufferedReader(gzip.GzipFile(fileobj=stream))
    encoding, errors = ("utf-16", "strict") if stream.peek(2)[:2] in _UTF_16 else ("utf-8-sig", "surrogateescape")
    return io.TextIOWrapper(stream, encoding, errors=errors, newline="")


def _utf8(path: Path, lines) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        if not line.isascii():
            try:
                line.encode()
            except UnicodeEncodeError:
                reason = f"{path} line {number} is not UTF-8 text; save it as CSV with the encoding UTF-8"
                raise InvalidData(reason) from None
        yield line
