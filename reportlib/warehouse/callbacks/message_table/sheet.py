"""Files that hold one table, read record by record: CSV, gzipped or not, UTF-8 or UTF-16, and spreadsheets.

What stands before the header, a title or the day of the report, is passed over: the header is the record that looks
most like one, else the first that is not empty.
"""

import csv
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, islice
from pathlib import Path

from reportlib.errors import InvalidData
from reportlib.warehouse.callbacks.payloads import refuse_device
from reportlib.warehouse.source.csv_files import DELIMITERS, LONGEST_LINE, records

HEADER_WITHIN = 30  # lines
LONGEST_HEADER = 200  # lines, its quoted cells included
LARGEST_WORKBOOK = 4 << 30  # bytes, unpacked: a small file may hold very many
EXACT_BELOW = 1e15  # a spreadsheet keeps fifteen digits of a number
LONGEST_FORMULA = 1 << 14  # bytes
_UNWORKED = re.compile(rb'<c(?![^>]*\bt="str")[^>]*><f\b(?:[^>]*/>|[^>]*>[^<]*</f>)(?:<v ?/>|<v></v>)?</c>')
_GZIP = b"\x1f\x8b"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # what a spreadsheet calls Unicode text
_BARE_UTF_16 = {(False, True): "utf-16-le", (True, False): "utf-16-be"}  # by which of its first two bytes is zero
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx, .xlsb and .ods; .xls


@dataclass(frozen=True)
class Sheet:
    """A file with the names of its columns: `records` are the line each begins on, its cells, what is wrong with it.

    A table that goes on, under the same header, on further pages of a workbook is one.
    """

    path: Path
    names: list[str]
    delimiter: str
    begins: int  # how many lines there are before the header; of a workbook, how many rows
    pages: tuple[tuple[int, int], ...] = ()  # which of a workbook's, each with the rows before its header

    def records(self, checked: bool = False) -> Iterator[tuple[int | str, list[str], str | None]]:
        """Those after the header. Raises InvalidData for a file that cannot be read; `checked`, if it is not UTF-8."""
        if self.pages:
            yield from self._rows()
            return
        with _reading(self.path) as stream:
            lines = islice(_utf8(self.path, stream) if checked else stream, self.begins, None)
            reader = csv.reader(lines, delimiter=self.delimiter)
            next(reader)
            first = self.begins + reader.line_num + 1
            for line, cells, problem in records(lines, self.delimiter, len(self.names), first):
                yield line, [cell.strip() for cell in cells], problem

    def _rows(self):
        book, width = _workbook(self.path), len(self.names)
        for page, begins in self.pages:
            of_page = "" if page == self.pages[0][0] else f" of the page {book.sheet_names[page]!r}"
            for number, cells in islice(enumerate(_page(book, page), start=1), begins + 1, None):
                if any(cells):
                    problem = "has more cells than the header" if any(cells[width:]) else None
                    line = f"{number}{of_page}" if of_page else number
                    yield line, cells if problem else cells[:width], problem


def open_sheet(path: Path, looks_like: Callable[[list[str]], int]) -> Sheet:
    """The file, with the header that is found: the first of those records whose cells look most like one.

    Raises InvalidData where the file cannot be read.
    """
    refuse_device(path)
    try:
        with path.open("rb") as stream:
            is_workbook = stream.read(4) in _WORKBOOKS
    except OSError as error:
        raise InvalidData(f"{path} cannot be read ({error.strerror})") from None
    found = list(_pages(path) if is_workbook else _lines(path))
    if not found:
        return Sheet(path, [], ",", 0)
    page, begins, cells, delimiter = max(found, key=lambda one: looks_like(one[2]))
    alike = {at: before for at, before, others, _ in reversed(found) if at is not None and others == cells}
    pages = tuple((at, alike[at]) for at in sorted(alike, key=lambda at: (at != page, at)))
    return Sheet(path, cells, delimiter, begins, pages)


def _lines(path):
    """Of a CSV file, what may be its header: None, how many lines are before it, its cells, the delimiter."""
    with _reading(path) as stream:
        head = list(islice(iter(lambda: stream.readline(LONGEST_LINE), ""), LONGEST_HEADER))
        for begins, line in enumerate(head[:HEADER_WITHIN]):
            if line.strip() and not line.lower().startswith("sep="):  # which Excel writes first
                delimiter = max(DELIMITERS, key=line.count)
                cells = next(csv.reader(chain(head[begins:], stream), delimiter=delimiter), [])
                yield None, begins, [cell.strip() for cell in cells], delimiter


def _pages(path):
    """Of a workbook, what may be a header on one of its pages."""
    book = _workbook(path)
    if _has_unworked_formulas(path):
        raise InvalidData(f"{path} has formulas that no spreadsheet has worked out yet: open it in one, and save it")
    for page in range(len(book.sheet_names)):
        for begins, cells in enumerate(islice(_page(book, page), HEADER_WITHIN)):
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                yield page, begins, cells, ","


def _workbook(path):
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(part.file_size for part in packed.infolist())
    except (zipfile.BadZipFile, OSError):
        size = 0  # an .xls, or broken
    if size > LARGEST_WORKBOOK:
        raise InvalidData(f"{path} unpacks to {size >> 30} GB: save its table as CSV")
    try:
        return CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError) as error:
        raise InvalidData(f"{path} cannot be read as a workbook ({error})") from None


def _has_unworked_formulas(path) -> bool:
    """Whether there are cells with a formula and no value, as programs write them: they would be read as empty."""
    try:
        with zipfile.ZipFile(path) as packed:
            for name in packed.namelist():
                if not (name.startswith("xl/worksheets/") and name.endswith(".xml")):
                    continue
                with packed.open(name) as stream:
                    before = b""
                    while chunk := stream.read(1 << 20):
                        if b"<f" in (part := before + chunk) and _UNWORKED.search(part):
                            return True
                        before = part[-LONGEST_FORMULA:]
    except (zipfile.BadZipFile, OSError, zlib.error, NotImplementedError, RuntimeError):
        return False  # an .xls, or broken
    return False


def _page(book, number):
    for row in book.get_sheet_by_index(number).iter_rows():
        yield [_cell(value) for value in row]


def _cell(value) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        if value.is_integer():
            return str(int(value)) if abs(value) < EXACT_BELOW else f"{value:.4E}"
        return repr(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return "" if value is None else str(value)


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
    begins = stream.peek(2)[:2]
    encoding = "utf-16" if begins in _UTF_16 else _BARE_UTF_16.get((begins[:1] == b"\0", begins[1:] == b"\0"))
    errors = "strict" if encoding else "surrogateescape"
    return io.TextIOWrapper(stream, encoding or "utf-8-sig", errors=errors, newline="")


def _utf8(path: Path, lines) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        if not line.isascii():
            try:
                line.encode()
            except UnicodeEncodeError:
                reason = f"{path} line {number} is not UTF-8 text; save it as CSV with the encoding UTF-8"
                raise InvalidData(reason) from None
        yield line
