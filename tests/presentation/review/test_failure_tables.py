"""Failures told: where they concentrate, and nowhere by chance."""

import pandas as pd
import pytest

from reportlib import metrics
from reportlib.presentation.review import failure_tables
from tests.presentation.conftest import HOSTILE
from tests.small_database import SmallDatabase, fill, in_memory_engine


@pytest.fixture(scope="module")
def patterns():
    """A carrier, with a name that is markup, of which two thirds fail."""
    database = SmallDatabase()
    database.account("acme", "UTC")
    database.campaign("a")
    for carrier, country, people, failed in ((HOSTILE, "BR", 60, 40), ("Vivo", "BR", 300, 3), ("O2", "DE", 300, 3)):
        for number in range(people):
            contact = f"{carrier}{number}"
            database.contact(contact, carrier=carrier, country=country)
            status = {"status": "failed", "failure_code": "30007"} if number < failed else {"status": "delivered"}
            database.message("a", contact, channel="sms", provider="twilio", **status)
    return metrics.failure_patterns(fill(in_memory_engine(), database), "a")


def test_the_table_has_both_rates_and_the_numbers_behind_them(patterns):
    assert patterns["concentrated"].sum() == 2  # the carrier, and the country it is in
    shown = failure_tables.failure_patterns(patterns)
    assert "<script" not in shown.html
    assert "66.7\u202f%  1.0\u202f%  39" in shown.text
    assert "<td>40</td><td>60</td>" in shown.html
    assert "+65.67" in shown.html


def test_where_nothing_concentrates_it_says_so(patterns):
    even = patterns.assign(concentrated=False)
    assert f"None of the {len(even)} groups asked about" in failure_tables.failure_patterns(even).text
    assert "No group" in failure_tables.failure_patterns(even.head(0)).text


def test_a_long_table_says_what_it_leaves_out(patterns):
    many = pd.concat([patterns[patterns["concentrated"]]] * 6, ignore_index=True)
    assert "2 more groups" in failure_tables.failure_patterns(many, top=10).text
