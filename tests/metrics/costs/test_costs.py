"""Costs and waste, against plain Python on random messages, on each engine."""

from collections import Counter, defaultdict
from datetime import timedelta

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from reportlib import metrics
from reportlib.errors import InvalidParameters, UnknownGrouping
from reportlib.metrics.costs.rates import Card, Price, read_rates
from tests import examples
from tests.small_database import MINUTE, START, SmallDatabase, fill, small_database

QUICK = settings(max_examples=examples(4), deadline=None, suppress_health_check=list(HealthCheck))
RATES = """
rates:
  - {channel: whatsapp, category: marketing, country: NO, price: 0.5, currency: NOK}
  - {channel: whatsapp, category: marketing, price: 0.25, currency: EUR}
  - {channel: whatsapp, category: marketing, from: 2026-11-03, price: 0.75, currency: EUR}
  - {channel: sms, provider: twilio, price: 0.125, currency: USD, per: attempt}
  - {channel: sms, country: NO, price: 0.5, currency: NOK}
"""
LATER = START + timedelta(days=2)
PERMANENT, PASSING = {"failure_code": "30005", "provider": "twilio"}, {"failure_code": "30003", "provider": "twilio"}


@pytest.fixture(scope="module")
def card(tmp_path_factory):
    path = tmp_path_factory.mktemp("rates") / "rates.yaml"
    path.write_text(RATES)
    return str(path)


@st.composite
def charged(draw) -> SmallDatabase:
    database = small_database()
    for name in ("a", "b"):
        database.campaign(name)
    for number in range(4):
        database.contact(f"c{number}", country=draw(st.sampled_from(["NO", "SE", None])))
    for number in range(draw(st.integers(1, 12))):
        at = draw(st.sampled_from([START, LATER])) + number * MINUTE
        status = draw(st.sampled_from(["queued", "sent", "delivered", "failed", "failed"]))
        channel = draw(st.sampled_from(["whatsapp", "sms", "email"]))
        why = draw(st.sampled_from([PERMANENT, PASSING])) if channel == "sms" else {"provider": channel}
        told = draw(st.sampled_from([{}, {}, {"cost": 0.5, "currency": "EUR"}, {"cost": 2.0}, {"currency": "EUR"}]))
        told |= {"category": draw(st.sampled_from(["marketing", "utility", None]))} if channel == "whatsapp" else {}
        told |= {"billable": draw(st.sampled_from([True, False, None])), "parts": draw(st.sampled_from([None, 1, 3]))}
        why = why if status == "failed" else {"provider": why["provider"]}
        person = f"c{draw(st.integers(0, 3))}"
        database.message(draw(st.sampled_from("ab")), person, status, channel=channel, at=at, **why, **told)
    return database


def price(message, country):
    """Currency and cost of a message handed over, None for none; and whether it should have had one."""
    channel, status, late = message["channel"], message["status"], message["sent_at"] >= LATER
    if message.get("cost") is not None and message.get("currency"):
        return message["currency"], message["cost"], False
    found = None
    if channel == "whatsapp" and message["category"] == "marketing":
        found = ("NOK", 0.5) if country == "NO" else ("EUR", 0.75 if late else 0.25)
        is_charged = status == "delivered"
    elif channel == "sms":  # of two prices that say as much the one that stands first
        found, is_charged = ("USD", 0.125 * (message["parts"] or 1)), True
    if message["billable"] is False:
        return (found[0], 0.0, False) if found else (None, None, False)
    if found is None:
        return None, None, status != "failed"
    return found[0], found[1] if is_charged else 0.0, False


def handed_over(database):
    return [row for row in database.messages if row["status"] != "queued"]


def expected_costs(database):
    """(campaign, channel, currency) → messages, delivered, unpriced, cost, failed cost."""
    countries = {row["contact_id"]: row["country"] for row in database.contacts}
    found = defaultdict(lambda: [0, 0, 0, None, None])
    for row in handed_over(database):
        currency, cost, unpriced = price(row, countries[row["contact_id"]])
        group = found[row["campaign_id"], row["channel"], currency]
        group[0] += 1
        group[1] += row["status"] == "delivered"
        group[2] += unpriced
        if cost is not None:
            group[3] = (group[3] or 0) + cost
            group[4] = (group[4] or 0) + (cost if row["status"] == "failed" else 0)
    return {key: tuple(group) for key, group in found.items()}


def expected_waste(database):
    """(what, currency) → messages."""
    countries = {row["contact_id"]: row["country"] for row in database.contacts}
    found, ordered = Counter(), sorted(handed_over(database), key=lambda row: (row["sent_at"], row["message_id"]))
    for at, row in enumerate(ordered):
        before = [
            one for one in ordered[:at] if (one["contact_id"], one["channel"]) == (row["contact_id"], row["channel"])
        ]
        last = None
        for one in before:
            if one["status"] == "delivered":
                last = "good"
            elif one["status"] == "failed" and one.get("failure_code") == "30005":
                last = "bad"
        had = any(one["campaign_id"] == row["campaign_id"] and one["status"] != "failed" for one in before)
        if last == "bad" and row["status"] != "delivered":
            what = "known"
        elif had:
            what = "twice"
        elif row["status"] == "failed":
            what = "failed"
        else:
            continue
        found[what, price(row, countries[row["contact_id"]])[0]] += 1
    return found


@QUICK
@given(charged())
def test_costs_and_waste_are_those_of_plain_python(duckdb, card, database):
    check(duckdb, card, database)


@settings(QUICK, max_examples=examples(2))
@given(charged())
@pytest.mark.parametrize("name", ["postgresql", "sqlite"])
def test_costs_and_waste_on_other_engines(request, name, card, database):
    check(request.getfixturevalue(name), card, database)


def check(engine, card, database):
    warehouse = fill(engine, database)
    frame = metrics.costs(warehouse, None, ("campaign_id", "channel"), card)
    found = {
        (row.campaign_id, row.channel, plain(row.currency)): (
            *(row.messages, row.delivered, row.unpriced),
            *(plain(row.cost), plain(row.failed_cost)),
        )
        for row in frame.itertuples()
    }
    assert found == expected_costs(database)
    assert (frame["told"] + frame["rated"] + frame["unpriced"] <= frame["messages"]).all()
    wasted = metrics.waste(warehouse, None, card)
    assert {(row.what, plain(row.currency)): row.messages for row in wasted.itertuples()} == expected_waste(database)
    whole = metrics.priced_summary(warehouse, None, card)
    for row in whole[whole["channel"] != "all"].itertuples():
        theirs = [(key, told) for key, told in found.items() if key[:2] == (row.campaign_id, row.channel)]
        currencies = {key[2] for key, _ in theirs} - {None}
        is_told = len(currencies) == 1 and not any(told[2] for _, told in theirs)
        assert pd.isna(row.cost) != is_told
        if is_told:
            assert row.cost == pytest.approx(sum(told[3] or 0 for _, told in theirs))
            assert pd.isna(row.cost_per_click)
            if not pd.isna(row.delivered) and row.delivered:
                assert row.cost_per_delivered == pytest.approx(row.cost / row.delivered, abs=1e-6)


def plain(value):
    return None if pd.isna(value) else value


def test_currencies_are_added_only_by_a_rate_that_somebody_gives(duckdb, tmp_path):
    database = small_database()
    database.campaign("a")
    for number, currency in enumerate(["EUR", "USD", "BRL"]):
        database.contact(f"c{number}")
        database.message("a", f"c{number}", cost=2.0, currency=currency)
    path = tmp_path / "rates.yaml"
    path.write_text("convert: {into: EUR, USD: 0.5}")
    frame = metrics.costs(fill(duckdb, database), "a", rates=str(path))
    assert dict(zip(frame["currency"], frame["cost"], strict=True)) == {"EUR": 3.0, "BRL": 2.0}
    with pytest.raises(UnknownGrouping, match="did you mean 'country'"):
        metrics.costs(fill(duckdb, database), "a", "contry")


def test_a_price_that_says_more_goes_before_one_that_holds_for_less_long():
    narrow, later = Price("sms", 1.0, "EUR", country="NO"), Price("sms", 2.0, "EUR", from_ms=5)
    card = Card((narrow, later))
    about = {"channel": "sms", "provider": None, "category": None}
    assert card.price(9, **about, country="NO") is narrow
    assert card.price(9, **about, country="SE") is later
    assert card.price(4, **about, country="SE") is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("rates: [{channel: sms, price: 1}]", "rate 1: has no currency"),
        ("rates: [{channel: sms, price: -1, currency: EUR}]", "rate 1: '-1' is no amount"),
        ("rates: [{channel: sms, price: .nan, currency: EUR}]", "is no amount"),
        ("rates: [{channel: sms, prise: 1, currency: EUR}]", "'prise' is not known, did you mean 'price'"),
        ("rates: [{channel: sms, price: 1, currency: EUR, per: click}]", "per 'click' is none of delivered"),
        ("rates: [{channel: sms, price: 1, currency: EUR, from: soon}]", "from 'soon' is no day"),
        ("rates: [1]", "rate 1: is no mapping"),
        ("prices: []", "is no rate card"),
        ("convert: {USD: 2}", "needs `into`"),
        ("[", "it is no YAML"),
        ("rates: " + "[" * 1000, "nested more than 20 deep"),
        ("rates: &a [*a]", "nested more than 20 deep"),
    ],
)
def test_a_card_that_cannot_be_used_says_where(tmp_path, text, reason):
    path = tmp_path / "rates.yaml"
    path.write_text(text)
    with pytest.raises(InvalidParameters, match=reason):
        read_rates(str(path))


def test_whom_metas_limit_kept_from_a_message_may_be_reached_by_sms(duckdb):
    database = small_database()
    for name in ("a", "b"):
        database.campaign(name)
    for number in range(3):
        database.contact(f"c{number}")
        database.message("a", f"c{number}", "failed", channel="whatsapp", provider="whatsapp", failure_code="131049")
    database.message("b", "c0", channel="sms")
    database.message("b", "c1", "failed", channel="sms")
    database.message("a", "c2", channel="email")  # reached otherwise
    assert metrics.marketing_limit(fill(duckdb, database), "a") == {"people": 2, "by_sms": 1}
