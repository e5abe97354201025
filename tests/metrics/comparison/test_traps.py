"""Databases that look as if there were an effect get no winner, and a reason that names why; a fair one wins."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from reportlib import metrics
from reportlib.presentation.comparison.findings import headline
from tests import few
from tests.metrics.comparison import traps
from tests.metrics.comparison.traps import Told, arms, assignments, fair, warehouse


@cache
def told(trap, **asked):
    return Told(trap(np.random.default_rng(20_261_129)), **asked)


@pytest.mark.parametrize(
    ("trap", "guard"),
    few(
        [  # one for each guard that test_campaigns.py has no example of, and the others
            (traps.people_without_a_message, "sample ratio"),
            (traps.filled_by_country, "balance"),
            (traps.nothing_sent, "nothing sent"),
            (traps.people_in_both, "contamination"),
            (traps.mix_that_reverses, "composition"),
            (traps.not_tracked, "measured"),
            (traps.ordinary_campaigns, "spread"),
            (traps.throttled, "watched"),
            (traps.two_accounts, "not randomised"),
            (traps.assigned_to_both, "contamination"),
            (traps.written_to_the_other, "contamination"),
            (traps.filled_with_the_keen, "balance"),
            (traps.filled_with_the_new, "balance"),
            (traps.late_by_country, "balance"),
            (traps.months_apart, "contamination"),
            (traps.blank_experiment, "not randomised"),
            (traps.cancelled_half_way, "sample ratio"),
            (traps.by_channel, "composition"),
            (traps.planned_otherwise, "sample ratio"),
            (traps.added_since, "watched"),
            (traps.filled_by_plan, "balance"),
        ],
        6,
    ),
)
def test_no_winner_and_a_named_reason(trap, guard):
    found = told(trap, **traps.ASKED.get(trap, {}))
    assert found.first.word in ("stopped", "not comparable", "not distinguishable")
    assert guard in found.guards
    assert found.grade != "A" or guard in ("watched", "measured")


@pytest.mark.slow
def test_what_is_refused_for_the_idle_is_no_effect_and_stops_only_what_is_of_delivered():
    found = told(traps.refused_for_the_idle)
    assert (found.first.word, found.first.base_name) == ("not distinguishable", "assigned")
    assert "delivery" in found.guards  # said beside it, and stops what is of delivered
    diagnosis = traps.metrics.explore_campaigns(found.frame, found.design)[0]
    assert (diagnosis.metric, diagnosis.base_name, diagnosis.word) == ("clicked", "delivered", "stopped")
    assert "delivery may be the cause" in str(diagnosis)


@pytest.mark.parametrize("trap", few([traps.sent_again, traps.sent_again_lately]))
def test_who_was_refused_and_sent_it_again_is_one_of_their_arm_once(trap):
    found = told(trap)
    assert (found.first.word, found.first.base_name, found.first.base) == (
        "not distinguishable",
        "assigned",
        traps.PEOPLE,
    )
    assert found.grade == "B" and found.changed == ["messages"]


def test_opens_by_machines_make_no_winner():
    found = told(traps.opened_by_machines, metric="opened")
    assert (found.first.word, found.first.estimate, found.guards) == ("stopped", None, ["machines"])
    assert "Opens by machines decide it: of people's alone it would read: Opened: " in str(found.first)
    cause = headline(found.verdicts, found.design, metrics.differences(found.frame, found.design))[-1]
    assert (cause.topic, cause.level) == ("cause", "warning")


def test_swapped_arms_are_named_before_what_follows_from_them():
    """Everybody of a had the message of b, and the other way round: nobody has a message of their own arm."""
    people = arms(np.random.default_rng(1), "a", "b", people=500, rate=0.1)
    swapped = people.assign(campaign_id=people["campaign_id"].map({"a": "b", "b": "a"}))
    found = Told(warehouse(swapped, assignments=assignments(people)))
    first, cause = headline(found.verdicts, found.design, metrics.differences(found.frame, found.design))
    assert (first.level, first.text) == ("bad", f"Clicked: no verdict on b and a. {found.design.contaminated.text}")
    assert "1,000 have a message of an arm to which they were not assigned" in first.text
    assert "Nothing was sent to b" in cause.text


def test_a_tag_for_what_people_did_or_had_is_no_imbalance():
    """Given for a click, or for having had b: after the experiment began, which no attribute says."""
    people = fair(people=10_000, lift=1.4)
    keen = traps.tags(people[people["click_h"].notna()], keen="yes")
    had_b = traps.tags(people[people["campaign_id"] == "b"], got="b")
    found = Told(warehouse(people, contact_attributes=pd.concat([keen, had_b])))
    assert (found.first.word, found.grade) == ("higher", "A")


def test_a_standardised_difference_is_that_within_the_groups():
    found = told(traps.mix_that_reverses)
    assert found.first.basis == "standardised"
    assert found.first.count / found.first.base < found.first.baseline_count / found.first.baseline_base
    assert 0 < found.first.estimate < 2


def test_a_fair_experiment_with_an_effect_wins_with_grade_a():
    found = Told(warehouse(fair()))
    assert (found.first.word, found.grade) == ("higher", "A")
    assert found.first.practical in ("matters", "not shown to matter")
    assert found.design.is_sound


def test_more_unsubscribes_hold_a_winner_back():
    people = fair()
    more = (people["campaign_id"] == "b") & (np.random.default_rng(6).random(len(people)) < 0.006)
    found = Told(warehouse(people.assign(unsubscribed=people["unsubscribed"] | more)))
    assert found.first.word == "higher"
    assert "guardrail" in found.guards
    assert "Held back: unsubscribed is higher for b too." in str(found.first.reasons)


@pytest.mark.slow
def test_factors_are_found_that_no_pair_shows():
    """Subject 2 is better by a fifteenth with either sender; sender makes no difference."""
    generator = np.random.default_rng(8)
    rates = {"a": 0.05, "b": 0.0555, "c": 0.05, "d": 0.0555}
    parts = [arms(generator, name, people=15_000, rate=rate) for name, rate in rates.items()]
    people = pd.concat(parts, ignore_index=True)
    people["contact_id"] = [f"p{n}" for n in range(len(people))]
    levels = {"subject": "1212", "sender": "xxyy"}
    rows = [
        {"campaign_id": name, "attribute": factor, "value": value}
        for factor, values in levels.items()
        for name, value in zip("abcd", values, strict=True)
    ]
    found = Told(warehouse(people, campaign_attributes=pd.DataFrame(rows)))
    asked = [verdict.question for verdict in found.verdicts]
    assert asked == ["pair"] * 6 + ["factor"] * 2 + ["interaction"]
    effects = {verdict.factor: verdict for verdict in found.verdicts[6:]}
    assert {name: effect.word for name, effect in effects.items()} == {
        "sender": "not distinguishable",
        "subject": "higher",
        "sender × subject": "not distinguishable",
    }
    subject = people["campaign_id"].isin(["b", "d"])
    by_arm = people["click_h"].notna().groupby(people["campaign_id"]).mean()
    expected = 100 * (by_arm[["b", "d"]].mean() - by_arm[["a", "c"]].mean())
    assert effects["subject"].estimate == pytest.approx(expected, abs=0.02)
    assert effects["subject"].base == subject.sum()
    assert "subject: subject “2” is higher than subject “1” by" in str(effects["subject"])
    assert [verdict.exploratory for verdict in found.verdicts] == [False] * 9
