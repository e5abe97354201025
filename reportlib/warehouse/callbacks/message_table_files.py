"""Reading per-contact tables, our own detailed export or another tool's, row by row, under our names of the columns."""

import csv
import gzip
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson
import yaml

from reportlib.errors import InvalidData, InvalidParameters, nearest
from reportlib.warehouse.source import spreadsheets
from reportlib.warehouse.source.csv_files import DELIMITERS, LONGEST_LINE
from reportlib.warehouse.source.message_columns import COLUMNS

_GZIP = b"\x1f\x8b"


class Mapping:
    """How the columns of another tool become ours: a YAML file with `columns`, `fixed` and `statuses`, all optional.

    columns : our name: theirs
    fixed : our name: the value of every row
    statuses : their word: ours (queued, sent, delivered or failed)
    """

    def __init__(self, columns=None, fixed=None, statuses=None):
        self.columns = {name: name for name in COLUMNS} | (columns or {})
        self.fixed, self.statuses = fixed or {}, statuses or {}

    def row(self, theirs: dict[str, str]) -> dict[str, str]:
        """A row under our names, without its empty cells."""
        found = {ours: spreadsheets.original(theirs[name]) for ours, name in self.columns.items() if theirs.get(name)}
        row = {**self.fixed, **found}
        if row.get("status") in self.statuses:
            row["status"] = self.statuses[row["status"]]
        return row


def read_mapping(path: str) -> Mapping:
    """The mapping in a YAML file. Raises InvalidParameters where it is none."""
    try:
        given = yaml.safe_load(Path(path).read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise InvalidParameters(f"{path} cannot be read as a mapping ({reason})") from None
    parts = {"columns": {}, "fixed": {}, "statuses": {}}
    if not isinstance(given, dict) or not all(isinstance(part, dict) for part in given.values()):
        raise InvalidParameters(f"{path} is no mapping of columns, fixed and statuses, each with lines `ours: theirs`")
    for name, part in given.items():
        if name not in parts:
            raise InvalidParameters(f"{path}: {name!r} is not one of columns, fixed, statuses{nearest(name, parts)}")
        parts[name] = {str(ours): str(theirs) for ours, theirs in part.items()}
    for name in (*parts["columns"], *parts["fixed"]):
        if name not in COLUMNS:
            raise InvalidParameters(f"{path}: {name!r} is not one of our columns{nearest(name, COLUMNS)}")
    return Mapping(**parts)


def read_rows(sources: Iterable[str], mapping: Mapping) -> Iterator[bytes]:
    """Each row of CSV files, gzip or not, as JSON under our names. Raises InvalidData for what cannot be read."""
    for path in map(Path, sources):
        try:
            with path.open("rb") as stream, io.TextIOWrapper(_unpacked(stream), "utf-8-sig", newline="") as lines:
                yield from _rows(path, lines, mapping)
        except (OSError, EOFError) as error:
            raise InvalidData(f"{path} cannot be read ({getattr(error, 'strerror', None) or error})") from None
        except UnicodeDecodeError:
            raise InvalidData(f"{path} is not UTF-8 text; save it as CSV with the encoding UTF-8") from None
        except csv.Error as error:
            raise InvalidData(f"{path} is not CSV ({error})") from None


def _rows(path, lines, mapping):
    first = lines.readline(LONGEST_LINE)
    delimiter = max(DELIMITERS, key=first.count)
    names = next(csv.reader([first], delimiter=delimiter), [])
    absent = [theirs for ours, theirs in mapping.columns.items() if ours != theirs and theirs not in names]
    if absent:
        raise InvalidData(f"{path} has no column {absent[0]!r}{nearest(absent[0], names)}")
    if not any(theirs in names for theirs in mapping.columns.values()):
        raise InvalidData(f"{path} has none of the columns of a detailed export: name them in a mapping (--mapping)")
    for cells in csv.reader(lines, delimiter=delimiter):
        if len(cells) == len(names):
            yield orjson.dumps(mapping.row(dict(zip(names, cells, strict=True))))
        elif cells:
            yield orjson.dumps({"line": cells, "problem": f"has {len(cells)} cells, and the header {len(names)}"})


def _unpacked(stream):
    return gzip.GzipFile(fileobj=stream) if stream.peek(2)[:2] == _GZIP else stream
