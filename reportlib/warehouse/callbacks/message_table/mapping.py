"""How the columns of another tool's table become ours."""

from pathlib import Path

import yaml

from reportlib.errors import InvalidParameters, nearest
from reportlib.warehouse.callbacks.message_table.times import DAY_FIRST, MONTH_FIRST
from reportlib.warehouse.source import spreadsheets
from reportlib.warehouse.source.message_columns import COLUMNS

DATES = {"month first": MONTH_FIRST, "day first": DAY_FIRST}


class Mapping:
    """A YAML file with `columns`, `fixed`, `statuses` and `dates`, all optional.

    columns : our name: theirs
    fixed : our name: the value of every row
    statuses : their word: ours (queued, sent, delivered or failed)
    dates : "month first" or "day first", where 11/02/2026 would not say so
    """

    def __init__(self, columns=None, fixed=None, statuses=None, dates=None):
        self.columns = {name: name for name in COLUMNS} | (columns or {})
        self.fixed, self.statuses, self.dates = fixed or {}, statuses or {}, DATES.get(dates)

    def of(self, columns: dict[str, str]) -> "Mapping":
        """The same for a file that has these columns, theirs by ours."""
        mapping = Mapping(fixed=self.fixed, statuses=self.statuses)
        mapping.columns, mapping.dates = columns, self.dates
        return mapping

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
    except (OSError, yaml.YAMLError, RecursionError, ValueError, LookupError, AttributeError, TypeError) as error:
        reason = getattr(error, "strerror", None) or next(iter(str(error).splitlines()), type(error).__name__)
        raise InvalidParameters(f"{path} cannot be read as a mapping ({reason})") from None
    if not isinstance(given, dict):
        raise InvalidParameters(f"{path} is no mapping of columns, fixed, statuses and dates")
    dates = given.pop("dates", None)
    if dates is not None and str(dates) not in DATES:
        raise InvalidParameters(f"{path}: dates is {dates!r}, and should be one of {', '.join(DATES)}")
    parts = {"columns": {}, "fixed": {}, "statuses": {}}
    if not all(isinstance(part, dict) for part in given.values()):
        raise InvalidParameters(f"{path} is no mapping of columns, fixed and statuses, each with lines `ours: theirs`")
    for name, part in given.items():
        if name not in parts:
            known = (*parts, "dates")
            raise InvalidParameters(f"{path}: {name!r} is not one of {', '.join(known)}{nearest(name, known)}")
        parts[name] = {str(ours): str(theirs) for ours, theirs in part.items()}
    for name in (*parts["columns"], *parts["fixed"]):
        if name not in COLUMNS:
            raise InvalidParameters(f"{path}: {name!r} is not one of our columns{nearest(name, COLUMNS)}")
    return Mapping(**parts, dates=dates)
