"""A week's campaigns against the account's history, and beside its best."""

import numpy as np
import pytest

from reportlib import metrics
from reportlib.metrics.statistics.expectation import MIN_HISTORY, shrunk
from reportlib.metrics.weekly.against_history import JUDGED
from tests.metrics.weekly.made_history import THIS, history, row

CLICKED = (50, 61, 47, 55, 58, 44, 52, 57)
USUAL = [row(ago, clicked) for ago, clicked in enumerate(CLICKED, 1)]


def verdicts(*rows):
    return metrics.week_verdicts(history(*rows), THIS).set_index(["campaign_id", "channel", "metric"])


def test_each_campaign_is_asked_per_channel_what_the_channel_can_tell():
    frame = verdicts(row(0, 53, campaign_id="new"), row(0, 5, channel="sms", campaign_id="text"), *USUAL)
    assert list(frame.index) == [
        ("new", "whatsapp", "clicked"),
        ("new", "whatsapp", "delivered"),
        ("new", "whatsapp", "opened"),
        ("text", "sms", "clicked"),
        ("text", "sms", "delivered"),
    ]
    assert frame["history"].tolist() == [8, 8, 8, 0, 0]
    assert (frame.loc["new", "verdict"] == "as usual").all()
    assert (frame.loc["text", "verdict"] == "too little history").all()


@pytest.mark.parametrize(("clicked", "word"), [(200, "higher than usual"), (3, "lower than usual")])
def test_what_is_unusual_is_called_so_and_lies_outside_its_limits(clicked, word):
    frame = verdicts(row(0, clicked, campaign_id="odd"), row(0, 51, campaign_id="even"), *USUAL)
    assert frame.loc[("odd", "whatsapp", "clicked"), "verdict"] == word
    assert frame.drop(index=("odd", "whatsapp", "clicked"))["verdict"].eq("as usual").all()
    inside = (frame["low"] <= frame["rate"]) & (frame["rate"] <= frame["high"])
    assert (inside == (frame["verdict"] == "as usual")).all()


@pytest.mark.slow
def test_ordinary_weeks_are_called_ordinary():
    """Rates that differ by more than chance: with limits from the binomial alone one week in two would be flagged."""
    rng, flagged = np.random.default_rng(7), 0
    for _ in range(120):
        rates = 1 / (1 + np.exp(-(np.log(0.06 / 0.94) + 0.25 * rng.standard_normal(11))))
        counts = rng.binomial(5000, rates)
        rows = [row(ago, int(n), 5000) for ago, n in enumerate(counts[1:], 1)]
        rows.append(row(0, int(counts[0]), 5000, campaign_id="new"))
        flagged += verdicts(*rows)["verdict"].ne("as usual").any()
    assert flagged <= 12  # 5 % of 120, and what chance makes of it


def test_the_young_are_there_but_not_judged():
    frame = verdicts(row(0, 1, campaign_id="young", old_enough=False), row(0, 53, campaign_id="new"), *USUAL)
    assert frame["verdict"].tolist() == ["too young"] * 3 + ["as usual"] * 3
    assert frame["level"].iloc[-1] == pytest.approx(0.05 / 3)  # the young are in no family


def test_nobody_delivered_is_an_unusual_delivery_and_no_click_rate():
    frame = verdicts(row(0, 0, 0, campaign_id="broken", audience=1000, failed=1000), *USUAL)
    words = frame.loc["broken", "verdict"].droplevel("channel").to_dict()
    assert words == {"clicked": "nothing to judge", "delivered": "lower than usual", "opened": "nothing to judge"}


def test_later_weeks_and_other_channels_are_no_history():
    others = [row(-1, 900), *[row(ago, 900, channel="sms") for ago in range(1, 9)]]
    found = verdicts(row(0, 53, campaign_id="new"), *USUAL, *others).loc[("new", "whatsapp", "clicked")]
    assert (found["history"], found["verdict"]) == (8, "as usual")


def test_a_channel_never_used_before_has_no_history_and_no_benchmark():
    frame = history(row(0, 5, channel="email", campaign_id="first"), *USUAL)
    assert metrics.week_verdicts(frame, THIS)["history"].tolist() == [0, 0, 0]
    told = metrics.benchmarks(frame, THIS)
    assert told["campaign_id"].tolist() == ["first"]
    assert not told[["is_best", "is_benchmark"]].any(axis=None)


def test_the_best_of_few_people_is_no_benchmark():
    lucky = row(9, 6, 37, campaign_id="lucky")
    frame = metrics.benchmarks(history(row(0, 53, campaign_id="new"), *USUAL, lucky), THIS)
    best, benchmark = frame[frame["is_best"]].iloc[0], frame[frame["is_benchmark"]].iloc[0]
    assert best["campaign_id"] == "lucky"
    assert best["shrunk"] < 0.1 < best["rate"]
    drawn = shrunk([*frame.loc[~frame["is_new"], "count"]], [*frame.loc[~frame["is_new"], "base"]])
    assert benchmark["shrunk"] == drawn["estimate"].max()
    new = frame[frame["is_new"]].iloc[0]
    assert (new["rate"], new["is_best"], np.isnan(new["shrunk"])) == (0.053, False, True)


def test_with_too_little_history_there_is_a_best_but_no_benchmark():
    frame = metrics.benchmarks(history(row(0, 53, campaign_id="new"), *USUAL[: MIN_HISTORY - 1]), THIS)
    assert frame["is_best"].sum() == 1
    assert not frame["is_benchmark"].any()


def test_of_no_campaign_there_are_no_rows():
    for frame in (history(), history(*USUAL)):
        assert metrics.week_verdicts(frame, THIS).empty
        assert metrics.benchmarks(frame, THIS).empty
    assert set(verdicts(row(0, 53), *USUAL)["verdict"]) <= set(JUDGED)
