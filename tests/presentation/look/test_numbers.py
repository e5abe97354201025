"""Numbers as readers see them."""

import pandas as pd
import pytest

from reportlib.metrics import Rate
from reportlib.presentation.look import numbers


@pytest.mark.parametrize(
    ("fraction", "written"),
    [
        (0.412, "41.2\u202f%"),
        (0.0003, "0.03\u202f%"),
        (0.9997, "99.97\u202f%"),
        (0.00001, "<\u202f0.01\u202f%"),
        (0.99999, ">\u202f99.99\u202f%"),
        (0, "0.0\u202f%"),
        (1, "100.0\u202f%"),
        (None, "–"),
        (float("nan"), "–"),
        (pd.NA, "–"),
    ],
)
def test_percent_never_rounds_something_to_nothing_or_all(fraction, written):
    assert numbers.percent(fraction) == written


def test_count_groups_thousands_and_shows_a_missing_one():
    assert [numbers.count(n) for n in (0, 1234567, None, pd.NA)] == ["0", "1,234,567", "–", "–"]


def test_a_rate_prints_its_interval_and_base():
    assert numbers.rate(Rate(1983, 4812, "delivered")) == "41.2\u202f% (39.8–42.6) of 4,812 delivered"
    assert numbers.rate(Rate(0, 0, "delivered")) == "– of 0 delivered"


def test_a_moment_is_told_in_the_zone():
    moment = pd.Timestamp("2026-10-25T01:30:00Z")
    assert numbers.moment(moment, "Europe/Berlin") == "Sun 25 Oct 2026, 02:30"
    assert numbers.moment(moment, "Asia/Kathmandu") == "Sun 25 Oct 2026, 07:15"
    assert numbers.moment(pd.NaT, "UTC") == "–"


@pytest.mark.parametrize(("minutes", "told"), [(1, "1 min"), (60, "1 h"), (125, "2 h 5 min"), (2880, "2 days")])
def test_durations_name_the_units_that_matter(minutes, told):
    assert numbers.duration(minutes) == told


@pytest.mark.parametrize(
    ("fraction", "written"),
    [(0.95, "95.0\u202f%"), (0.9497, "94.97\u202f%"), (0.94999, "94.999\u202f%"), (0.943, "94.3\u202f%")],
)
def test_no_rate_but_one_on_the_line_is_written_as_it(fraction, written):
    assert numbers.percent(fraction, 0.95) == written


def test_an_interval_that_ends_before_the_line_does_not_touch_it():
    assert numbers.interval(0.937, 0.9497, 0.95) == "93.7–94.97"
    assert numbers.interval(0.937, 0.95, 0.95) == "93.7–95.0"


def test_a_sentence_has_whole_percentages_where_none_is_lost():
    assert [numbers.about(one) for one in (0.8393, 0.004, 0.0, None)] == ["84\u202f%", "0.4\u202f%", "0.0\u202f%", "–"]
