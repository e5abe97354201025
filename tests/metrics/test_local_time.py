"""Local time in SQL against zoneinfo: every zone, the minutes around every change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pandas as pd
import pytest
from sqlalchemy import BigInteger, column, create_engine, literal, select, union_all

from reportlib.errors import UnknownTimeZone
from reportlib.metrics.local_time import HOUR_MS, at_local, hour_of_week, local_ms, zone_offsets

EPOCH = datetime(1970, 1, 1)
FROM, TO = datetime(2024, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)


def moments(zone):
    """The seconds around each change of the zone, and a few ordinary moments."""
    changes = [datetime.fromtimestamp(start / 1000, UTC) for start, _ in zone_offsets(zone)]
    near = [c + timedelta(seconds=s) for c in changes if FROM <= c < TO for s in (-3600, -1, 0, 1, 3600)]
    return [*near, FROM, datetime(2025, 7, 1, 12, 34, 56, tzinfo=UTC), TO - timedelta(seconds=1)]


def wall_clock_ms(moment, zone):
    local = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return (local - EPOCH) // timedelta(milliseconds=1)


def test_every_zone_and_every_change_as_zoneinfo_has_them():
    engine, answered = create_engine("duckdb:///:memory:"), {}  # the same changes are the same statement
    with engine.connect() as connection:
        for zone in sorted(available_timezones()):
            asked, changes = moments(zone), tuple(map(tuple, zone_offsets(zone)))
            milliseconds = [int(moment.timestamp() * 1000) for moment in asked]
            if changes not in answered:
                rows = union_all(*[select(literal(ms, BigInteger).label("ms")) for ms in milliseconds]).subquery()
                answered[changes] = dict(connection.execute(select(rows.c.ms, local_ms(rows.c.ms, zone))).all())
            expected = {ms: wall_clock_ms(moment, zone) for ms, moment in zip(milliseconds, asked, strict=True)}
            assert answered[changes] == expected, zone
            assert at_local(pd.Series(milliseconds, dtype="Int64"), zone).tolist() == list(expected.values()), zone


def test_what_has_no_time_has_no_local_time():
    assert at_local(pd.Series([None, 0], dtype="Int64"), "Asia/Kolkata").tolist() == [pd.NA, 5.5 * HOUR_MS]


@pytest.mark.parametrize(
    "local", [datetime(2026, 11, 23, 0, 0), datetime(2026, 11, 29, 23, 59), datetime(2026, 1, 1, 5)]
)
def test_hour_of_week_counts_from_monday(local):
    ms = (local - EPOCH) // timedelta(milliseconds=1)
    with create_engine("duckdb:///:memory:").connect() as connection:
        hour = connection.scalar(select(hour_of_week(literal(ms, BigInteger)))) // HOUR_MS
    assert hour == local.weekday() * 24 + local.hour


@pytest.mark.parametrize("name", ["Europe/Berln", "", "../etc/passwd", "Mars/Phobos", 7])
def test_a_name_that_is_no_zone_is_an_error_that_names_it(name):
    with pytest.raises(UnknownTimeZone, match="is not an IANA time zone"):
        local_ms(column("ms"), name)
