"""What is particular about CSV: its delimiter, its lines, and reading it without losing any.

DuckDB drops the rest of a file after a quote that is not closed, without a word, and its parallel reader loses its
way in quoted cells that look like lines of CSV. So it reads with one thread, and Python's reader goes through the
file first: it knows the lines, and how many rows there must be. That takes a second per million.
"""

import csv
from itertools import chain
from pathlib import Path

DELIMITERS = ",;\t|"  # no column of the contract has one of them in its name
LONGEST_LINE = 2_000_000  # bytes, DuckDB's own limit
PROBLEMS_SHOWN = 20

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
