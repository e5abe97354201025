"""Cards and tables: verdicts at their thresholds, bases shown, names harmless."""

import re

import pandas as pd
import pytest

from reportlib import metrics, provenance
from reportlib.presentation.look import finding, table
from reportlib.presentation.review import caveats, failure_tables, findings, tables
from reportlib.presentation.review.head import headline
from tests.presentation.conftest import HOSTILE

COUNTED = {
    "delivery_measured": True,
    "failed_measured": True,
    "by_person": True,
    "engagement_base_name": "receipt",
    "channels": "email",
}


def ledger(audience, delivered, failed=0, pending=0, declared=None):
    sent = delivered + failed + pending
    row = {"audience": audience, "not_sent": audience - sent, "sent": sent, "delivered": delivered}
    row |= {"delivered_implied": 0, "failed": failed, "pending": pending, "audience_declared": declared}
    row |= {"delivery_measured": True, "failed_measured": True, "by_person": True, "channels": "sms"}
    return pd.DataFrame([row]).astype({"audience_declared": "Int64"})


def test_cards_print_count_share_and_base():
    text = str(tables.delivery_cards(ledger(1000, 970, 20, 5)))
    assert "Delivered: 970 (97.0\u202f% of audience; above 95\u202f% goal" in text
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
    ("delivered", "level", "words"),
    [
        (950_000, "near", "at the 95\u202f% goal"),  # 95 % exactly is not above 95 %
        (950_100, "near", "at the 95\u202f% goal"),
        (960_000, "good", "above 95\u202f% goal"),
        (940_000, "warning", "below 95\u202f% goal"),
        (899_000, "bad", "far below 95\u202f% goal"),  # twice as many missing as the goal allows
        (0, "bad", "far below 95\u202f% goal"),
    ],
)
def test_delivered_verdict_has_three_steps_around_95_percent(delivered, level, words):
    assert finding.delivered_verdict(metrics.Rate(delivered, 1_000_000, "audience")) == finding.Verdict(level, words)


@pytest.mark.parametrize(
    ("failed", "level", "words"),
    [
        (50_000, "near", "at the 5\u202f% limit"),
        (50_100, "near", "at the 5\u202f% limit"),
        (60_000, "warning", "above 5\u202f% limit"),
        (101_000, "bad", "far above 5\u202f% limit"),
        (10, "good", "within 5\u202f% limit"),
    ],
)
def test_failed_verdict_has_three_steps_around_5_percent(failed, level, words):
    assert finding.failed_verdict(metrics.Rate(failed, 1_000_000, "audience")) == finding.Verdict(level, words)


def test_the_worst_of_several_levels_wins():
    assert finding.worst(["good", "warning", "note"]) == "warning"
    assert finding.worst(["good", "near"]) == "near"
    assert finding.worst(["good", "note"]) == "good"
    assert finding.worst([]) == "note"
    assert set(finding.WORST_FIRST) == set(finding.SYMBOLS)


def everything_shown(warehouse):
    """All that a review shows of campaign a as HTML."""
    about = metrics.select_campaigns(warehouse, "a").iloc[0]
    row = metrics.delivery(warehouse, "a")
    by_channel = metrics.breakdown(warehouse, "a", by="channel")
    failed, patterns = metrics.failures(warehouse, "a"), metrics.failure_patterns(warehouse, "a")
    told = metrics.measured(warehouse, "a")
    back, usual = metrics.recoverable(warehouse, "a"), metrics.campaign_verdicts(warehouse, "a")
    problems, receipts = metrics.data_problems(warehouse, "a"), metrics.receipts(warehouse, "a")
    first = findings.first_screen(about, row, by_channel, failed, patterns, back, usual, receipts)
    return [
        headline(warehouse, "a", first),
        tables.delivery_cards(row),
        tables.engagement(by_channel),
        tables.breakdown(metrics.groups_apart(metrics.breakdowns(warehouse, "a", by=["country", "segment"]))),
        failure_tables.failures(failed),
        failure_tables.failure_patterns(patterns),
        failure_tables.won_back(back),
        table.notes(caveats.review(row, by_channel, problems, about, told, receipts)),
        table.definitions(),
        provenance(warehouse, "a", HOSTILE, breakdowns=[HOSTILE]),
    ]


def test_no_name_from_the_database_becomes_markup(hostile):
    html = "".join(display.html for display in everything_shown(hostile))
    assert html.count("alert(1)") >= 4
    assert "<script" not in html
    allowed = (
        "abbr|b|bdi|br|caption|circle|code|details|div|em|h2|h3|li|line|ol|p|polygon|rect|small|span|style|summary"
    )
    allowed += "|svg|table|tbody|td|th|thead|tr|ul"
    assert set(re.findall(r"<([a-zA-Z][a-zA-Z0-9]*)", html)) <= set(allowed.split("|"))


def test_every_percentage_of_engagement_has_its_count_its_base_and_its_interval_behind_it(hostile):
    shown = tables.engagement(metrics.breakdown(hostile, "a", by="channel"))
    cells = re.findall(r'<td class="number" data-label="[^"]+"><span>(.*?)</span></td>', shown.html)
    assert [cell for cell in cells if "%" in cell]
    assert all("<" not in cell for cell in cells if "%" in cell)  # one line
    assert "Clicked  E-mail  2  7  8.2–64.1" in shown.text


def test_sms_opens_are_words_and_never_zero(hostile):
    html = tables.engagement(metrics.breakdown(hostile, "a", by="channel")).html
    opened = re.search(r"Opened</th>(.*?)</tr>", html)[1]
    assert "not supported" in opened
    assert "not measured" in html  # replies by e-mail, which nobody captured


def groups_of(*rows):
    columns = ["dimension", "group", "audience", "delivered", "clicked_in_base"]
    frame = pd.DataFrame(rows, columns=columns).assign(failed=1, **COUNTED)
    return metrics.groups_apart(frame.assign(engagement_base=frame["delivered"]))


def test_groups_beyond_the_top_are_one_row_that_adds_up():
    shown = tables.breakdown(groups_of(*[("country", f"g{n}", 200, 150 + n, 3) for n in range(12)]), top=10)
    assert "2 other groups" in shown.html
    assert re.search(r"2 other groups</bdi></th><td class=.people.>400</td>", shown.html)


def test_a_group_that_stands_apart_is_the_finding_and_the_others_are_one_line():
    groups = groups_of(
        ("carrier", "Oi", 1000, 700, 40),
        ("carrier", "Vivo", 5000, 4800, 240),
        ("carrier", "TIM", 4000, 3840, 190),
        ("plan", "free", 5000, 4670, 240),
        ("plan", "pro", 5000, 4670, 230),
    )
    shown = tables.breakdown(groups)
    assert shown.text.startswith("Oi delivered 70.0\u202f%, all others 96.0\u202f%")
    assert shown.html.count('aria-label="lower than the others"') == 1  # only Oi: the others are what is usual
    assert "Plan: no group differs beyond luck (2 groups)" in shown.html
    assert shown.html.index("Vivo") < shown.html.index("<details")


def test_where_no_group_differs_it_says_so():
    groups = groups_of(("plan", "free", 5000, 4670, 240), ("plan", "pro", 5000, 4670, 230))
    assert tables.breakdown(groups).text.startswith("No group differs beyond luck")
    assert "No two groups" in tables.breakdown(groups.head(1)).text


def test_thin_groups_are_marked_and_only_they():
    html = tables.breakdown(groups_of(("country", "big", 300, 300, 0), ("country", "thin", 100, 99, 0))).html
    assert html.count("<abbr") == 1
    assert "too thin" in html
    firm = groups_of(("country", "big", 300, 300, 0), ("country", "other", 300, 300, 0))
    assert "too thin" not in tables.breakdown(firm).html


def test_headline_carries_what_the_index_needs(hostile):
    shown = everything_shown(hostile)[0]
    about = shown.also["application/vnd.campaign-report+json"]
    assert about["title"] == HOSTILE
    assert [row["channel"] for row in about["figures"]] == ["email", "sms", "all"]
    assert about["figures"][1]["opened"] is None
    assert about["findings"][0]["text"].startswith("Reached 75.0\u202f% of 12 people")
    assert about["level"] == about["findings"][0]["level"] == "warning"
    assert about["actions"]
    assert about["believe"]
