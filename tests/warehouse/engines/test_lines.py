"""Rows on their way into a temporary table."""

from itertools import product

from sqlalchemy import BigInteger, Boolean, Column, Double, MetaData, Table, Text, create_engine, select

from reportlib.warehouse.engines import as_lines, stage_lines

# Whatever is a sign of the lines', in every order, and what might be taken for nothing.
TEXTS = ["".join(signs) for length in (1, 2, 3) for signs in product('"\\,[]', repeat=length)]
TEXTS += ['a"],["b', "null", "NULL", "\\N", "", " ", "'", "é☃𝄞", "\u2028", "1", "true", "-", "\\n", "\\u0041"]
table = Table(
    "staged_lines",
    MetaData(),
    Column("first", Text),
    Column("number", BigInteger),
    Column("text", Text),
    Column("truth", Boolean),
    Column("amount", Double),
    Column("last", Text),
    prefixes=["TEMPORARY"],
)


def test_rows_come_in_as_they_are(database_url, tmp_path):
    some = list(zip(TEXTS, TEXTS[1:] + TEXTS[:1], strict=True))
    rows = [
        (f"a{one}", 2**40 + number, other, number % 2 == 0, 1e-9, other) for number, (one, other) in enumerate(some)
    ]
    rows += [(f"a{text}", number, None, None, None, text) for number, text in enumerate(TEXTS)]
    lines = tmp_path / "lines"
    lines.write_bytes(as_lines(rows[:100], "a") + as_lines(rows[100:], "a"))
    engine = create_engine(database_url)
    with engine.connect() as connection:
        for _ in range(2):
            stage_lines(connection, table, lines)
        found = [tuple(row) for row in connection.execute(select(table).order_by(table.c.number))]
    engine.dispose()
    assert found == sorted(rows, key=lambda row: row[1])
