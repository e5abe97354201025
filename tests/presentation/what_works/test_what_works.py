"""What the report on what works says where there is little to say; names from the database stay text."""

from datetime import timedelta

import pytest

from reportlib import metrics, what_works
from reportlib.presentation.look.display import REPORT_MIME
from reportlib.presentation.look.first_screen import shown as screen_of
from reportlib.presentation.what_works.first_screen import first_screen
from reportlib.presentation.what_works.words import fact, lift, lifts
from tests.metrics.what_works.experiments import ran
from tests.small_database import START, SmallDatabase, fill, in_memory_engine

EVIL = "<script>alert(1)</script>"
EARLY = START - timedelta(days=9)


@pytest.fixture
def asked():
    """What is known of a database, its first screen as text, and all tables and the picture's caption."""
    engine = in_memory_engine()

    def ask(database):
        warehouse = fill(engine, database)
        known = metrics.what_works(warehouse, "acme")
        shown = what_works.tables
        parts = [shown.register, shown.sums, shown.associations, shown.worth_testing, shown.best, shown.sentences]
        displays = [what_works.headline(warehouse, known), *[part(known) for part in parts]]
        text = "\n".join(one.text for one in displays).replace("\u202f", " ")
        return known, text, displays, what_works.charts.effects(known)

    yield ask
    engine.dispose()


def account() -> SmallDatabase:
    database = SmallDatabase()
    database.account("acme")
    database.contact("clock")
    database.outcome("clock", kind="visit", at=START)
    return database


def test_nothing_to_register_is_said(asked):
    database = account()
    known, text, _, picture = asked(database)
    assert first_screen(known).verdict.text == (
        "Nothing can be learned yet: no experiment was made, and no campaign has finished."
    )
    assert "No experiment was made yet: no two campaigns are variants of one" in text
    assert picture.description == "No experiment can be judged, so there is no effect to draw."
    ran(database, "plain", {"A": (50, 5)}, EARLY)
    database.campaigns[-1].update(experiment_id=None, variant=None)
    known, text, *_ = asked(database)
    assert first_screen(known).verdict.text.startswith("No experiment was made yet: of 1 campaign it is known")
    assert "Campaign plain-a" in text and "5 of 50" in text and "too few campaigns to tell" in text


def test_one_experiment_is_told_as_it_came_out(asked):
    database = account()
    ran(database, "x", {"A": (120, 12), "B": (120, 36)}, EARLY, question=EVIL, decision=EVIL)
    database.campaigns[-1].update(name=EVIL)
    known, text, displays, picture = asked(database)
    first = first_screen(known)
    assert (
        first.verdict.text.replace("\u202f", " ")
        == f"One experiment so far. {EVIL} against Campaign x-a, by clicks: higher, +192 % as it came out."
    )
    assert first.verdict.advice == "One alone does not tell how much of it is luck."
    assert [card.label for card in first.cards] == ["Experiments", "Found better", "Campaigns"]
    assert "One experiment alone does not tell how much of what it found is luck" in text
    assert all(EVIL not in one.html for one in displays)
    assert EVIL in str(displays[0].also[REPORT_MIME])  # as data it is what it is
    assert len(picture.usermeta["reportlib"]["rows"]) == 1


def test_experiments_that_cannot_be_judged_are_there_with_the_reason(asked):
    database = account()
    ran(database, "uneven", {"A": (120, 12), "B": (50, 12)}, EARLY)
    known, text, *_ = asked(database)
    assert first_screen(known).verdict.text == "The one experiment cannot be judged."
    assert "do not have the planned sizes" in first_screen(known).verdict.advice
    ran(database, "silent", {"A": (30, 0), "B": (30, 0)}, EARLY)
    for campaign in ("silent-a", "silent-b"):
        database.declare("email", "clicked", False, campaign=campaign)
    for name in "ab":  # known as totals only
        database.campaign(f"sum-{name}", experiment_id="sum", variant=name.upper(), start=EARLY, completed_at=EARLY)
        database.totals(f"sum-{name}", sent=100, delivered=90, clicked=9)
    known, text, *_ = asked(database)
    assert first_screen(known).verdict.text == "3 experiments, and none can be judged."
    found = known.register.set_index("experiment_id")["sentence"]
    assert "Not measured" in found["silent"] and "not assigned at random" in found["sum"]
    assert "None of the experiments can be judged: nothing to add up." in text


@pytest.mark.slow
def test_several_come_to_something_and_luck_is_allowed_for(asked):
    database = account()
    for number, clicked in enumerate((36, 15, 12, 1, 13)):
        ran(database, f"x{number}", {"A": (120, 12), "B": (120, clicked)}, EARLY - timedelta(days=number))
    known, text, _, picture = asked(database)
    first = first_screen(known)
    assert first.verdict.text == "Of 5 experiments, 1 found something better, 1 something worse; 3 could not tell."
    told = screen_of(first).text
    for asked_for, answer in {
        "how many": "Experiments: 5 (5 can be judged",
        "is that good": "1 found something better",
        "is it usual": "the usual effect",
        "what shall I do": "1. Test",
        "what may I not believe": "What to believe: Only experiments show causes",
    }.items():
        assert answer in told, asked_for
    assert "once luck is allowed for; it came out as +192 %." in first.verdict.advice.replace("\u202f", " ")
    assert [card.label for card in first.cards][2:] == ["What won comes to", "The next one’s size"]
    assert len(picture.usermeta["reportlib"]["rows"]) == 10
    assert "all kept and adds up" in text and "1 of 5" in text


def test_lifts_and_facts_in_words():
    assert [lift(one).replace("\u202f", " ") for one in (0.124, -0.3, 0.001, 12.0, float("nan"), None)] == [
        "+12 %", "−30 %", "0 %", "> +999 %", "–", "–",
    ]  # fmt: skip
    assert lifts(-0.04, 0.381).replace("\u202f", " ") == "−4 to +38 %" and lifts(float("nan"), 0.1) == ""
    assert fact("question in the subject", "yes") == "question in the subject"
    assert fact("tag", "Books") == "tag: “Books”" and fact("weekday", "Monday") == "weekday: Monday"
