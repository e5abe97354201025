"""Weeks as ratios of sums, and whether the last is ordinary."""

import math

import numpy as np
import pandas as pd
import pytest

from reportlib import metrics
from reportlib.metrics.statistics.expectation import MIN_HISTORY, expectation
from reportlib.metrics.weekly.against_history import HIGHER, LOWER
from reportlib.metrics.weekly.mix import log_odds_of_mix
from tests import few
from tests.metrics.weekly.made_history import THIS, history, row

USUAL = [row(ago, clicked) for ago, clicked in zip(range(1, 9), (50, 61, 47, 55, 58, 44, 52, 57), strict=True)]


def series(frame, metric, channel):
    return frame[(frame["metric"] == metric) & (frame["channel"] == channel)].reset_index(drop=True)


def last(frame, metric, channel="whatsapp"):
    return series(frame, metric, channel).iloc[-1]


def test_a_week_is_the_sum_of_its_campaigns_over_the_sum_of_their_bases():
    two = row(0, 30, 400, campaign_id="a"), row(0, 10, 1600, campaign_id="b")
    found = last(metrics.weekly_trends(history(*two, *USUAL), THIS, 12), "clicked")
    assert (found["campaigns"], found["count"], found["base"], found["rate"]) == (2, 40, 2000, 0.02)
    whole = last(metrics.weekly_trends(history(*two, *USUAL), THIS, 12), "failed", "all")
    assert (whole["count"], whole["base"]) == (100, 2100)


def test_channels_are_never_pooled_in_engagement_and_only_those_that_can_tell_are_there():
    frame = metrics.weekly_trends(history(*USUAL, row(0, 5, channel="sms"), row(3, 9, channel="email")), THIS, 12)
    asked = frame[["metric", "channel"]].drop_duplicates().itertuples(index=False, name=None)
    assert list(asked) == [
        ("delivered", "all"),
        ("failed", "all"),
        ("clicked", "whatsapp"),
        ("clicked", "sms"),
        ("clicked", "email"),
        ("opened", "whatsapp"),
        ("opened", "email"),
    ]


def test_weeks_are_shown_in_order_with_the_empty_ones_and_not_before_the_first():
    frame = metrics.weekly_trends(history(row(0, 5), row(14, 9)), THIS, 26)
    weeks = series(frame, "clicked", "whatsapp")["week"].tolist()
    assert weeks == [str(THIS.previous(n)) for n in range(14, -1, -1)]
    short = metrics.weekly_trends(history(row(0, 5), row(2, 9)), THIS, 26)
    assert series(short, "clicked", "whatsapp")["week"].nunique() == 12  # a quarter at least
    empty = series(frame, "clicked", "whatsapp").iloc[5]
    assert (empty["campaigns"], empty["base"]) == (0, 0)
    assert math.isnan(empty["rate"]) and math.isnan(empty["low"])


@pytest.mark.parametrize(("clicked", "word"), [(53, "as usual"), (62, "as usual"), (150, HIGHER), (4, LOWER)])
def test_only_the_reviewed_week_is_judged_and_words_agree_with_limits(clicked, word):
    frame = metrics.weekly_trends(history(row(0, clicked), *USUAL), THIS, 12)
    found = last(frame, "clicked")
    assert found["verdict"] == word
    assert (found["low"] <= found["rate"] <= found["high"]) == (word == "as usual")
    assert frame.loc[frame["week"] != str(THIS), ["verdict", "p_value"]].isna().all(axis=None)


def test_the_limits_come_from_the_weeks_before_and_fit_each_weeks_own_base():
    frame = series(metrics.weekly_trends(history(row(0, 5, 100), *USUAL), THIS, 12), "clicked", "whatsapp")
    one = expectation([r["clicked"] for r in USUAL], [1000] * 8)
    level = frame["level"].iloc[-1]
    assert (frame["low"].iloc[-1], frame["high"].iloc[-1]) == one.limits(100, alpha=level)
    assert (frame["low"].iloc[-2], frame["high"].iloc[-2]) == one.limits(1000, alpha=level)
    assert frame["history"].iloc[-1] == 8


def test_too_little_history_is_said_and_nothing_is_judged():
    found = last(metrics.weekly_trends(history(row(0, 500), *USUAL[: MIN_HISTORY - 1]), THIS, 12), "clicked")
    assert (found["verdict"], found["history"]) == ("too little history", MIN_HISTORY - 1)
    assert math.isnan(found["low"]) and math.isnan(found["p_value"])


def test_a_campaign_that_reached_nobody_is_drawn_but_makes_nothing_usual():
    broken = row(9, 0, 0, campaign_id="broken", failed=1000, audience=1000)
    with_it = metrics.weekly_trends(history(row(0, 53), *USUAL, broken), THIS, 12)
    without = metrics.weekly_trends(history(row(0, 53), *USUAL), THIS, 12)
    assert last(with_it, "delivered", "all")["low"] == last(without, "delivered", "all")["low"]
    drawn = series(with_it, "delivered", "all").set_index("week").loc[str(THIS.previous(9))]
    assert (drawn["rate"], drawn["reached"]) == (0.0, 0)


@pytest.mark.parametrize("reached", few([0, 20]))
def test_a_week_of_which_all_failed_hides_no_failure_rate_of_a_fifth(reached):
    broken = row(9, 0, reached, campaign_id="broken", failed=1000, audience=1000 + reached)
    failing = row(0, 53, 840, failed=210, audience=1050)
    found = last(metrics.weekly_trends(history(failing, *USUAL, broken), THIS, 12), "failed", "all")
    assert (found["verdict"], found["history"]) == (HIGHER, 8)
    beside = row(0, 0, 0, campaign_id="now", failed=100, audience=100)  # in the very week
    assert last(metrics.weekly_trends(history(failing, beside, *USUAL), THIS, 12), "failed", "all")["verdict"] == HIGHER
    verdicts = metrics.week_verdicts(history(failing, beside, *USUAL, broken), THIS).set_index(
        ["campaign_id", "metric"]
    )
    assert verdicts.loc[("whatsapp-0", "delivered"), "verdict"] == LOWER


def test_campaigns_that_are_too_young_are_in_no_sum():
    young = row(0, 900, campaign_id="young", old_enough=False)
    found = last(metrics.weekly_trends(history(row(0, 53), young, *USUAL), THIS, 12), "clicked")
    assert (found["campaigns"], found["count"]) == (1, 53)
    alone = last(metrics.weekly_trends(history(young, *USUAL), THIS, 12), "clicked")
    assert alone["verdict"] == "nothing to judge"


def test_of_no_campaign_there_are_no_rows():
    frame = metrics.weekly_trends(history(), THIS, 12)
    assert frame.empty
    assert str(frame["rate"].dtype) == "float64"
    assert pd.api.types.is_string_dtype(frame["verdict"])


def mixed(week_of):
    """Twelve weeks before, e-mail and SMS in turn, of which 2 and 10 % fail; then the channels with their failures of
    THIS."""
    wobble = (-3, 4, 0, 2, -4, 1, 3, -1, 2, -2, 0, -3)
    rows = [
        row(ago, 0, 1000 - failed, channel, audience=1000, failed=failed)
        for ago, off in enumerate(wobble, start=1)
        for channel, failed in [("sms", 100 + 3 * off) if ago % 2 else ("email", 20 + off)]
    ]
    now = [row(0, 0, size - failed, channel, audience=size, failed=failed) for channel, size, failed in week_of]
    return last(metrics.weekly_trends(history(*now, *rows), THIS, 26), "failed", "all")


def test_a_whole_week_is_held_against_what_its_own_channels_usually_have():
    """By hand: the medians are 20 ÷ 1,000 of e-mail and 100 ÷ 1,000 of SMS, half a person added."""
    texts, mails = mixed([("sms", 1000, 104)]), mixed([("email", 1000, 21)])
    both = mixed([("sms", 1000, 104), ("email", 3000, 61)])
    assert [one["verdict"] for one in (texts, mails, both)] == ["as usual"] * 3
    assert mails["high"] < 0.06 < texts["low"]
    expected = (100.5 / 1001 + 3 * 20.5 / 1001) / 4
    assert both["expected"] == pytest.approx(expected, rel=0.05)
    assert both["history"] == 12
    bad = mixed([("email", 1000, 60)])  # ordinary of the weeks taken together
    assert (bad["verdict"], bad["low"] <= bad["rate"] <= bad["high"]) == (HIGHER, False)
    assert mixed([("sms", 1000, 40), ("email", 1000, 21)])["verdict"] == LOWER


def test_a_week_on_a_channel_of_which_too_little_is_known_is_not_judged_as_a_whole():
    found = mixed([("whatsapp", 1000, 300), ("email", 1000, 21)])
    assert found["verdict"] == "too little history" and math.isnan(found["low"])
    assert found["rate"] == pytest.approx(321 / 2000)
    assert mixed([("whatsapp", 100, 4), ("email", 1000, 21)])["verdict"] == "as usual"  # a pilot


def test_campaigns_on_one_channel_after_another_stand_beside_their_like():
    """Their people failed on the first and got it on the second: few fail in all, which is no measure of others."""
    parts = [row(n, 0, 900, channel, campaign_id=f"two-{n}", audience=1000, failed=100)
             for n in range(4) for channel in ("whatsapp", "sms")]  # fmt: skip
    frame = history(*parts)
    whole = frame["channel"] == "all"
    frame.loc[whole, ["audience", "failed", "delivered"]] = (1000, 10, 990)
    odds = log_odds_of_mix(frame, frame, "failed")
    assert np.exp(odds).tolist() == pytest.approx([10.5 / (1001 - 10.5)] * 4)
    alone = row(5, 0, 900, "sms", audience=1000, failed=100)
    with_it = pd.concat([frame, history(alone)], ignore_index=True)
    assert np.isnan(log_odds_of_mix(with_it, with_it, "failed")[str(THIS.previous(5))])  # the first of its kind
