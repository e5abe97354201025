"""Receipts that went missing are told, and those that are only late, or never came at all, are not."""

import pytest

from reportlib import metrics
from reportlib.metrics.comparison.campaigns import compare_campaigns
from reportlib.presentation.comparison import findings
from tests.metrics.people.test_measured import smtp, two_arms
from tests.small_database import campaign, fill, followed, small_database


def missing(warehouse, campaigns=None):
    frame = metrics.receipts(warehouse, campaigns)
    return dict(zip(frame["campaign_id"], frame["missing"], strict=True))


def of_twilio(name, sent, receipts, **columns):
    return campaign(name, **columns).sent(sent, channel="sms", provider="twilio").delivered(receipts)


def test_many_who_clicked_have_none(duckdb):
    frame = metrics.receipts(fill(duckdb, two_arms(lost=0.3))).set_index("campaign_id")
    counted = ["sent", "without", "response", "responded", "responded_without", "missing"]
    assert frame.loc["b", counted].tolist() == [2000, 600, "clicked", 100, 30, True]
    assert frame.loc["a", counted].tolist() == [2000, 0, "clicked", 100, 0, False]


def test_more_than_usual_have_none(duckdb):
    others = [of_twilio(name, 200, 196) for name in "bcd"]
    warehouse = fill(duckdb, small_database(of_twilio("a", 200, 170), *others))
    row = metrics.receipts(warehouse, "a").iloc[0]
    assert (row["without"], row["usual"], row["missing"]) == (30, pytest.approx(0.02), True)
    assert missing(warehouse) == {"a": True, "b": False, "c": False, "d": False}


def test_few_more_than_usual_may_be_chance(duckdb):
    others = [of_twilio(name, 200, 196) for name in "bcd"]
    assert not missing(fill(duckdb, small_database(of_twilio("a", 20, 18), *others)))["a"]


def test_nothing_is_missing_while_sending_goes_on(duckdb):
    others = [of_twilio(name, 200, 196) for name in "bcd"]
    warehouse = fill(duckdb, small_database(of_twilio("a", 200, 100, status="sending"), *others))
    assert not missing(warehouse)["a"]


def test_where_none_come_in_none_are_missing(duckdb):
    assert metrics.receipts(fill(duckdb, smtp())).empty


def test_arms_of_the_same_rate_are_not_told_apart_and_the_lost_receipts_are(duckdb):
    warehouse = followed(duckdb, two_arms(lost=0.3))
    compared = metrics.comparable(warehouse, ["a", "b"])
    (verdict, *_) = verdicts = compare_campaigns(compared, metrics.design(warehouse, compared))
    assert (verdict.word, verdict.count, verdict.base) == ("not distinguishable", 100, 2000)
    told = [one.text for one in findings.caveats(compared, verdicts, metrics.receipts(warehouse, ["a", "b"]))]
    assert any("Receipts are missing for SMS by twilio of Campaign b, lost or late: 30" in text for text in told)
