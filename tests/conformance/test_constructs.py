"""Each piece of SQL that reports and imports stand on: what goes in, and what must come out, on every engine."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    case,
    cast,
    false,
    func,
    literal,
    select,
)
from sqlalchemy.schema import CreateTable, DropTable

from reportlib.metrics.local_time import DAY_MS, HOUR_MS, hour_of_week, local_ms
from reportlib.warehouse.contract.tables import timestamp
from reportlib.warehouse.engines import (
    any_bits,
    at_epoch_ms,
    bucket_start,
    computed_once,
    epoch_ms,
    happened_by,
    in_byte_order,
    latest_ms,
    misfits,
    narrowed,
    position_of,
    row_hash,
    sound,
    sound_ms,
    tenfold,
)

rows = Table(
    "construct_rows",
    MetaData(),
    Column("nth", Integer),
    Column("text", Text),
    Column("whole", BigInteger),
    Column("real", Double),
    Column("flag", Boolean),
    timestamp("moment"),
)
r = rows.c
SPRING = 1_774_746_000_000  # 2026-03-29 01:00 UTC: Berlin's clocks go forward
AUTUMN = 1_792_890_000_000  # 2026-10-25 01:00 UTC: and back


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass
class Construct:
    """What an expression makes of each of `given`, put into `column`; all of them at once where `of_all`."""

    expression: object
    column: Column
    given: list
    expected: object
    of_all: bool = False


LARGE = 2**62
TEXTS = ["b", "B", "é", "ß", "a b", "a-b", "😀", "10", "9", "", None]
MOMENTS = [utc("2026-11-02T09:00:00.999"), utc("1969-12-31T23:59:59.999"), utc("1900-01-01T00:00:00.001"), None]
MOMENTS += [utc("2026-11-02T09:00:00.123999"), utc("2200-01-01T00:00:00.001"), utc("2000-02-29T00:00:00")]
MILLISECONDS = [
    1_793_610_000_999,
    -1,
    -2_208_988_799_999,
    None,
    1_793_610_000_123,
    7_258_118_400_001,
    951_782_400_000,
]
SOUND = [ms if ms and 946_684_800_000 <= ms < 4_102_444_800_000 else None for ms in MILLISECONDS]
TABLE = {
    "epoch_ms": Construct(epoch_ms(r.moment), r.moment, MOMENTS, MILLISECONDS),
    "at_epoch_ms": Construct(epoch_ms(at_epoch_ms(r.whole)), r.whole, MILLISECONDS, MILLISECONDS),
    "the order of at_epoch_ms": Construct(
        epoch_ms(func.max(at_epoch_ms(r.whole))), r.whole, [5, -7, 1001, 1000, None], 1001, of_all=True
    ),
    "bucket_start": Construct(
        epoch_ms(bucket_start(r.moment, 60)),
        r.moment,
        [utc("2026-11-02T09:00:59.999"), utc("2026-11-02T09:01:00"), utc("1970-01-01T00:00:01"), None],
        [1_793_610_000_000, 1_793_610_060_000, 0, None],
    ),
    "sound_ms": Construct(sound_ms(r.moment), r.moment, MOMENTS, SOUND),
    "sound": Construct(epoch_ms(sound(r.moment)), r.moment, MOMENTS, SOUND),
    "happened_by": Construct(
        case((happened_by(r.moment, SOUND[0]), 1), (~happened_by(r.moment, SOUND[0]), 0)),
        r.moment,
        [utc("2026-11-02T09:00:00.999999"), utc("2026-11-02T09:01:00"), utc("2000-01-01"), None],
        [1, 0, 1, None],
    ),
    "happened_by, of no time": Construct(
        case((happened_by(r.moment, 2**43), 1)), r.moment, MOMENTS, [1 if ms else None for ms in SOUND]
    ),
    "latest_ms": Construct(latest_ms(r.moment), r.moment, MOMENTS, max(filter(None, MILLISECONDS)), of_all=True),
    "any_bits": Construct(any_bits(r.whole), r.whole, [1, 2**14 + 1, 8, 0], 2**14 + 9, of_all=True),
    "narrowed": Construct(case((narrowed(r.whole.in_(select(r.whole))), 1)), r.whole, [1, 2], [1, 1]),
    "tenfold": Construct(tenfold(), r.whole, [1, None], [1, 1]),
    "misfits": Construct(case((misfits(r.moment), 1), else_=0), r.moment, MOMENTS[:4], [0, 0, 0, 0]),
    "%": Construct(r.whole % 7, r.whole, [9, -9, 0, None, -7], [2, -2, 0, None, 0]),
    "bitwise &": Construct(r.whole.bitwise_and(6), r.whole, [5, 8, None], [4, 0, None]),
    "large numbers": Construct(r.whole - 1, r.whole, [LARGE, -LARGE], [LARGE - 1, -LARGE - 1]),
    "sum": Construct(func.sum(r.whole), r.whole, [2**52, 2**52, 1, None], 2**53 + 1, of_all=True),
    "sum of nothing": Construct(func.sum(r.whole), r.whole, [None], None, of_all=True),
    "count": Construct(func.count(r.whole.distinct()), r.whole, [7, 7, 8, None], 2, of_all=True),
    "local_ms": Construct(
        local_ms(r.whole, "Europe/Berlin") - r.whole,
        r.whole,
        [SPRING - 1, SPRING, AUTUMN - 1, AUTUMN],
        [HOUR_MS, 2 * HOUR_MS, 2 * HOUR_MS, HOUR_MS],
    ),
    "hour_of_week": Construct(
        hour_of_week(r.whole), r.whole, [0, 4 * DAY_MS - 1, 4 * DAY_MS], [3 * DAY_MS, 7 * DAY_MS - HOUR_MS, 0]
    ),
    "coalesce of a boolean": Construct(
        case((func.coalesce(r.flag, false()) == false(), 1), else_=0), r.flag, [True, False, None], [0, 1, 1]
    ),
    "not a boolean": Construct(case((~r.flag, 1), else_=0), r.flag, [True, False, None], [0, 1, 0]),
    "cast to text": Construct(cast(r.whole, String), r.whole, [7, -7, LARGE, None], ["7", "-7", str(LARGE), None]),
    "nullif": Construct(func.nullif(r.text, ""), r.text, ["", "a", None], [None, "a", None]),
    "lower": Construct(func.lower(r.text), r.text, ["Ann@Example.com", None], ["ann@example.com", None]),
    "substr": Construct(func.substr(r.text, 1, 9), r.text, ["detailed:x", "Dé"], ["detailed:", "Dé"]),
    "replace": Construct(func.replace(r.text, "-", ""), r.text, ["a-b-", None], ["ab", None]),
    "contains": Construct(case((r.text.contains("@"), 1), else_=0), r.text, ["a@b", "a", None], [1, 0, 0]),
    "equal texts": Construct(
        case((r.text == "é", 1), else_=0), r.text, ["é", "É", "e", "e\u0301", "é "], [1, 0, 0, 0, 0]
    ),
    "is_not_distinct_from": Construct(
        case((r.text.is_not_distinct_from(literal(None, Text)), 1), else_=0), r.text, ["", None], [0, 1]
    ),
    "in_byte_order": Construct(
        func.row_number().over(order_by=in_byte_order(r.text)), r.text, ["b", "B", "é", "z", "😀"], [2, 1, 4, 3, 5]
    ),
    "the least of in_byte_order": Construct(
        func.min(in_byte_order(r.text)), r.text, ["b", "é", None, "B", "a"], "B", of_all=True
    ),
    "position_of": Construct(position_of(r.text, "?é"), r.text, ["a?é?é", "?é", "a?", "", None], [2, 1, 0, 0, None]),
    "in many": Construct(
        case((r.whole.in_(list(range(0, 60_000, 2))), 1), else_=0), r.whole, [59_998, 59_999, None], [1, 0, 0]
    ),
    "in none": Construct(case((r.whole.in_([]), 1), else_=0), r.whole, [1, None], [0, 0]),
    "real numbers": Construct(r.real, r.real, [0.1, -1e300, 5e-324, None], [0.1, -1e300, 5e-324, None]),
    "nulls_last": Construct(
        func.row_number().over(order_by=(r.whole.desc().nulls_last(), r.nth)), r.whole, [1, None, 3], [2, 3, 1]
    ),
    "nulls_last of texts": Construct(
        func.row_number().over(order_by=(r.text.asc().nulls_last(), r.nth)), r.text, ["b", None, "a"], [2, 3, 1]
    ),
}


def put(connection, column: Column, given: list):
    """The table anew, with these values in one column; on Spark a view, which takes a tenth of the time."""
    if connection.dialect.name == "hive":
        put_on_spark(connection, column, given)
        return
    connection.execute(DropTable(rows, if_exists=True))
    connection.execute(CreateTable(rows))
    for nth, value in enumerate(given):
        if isinstance(value, datetime) and connection.dialect.name != "postgresql":
            value = value.replace(tzinfo=None)
        connection.execute(rows.insert().values(nth=nth, **{column.name: value}))


def put_on_spark(connection, column, given):
    kinds = {"text": "STRING", "whole": "BIGINT", "real": "DOUBLE", "flag": "BOOLEAN", "moment": "TIMESTAMP_NTZ"}
    values, cells = [], []
    for nth, value in enumerate(given):
        written = value.replace(tzinfo=None).isoformat() if isinstance(value, datetime) else value
        values += [nth, None if value is None else str(written)]
        own = ", ".join(f"CAST({'%s' if name == column.name else 'NULL'} AS {kind})" for name, kind in kinds.items())
        cells.append(f"(%s, {own})")
    rows = f"VALUES {', '.join(cells)}" if cells else f"SELECT 0, {', '.join(['NULL'] * len(kinds))} WHERE false"
    made = f"CREATE OR REPLACE TEMPORARY VIEW construct_rows (nth, {', '.join(kinds)}) AS {rows}"
    connection.exec_driver_sql(made, tuple(values))


@pytest.mark.parametrize("name", TABLE)
def test_what_comes_out(connection, name):
    check_construct(connection, name)


def check_construct(connection, name):
    construct = TABLE[name]
    put(connection, construct.column, construct.given)
    if construct.of_all:
        assert connection.scalar(select(construct.expression).select_from(rows)) == construct.expected
    else:
        found = connection.execute(select(construct.expression.label("value"), r.nth).order_by(r.nth))
        assert [value for value, _ in found] == construct.expected


def test_computed_once(connection):
    put(connection, r.whole, [1, 2, 3])
    once = computed_once(select((r.whole % 2).label("odd"), r.whole), "once")
    assert connection.scalar(select(func.sum(once.c.whole + once.c.odd)).where(once.c.odd == 1)) == 6


def test_narrowed_is_told_to_duckdb_alone(connection):
    told = str(select(r.nth).where(narrowed(r.whole > 1)).compile(connection))
    assert ("whole >" in told) == (connection.dialect.name == "duckdb")


def test_row_hash(connection):
    check_row_hash(connection)


def check_row_hash(connection):
    """The same for the same rows in any order, another for one that differs; NULL and '' are two things."""

    def hashed(*texts):
        put(connection, r.text, texts)
        return int(connection.scalar(select(func.bit_xor(row_hash(r.text, r.whole, r.moment)))))

    assert hashed("a", "b") == hashed("b", "a") != hashed("a", "c")
    assert len({hashed(None), hashed(""), hashed("NULL"), hashed("a"), hashed("a", "a")}) == 5
    put(connection, r.text, [])
    assert connection.scalar(select(func.bit_xor(row_hash(r.text)))) is None
    put(connection, r.text, ["a"])
    one, other = (select(func.bit_xor(row_hash(*both))) for both in ((r.text, r.whole), (r.whole, r.text)))
    assert connection.scalar(one) != connection.scalar(other)  # a value that moves to the next column is a change


@pytest.mark.parametrize(
    ("stored", "milliseconds"),
    [
        ("2026-11-02 09:00:00", 1_793_610_000_000),
        ("2026-11-02T09:00:00Z", 1_793_610_000_000),
        ("2026-11-02T09:00:00.999Z", 1_793_610_000_999),
        ("2026-11-02T09:00:00.9Z", 1_793_610_000_900),
        ("2026-11-02 09:00:00.999999999", 1_793_610_000_999),
        ("2026-11-02T14:45:00.123999+05:45", 1_793_610_000_123),
        ("2026-11-02T09:00", 1_793_610_000_000),
        ("2026-11-02", 1_793_577_600_000),
        (1_793_610_000, 1_793_610_000_000),
        (1_793_610_000_999, 1_793_610_000_999),
        (1_793_610_000.999, 1_793_610_000_999),
        (-1, -1000),
        ("soon", None),
        ("", None),
    ],
)
def test_times_in_sqlite_as_other_programs_write_them(new_sqlite, stored, milliseconds):
    new_sqlite.exec_driver_sql("INSERT INTO construct_rows (moment) VALUES (?)", (stored,))
    assert new_sqlite.scalar(select(epoch_ms(r.moment))) == milliseconds
    assert new_sqlite.scalar(select(case((misfits(r.moment), 1), else_=0))) == (milliseconds is None)


@pytest.mark.parametrize("millisecond", [0, 1, 7, 290, 579, 999])
def test_every_second_of_a_minute_in_sqlite(new_sqlite, millisecond):
    """Its julian day is a double: exact to the millisecond, whatever the second."""
    moments = [utc(f"2026-03-29T00:59:{second:02}").replace(microsecond=1000 * millisecond) for second in range(60)]
    put(new_sqlite, r.moment, moments)
    found = new_sqlite.scalars(select(epoch_ms(r.moment)).order_by(r.nth)).all()
    assert found == [SPRING - 60_000 + 1000 * second + millisecond for second in range(60)]


@pytest.fixture
def new_sqlite(sqlite_url):
    from reportlib.warehouse.connection import connect

    engine = connect(sqlite_url)
    with engine.connect() as connection:
        put(connection, r.moment, [])
        yield connection
    engine.dispose()
