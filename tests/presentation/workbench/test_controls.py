"""The controls together: what a choice sets, and what the other controls then offer."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from reportlib import Account, Between, Campaign, Groupings, TimeZone, Week, pick
from reportlib.errors import InvalidParameters
from reportlib.presentation.workbench import controls as pick_controls
from reportlib.presentation.workbench.controls import Choice, Controls
from reportlib.reports.asked import asked
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


def save(name, values):
    """Stands for what writes a view."""
    if not name:
        raise InvalidParameters("no <name>")
    return f"reportlib run {name}: {values}"


def shown(*parameters, namespace, **choices):
    """Controls over these variables; what they have set is in `chosen`."""
    chosen = []
    following = SimpleNamespace(choose=chosen.append)
    controls = Controls(following, namespace, lambda held: asked(parameters, 0, choices, held), save)
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


def typed(held, **types):
    """Controls over variables that the notebook gave these types."""
    return shown(namespace={**held, "__annotations__": types})


def test_without_names_every_typed_variable_has_a_control(warehouse):
    held = {"campaign": "new", "top": 8, "zone": None, "by": ["country"], "is_whole": True, "note": "x", "untyped": 1}
    controls, chosen = typed(
        held, campaign=Campaign, top=Between[1, 50], zone=TimeZone | None, by=Groupings, is_whole=bool, note=str
    )
    assert controls.names == ["campaign", "top", "zone", "by", "is_whole", "note"]
    assert labels(controls, "zone") == ["UTC", "default"]
    assert labels(controls, "is_whole") == ["True", "False"]
    assert [controls._controls[name].widget.value for name in ("top", "by", "note")] == ["8", "country", "x"]
    for name, text, value in [
        ("top", "5", 5),
        ("by", "carrier, attribute:plan", ["carrier", "attribute:plan"]),
        ("note", "7", "7"),
    ]:
        controls._controls[name].widget.value = text
        assert chosen[-1] == {name: value}
    choose(controls, "is_whole", "False")
    assert chosen[-1] == {"is_whole": False}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("top", "99", "top: should be less than or equal to 50, not 99"),
        ("top", "many", "top: should be a whole number"),
        ("by", "contry", "by: nothing can be grouped by &#x27;contry&#x27;, did you mean"),
        ("by", "country, country", "by: should be a list in which each stands once"),
    ],
)
def test_what_cannot_be_is_said_and_sets_nothing(warehouse, name, text, said):
    controls, chosen = typed({"top": 8, "by": []}, top=Between[1, 50], by=Groupings)
    controls._controls[name].widget.value = text
    assert said in controls._status.value
    assert chosen == []


def test_controls_come_once_the_cell_of_the_parameters_has_run(warehouse):
    namespace = {}
    controls, _ = shown(namespace=namespace)
    assert "Run the cell of the parameters" in controls._status.value
    namespace |= {"week": "last", "account": "other", "__annotations__": {"account": Account | None, "week": Week}}
    controls.follow({"account", "week"})
    assert controls.names == ["account", "week"]
    assert labels(controls, "week") == ["last", "2026-W46"]
    assert labels(controls, "account")[-1] == "default"


def test_the_present_choices_are_saved_as_a_view_and_the_command_is_said(warehouse):
    controls, _ = shown("campaign", namespace={"campaign": "new", "other": 1})
    name, button = controls.box.children[-2].children[-2:]
    name.value = "oi <b>"
    button.click()
    assert "reportlib run oi &lt;b&gt;: {&#x27;campaign&#x27;: &#x27;new&#x27;}" in controls._status.value
    name.value = ""
    button.click()
    assert "Not saved: no &lt;name&gt;" in controls._status.value
