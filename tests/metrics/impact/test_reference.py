"""A published experiment by mail with people held out, from its published counts.

Gerber, Green and Larimer (2008), Social Pressure and Voter Turnout, American Political Science Review 102:33: table 2
has the shares who voted, table 3 the effects of four mailings against the control group.
"""

from dataclasses import replace

import pandas as pd
import pytest

from reportlib.metrics.comparison.reasons import Reason
from reportlib.metrics.impact.people import people_effects
from reportlib.metrics.impact.trial import Trial
from reportlib.metrics.local_time import DAY_MS

VOTED = {  # of so many, per cent as printed in table 2, effect as printed in table 3
    "Control": (56_730, 191_243, "29.7", None),
    "Civic Duty": (12_021, 38_218, "31.5", "0.018"),
    "Hawthorne": (12_316, 38_204, "32.2", "0.026"),
    "Self": (13_191, 38_218, "34.5", "0.049"),
    "Neighbors": (14_438, 38_201, "37.8", "0.081"),
}


@pytest.fixture(scope="module")
def trial():
    arms = pd.DataFrame(
        [{"variant": name, "held_out": name == "Control", "counted": size} for name, (_, size, *_) in VOTED.items()]
    )
    arms = arms.assign(assigned=arms["counted"], campaign_ids=[[] for _ in VOTED])
    return Trial("x", arms, "Control", 0, DAY_MS, DAY_MS, DAY_MS, 0, True, 0, True)


def test_each_share_and_each_effect_is_as_it_was_printed(trial):
    rows = pd.DataFrame(
        [{"variant": name, "did": 1, "before": 0, "people": voted} for name, (voted, *_) in VOTED.items()]
    )
    found = {one.variant: one for one in people_effects(trial, "voted", rows, None)}
    for name, (_, _, share, effect) in VOTED.items():
        if effect is None:
            continue
        one = found[name]
        assert f"{100 * one.mean:.1f}" == share and f"{100 * one.mean_versus:.1f}" == VOTED["Control"][2]
        assert f"{one.difference:.3f}" == effect and one.word == "higher"
        standard_error = (one.high - one.low) / 2 / 1.96
        assert f"{standard_error:.3f}" == "0.003"  # as printed; Holm's levels here are all 95 to 98.75 %


def test_nobody_counts_before_the_stop_is_lifted(trial):
    """The same counts, and a check that failed: no number is given for any of them."""
    stopped = replace(trial, reasons=(Reason("balance", "stopped", "The arms are not of one kind of people."),))
    rows = pd.DataFrame([{"variant": "Self", "did": 1, "before": 0, "people": 13_191}])
    assert {(one.word, one.difference) for one in people_effects(stopped, "voted", rows, None)} == {("stopped", None)}
