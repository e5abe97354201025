"""The controls together: what a choice sets, and what the other controls then offer."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from reportlib import pick
from reportlib.errors import InvalidParameters
from reportlib.presentation.workbench import controls as pick_controls
from reportlib.presentation.workbench.controls import Choice, Controls
from tests.small_database import START, fill, in_memory_engine, small_database

WEEK = timedelta(days=7)


@pytest.fixture
def warehouse(monkeypatch):
    """Campaigns of two accounts in three weeks, and a draft."""
    database = small_database()
    database.account("other")
    database.campaign("old", start=START - WEEK)
    database.campaign("new")
    database.campaign("theirs", account="other", start=START + WEEK)
    database.campaign("draft", status="draft", start=None)
    monkeypatch.setattr(pick_controls, "open_warehouse", lambda: fill(in_memory_engine(), database))


def shown(*parameters, namespace, **choices):
    """Controls over these variables; what they have set is in `chosen`."""
    chosen = []
    controls = Controls(SimpleNamespace(choose=chosen.append), namespace, parameters, choices, 0)
    return controls, chosen


def labels(controls, name):
    return [each for each, _ in controls._controls[name].widget.options]


def choose(controls, name, label):
    widget = controls._controls[name].widget
    widget.index = [each.strip("\u2068\u2069").split(" · ")[-1] for each, _ in widget.options].index(label)


def test_another_account_offers_its_weeks_and_keeps_the_one_chosen(warehouse):
    controls, chosen = shown("account", "week", namespace={"account": "acme", "week": "2026-W45"})
    assert labels(controls, "week") == ["last", "2026-W45", "2026-W44"]
    choose(controls, "week", "2026-W44")
    choose(controls, "account", "other")
    assert chosen == [{"week": "2026-W44"}, {"account": "other"}]
    assert [each.strip("\u2068\u2069") for each in labels(controls, "week")] == ["2026-W44", "last", "2026-W46"]
    assert controls._controls["week"].value == "2026-W44"


def test_a_baseline_is_one_of_the_campaigns_chosen(warehouse):
    namespace = {"campaigns": ["new", "old"], "baseline": "old"}
    controls, chosen = shown("campaigns", "baseline", namespace=namespace, metric=["clicked", "opened"])
    choose(controls, "metric", "opened")
    boxes = controls._controls["campaigns"]._boxes
    assert [box.description.split(" · ")[1] for box in boxes[:3]] == [
        "\u2068new\u2069",
        "\u2068old\u2069",
        "\u2068theirs\u2069",
    ]
    boxes[2].value = True
    assert chosen == [{"metric": "opened"}, {"campaigns": ["new", "old", "theirs"], "baseline": "old"}]
    boxes[1].value = False
    assert chosen[-1] == {"campaigns": ["new", "theirs"], "baseline": None}


def test_a_draft_is_not_offered(warehouse):
    controls, _ = shown("campaign", namespace={})
    assert "draft" not in str(controls._controls["campaign"]._list.options)


def test_a_value_that_is_not_among_the_choices_is_one_more():
    chosen = []
    choice = Choice("top_groups", [("5", 5), ("8", 8)], lambda: chosen.append(choice.value))
    choice.follow(7)
    assert choice.value == 7
    choice.widget.index = 1
    assert chosen == [5]
    choice.offer([("9", 9)])
    assert choice.value == 5


def test_what_pick_does_not_know_is_said():
    with pytest.raises(InvalidParameters, match="did you mean 'campaign'"):
        pick("campain")
