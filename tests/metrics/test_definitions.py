"""The registry of what the words mean fits the frames that reports are made from."""

import pytest

from reportlib import metrics
from reportlib.metrics import DEFINITIONS, definition
from reportlib.warehouse.contract.tables import CHANNELS
from tests.small_database import campaign, fill, small_database


def test_names_are_unique_and_found():
    assert len({each.name for each in DEFINITIONS}) == len(DEFINITIONS)
    assert all(definition(each.name) is each for each in DEFINITIONS)
    with pytest.raises(KeyError):
        definition("joy")


def test_numerators_and_bases_are_columns_of_the_frames(duckdb):
    columns = set(metrics.breakdown(fill(duckdb, small_database(campaign("a").sent(1)))).columns)
    for each in DEFINITIONS:
        assert {each.numerator, *each.bases} <= columns, each.name
        assert each.label
        assert each.meaning.endswith(".")
        assert set(each.channels) <= set(CHANNELS)


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("sent", "audience"),
        ("delivered", "audience"),
        ("failed", "audience"),
        ("pending", "audience"),
        ("opened", "engagement_base"),
        ("clicked", "engagement_base"),
        ("replied", "engagement_base"),
        ("click_to_open", "opened_or_clicked"),
        ("unsubscribed", "engagement_base"),
        ("complained", "engagement_base"),
    ],
)
def test_the_headline_base(name, base):
    assert definition(name).bases[0] == base


@pytest.mark.parametrize(
    ("name", "channels", "allowed"),
    [
        ("opened", ["email"], True),
        ("opened", ["whatsapp"], True),
        ("opened", ["sms"], False),
        ("opened", ["email", "whatsapp"], False),  # never pooled across channels
        ("opened_human", ["email", "whatsapp"], False),
        ("click_to_open", ["email"], True),
        ("click_to_open", ["sms"], False),
        ("click_to_open", ["email", "whatsapp"], False),
        ("clicked", ["email", "sms", "whatsapp"], True),
        ("delivered", ["email", "sms"], True),
        ("clicked", [], False),
    ],
)
def test_where_a_rate_may_be_given(name, channels, allowed):
    assert definition(name).rate_allowed(channels) is allowed
