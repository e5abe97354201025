"""Importing tables of outcomes: every row is used, or refused by its line."""

from collections.abc import Iterable
from pathlib import Path

from reportlib.warehouse.callbacks.message_table.mapping import Mapping
from reportlib.warehouse.callbacks.message_table.times import zone_called
from reportlib.warehouse.callbacks.model import Unusable
from reportlib.warehouse.callbacks.summary import ImportSummary
from reportlib.warehouse.callbacks.tables.outcome_table.columns import OutcomeFile, open_outcomes
from reportlib.warehouse.callbacks.tables.outcome_table.merging import merge_outcomes
from reportlib.warehouse.callbacks.tables.outcome_table.row import Outcome, conventions, outcome
from reportlib.warehouse.callbacks.target import open_target, transaction
from reportlib.warehouse.connection import address_to, shown

DIFFERS = "another row of the same outcome says something else"


def import_outcomes(
    files: Iterable[str],
    url: str | None = None,
    mapping: Mapping | None = None,
    kind: str = "order",
    timezone: str | None = None,
) -> ImportSummary:
    """Import tables of orders, or of other outcomes of this `kind`, into a database that has their contacts.

    Their columns are known by what shops call them, or by the mapping. `timezone` is that of times without an offset,
    else UTC. An outcome that is there already is replaced; a row that cannot be used is refused and told by its line.

    Raises InvalidData (a file cannot be read), UnknownTimeZone, WarehouseError.
    """
    address, mapping = address_to("import into", url), mapping or Mapping()
    zone = zone_called(mapping.clock or timezone)
    opened = [open_outcomes(Path(file), mapping) for file in files]
    summary = ImportSummary(shown(address))
    engine = open_target(address, anew=False)
    try:
        for one in opened:
            found, lines, refused = _read(one, kind, zone, summary)
            with transaction(engine) as connection:
                new, there, unknown = merge_outcomes(connection, found)
            summary.imported += new
            summary.duplicates += there
            summary.refuse({lines[row]: why for row, why in sorted((refused | unknown).items())}, one.sheet.path.name)
    finally:
        engine.dispose()
    summary.ignored = [] if mapping.columns else [note for one in opened for note in one.ignored]
    return summary


def _read(file: OutcomeFile, kind, zone, summary):
    """The outcomes of a file with the number of their row, the line of each row, and why rows are refused."""
    rows, lines, refused = {}, {}, {}
    known: dict[str, tuple[int, Outcome]] = {}
    for number, (line, cells, problem) in enumerate(file.sheet.records(checked=True)):
        named = {} if problem else dict(zip(file.sheet.names, cells, strict=True))
        if not problem and not file.reader.is_read(named):
            summary.left_out += 1
            continue
        lines[number] = line
        if problem:
            refused[number] = problem
        else:
            rows[number] = file.reader.row(named)
    mapping = file.reader.mapping
    values, times = ([row.get(name, "") for row in rows.values()] for name in ("value", "occurred_at"))
    how = conventions(values, times, mapping.decimal, mapping.dates)
    for number, row in rows.items():
        try:
            one = outcome(row, kind, file.has_own_ids, how, zone)
        except Unusable as unusable:
            refused[number] = str(unusable)
            continue
        first, earlier = known.setdefault(one.outcome_id, (number, one))
        if first == number:
            continue
        if _further_line(earlier, one):
            known[one.outcome_id] = first, earlier if one.value is None else one
        else:
            refused[number] = DIFFERS
        summary.duplicates += number not in refused
    summary.read += len(lines)
    return list(known.values()), lines, refused


def _further_line(earlier: Outcome, one: Outcome) -> bool:
    """Whether both are one: the same, or a further line of an order, whose sum stands on one of them alone."""
    same = earlier._replace(value=None, currency=None) == one._replace(value=None, currency=None)
    return one == earlier or (same and None in (one.value, earlier.value))
