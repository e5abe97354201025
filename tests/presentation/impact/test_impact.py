"""What a report on what messages caused says first, and beside its picture; names from a database stay text."""

import pytest

from reportlib import impact, metrics
from reportlib.presentation.impact.first_screen import first_screen
from reportlib.presentation.look import numbers
from reportlib.presentation.look.first_screen import shown as screen_of
from tests.metrics.impact.trials import DAY, experiment, orders
from tests.small_database import START, fill, in_memory_engine

EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def shown():
    """A warehouse with an effect, its trial and what belongs to it."""
    database = experiment({EVIL: 400}, held_out=200)
    orders(database, EVIL.lower(), 60)
    orders(database, "h", 10)
    database.event(database.messages[0], "clicked")
    database.outcome("h0", kind=EVIL, value=1.0, currency=EVIL, at=START + DAY)
    engine = in_memory_engine()
    warehouse = fill(engine, database)
    trial = metrics.trial(warehouse, "x")
    found = metrics.effects(warehouse, trial)
    yield warehouse, trial, found, metrics.holdout_plan(found), metrics.trial_costs(warehouse, trial)
    engine.dispose()


def test_the_first_screen_has_the_effect_what_it_is_worth_and_what_to_do(shown):
    _, trial, found, plan, costs = shown
    first = first_screen(trial, found, plan, costs)
    assert first.verdict.level == "good" and first.verdict.text == numbers.whole(found[0].in_short)
    assert [card.label for card in first.cards] == ["held out", EVIL, "Caused in all"]  # ten payers: no money
    assert (first.cards[2].count, first.cards[2].beside) == ("+40", "people, “order”; 1.00 EUR each")
    assert first.actions[0].gain == "≈ +1,000 of 10,000 people do “order”"
    assert "within 7 days after that." in first.believe


def test_the_first_screen_answers_five_questions(shown):
    _, trial, found, plan, costs = shown
    told = screen_of(first_screen(trial, found, plan, costs)).text.replace("\u202f", " ")
    for asked_for, answer in {
        "how many": "held out: 5.0 % (of 200 assigned",
        "is that good": "caused more “order” than held out: 15.0 % against 5.0 % of people",
        "is it more than would be anyway": "did “order” anyway",
        "what shall I do": "1. Send ",
        "what may I not believe": "What to believe: Everybody counts in the arm they were assigned to",
    }.items():
        assert answer in told, asked_for


def test_without_an_experiment_nothing_is_called_caused(shown):
    warehouse, _, _, plan, costs = shown
    said = impact.headline(warehouse, None, [], plan.iloc[:0], costs)
    assert "what they caused is not" in said.text and "What followed 1 campaign" in said.text
    credit = metrics.attribution(warehouse)
    caption = impact.charts.attribution(credit, None, []).usermeta["reportlib"]["caption"]
    assert "16 ways" in caption and "not known" in caption and "caused" not in caption


def test_where_somebody_was_held_out_the_line_across_is_what_was_caused(shown):
    warehouse, trial, found, _, _ = shown
    caption = impact.charts.attribution(metrics.attribution(warehouse), trial, found).usermeta["reportlib"]["caption"]
    assert "caused, against held out: +40 people" in caption


def test_names_from_the_database_stay_text(shown):
    warehouse, trial, found, plan, costs = shown
    displays = [
        impact.headline(warehouse, trial, found, plan, costs),
        impact.tables.effects(found, costs),
        impact.tables.adjusted(found),
        impact.tables.arms(trial),
        impact.tables.months({"2026-10": found}),
        impact.tables.plan(plan),
        impact.tables.verdicts(found),
        impact.tables.limits(trial, found),
    ]
    html = "".join(one.html for one in displays)
    assert EVIL not in html and "&lt;script&gt;" in html
    assert impact.charts.effects(found).to_dict()["usermeta"]["reportlib"]["rows"]
