"""A week in words, tables, pictures and for machines: told as it is, and never blank."""

import dataclasses
import json
import re
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from reportlib import metrics
from reportlib.metrics import Week
from reportlib.metrics.people.summary import COUNTS, LEDGER_RATES, PEOPLE
from reportlib.metrics.weekly.left import left_account
from reportlib.metrics.weekly.restatements import EarlierReview
from reportlib.presentation.look import first_screen
from reportlib.presentation.look.display import REPORT_MIME
from reportlib.presentation.look.drawing.sparkline import MOST, sparkline
from reportlib.presentation.weekly import charts, findings as weekly_findings, head, history_table, next_week, tables
from reportlib.presentation.weekly.trend_charts import trends
from tests.presentation.conftest import HOSTILE, check_told
from tests.small_database import SmallDatabase, campaign, fill, in_memory_engine, small_database

MONDAY = datetime(2026, 11, 9, 9, tzinfo=UTC)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
EARLIER = (6, 8, 7, 5, 9, 6)  # clicked of 40 delivered, one campaign a week


def add(database, campaign_id, start, clicked=0, delivered=40, failed=2, channel="whatsapp", people="c", **columns):
    """A finished campaign whose people click two hours after it started; `columns` are its own."""
    database.campaign(campaign_id, start=start, **columns)
    for number in range(delivered + failed):
        contact = f"{people}{number}"
        database.contact(contact)
        is_failed = number >= delivered
        told = {"failure_code": "132015", "provider": "whatsapp"} if is_failed else {}
        message = database.message(campaign_id, contact, "failed" if is_failed else "delivered", channel, start, **told)
        if number < clicked:
            database.event(message, "clicked", after=2 * HOUR)


def database_of(clicked=7, earlier=EARLIER, **columns):
    """Campaign "new" of week 46 after one a week before; the data go on for five days after it."""
    database = SmallDatabase(opened_at=MONDAY + 8 * DAY)
    database.account("acme")
    for ago, number in enumerate(earlier, 1):
        add(database, f"week-{ago}", MONDAY - ago * WEEK, number)
    add(database, "new", MONDAY, clicked, **columns)
    database.event(database.messages[-3], "clicked", occurred_at=MONDAY + 5 * DAY)
    for what in ("opened", "clicked", "replied", "unsubscribed", "complained"):
        database.declare("whatsapp", what, True)
        database.declare("email", what, True)
    return database


def figures(database, week="2026-W46", weeks=26):
    return metrics.weekly_figures(fill(in_memory_engine(), database), "acme", week, weeks)


def texts(found):
    return " ".join(f"{one.text} {one.advice}".strip() for one in found)


def payload(weekly):
    return head.headline(weekly).also[REPORT_MIME]


@pytest.fixture(scope="module")
def usual():
    return figures(database_of())


@pytest.fixture(scope="module")
def lower():
    return figures(database_of(clicked=0, earlier=(20, 21, 19, 22, 20, 18, 21, 20)))


@pytest.fixture(scope="module")
def quiet():
    return figures(database_of(), "2026-W47")


def first(weekly):
    return first_screen.shown(weekly_findings.first_screen(weekly)).text


def test_an_ordinary_week_is_called_ordinary(usual):
    said = weekly_findings.first_screen(usual).verdict
    assert said.text == "1 campaign: reached 95.2\u202f% of 42 people, at the 95\u202f% goal."
    assert said.advice == "All of it is usual for you."
    assert payload(usual)["verdict"] == "1 campaign, 40 reached, as usual"


def test_a_week_that_is_unusual_as_a_whole_is_so_in_the_mails_subject_too(usual):
    row = usual.trends.query("metric == 'delivered' and week == '2026-W46'")
    weekly = dataclasses.replace(usual, trends=row.assign(verdict="lower than usual", low=0.97, high=0.99))
    assert "The week as a whole, all channels: delivered" in first(weekly)
    assert payload(weekly)["verdict"] == "1 campaign, 40 reached, delivered lower than usual"


def test_what_is_unusual_is_said_with_its_rate_and_what_is_usual(lower):
    said = weekly_findings.first_screen(lower).verdict
    assert said.level == "warning"
    pattern = r"Campaign new: clicked on WhatsApp 2\.5.%, usually \d.* to \d.*.%\."
    assert re.fullmatch(pattern, said.advice)
    assert "lower than usual" in first(lower)
    assert payload(lower)["verdict"] == "1 campaign, 40 reached, 1 campaign lower than usual"
    assert "Campaign new: clicked on WhatsApp is lower than usual." in texts(next_week.next_week(lower))
    assert "clicked lower than usual" in tables.campaigns(lower).html


def test_the_campaigns_below_the_goal_are_named_where_the_mean_hides_them():
    database = database_of(delivered=400, failed=2)
    add(database, "bad", MONDAY + DAY, 4, 40, 20, people="d")
    assert first(figures(database)).count("66.7\u202f%") == 1  # among what is unusual, or below the goal


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("how many were reached", "reached 95.2\u202f% of 42 people"),
        ("is that good", "at the 95\u202f% goal"),
        ("is it usual", "All of it is usual for you."),
        ("what shall I do", "1. Fix the WhatsApp message, resend to 2"),
        ("what may I not believe", "WhatsApp reads (0.0\u202f% of 40) are a minimum. Only 40 were reached"),
    ],
)
def test_the_first_screen_answers_five_questions(usual, asked, answered):
    assert answered in first(usual), asked


def test_too_little_history_is_said_with_how_much_there_is_and_needs_be():
    weekly = figures(database_of(earlier=EARLIER[:2]))
    assert "cannot be told: that takes 5 earlier campaigns on a channel" in first(weekly)
    assert "WhatsApp: 2 earlier campaigns in 26 weeks; 5 are needed" in texts(weekly_findings.caveats(weekly))
    assert payload(weekly)["verdict"] == "1 campaign, 40 reached, too little history: 2 earlier of 5 needed"


def test_a_campaign_of_yesterday_is_listed_but_not_judged():
    database = database_of()
    add(database, "young", MONDAY + 4 * DAY + 12 * HOUR, 1)
    weekly = figures(database)
    assert "Less than 24 h since the sending of Campaign young finished" in texts(weekly_findings.caveats(weekly))
    assert "too young to be judged" in tables.campaigns(weekly).html
    assert "All of it is usual for you." in first(weekly)
    assert payload(weekly)["verdict"] == "2 campaigns, 80 reached, as usual"


def test_a_quiet_week_says_so_with_what_is_open_and_the_trends(quiet):
    said = weekly_findings.first_screen(quiet).verdict.text
    assert said.startswith("Nothing was sent in week 47. The last campaign before it, Campaign new, finished Mon ")
    about = payload(quiet)
    assert (about["verdict"], about["cards"], about["table"], about["figures"]) == ("nothing was sent", [], None, [])
    assert about["totals"]["audience"] == 0
    assert about["totals"]["delivered_pct_of_audience"] is None
    assert len(about["snapshot"]) == 14
    assert tables.cards_of_week(quiet).text == "Nothing was sent."
    check_told(trends(quiet).to_dict())
    assert "nothing to hold against the best" in charts.benchmarks(quiet).to_dict()["description"]
    assert next_week.next_week(quiet)[0].text == "Nothing is open."
    assert "before week 47 does: more may come" in texts(weekly_findings.caveats(quiet))


def test_an_account_that_never_sent_has_a_review():
    database = SmallDatabase()
    database.account("acme")
    warehouse = fill(in_memory_engine(), database)
    weekly = metrics.weekly_figures(warehouse, "acme", "2026-W46")
    assert "Nor did any campaign finish in the 25 weeks before." in first(weekly)
    assert "The data know of no message" in texts(weekly_findings.caveats(weekly))
    assert trends(weekly).to_dict()["mark"]["type"] == "text"
    assert json.loads(json.dumps(payload(weekly)))["snapshot"] == []
    assert "0 messages" in head.provenance(warehouse, weekly).text


@pytest.mark.slow
def test_a_single_campaign_has_a_review():
    weekly = figures(database_of(earlier=()))
    check_told(trends(weekly).to_dict())
    check_told(charts.benchmarks(weekly).to_dict())
    assert "Campaign new" in history_table.against_history(weekly).text


@pytest.mark.slow
def test_integer_ids_and_a_quiet_week_go_together():
    database = SmallDatabase(opened_at=MONDAY + 9 * DAY)
    database.account(7)
    database.campaign(1, account=7, start=MONDAY)
    weekly = metrics.weekly_figures(fill(in_memory_engine(), database), 7, "2026-W47")
    assert payload(weekly)["account_id"] == "7"


def test_a_campaign_that_sent_nothing_is_said_to():
    database = database_of()
    database.campaign("empty", start=MONDAY + DAY, audience=50)
    only = SmallDatabase()
    only.account("acme")
    only.campaign("empty", start=MONDAY, audience=50)
    said = weekly_findings.first_screen(figures(only)).verdict.text
    assert said.startswith("1 campaign, but nothing was sent to the 50 people of the audience.")
    assert tables.plain_campaigns(figures(database))["rows"][0][1:5] == ["50", "0.0\u202f%", "0.0\u202f%", "–"]


def test_restatements_are_told_as_totals_and_per_campaign(usual):
    before = usual.snapshot.assign(clicked=usual.snapshot["clicked"] - 2)
    gone = before.head(1).assign(campaign_id="gone", campaign_name="Gone", channel="all")
    stored = pd.concat([before, gone], ignore_index=True)
    earlier = EarlierReview("w45.json", "acme", Week(2026, 45), ("week-1",), pd.Timestamp(MONDAY), stored)
    weekly = dataclasses.replace(usual, earlier=earlier, gone=gone[["campaign_id", "campaign_name"]])
    of_week, second, third = weekly_findings.restated(weekly)
    assert of_week.text == (
        "Restated since the report of week 45 (data as of Mon 9 Nov 2026, 09:00): clicked 4 → 6 (+50.0\u202f%)."
    )
    now = sum(EARLIER[1:]) + 8  # the others', and this week's
    change = f"{100 * 12 / (now - 12):.1f}"
    assert second.text == f"Restated of campaigns before that week: clicked {now - 12} → {now} (+{change}\u202f%)."
    assert third.text == "Reported then, but no longer in the database: Gone (gone)."
    assert "Campaign week-6  Clicked  4  6  +50.0\u202f%" in tables.restated(weekly).text
    same = dataclasses.replace(usual, earlier=dataclasses.replace(earlier, snapshot=usual.snapshot))
    (said,) = weekly_findings.restated(same)
    assert said.text.startswith("Nothing was restated since the report of week 45")
    assert tables.restated(same).html == ""
    assert "No earlier report" in weekly_findings.restated(usual)[0].text


@pytest.mark.parametrize(
    ("columns", "level", "said"),
    [
        (
            {"scheduled_at": MONDAY + 9 * DAY},
            "note",
            "Scheduled: Campaign x, Wed 18 Nov 2026, 09:00 (UTC) to 9 people.",
        ),
        (
            {"scheduled_at": MONDAY + DAY},
            "bad",
            "Campaign x was to start Tue 10 Nov 2026, 09:00 (UTC) to 9 people, and",
        ),
        ({"scheduled_at": MONDAY + 7 * DAY}, "warning", "the data end before that. Bring the data up to date"),
        ({}, "warning", "Campaign x is scheduled to 9 people, but nothing says for when."),
        (
            {"status": "sending", "start": MONDAY},
            "warning",
            "Campaign x is still sending, since Mon 9 Nov 2026, 09:00: of 9 people 9 are not sent to and 0 have "
            "no outcome yet. That is more than a day",
        ),
        ({"status": "sending", "start": MONDAY + 4 * DAY + 8 * HOUR}, "note", "Reviewed in the week"),
    ],
)
def test_what_is_open_is_told_by_how_pressing_it_is(usual, columns, level, said):
    database = database_of()
    database.campaign("x", **{"status": "scheduled", "start": None, "audience": 9} | columns)
    now = metrics.open_campaigns(fill(in_memory_engine(), database), "acme")
    weekly = dataclasses.replace(usual, open_campaigns=now)
    (found,) = [one for one in next_week.next_week(weekly) if one.topic in ("scheduled", "overdue", "sending")]
    assert found.level == level
    assert said in texts([found])
    pressing = [one for one in weekly_findings.first_screen(weekly).actions if one.text == found.advice]
    assert bool(pressing) == (level in ("bad", "warning"))


def test_what_the_sender_can_change_is_named_with_its_code(usual):
    found = [one for one in next_week.next_week(usual) if one.topic == "fixable"]
    assert "Campaign new: 2 people failed on WhatsApp for a reason you can change: " in found[0].text
    assert "(132015)" in found[0].text
    assert found[0].advice


def test_who_left_the_account_by_no_campaigns_link_is_told_where_there_are_any(usual):
    assert not [one for one in next_week.next_week(usual) if one.topic == "left"]
    database = database_of()
    for at, columns in ((MONDAY, {}), (MONDAY + HOUR, {}), (MONDAY - 10 * HOUR, {}), (MONDAY, {"campaign_id": "new"})):
        database.contact(f"gone {len(database.outcomes)}")
        database.outcome(f"gone {len(database.outcomes)}", kind="unsubscribed", at=at, **columns)
    left = left_account(fill(in_memory_engine(), database), "acme", usual.week)
    open_now = next_week.next_week(dataclasses.replace(usual, left_account=left))
    (found,) = [one for one in open_now if one.topic == "left"]
    assert found.text == "In week 46 2 people left the account by no campaign's link: no campaign counts them."


def test_a_finished_experiment_asks_to_be_compared(usual):
    database = database_of(experiment_id="it's x", variant="A")
    add(database, "arm b", MONDAY + HOUR, 5, people="d", experiment_id="it's x", variant="B")
    warehouse = fill(in_memory_engine(), database)
    chosen = metrics.campaigns_by_week(warehouse, "acme", usual.week, 26)
    ripe = metrics.ripe_experiments(warehouse, chosen, usual.week)
    said = texts(next_week.next_week(dataclasses.replace(usual, ripe_experiments=ripe)))
    assert "The experiment it's x is over: Campaign arm b, Campaign new." in said
    assert "campaign_comparison/demo.yaml --campaign 'arm b' --campaign new" in said


def test_the_payload_agrees_with_the_summaries_of_the_campaigns():
    database = database_of()
    add(database, "mail", MONDAY + DAY, 4, 30, 5, "email", "m")
    warehouse = fill(in_memory_engine(), database)
    weekly = metrics.weekly_figures(warehouse, "acme", "2026-W46")
    about = payload(weekly)
    of_each = metrics.summary(warehouse, ["new", "mail"])
    whole = of_each[of_each["channel"] == "all"]
    for name in (*COUNTS, *PEOPLE):
        assert about["totals"][name] == whole[name].sum(), name
    assert about["totals"]["delivered_pct_of_audience"] == round(100 * 70 / 77, 4)
    assert about["totals"]["opened_pct_of_delivered"] is None  # channels are never pooled
    assert set(LEDGER_RATES) <= set(about["totals"])
    shown = {card["label"]: card for card in about["cards"]}
    assert list(shown) == ["Reached", "Clicked, of delivered", "Failed", "Can be won back"]
    assert (shown["Reached"]["count"], shown["Reached"]["share"]) == ("90.9\u202f%", "of 77")
    assert (shown["Failed"]["count"], shown["Failed"]["share"]) == ("7", "9.1\u202f% of 77")
    assert [row[0] for row in about["table"]["rows"]] == ["Campaign mail", "Campaign new"]
    assert {len(row) for row in about["table"]["rows"]} == {len(about["table"]["heads"])}
    assert (about["week"], about["started_at"]) == ("2026-W46", "2026-11-09T00:00:00Z")
    assert about["title"] == "Week 46, 9–15 Nov 2026"
    assert about["subtitle"] == "2 campaigns · WhatsApp, E-mail · 77 people"
    assert json.loads(json.dumps(about)) == about


def test_charts_have_words_a_caption_and_their_numbers(usual, lower):
    for weekly in (usual, lower):
        for chart in (trends(weekly), charts.benchmarks(weekly)):
            check_told(chart.to_dict())
    drawn = json.dumps(trends(lower).to_dict())
    assert '"triangle-down"' in drawn  # told by shape, not by colour alone
    assert '"triangle' not in json.dumps(trends(usual).to_dict())


def test_names_that_are_markup_stay_text():
    database = database_of()
    for row in (*database.campaigns, *database.accounts):
        row["name"] = HOSTILE
    weekly = figures(database)
    shown = [
        head.headline(weekly),
        tables.cards_of_week(weekly),
        tables.campaigns(weekly),
    ]
    shown += [history_table.against_history(weekly), tables.restated(weekly)]
    for display in shown:
        assert "<script" not in display.html
    assert 'aria-label="Clicked on WhatsApp, 6 earlier campaigns' in shown[2].html
    assert "\u202e" not in weekly_findings.first_screen(weekly).verdict.advice


@pytest.mark.parametrize(
    ("earlier", "now", "usual", "dots"),
    [([], None, None, 0), ([], 0.1, None, 1), ([0.1], None, None, 1), ([0.1] * 30, 0.1, (0.0, 1.0), MOST + 1)],
)
def test_sparklines_stay_within_their_picture(earlier, now, usual, dots):
    picture = sparkline(earlier, now, usual, "\"<b>&'")
    assert picture.count("<circle") == dots
    assert "<b>" not in picture
    assert all(0 <= float(y) <= 34 for y in re.findall(r'cy="([\d.]+)"', picture))


def test_the_provenance_names_the_command_and_the_campaigns_read(usual):
    warehouse = fill(in_memory_engine(), database_of())
    shown = head.provenance(warehouse, usual, earlier=None)
    assert "reportlib weekly --week 2026-W46" in shown.text
    assert "account: acme; week: 2026-W46; weeks: 26; earlier: None" in shown.text
    assert "294 messages, 49 events" in shown.text


def test_a_review_of_a_campaign_has_the_same_keys_for_mails():
    from reportlib.presentation.review import findings, head as report

    warehouse = fill(in_memory_engine(), small_database(campaign("a", audience=12).sent(9).delivered(8, clicked=2)))
    about = metrics.select_campaigns(warehouse, "a").iloc[0]
    ledger, by_channel = metrics.delivery(warehouse, "a"), metrics.breakdown(warehouse, "a", by="channel")
    failed, patterns = metrics.failures(warehouse, "a"), metrics.failure_patterns(warehouse, "a")
    back, judged = metrics.recoverable(warehouse, "a"), metrics.campaign_verdicts(warehouse, "a")
    receipts = metrics.receipts(warehouse, "a")
    said = findings.first_screen(about, ledger, by_channel, failed, patterns, back, judged, receipts)
    told = report.headline(warehouse, "a", said).also[REPORT_MIME]
    assert [card["count"] for card in told["cards"]] == ["66.7\u202f%", "25.0\u202f%", "–", "–"]
    assert told["cards"][0]["verdict"]["level"] == "bad"
    assert told["table"] is None
    assert told["verdict"] == "66.7\u202f% delivered, far below the 95\u202f% goal"
    assert (told["totals"]["audience"], told["totals"]["clicked_pct_of_delivered"]) == (12, 25.0)
    assert set(told) >= {"level", "cards", "findings", "actions", "believe"}
