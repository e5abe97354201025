"""Send times: told with restraint, with their support, and of nothing where there is nothing."""

import json
from datetime import timedelta

import numpy as np
import pytest

from reportlib import metrics
from reportlib.presentation.look import first_screen
from reportlib.presentation.look.display import REPORT_MIME
from reportlib.presentation.send_times import charts, findings, head, latency_chart, tables
from tests.metrics.send_times.simulation import world
from tests.presentation.conftest import check_told
from tests.small_database import SmallDatabase, campaign, fill, in_memory_engine, small_database

TIMES = metrics.response_times(
    metrics.response_latency(fill(in_memory_engine(), small_database(campaign("a").sent(3).delivered(3, clicked=1))))
)


def effects(seed=5, **about):
    return metrics.slot_effects(world(np.random.default_rng(seed), **about))


def first(found):
    return findings.first_screen(found, metrics.slots_to_try(found), TIMES)


def charts_of(warehouse):
    slots = metrics.send_slots(warehouse)
    found = metrics.slot_effects(slots)
    return [
        charts.activity_and_exposure(metrics.activity(warehouse), slots),
        charts.response_by_slot(found),
        charts.slot_index(found),
        latency_chart.response_latency(metrics.response_latency(warehouse), "clicked"),
    ]


def tables_of(warehouse):
    found = metrics.slot_effects(metrics.send_slots(warehouse))
    times = metrics.response_times(metrics.response_latency(warehouse))
    return [
        tables.slots(found),
        tables.test_plan(metrics.slots_to_try(found), found),
        tables.response_times(times, "clicked"),
    ]


def test_a_better_slot_is_named_with_its_lower_bound():
    found = effects(effect=0.6)
    said = first(found)
    best = found[found["better"]].sort_values("shrunk").iloc[-1]
    assert said.verdict.level == "good"
    assert said.verdict.text.startswith(f"Tue {best['hour']} h is answered better than your usual Tue ")
    assert f"At least {round(100 * best['lift_low'])}\u202f% above" in said.verdict.advice
    assert said.actions[0].text.startswith(f"Confirm Tue {best['hour']} h against Tue ")
    assert "random" in said.actions[0].why


def test_without_one_it_says_so_and_proposes_a_test():
    found = effects(effect=0.0)
    said = first(found)
    assert said.verdict.text.startswith("No hour is known to be better than your usual one, Tue ")
    plan = metrics.slots_to_try(found)
    assert said.actions[0].why.startswith(f"{plan['needed'].iloc[0]:,} messages in each, split at random")


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("when is it sent", "Usual hour: Tue "),
        ("how is that answered", "Clicked, at that hour: "),
        ("is another hour better", "No hour is known to be better"),
        ("what shall I do", "1. Test "),
        ("what may I not believe", "What to believe: That clicks come at an hour does not make it a good hour to send"),
    ],
)
def test_the_first_screen_answers_five_questions(asked, answered):
    assert answered in first_screen.shown(first(effects(effect=0.0))).text, asked


def test_nothing_delivered_and_too_young_are_said():
    slots = world(np.random.default_rng(5))
    none = {"delivered": 0, "mature": 0, "responded": 0}
    for changes, said in ((none, "nothing to go by"), ({"mature": 0, "responded": 0}, "too early")):
        found = slots.assign(**changes)
        found.attrs = slots.attrs
        assert said in first(metrics.slot_effects(found)).verdict.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, set()),
        ({"zone_known": 0.4}, {("zone", "warning")}),
        ({"zone_known": 0.97}, {("zone", "note")}),
    ],
)
def test_each_caveat_only_where_it_applies(changes, said):
    slots = world(np.random.default_rng(5))
    slots.attrs |= changes
    found = findings.caveats(metrics.slot_effects(slots), slots)
    assert said <= {(one.topic, one.level) for one in found}
    assert not {"young", "one campaign"} & {one.topic for one in found}
    alone = slots[slots["campaign_id"] == "c0"].assign(delivered=lambda rows: rows["mature"] + 7)
    alone.attrs = slots.attrs
    topics = {one.topic for one in findings.caveats(metrics.slot_effects(alone), alone)}
    assert {"young", "one campaign"} <= topics
    assert "cause" not in topics


def test_support_is_told_by_shape_and_the_usual_and_better_slots_by_a_sign():
    found = effects(effect=0.6)
    by_slot = charts.response_by_slot(found).to_dict()
    drawn = {name: len(by_slot["datasets"][layer["data"]["name"]]) for name, layer in
             zip(("untried", "supported", "thin"), by_slot["layer"], strict=True)}  # fmt: skip
    assert drawn == {
        "untried": (found["support"] == "untested").sum(),
        "supported": (found["support"] == "supported").sum(),
        "thin": (found["support"] == "thin").sum(),
    }
    index = charts.slot_index(found).to_dict()
    signs = [row["sign"] for row in index["datasets"][index["layer"][-1]["data"]["name"]]]
    assert signs.count(charts.USUAL) == 1
    assert signs.count(charts.BETTER) == found["better"].sum() > 0


def test_each_chart_has_words_a_caption_and_its_numbers():
    database = small_database(*[campaign(name).sent(4).delivered(4, opened=2, clicked=2) for name in "ab"])
    later = database.messages[0]["sent_at"] + timedelta(days=3)
    for message in database.messages[1::2]:
        message["sent_at"] += timedelta(hours=2)  # so that each campaign has two slots
        message["delivered_at"] += timedelta(hours=2)
    for event in database.events:
        event["occurred_at"] += timedelta(hours=3)
    database.event(database.messages[0], "unsubscribed", occurred_at=later)
    for chart in charts_of(fill(in_memory_engine(), database)):
        check_told(chart.to_dict())


def test_of_nothing_nothing_is_drawn_but_a_sentence():
    database = SmallDatabase()
    database.account("acme")
    database.campaign("a")
    warehouse = fill(in_memory_engine(), database)
    assert [chart.to_dict()["mark"]["type"] for chart in charts_of(warehouse)] == ["text"] * 4
    assert all(shown.text for shown in tables_of(warehouse))


def test_names_that_are_markup_stay_text(hostile):
    found = metrics.slot_effects(metrics.send_slots(hostile))
    times = metrics.response_times(metrics.response_latency(hostile))
    shown = head.headline(hostile, ["a"], found, metrics.slots_to_try(found), times)
    for display in (shown, *tables_of(hostile)):
        assert "<script" not in display.html
    about = shown.also[REPORT_MIME]
    assert about["title"].startswith("<script>")  # the page escapes it
    assert json.loads(json.dumps(about)) == about
    assert sum(slot["delivered"] for slot in about["slots"]) == found["delivered"].sum()
    for chart in charts_of(hostile):
        assert "<script" not in json.dumps(chart.to_dict())


def test_what_an_open_of_the_channel_can_tell_is_said():
    slots = world(np.random.default_rng(5))
    assert not [one for one in findings.caveats(metrics.slot_effects(slots), slots) if one.topic == "channel"]
    slots.attrs |= {"metric": "opened"}
    (said,) = [one for one in findings.caveats(metrics.slot_effects(slots), slots) if one.topic == "channel"]
    assert "E-mail: machine opens inflate it" in said.text
