"""SQL that the engines spell differently: what each construct means, and standard SQL for it where there is any.

Each engine's file says how it spells the others.
"""

from sqlalchemy import CTE, BigInteger, Boolean, DateTime, Integer, Select, Text, func, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import roles
from sqlalchemy.sql.functions import FunctionElement

BITS = 20  # of a whole number; each costs SQLite an aggregate


class Construct(FunctionElement):
    """A function that is called as its class is, and compiled alike for the same arguments."""

    def __init_subclass__(cls):
        super().__init_subclass__()
        cls.name, cls.inherit_cache = cls.__name__, True


def spelt(construct: type[Construct], text: str, *engines: str):
    """Write a construct as this text, in which {} is what it is of: for these engines, or where an engine's file says
    nothing else."""

    @compiles(construct, *engines)
    def written(element, compiler, **kw):
        return text.replace("{}", compiler.process(element.clauses, **kw)) if "{}" in text else text


class epoch_ms(Construct):  # noqa: N801  reads as the SQL function it is
    """Milliseconds since 1970-01-01 UTC of a timestamp column, BIGINT; written `epoch_ms(…)` where nobody runs it.

    Finer parts are cut off. In SQLite a timestamp is a text as ISO 8601 has it, or a number: seconds
    since 1970, milliseconds where there are too many for that; NULL where it is neither.
    """

    type = BigInteger()


class sound(Construct):  # noqa: N801
    """A timestamp column's value where it can be a time of what we look at, from 2000 until 2100; NULL where it is
    none: a 1970 that stood for nothing, a year 1, `infinity`, a year beyond 9999."""

    type = DateTime()


SOUND = "CASE WHEN {} BETWEEN TIMESTAMP '2000-01-01 00:00:00' AND TIMESTAMP '2099-12-31 23:59:59.999999' THEN {} END"
spelt(sound, SOUND)


class sound_ms(Construct):  # noqa: N801
    """`epoch_ms` of a `sound` time: what every figure that has to do with time is made from."""

    type = BigInteger()


@compiles(sound_ms)
def _sound_ms(element, compiler, **kw):
    return compiler.process(epoch_ms(sound(*element.clauses)), **kw)


class happened_by(Construct):  # noqa: N801
    """The condition that the `sound_ms` of a timestamp column is at most so many milliseconds."""

    type = Boolean()


@compiles(happened_by)
def _happened_by(element, compiler, **kw):
    at, ms = element.clauses
    return compiler.process(sound_ms(at) <= ms, **kw)


class latest_ms(Construct):  # noqa: N801
    """An aggregate: the latest `epoch_ms` of a timestamp column. DuckDB knows the greatest timestamp unread."""

    type = BigInteger()


@compiles(latest_ms)
def _latest_ms(element, compiler, **kw):
    return compiler.process(epoch_ms(func.max(*element.clauses)), **kw)


class at_epoch_ms(Construct):  # noqa: N801
    """The timestamp of a BIGINT of milliseconds since 1970-01-01 UTC: `epoch_ms` the other way round.

    In SQLite a text as SQLAlchemy writes it, so that texts are in the order of their times.
    """

    type = DateTime()


class bucket_start(Construct):  # noqa: N801
    """The start of the bucket a timestamp falls into, a timestamp; buckets of `seconds` begin with 1970 UTC.

    What a monitor groups by, a million rows every few seconds.
    """

    type = DateTime()

    def __init__(self, at, seconds):
        super().__init__(at, seconds * 1000)


@compiles(bucket_start)
def _bucket_start(element, compiler, **kw):
    at, size = element.clauses
    ms = epoch_ms(at)
    return compiler.process(at_epoch_ms((ms - ms % size).self_group()), **kw)


class any_bits(Construct):  # noqa: N801
    """An aggregate over whole numbers of BITS bits, that are not negative: one with each bit that any of them has."""

    type = Integer()


spelt(any_bits, "bit_or({})")


class in_byte_order(Construct):  # noqa: N801
    """A text as it is ordered by its UTF-8 bytes, whatever the language of a PostgreSQL database."""

    type = Text()


spelt(in_byte_order, "{}")


class position_of(Construct):  # noqa: N801
    """Where in a text another begins, counted from 1; 0 where it is not in it."""

    type = Integer()

    def __init__(self, text, part):
        super().__init__(text, literal(part))


@compiles(position_of)
def _position_of(element, compiler, **kw):
    text, part = element.clauses
    return f"POSITION({compiler.process(part, **kw)} IN {compiler.process(text.self_group(), **kw)})"


class row_hash(Construct):  # noqa: N801
    """A whole number of 64 bits that stands for the values of these columns; another engine has another."""

    type = BigInteger()


class misfits(Construct):  # noqa: N801
    """The condition that a value is none of its column's type: only SQLite, which types values, can have such."""

    type = Boolean()


spelt(misfits, "1 = 0")


class narrowed(Construct):  # noqa: N801
    """A condition that a join's rows meet anyway, told to DuckDB alone: of a long table it then joins fewer."""

    type = Boolean()


spelt(narrowed, "1 = 1")


class tenfold(Construct):  # noqa: N801
    """1, which PostgreSQL expects to make ten rows of each: in a select of groups that are themselves made of groups.

    There it knows nothing of their values, takes them for a tenth of the rows, and then looks up one by one what it had
    better join.
    """

    type = Integer()


spelt(tenfold, "1")


class kept_apart(Construct, roles.StatementOptionRole):  # noqa: N801
    """Behind a select: it is not merged into what it is part of."""


spelt(kept_apart, "")


def computed_once(rows: Select, name: str) -> CTE:
    """The select as a CTE that is worked out once; PostgreSQL would do so wherever a column of it is named."""
    return rows.suffix_with(kept_apart()).cte(name)
