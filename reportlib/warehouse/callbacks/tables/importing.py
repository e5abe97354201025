"""Importing tables in files: rows that are messages, and rows that tell of messages."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from reportlib.warehouse.callbacks import message_table, told
from reportlib.warehouse.callbacks.importing import import_payloads
from reportlib.warehouse.callbacks.message_table.files import TableFile, open_table
from reportlib.warehouse.callbacks.message_table.mapping import Mapping
from reportlib.warehouse.callbacks.summary import ImportSummary
from reportlib.warehouse.callbacks.tables.opening import Said


def import_detailed(
    files: Iterable[str], url: str | None = None, mapping: Mapping | None = None, said: Said | None = None
) -> ImportSummary:
    """Import per-contact tables, our detailed export or with a mapping another tool's, into a database or a new one.

    `said` is what the files do not say themselves.

    A message that is there already is replaced, and counted as a duplicate; a row that cannot be used is rejected, with
    its line. Raises as `import_callbacks`.
    """
    mapped = (said or Said()).of(mapping or Mapping())
    tables = [open_table(Path(file), mapped) for file in files]
    summary = import_tables(tables, url)
    if mapping is None:  # who names columns leaves the others out on purpose
        summary.ignored = [f"{table.path.name}: column {name}" for table in tables for name in table.ignored]
    return summary


def import_tables(tables: Sequence[TableFile], url: str | None = None) -> ImportSummary:
    """Import tables in files, into a database or a new one: rows that are messages, then those that tell of messages.

    Of a table of events each row is counted, and beside them how many messages it named. Raises as `import_callbacks`.
    """
    of_messages = [table for table in tables if not table.reader.mapping.events]
    telling = [table for table in tables if table.tells]
    made, parts = 0, []
    if of_messages:
        parts.append(import_payloads(message_table.PROVIDER, _messages(of_messages), url))
    for table in tables:
        if table.reader.mapping.events:
            made += import_payloads(message_table.PROVIDER, _messages([table]), url).imported
    if telling:
        parts.append(import_payloads(told.PROVIDER, lambda _: (row for one in telling for row in one.told()), url))
    summary, *others = parts
    for other in others:
        summary.add(other)
    summary.messages, summary.left_out = made, sum(table.left_out() for table in tables)
    return summary


def _messages(tables):
    return lambda _: (row for one in tables for row in one.messages())
