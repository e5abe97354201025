"""That a difference is seen, and told: or the whole suite would say nothing."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from reportlib.errors import UnknownCampaign
from reportlib.metrics.conformance.sameness import first_difference


@dataclass
class Figures:
    name: str
    counts: np.ndarray


def frame(**columns):
    return pd.DataFrame({"campaign_id": ["a", "b"], "sent": [1, 2], "cost": [0.5, np.nan], **columns})


MOMENT = pd.Timestamp("2026-11-02", tz="UTC")
SAME = [
    frame(),
    frame(at=[MOMENT, pd.NaT], name=["é", None]),
    frame().iloc[:0],
    frame(rate=pd.array([1, None], "Int64")),
    {"a": [1, None, pd.NA], "b": (np.nan, pd.NaT)},
    Figures("x", np.array([1.0, np.nan])),
    UnknownCampaign("no campaign 'x'"),
    frame()["cost"],
]


@pytest.mark.parametrize("answer", SAME, ids=lambda answer: type(answer).__name__)
def test_what_is_the_same(answer):
    assert first_difference(answer, answer) == ""


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (frame(sent=[1, 3]), frame(), "it.sent[1] is 3 instead of 2"),
        (frame(sent=[1.0, 2.0]), frame(), "types of it[1] is float64 instead of int64"),
        (frame(cost=[np.nextafter(0.5, 1), np.nan]), frame(), "it.cost[0] is 0.5000000000000001 instead of 0.5"),
        (frame(cost=[0.5, 0.0]), frame(), "it.cost[1] is 0.0 instead of nan"),
        (frame(campaign_id=["b", "a"]), frame(), "it.campaign_id[0] is b instead of a"),
        (frame().iloc[:1], frame(), "number of rows of it is 1 instead of 2"),
        (frame().iloc[::-1], frame(), "index of it[0] is 1 instead of 0"),
        (frame(at=MOMENT), frame(at=MOMENT + pd.Timedelta("1us")), "it.at[0] is 2026-11-02 00:00:00+00:00 instead of"),
        (frame().rename(columns={"sent": "Sent"}), frame(), "columns of it[1] is Sent instead of sent"),
        ({"a": 1}, {"b": 1}, "the names of it[0] is a instead of b"),
        ([1, 2], [1], "the length of it is 2 instead of 1"),
        (1, True, "it is 1 (int) instead of True (bool)"),
        (None, "", "it is None (NoneType) instead of  (str)"),
        (Figures("x", np.array([1])), Figures("x", np.array([2])), "it.counts[0] is 1 instead of 2"),
        (UnknownCampaign("one"), UnknownCampaign("other"), "it is one instead of other"),
    ],
)
def test_what_differs_is_told(one, other, told):
    assert first_difference(one, other).startswith(told)


def test_a_tolerance_is_for_fractions_alone():
    cost = frame(cost=[0.5 * (1 + 1e-12), np.nan])
    assert first_difference(cost, frame(), tolerance=1e-9) == ""
    assert first_difference(frame(cost=[0.5001, np.nan]), frame(), tolerance=1e-9)
    assert first_difference(frame(sent=[1, 2_000_000_001]), frame(sent=[1, 2_000_000_000]), tolerance=1e-9)


def test_attributes_of_a_frame_count():
    one = frame()
    one.attrs["base"] = "delivered"
    assert first_difference(one, frame()) == "the length of the names of attrs of it is 1 instead of 0"
