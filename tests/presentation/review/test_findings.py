"""Sentences and caveats: the right one, and only where it applies."""

import math

import pandas as pd
import pytest

from reportlib import metrics
from reportlib.presentation.look import first_screen
from reportlib.presentation.look.head import REPORT_MIME
from reportlib.presentation.review import actions, caveats, failure_tables, findings, head, headline, tables
from tests.small_database import SmallDatabase, fill, in_memory_engine


def warehouse_of(messages, status="completed", audience=None, timezone="UTC"):
    """One campaign `a`, whose messages are (channel, status, kinds of events) times n."""
    database = SmallDatabase()
    database.account("acme", timezone)
    database.campaign("a", status=status, audience=audience)
    people = 0
    for n, channel, state, kinds in messages:
        for _ in range(n):
            people += 1
            database.contact(f"c{people}")
            message = database.message("a", f"c{people}", status=state, channel=channel)
            for kind in kinds:
                database.event(message, kind)
    return fill(in_memory_engine(), database)


def first_screen_of(warehouse):
    about = metrics.select_campaigns(warehouse, "a").iloc[0]
    ledger, by_channel = metrics.delivery(warehouse, "a"), metrics.breakdown(warehouse, "a", by="channel")
    failed, patterns = metrics.failures(warehouse, "a"), metrics.failure_patterns(warehouse, "a")
    back, usual = metrics.recoverable(warehouse, "a"), metrics.campaign_verdicts(warehouse, "a")
    receipts = metrics.receipts(warehouse, "a")
    return findings.first_screen(about, ledger, by_channel, failed, patterns, back, usual, receipts)


def said(warehouse):
    first = first_screen_of(warehouse)
    return f"{first.verdict.text} {first.verdict.advice} {first.believe}"


def limits_of(warehouse):
    """What its caveats are about."""
    about = metrics.select_campaigns(warehouse, "a").iloc[0]
    ledger, by_channel = metrics.delivery(warehouse, "a"), metrics.breakdown(warehouse, "a", by="channel")
    told, problems = metrics.measured(warehouse, "a"), metrics.data_problems(warehouse, "a")
    found = caveats.review(ledger, by_channel, problems, about, told, metrics.receipts(warehouse, "a"))
    return {one.topic for one in found}


def test_no_audience():
    assert "no audience" in said(warehouse_of([]))


def test_nothing_sent_yet():
    assert "Nothing was sent yet to the 3 people" in said(warehouse_of([(3, "sms", "queued", [])], "sending"))


def test_a_campaign_cancelled_half_way_is_judged_for_what_was_sent():
    sent = [(250, "sms", "delivered", []), (250, "sms", "failed", []), (1500, "sms", "queued", [])]
    warehouse = warehouse_of(sent, status="cancelled")
    first = first_screen_of(warehouse)
    assert first.verdict.text.startswith("Cancelled after 500 of 2,000 people were sent to.")
    assert first.verdict.level == "bad"
    assert not [one for one in first.actions if "still" in one.text or "not sent" in one.text]
    assert headline_in_few_words(warehouse) == "cancelled after 500 of 2,000"


def headline_in_few_words(warehouse):
    return head.in_few_words(metrics.delivery(warehouse, "a").iloc[0], "cancelled")


def test_nobody_reached_is_worse_than_a_little_below_the_goal():
    nobody = first_screen_of(warehouse_of([(4, "sms", "failed", [])]))
    assert "Nobody was reached: none of 4 people" in nobody.verdict.text
    assert nobody.verdict.level == "bad"
    people = [(940, "sms", "delivered", []), (30, "sms", "failed", []), (30, "sms", "sent", [])]
    close = first_screen_of(warehouse_of(people)).verdict
    assert (close.level, close.text) == ("near", "Reached 94.0\u202f% of 1,000 people, at the 95\u202f% goal.")


def test_the_worst_decides_the_level():
    """Delivered is a warning, 91 %; failed, 9 %, one too: none is green above the other."""
    first = first_screen_of(warehouse_of([(910, "sms", "delivered", []), (90, "sms", "failed", [])]))
    assert first.verdict.level == "warning"
    assert {card.verdict.level for card in first.cards if card.verdict} == {"warning"}
    far = first_screen_of(warehouse_of([(800, "sms", "delivered", []), (200, "sms", "failed", [])]))
    assert far.verdict.level == "bad"


def test_sending_speaks_of_what_is_settled():
    warehouse = warehouse_of(
        [(8, "sms", "delivered", []), (2, "sms", "failed", []), (9, "sms", "queued", [])], "sending"
    )
    text, limits = said(warehouse), limits_of(warehouse)
    assert "Still sending: 10 of 19 people are out; of 10 with an outcome 80.0\u202f% were reached" in text
    assert "every figure here will change" in text
    assert "sending" in limits
    assert not [card for card in first_screen_of(warehouse).cards if card.verdict]


def test_finished_says_nothing_of_sending():
    assert "sending" not in limits_of(warehouse_of([(8, "sms", "delivered", [])]))


def test_whatsapp_reads_are_a_minimum_and_sms_has_none():
    warehouse = warehouse_of([(5, "whatsapp", "delivered", ["opened"]), (5, "sms", "delivered", [])])
    text, limits = said(warehouse), limits_of(warehouse)
    assert "WhatsApp reads (100.0\u202f% of 5) are a minimum" in text
    assert "SMS cannot tell who opened" in text
    assert {"whatsapp", "sms"} <= limits
    assert "email" not in limits


@pytest.mark.parametrize(("delivered", "small"), [(999, True), (1000, False)])
def test_small_samples_are_below_one_thousand_delivered(delivered, small):
    assert ("sample" in limits_of(warehouse_of([(delivered, "sms", "delivered", [])]))) is small


def test_missing_receipts_are_told_and_delivery_is_not_judged():
    people = [(60, "sms", "delivered", ["clicked"]), (640, "sms", "delivered", []), (30, "sms", "sent", ["clicked"])]
    warehouse = warehouse_of([*people, (270, "sms", "sent", [])])
    first, text, limits = first_screen_of(warehouse), said(warehouse), limits_of(warehouse)
    assert first.verdict.text == "Reached at least 73.0\u202f% of 1,000 people: receipts are missing, lost or late."
    assert "30\u202f% of 1,000 people sent to have none, 30 of the 90 who clicked among them." in text
    assert "firm" not in first.believe
    assert "receipts" in limits
    assert [card.verdict for card in first.cards[:1]] == [None]
    ledger, receipts = metrics.delivery(warehouse, "a"), metrics.receipts(warehouse, "a")
    shown = tables.delivery_cards(ledger, receipts=receipts).text
    assert "730 (73.0\u202f% of audience; at least: receipts are missing)" in shown
    about = headline(warehouse, "a", first).also[REPORT_MIME]
    assert about["verdict"] == "at least 73.0\u202f% delivered, receipts are missing"
    assert "below" not in str(about["listing"])


def test_where_nobody_was_reached_what_nobody_tells_is_not_measured():
    by_channel = metrics.breakdown(warehouse_of([(4, "sms", "failed", [])]), "a", by="channel")
    assert metrics.rate_of(by_channel.iloc[0], "complained") is None
    assert "not measured" in tables.engagement(by_channel).text


def test_a_late_callback_is_told_with_the_rule():
    assert "implied" in limits_of(warehouse_of([(5, "sms", "sent", ["clicked"]), (1, "sms", "delivered", [])]))


def failed_people(transient=0, fixable=0, permanent=0):
    rows = [
        ("sms", "twilio", code, kind, "c", "Title", "Advice", people)
        for code, kind, people in (
            ("30003", "transient", transient),
            ("30034", "fixable", fixable),
            ("30005", "permanent", permanent),
        )
        if people
    ]
    columns = ["channel", "provider", "code", "permanence", "category", "title", "advice", "failed"]
    return pd.DataFrame(rows, columns=columns)


def to_have_back(*rows):
    columns = ["channel", "permanence", "failed", "tried", "reached", "expected", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def ledger_of(delivered=900, failed=95, pending=0, not_sent=0):
    sent = delivered + failed + pending
    row = {"audience": sent + not_sent, "sent": sent, "delivered": delivered, "failed": failed}
    return pd.DataFrame(
        [
            row
            | {
                "pending": pending,
                "not_sent": not_sent,
                "delivery_measured": True,
                "failed_measured": True,
                "by_person": True,
            }
        ]
    )


def actions_of(failed, back, ledger=None, status="completed"):
    about = pd.Series({"status": status, "campaign_id": "it's on"})
    return actions.actions(about, ledger_of() if ledger is None else ledger, failed, None, back)


def test_what_gains_most_is_done_first_with_its_gain_and_the_list_behind_it():
    back = to_have_back(
        ("sms", "transient", 68, 74, 62, 56.97, 47.0, 64.0), ("sms", "fixable", 20, 0, 0, *[math.nan] * 3)
    )
    again, off, fix = actions_of(failed_people(68, 20, 7), back)
    assert (again.text, again.gain) == ("Resend to 68 whose failure may pass", "≈ +57 reached")
    assert again.command == ("reportlib export detailed --campaign 'it'\"'\"'s on' --retryable --to retryable.csv")
    assert (off.text, off.gain) == ("Take 7 people off SMS", "7 failures fewer next time")
    assert fix.text == "Fix the SMS, resend to 20"
    assert fix.gain == "how many it reaches is not known yet"


def test_the_table_of_what_can_be_won_back_has_its_sum_its_ranges_and_what_they_stand_on():
    back = to_have_back(
        ("sms", "transient", 68, 74, 62, 56.97, 47.0, 64.0),
        ("email", "fixable", 20, 1000, 900, 18.0, 14.0, 20.0),
        ("whatsapp", "fixable", 3, 0, 0, *[math.nan] * 3),
    )
    text = failure_tables.won_back(back).text
    assert "SMS, may pass  68  ≈ 57  47–64  83.8\u202f% of 74" in text
    assert "WhatsApp, to be changed  3  not known  –" in text
    assert "Together  91  ≈ 75" in text
    assert "No failure is known" in failure_tables.won_back(to_have_back()).text


def test_people_left_out_and_people_without_an_outcome_are_asked_about():
    left_out, waiting = actions_of(failed_people(), to_have_back(), ledger_of(900, 0, 50, 50))
    assert left_out.text == "Find out why 50 people were not sent anything"
    assert left_out.why.startswith("5.0\u202f% of the audience")
    assert waiting.text == "Ask the provider about 50 without an outcome"


def test_without_failures_there_is_nothing_to_do():
    assert actions_of(failed_people(), to_have_back()) == []


def test_while_sending_there_is_only_to_look_again():
    (only,) = actions_of(failed_people(3), to_have_back(), status="sending")
    assert "Look again" in only.text


def test_the_first_screen_answers_five_questions():
    outcomes = {"delivered": 1880, "failed": 80, "sent": 20, "queued": 20}
    people = [(number, "sms", outcome, []) for outcome, number in outcomes.items()]
    shown = first_screen.shown(first_screen_of(warehouse_of(people))).text
    answers = {
        "how many were reached": "Reached 94.0\u202f% of 2,000 people",
        "is that good": "below the 95\u202f% goal",
        "is it usual": "too young to judge",
        "what shall I do": "1. Find out why 20 people were not sent anything",
        "what may I not believe": "Delivery is firm; clicks are not measured. SMS cannot tell who opened.",
    }
    assert {asked: answered for asked, answered in answers.items() if answered not in shown} == {}
