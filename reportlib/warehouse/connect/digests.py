"""Which of a table's rows are others than before, where no time of change tells: counted and hashed by a column.

Each call keeps what it found (`source.digests`), in the transaction that writes the rows. The hash is the source's own:
another version of the server, or a column more, gives others, and all is read again.
"""

from sqlalchemy import ColumnElement, Connection, column, func, select, table
from sqlalchemy.ext.compiler import compiles

from reportlib.warehouse.connect.layout import Place
from reportlib.warehouse.connect.local import keeps, run
from reportlib.warehouse.connect.platform import Extract
from reportlib.warehouse.engines import row_hash

Digests = dict[str | None, str]  # by a value as text: how many rows have it, and the hash of what is read of them
MOST = 1_000  # values that are asked for one by one; where more differ all is read


@compiles(row_hash, "mysql")
@compiles(row_hash, "mariadb")
def _row_hash(element, compiler, **kw):
    quoted = ", ".join(f"quote({compiler.process(clause, **kw)})" for clause in element.clauses)
    return f"CAST(conv(left(md5(concat_ws(',', {quoted})), 16), 16, 10) AS UNSIGNED)"


def asked(connection: Connection, extract: Extract, place: Place) -> tuple[Digests, dict]:
    """The digests of an extract's rows now, and by the same texts the values as its table has them."""
    read: list[ColumnElement] = [column(name) for name in extract.types if name in place.columns[extract.name]]
    value: ColumnElement = column(extract.compared_by)
    rows = select(value, func.count().label("number"), func.bit_xor(row_hash(*read)).label("hash"))
    found = connection.execute(
        rows.select_from(table(place.prefix + extract.table, schema=place.schema)).group_by(value)
    ).all()
    texts = {None if row[0] is None else str(row[0]): row for row in found}
    return {text: f"{row[1]} {row[2]}" for text, row in texts.items()}, {text: row[0] for text, row in texts.items()}


def differing(before: Digests, now: Digests) -> set[str | None] | None:
    """The values whose rows are others than before, those that are gone too; None where they are more than MOST."""
    values = {value for value in before.keys() | now.keys() if before.get(value) != now.get(value)}
    return values if len(values) <= MOST else None


def remember(connection: Connection, digests: dict[str, Digests]):
    """Keep these, by extract, in the stead of those before."""
    run(connection, "CREATE OR REPLACE TABLE source.digests (extract VARCHAR, value VARCHAR, digest VARCHAR)")
    for extract, found in digests.items():
        values = (extract, [*found], [*found.values()])
        connection.exec_driver_sql("INSERT INTO source.digests SELECT ?, unnest(?), unnest(?)", values)


def remembered(connection: Connection) -> dict[str, Digests]:
    """What the call before has kept, by extract."""
    digests: dict[str, Digests] = {}
    if keeps(connection, "digests"):
        for extract, value, digest in connection.exec_driver_sql("FROM source.digests"):
            digests.setdefault(extract, {})[value] = digest
    return digests
