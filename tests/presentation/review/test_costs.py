"""Costs told: currencies beside each other, what has no price said, nothing paid for nothing left out."""

import pandas as pd
import pytest

from reportlib import metrics
from reportlib.presentation.review.costs import NOTHING_TOLD, costs, money, side_by_side
from tests.presentation.conftest import HOSTILE
from tests.small_database import SmallDatabase, fill, in_memory_engine


@pytest.fixture(scope="module")
def warehouse():
    database = SmallDatabase()
    database.account("acme")
    for name in ("a", "b"):
        database.campaign(name)
    for number in range(12):
        database.contact(f"c{number}", country=HOSTILE if number % 2 else "DE")
        told = {"cost": 0.25, "currency": "EUR" if number < 8 else HOSTILE} if number < 10 else {}
        status = "failed" if number == 3 else "delivered"
        message = database.message("a", f"c{number}", status, channel="sms", provider=HOSTILE, **told)
        if number < 2:
            database.event(message, "clicked", machine=False)
    database.message("a", "c0", channel="sms", cost=0.25, currency="EUR", provider=HOSTILE)
    database.message("b", "c0", channel="sms", provider=HOSTILE)
    return fill(in_memory_engine(), database)


def shown(warehouse, campaign):
    spent = metrics.costs(warehouse, campaign, "channel")
    further = {"country": metrics.costs(warehouse, campaign, "country")}
    waste, limit = metrics.waste(warehouse, campaign), metrics.marketing_limit(warehouse, campaign)
    return costs(spent, metrics.breakdown(warehouse, campaign, by="channel"), further, waste, limit)


def test_currencies_stand_beside_each_other_and_what_has_no_price_is_said(warehouse):
    told = shown(warehouse, "a")
    assert "<script" not in told.html
    assert "2 without a price are not in it" in told.text
    assert "0.5000\u202f<script>aler + 2.25\u202fEUR" in told.text
    assert "Per click: 0.2500\u202f<script>aler + 1.12\u202fEUR (2 who clicked)" in told.text
    assert "1 message that failed: 0.2500\u202fEUR" in told.text
    assert "1 message to people who had had one: 0.2500\u202fEUR" in told.text
    assert "By country" in told.text


def test_without_any_price_it_says_where_to_put_one(warehouse):
    assert NOTHING_TOLD in shown(warehouse, "b").text
    people = metrics.breakdown(warehouse, ["a", "b"], by="campaign_id")
    beside = side_by_side(metrics.costs(warehouse, ["a", "b"], "campaign_id"), people, {"a": HOSTILE, "b": "B"})
    assert "<script" not in beside.html
    assert beside.text.endswith("B  –  –  –  –  not measured")


@pytest.mark.parametrize(
    ("amount", "text"), [(1234.5, "1,234.50"), (0.25, "0.2500"), (0.0009, "0.000900"), (0, "0.00"), (pd.NA, "–")]
)
def test_small_amounts_have_as_many_digits_as_tell_something(amount, text):
    assert money(amount, "EUR").removesuffix("\u202fEUR") == text
