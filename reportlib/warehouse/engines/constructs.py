"""SQL that the engines spell differently: one construct, one compilation per engine."""

from sqlalchemy import CTE, BigInteger, Boolean, DateTime, Double, Integer, Select, SmallInteger, Text, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

BITS = 15  # of a SMALLINT that is not negative
_MILLISECONDS_FROM = 100_000_000_000  # as seconds, the year 5138; as `callbacks.model` reads numbers


class epoch_ms(FunctionElement):  # noqa: N801  reads as the SQL function it is
    """Milliseconds since 1970-01-01 UTC of a timestamp column, BIGINT; written `epoch_ms(…)` where nobody runs it.

    Finer parts are cut off. In SQLite a timestamp is a text as ISO 8601 has it, or a number: seconds
    since 1970, milliseconds where there are too many for that; NULL where it is neither.
    """

    type = BigInteger()
    inherit_cache = True
    name = "epoch_ms"


@compiles(epoch_ms, "duckdb")
def _epoch_ms_duckdb(element, compiler, **kw):
    return f"epoch_ms({compiler.process(element.clauses, **kw)})"


@compiles(epoch_ms, "postgresql")
def _epoch_ms_postgresql(element, compiler, **kw):
    """By way of a double, which knows microseconds until 2255: `extract` makes a numeric, three times as slow."""
    return f"CAST(floor(round(date_part('epoch', {compiler.process(element.clauses, **kw)}) * 1e6) / 1000) AS BIGINT)"


@compiles(epoch_ms, "hive")
def _epoch_ms_spark(element, compiler, **kw):
    return f"unix_millis({compiler.process(element.clauses, **kw)})"


@compiles(epoch_ms, "sqlite")
def _epoch_ms_sqlite(element, compiler, **kw):
    """A julian day is a whole number of milliseconds inside SQLite, and this close to its double; the usual first."""
    at = compiler.process(element.clauses, **kw)
    cut = f"substr({at}, 1, 23) || ltrim(substr({at}, 24), '0123456789')"  # to milliseconds; it would round
    return (
        f"CASE WHEN {at} GLOB '*.??????' THEN {_of_julian_day(f'substr({at}, 1, 23)')} WHEN typeof({at}) = 'text' THEN "
        + _of_julian_day(f"CASE WHEN substr({at}, 20, 1) = '.' THEN {cut} ELSE {at} END")
        + f" WHEN abs({at}) < {_MILLISECONDS_FROM} THEN CAST(round({at} * 1000) AS INTEGER)"
        f" ELSE CAST({at} AS INTEGER) END"
    )


def _of_julian_day(text: str) -> str:
    return f"CAST(round((julianday({text}) - 2440587.5) * 86400000) AS INTEGER)"


class latest_ms(FunctionElement):  # noqa: N801
    """An aggregate: the latest `epoch_ms` of a timestamp column. DuckDB knows the greatest timestamp unread."""

    type = BigInteger()
    inherit_cache = True
    name = "latest_ms"


@compiles(latest_ms)
def _latest_ms(element, compiler, **kw):
    return compiler.process(epoch_ms(func.max(*element.clauses)), **kw)


@compiles(latest_ms, "sqlite")
def _latest_ms_sqlite(element, compiler, **kw):
    return compiler.process(func.max(epoch_ms(*element.clauses)), **kw)


class at_epoch_ms(FunctionElement):  # noqa: N801
    """The timestamp of a BIGINT of milliseconds since 1970-01-01 UTC: `epoch_ms` the other way round.

    In SQLite a text as SQLAlchemy writes it, so that texts are in the order of their times.
    """

    type = DateTime()
    inherit_cache = True
    name = "at_epoch_ms"


@compiles(at_epoch_ms, "duckdb")
def _at_epoch_ms_duckdb(element, compiler, **kw):
    return f"make_timestamp({compiler.process(element.clauses, **kw)} * 1000)"


@compiles(at_epoch_ms, "postgresql")
def _at_epoch_ms_postgresql(element, compiler, **kw):
    return f"(TIMESTAMPTZ 'epoch' + {compiler.process(element.clauses, **kw)} * INTERVAL '1 millisecond')"


@compiles(at_epoch_ms, "hive")
def _at_epoch_ms_spark(element, compiler, **kw):
    return f"timestamp_millis({compiler.process(element.clauses, **kw)})"


@compiles(at_epoch_ms, "sqlite")
def _at_epoch_ms_sqlite(element, compiler, **kw):
    at = compiler.process(element.clauses, **kw)
    part = f"(({at} % 1000 + 1000) % 1000)"  # of the second, before 1970 too
    return f"(strftime('%Y-%m-%d %H:%M:%S', ({at} - {part}) / 1000, 'unixepoch') || printf('.%03d000', {part}))"


class any_bits(FunctionElement):  # noqa: N801
    """An aggregate over whole numbers of BITS bits, 0 to 32,767: a SMALLINT with each bit that any of them has."""

    type = SmallInteger()
    inherit_cache = True
    name = "any_bits"


@compiles(any_bits)
def _any_bits(element, compiler, **kw):
    return f"bit_or({compiler.process(element.clauses, **kw)})"


@compiles(any_bits, "sqlite")
def _any_bits_sqlite(element, compiler, **kw):
    """SQLite has no bit_or; one in Python takes twice as long as the greatest of each bit."""
    number = compiler.process(element.clauses, **kw)
    return f"({' + '.join(f'max({number} & {1 << bit})' for bit in range(BITS))})"


class in_byte_order(FunctionElement):  # noqa: N801
    """A text as it is ordered by its UTF-8 bytes, whatever the language of a PostgreSQL database."""

    type = Text()
    inherit_cache = True
    name = "in_byte_order"


@compiles(in_byte_order)
def _in_byte_order(element, compiler, **kw):
    return compiler.process(element.clauses, **kw)


@compiles(in_byte_order, "postgresql")
def _in_byte_order_postgresql(element, compiler, **kw):
    return f'({compiler.process(element.clauses, **kw)} COLLATE "C")'


class row_hash(FunctionElement):  # noqa: N801
    """A whole number of 64 bits that stands for the values of these columns; another engine has another."""

    type = BigInteger()
    inherit_cache = True
    name = "row_hash"  # in SQLite a function of our own: `opening` has it


@compiles(row_hash, "duckdb")
def _row_hash_duckdb(element, compiler, **kw):
    return f"hash({compiler.process(element.clauses, **kw)})"


@compiles(row_hash, "postgresql")
def _row_hash_postgresql(element, compiler, **kw):
    return f"hashtextextended(CAST(ROW({compiler.process(element.clauses, **kw)}) AS TEXT), 0)"


@compiles(row_hash, "hive")
def _row_hash_spark(element, compiler, **kw):
    """Spark's own hash passes over NULL as if it were not there."""
    values = [compiler.process(column, **kw) for column in element.clauses]
    return f"xxhash64({', '.join(f'{value}, {value} IS NULL' for value in values)})"


@compiles(row_hash, "sqlite")
def _row_hash_sqlite(element, compiler, **kw):
    return f"row_hash({compiler.process(element.clauses, **kw)})"


class misfits(FunctionElement):  # noqa: N801
    """The condition that a value is none of its column's type: only SQLite, which types values, can have such."""

    type = Boolean()
    inherit_cache = True
    name = "misfits"


@compiles(misfits)
def _misfits(element, compiler, **kw):
    return "1 = 0"


@compiles(misfits, "sqlite")
def _misfits_sqlite(element, compiler, **kw):
    (column,) = element.clauses
    name = compiler.process(column, **kw)
    if isinstance(column.type, DateTime):
        return f"({name} IS NOT NULL AND {compiler.process(epoch_ms(column), **kw)} IS NULL)"
    if isinstance(column.type, Boolean):
        return f"({name} NOT IN (0, 1))"
    kinds = {BigInteger: "'integer', 'null'", Double: "'integer', 'real', 'null'"}
    return f"(typeof({name}) NOT IN ({next(found for kind, found in kinds.items() if isinstance(column.type, kind))}))"


class narrowed(FunctionElement):  # noqa: N801
    """A condition that a join's rows meet anyway, told to DuckDB alone: of a long table it then joins fewer."""

    type = Boolean()
    inherit_cache = True
    name = "narrowed"


@compiles(narrowed)
def _narrowed(element, compiler, **kw):
    return "1 = 1"


@compiles(narrowed, "duckdb")
def _narrowed_duckdb(element, compiler, **kw):
    return compiler.process(element.clauses, **kw)


class tenfold(FunctionElement):  # noqa: N801
    """1, which PostgreSQL expects to make ten rows of each: in a select of groups that are themselves made of groups.

    There it knows nothing of their values, takes them for a tenth of the rows, and then looks up one by one what it had
    better join.
    """

    type = Integer()
    inherit_cache = True
    name = "tenfold"


@compiles(tenfold)
def _tenfold(element, compiler, **kw):
    return "1"


@compiles(tenfold, "postgresql")
def _tenfold_postgresql(element, compiler, **kw):
    return "unnest(ARRAY(SELECT 1))"


def computed_once(rows: Select, name: str) -> CTE:
    """The select as a CTE that SQLite and PostgreSQL work out once; they would anew wherever a column of it is named.

    PostgreSQL does not look into a select that has an OFFSET, and may still share the work among processes, which it
    may not where a CTE is MATERIALIZED.
    """
    apart = rows.suffix_with("OFFSET 0", dialect="postgresql")
    return apart.cte(name).prefix_with("MATERIALIZED", dialect="sqlite")
