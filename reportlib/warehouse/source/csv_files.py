"""What is particular about CSV: its delimiter, its lines, and reading it without losing any.

DuckDB drops the rest of a file after a quote that is not closed, without a word, and its parallel reader loses its
way in quoted cells that look like lines of CSV. So it reads with one thread, and Python's reader goes through the
file first: it knows the lines, and how many rows there must be. That takes a second per million.
"""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

DELIMITERS = ",;\t|"  # no column of the contract has one of them in its name
LONGEST_LINE = 2_000_000  # bytes, DuckDB's own limit
PROBLEMS_SHOWN = 20
UNCLOSED = "has a quote that is not closed, or stands within a cell"

csv.field_size_limit(LONGEST_LINE)


def header(path: Path) -> tuple[list[str], str]:
    """The cells of the first line, and the delimiter between them.

    Raises UnicodeEncodeError where they are not UTF-8, csv.Error where they are not CSV.
    """
    with _text(path) as text:
        first = text.readline(LONGEST_LINE)
        delimiter = max(DELIMITERS, key=first.count)
        cells = next(csv.reader(chain([first], text), delimiter=delimiter), [])
    "".join(cells).encode()
    return cells, delimiter


def structure(path: Path, delimiter: str, width: int) -> tuple[int, int, list[tuple[int, str]]]:
    """How many rows there are, how many lines are no rows, and the first of those: line number and reason."""
    rows, total, problems, starts_at = -1, 0, [], 1  # the header is no row
    with _text(path) as text:
        records = csv.reader(text, delimiter=delimiter, strict=True)
        try:
            for record in records:
                if len(record) == width:
                    rows += 1
                elif record:  # an empty line is no row
                    total += 1
                    if total <= PROBLEMS_SHOWN:
                        problems.append((starts_at, f"has {len(record)} cells, and the header {width}"))
                starts_at = records.line_num + 1
        except csv.Error as error:
            reason = f"cannot be read from here on: a quote that is not closed, or stands within a cell ({error})"
            return rows, total + 1, [*problems, (starts_at, reason)]
    return rows, total, problems


class _Lines:
    """Lines on their way to a reader: those it has taken, and those it is to have again."""

    def __init__(self, lines):
        self._lines, self.again, self.taken = iter(lines), deque(), []

    def __iter__(self):
        return self

    def __next__(self) -> str:
        line = self.again.popleft() if self.again else next(self._lines)
        self.taken.append(line)
        return line


def records(
    lines: Iterable[str], delimiter: str, width: int, number: int
) -> Iterator[tuple[int, list[str], str | None]]:
    """Each record: the line it begins on, the first being `number`, its cells, and why it cannot be read, or None.

    A quote that is not closed costs the record that it stands in and no other: reading goes on with the line after it.
    An empty line is no record.
    """
    lines, broken = _Lines(lines), True
    while broken:
        reader, broken = csv.reader(lines, delimiter=delimiter, strict=True), False
        try:
            for cells in reader:
                if len(lines.taken) > 1 and any(_swallows(cell, delimiter, width) for cell in cells):
                    broken = True
                    break
                if len(cells) == width:
                    yield number, cells, None
                elif cells:
                    yield number, cells, f"has {len(cells)} cells, and the header {width}"
                number += len(lines.taken)
                lines.taken.clear()
        except csv.Error:
            broken = True
        if broken:
            taken, until = lines.taken, _line_of_quote(lines.taken, delimiter)
            yield number + until, ["".join(taken[: until + 1]).rstrip("\r\n")], UNCLOSED
            lines.again.extendleft(reversed(taken[until + 1 :]))
            lines.taken = []
            number += until + 1


def _swallows(cell: str, delimiter: str, width: int) -> bool:
    """Whether a cell holds whole rows, and ends where the next one was to begin: its closing quote opened another."""
    if "\n" not in cell or not cell.endswith((delimiter, "\n", "\r")):
        return False
    return any(line.count(delimiter) >= width - 1 for line in cell.splitlines()[1:])


def _line_of_quote(taken: list[str], delimiter: str) -> int:
    """In which of these lines, from 0, the last quoted cell begins that goes on to another line."""
    found, opened, inside, closed = 0, 0, False, False
    for at, line in enumerate(taken):
        begins = not inside
        for letter in line:
            if letter == '"' and inside:
                inside, closed = False, True
                continue
            if letter == '"' and (begins or closed):  # closed: a quote that stands for itself, written twice
                inside, opened = True, at if begins else opened
            begins, closed = letter == delimiter and not inside, False
        found = opened if inside else found
    return found


def lines(path: Path, delimiter: str, rows: set[int]) -> dict[int, int]:
    """The line on which each of these rows (counted from 0) begins."""
    found, row = {}, 0
    with _text(path) as text:
        records = csv.reader(text, delimiter=delimiter)
        next(records)
        starts_at = records.line_num + 1
        for record in records:
            if record and row in rows:
                found[row] = starts_at
                if len(found) == len(rows):
                    break
            row += bool(record)
            starts_at = records.line_num + 1
    return found


def line_not_utf8(path: Path) -> int | None:
    """The first line that is not UTF-8."""
    with path.open("rb") as content:
        for number, line in enumerate(content, start=1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    return None


def select(path: Path, delimiter: str, width: int, columns: dict[str, int]) -> str:
    """The SQL that has DuckDB read these columns, given by their place in the line, as text."""
    chosen = ", ".join(f"c{place} AS {name}" for name, place in columns.items())
    names = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(width))
    return (
        f"SELECT {chosen} FROM read_csv('{path}', columns = {{{names}}}, delim = '{delimiter}', auto_detect = false, "
        f"header = true, quote = '\"', escape = '\"', max_line_size = {LONGEST_LINE}, parallel = false)"
    )


def _text(path: Path):
    """The file as text; bytes that are not UTF-8 are kept as they are, for DuckDB to refuse."""
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")
