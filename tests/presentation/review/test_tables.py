"""Cards and tables: verdicts at their thresholds, bases shown, names harmless."""

import re

import pandas as pd
import pytest

from reportlib import headline, metrics, provenance
from reportlib.presentation.look import finding, table
from reportlib.presentation.review import caveats, failure_tables, findings, tables
from tests.presentation.conftest import HOSTILE


def ledger(audience, delivered, failed=0, pending=0, declared=None):
    sent = delivered + failed + pending
    row = {"audience": audience, "not_sent": audience - sent, "sent": sent, "delivered": delivered}
    row |= {"delivered_implied": 0, "failed": failed, "pending": pending, "audience_declared": declared}
    return pd.DataFrame([row]).astype({"audience_declared": "Int64"})


def test_cards_print_count_share_and_base():
    text = str(tables.delivery_cards(ledger(1000, 970, 20, 5)))
    assert "Delivered: 970 (97.0\u202f% of audience; healthy" in text
    assert "97.5\u202f% of sent" in text
    assert "Audience: 1,000 people." in text


def test_cards_of_nobody_say_no_percentage():
    assert "0.0" not in str(tables.delivery_cards(ledger(0, 0)))


def test_a_residual_is_shown_and_only_a_residual():
    assert "declared 900: 100 more have a message" in tables.delivery_cards(ledger(1000, 990, declared=900)).html
    assert "declared" not in tables.delivery_cards(ledger(1000, 990, declared=1000)).html


def test_while_sending_only_what_is_settled_is_judged():
    cards = tables.delivery_cards(ledger(1000, 90, 10), "sending")
    assert "90.0\u202f% (82.6–94.5) of 100 settled" in cards.html
    assert "verdict" not in cards.html


@pytest.mark.parametrize(
    ("delivered", "words"),
    [
        (950_000, "close to the 95\u202f% line (not above it)"),  # 95 % exactly is not above 95 %
        (950_100, "close to the 95\u202f% line (above it)"),
        (960_000, "healthy"),
        (940_000, "below the healthy"),
    ],
)
def test_delivered_verdict_turns_at_95_percent(delivered, words):
    assert words in finding.delivered_verdict(metrics.Rate(delivered, 1_000_000, "audience")).words


@pytest.mark.parametrize(
    ("failed", "words"), [(50_000, "(not above it)"), (50_100, "(above it)"), (60_000, "investigate"), (10, "usual")]
)
def test_failed_verdict_turns_at_5_percent(failed, words):
    assert words in finding.failed_verdict(metrics.Rate(failed, 1_000_000, "audience")).words


def everything_shown(warehouse):
    """All that a review shows of campaign a as HTML."""
    about = metrics.select_campaigns(warehouse, "a").iloc[0]
    row = metrics.delivery(warehouse, "a")
    by_channel = metrics.breakdown(warehouse, "a", by="channel")
    failed = metrics.failures(warehouse, "a")
    said = findings.review(row, by_channel, failed, about["status"])
    return [
        headline(warehouse, "a", said),
        tables.delivery_cards(row),
        tables.engagement(by_channel),
        tables.breakdown(metrics.breakdowns(warehouse, "a", by=["country", "segment"])),
        failure_tables.failures(failed),
        table.notes(caveats.review(row, by_channel, metrics.data_problems(warehouse, "a"), about)),
        table.definitions(),
        provenance(warehouse, "a", HOSTILE, breakdowns=[HOSTILE]),
    ]


def test_no_name_from_the_database_becomes_markup(hostile):
    html = "".join(display.html for display in everything_shown(hostile))
    assert html.count("alert(1)") >= 4
    assert "<script" not in html
    allowed = "abbr|bdi|br|caption|div|em|h3|li|p|small|span|style|table|tbody|td|th|thead|tr|ul"
    assert set(re.findall(r"<([a-zA-Z][a-zA-Z0-9]*)", html)) <= set(allowed.split("|"))


def test_every_percentage_in_a_table_stands_beside_its_base(hostile):
    by_channel = metrics.breakdown(hostile, "a", by="channel")
    cells = re.findall(r"<td[^>]*>(.*?)</td>", tables.engagement(by_channel).html)
    rates = [cell for cell in cells if "%" in cell]
    assert rates
    assert all(re.search(r"\d of \d", cell) for cell in rates)


def test_sms_opens_are_words_and_never_zero(hostile):
    html = tables.engagement(metrics.engagement(hostile, "a", by="channel")).html
    opened = re.search(r"Opened</th>(.*?)</tr>", html)[1]
    assert "not supported" in opened
    assert "not measured" in html  # replies by e-mail, which nobody captured


def test_groups_beyond_the_top_are_one_row_that_adds_up():
    groups = pd.DataFrame(
        {
            "dimension": "country",
            "group": [f"g{n}" for n in range(12)],
            "audience": 200,
            "delivered": range(150, 162),
            "failed": 1,
            "clicked": 3,
        }
    )
    text = str(tables.breakdown(groups, top=10))
    assert "2 other groups" in text
    assert f"{160 + 161} of 400" in text


def test_thin_groups_are_marked_and_only_they():
    one = {"dimension": "country", "failed": 0, "clicked": 0, "audience": 300}
    groups = pd.DataFrame([{**one, "group": "big", "delivered": 300}, {**one, "group": "thin", "delivered": 99}])
    html = tables.breakdown(groups).html
    assert html.count("<abbr") == 1
    assert "too thin" in html
    assert "too thin" not in tables.breakdown(groups.head(1)).html


def test_headline_carries_what_the_index_needs(hostile):
    shown = everything_shown(hostile)[0]
    about = shown.also["application/vnd.campaign-report+json"]
    assert about["title"] == HOSTILE
    assert [row["channel"] for row in about["figures"]] == ["email", "sms", "all"]
    assert about["figures"][1]["opened"] is None
    assert about["findings"][0]["text"].startswith("9 people of 12 were reached")
