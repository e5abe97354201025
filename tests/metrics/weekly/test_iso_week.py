"""ISO weeks: where they begin and end, by the clock of a zone, and how they are named."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from reportlib.errors import InvalidParameters, UnknownTimeZone
from reportlib.metrics import Week, parse_week
from reportlib.metrics.weekly.iso_week import week_of


@pytest.mark.parametrize(
    ("week", "monday", "sunday"),
    [
        ("2026-W46", date(2026, 11, 9), date(2026, 11, 15)),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 3)),  # a year of 53 weeks
        ("2027-W01", date(2027, 1, 4), date(2027, 1, 10)),
        ("2025-W01", date(2024, 12, 30), date(2025, 1, 5)),
    ],
)
def test_a_week_goes_from_monday_to_sunday(week, monday, sunday):
    found = parse_week(week, 0, "UTC")
    assert (str(found), found.monday, found.sunday) == (week, monday, sunday)


def test_weeks_follow_each_other_over_the_year():
    assert [str(Week(2027, 1).previous(n)) for n in (0, 1, 2, -1)] == ["2027-W01", "2026-W53", "2026-W52", "2027-W02"]
    assert Week(2021, 1).previous() == Week(2020, 53)
    assert Week(2026, 53) < Week(2027, 1)
    assert str(Week(2026, 53)) < str(Week(2027, 1))


@pytest.mark.parametrize(
    ("week", "zone", "start", "hours"),
    [
        (Week(2026, 46), "America/Sao_Paulo", "2026-11-09T03:00", 168),
        (Week(2026, 43), "Europe/Berlin", "2026-10-18T22:00", 169),  # the clocks go back on its Sunday
        (Week(2026, 13), "Europe/Berlin", "2026-03-22T23:00", 167),
        (Week(2026, 14), "Australia/Lord_Howe", "2026-03-29T13:00", 168.5),
        (Week(2026, 1), "Asia/Kathmandu", "2025-12-28T18:15", 168),
    ],
)
def test_its_moments_are_those_of_the_zone(week, zone, start, hours):
    assert week.start(zone) == pd.Timestamp(start, tz="UTC")
    assert (week.end(zone) - week.start(zone)).total_seconds() / 3600 == hours
    just_before = week.end(zone) - pd.Timedelta(milliseconds=1)
    assert week_of(week.start(zone), zone) == week_of(just_before, zone) == week
    assert week_of(week.end(zone), zone) == week.previous(-1)


@pytest.mark.parametrize(
    ("now", "zone", "last"),
    [
        ("2026-11-16T00:00", "UTC", "2026-W46"),
        ("2026-11-15T23:59", "UTC", "2026-W45"),
        ("2026-11-16T02:59", "America/Sao_Paulo", "2026-W45"),  # there it is still Sunday
        ("2026-11-15T18:15", "Asia/Kathmandu", "2026-W46"),
        ("2027-01-04T12:00", "UTC", "2026-W53"),
    ],
)
def test_the_last_week_is_the_one_that_is_over_on_the_zones_clock(now, zone, last):
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert str(parse_week("last", pd.Timestamp(moment), zone)) == last
    assert str(parse_week("last", int(moment.timestamp() * 1000), zone)) == last


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-W54", "'2026-W54' is no week: 2026 has the weeks 1 to 53"),
        ("2025-W53", "2025 has the weeks 1 to 52"),
        ("2026-W00", "2026 has the weeks 1 to 53"),
        ("W46", "'W46' is no week; weeks look like '2026-W46'"),
        ("2026-46", "did you mean '2026-W46'?"),
        ("2026w7", "did you mean '2026-W07'?"),
        ("latest", "did you mean 'last'?"),
        ("9999-W01", "is no week"),
        ("", "is no week"),
    ],
)
def test_what_is_no_week_is_said_with_what_was_meant(text, said):
    with pytest.raises(InvalidParameters) as raised:
        parse_week(text, 0, "UTC")
    assert said in str(raised.value)


def test_a_zone_that_is_none():
    with pytest.raises(UnknownTimeZone):
        parse_week("last", 0, "Mars/Olympus")
