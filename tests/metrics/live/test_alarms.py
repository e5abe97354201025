"""When a monitor raises an alarm, on numbers worked out by hand, and how often it does for nothing."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from reportlib.metrics.live.alarms import backlog, failure_codes, failure_rate, stalled
from reportlib.metrics.live.flow import by_bucket
from reportlib.metrics.live.pace import live_pace
from reportlib.metrics.statistics.evidence import above
from tests import few
from tests.metrics.live.simulation import (
    BEGAN_MS,
    DELIVERIES,
    at_bucket,
    code_alarms,
    failures_of,
    flow,
    histories,
    outcomes,
    rate_alarms,
    tail_alarms,
    timeline,
)

ALPHA = 0.01
GENERATOR = 20_261_127


@pytest.mark.parametrize(("count", "base", "line"), [(10, 100, 0.05), (0, 40, 0.05), (7, 7, 0.2), (300, 4000, 0.05)])
def test_the_evidence_is_the_mean_likelihood_ratio_over_rates_above_the_line(count, base, line):
    def weighed(rate):
        ratio = stats.binom.pmf(count, base, rate) / stats.binom.pmf(count, base, line)
        return ratio * stats.beta.pdf(rate, 1, 9) / stats.beta.sf(line, 1, 9)

    around = [rate for rate in (count / base,) if line < rate < 1]
    mean, _ = integrate.quad(weighed, line, 1, points=around or None, limit=200)
    assert float(above(count, base, line)) == pytest.approx(math.log(mean), abs=1e-6)


def test_a_failure_rate_needs_more_than_a_lucky_minute():
    calm = [(95, 5)] * 20
    assert failure_rate(timeline(*calm)) is None
    assert failure_rate(timeline(*calm, (0, 2))) is None  # 100 % of the last five seconds
    assert failure_rate(timeline((18, 2))) is None  # 10 % of twenty


def test_a_failure_rate_is_told_from_when_it_rose():
    alarm = failure_rate(timeline(*[(97, 3)] * 20, *[(80, 20)] * 5))
    assert (alarm.since_ms, alarm.count, alarm.base) == (at_bucket(20), 100, 500)


def test_failures_that_are_merely_reported_sooner_raise_no_alarm():
    rows = [(0, 0, "failed", 30), (0, 1, "delivered", 100), (0, None, "pending", 870)]
    assert failure_rate(by_bucket(flow(*rows))) is None
    assert failure_rate(by_bucket(flow(*rows[:2]))) is not None


def test_a_rate_on_the_line_raises_an_alarm_in_at_most_one_campaign_of_a_hundred():
    """Looked at after each of 120 buckets of 40 messages; found when it doubles."""
    chance, campaigns = np.random.default_rng(GENERATOR), 80
    false, found = (rate_alarms(chance, rate, campaigns) for rate in (0.05, 0.10))
    print("false", false, "found", found, "of", campaigns)
    assert false <= stats.binom.ppf(0.999, campaigns, ALPHA)
    assert found >= 0.95 * campaigns


def history(rates, base=2000, code="500"):
    return histories({code: [round(rate * base) for rate in rates]}, base)


def failures(failed, settled, code="500"):
    return failures_of({code: failed}, settled)


def test_a_code_is_held_against_what_earlier_campaigns_had_at_most():
    usual = history([0.01, 0.02, 0.015, 0.01, 0.012])
    assert usual.at_most("sms", "twilio", "500").failed == 40
    assert failure_codes(failures(50, 1000), usual) == []  # 5 %: within three times the worst of five
    (alarm,) = failure_codes(failures(120, 1000), usual)
    assert (alarm.code, alarm.count, alarm.base, alarm.since_ms) == ("500", 120, 1000, at_bucket(1))
    assert (alarm.before.failed, alarm.before.settled, alarm.before.campaigns) == (40, 2000, 5)


def test_a_code_that_never_occurred_is_unusual_soon():
    usual = history([0.01] * 12)
    assert failure_codes(failures(9, 100, "666"), usual) == []  # too few to disturb anybody
    (alarm,) = failure_codes(failures(12, 300, "666"), usual)
    assert alarm.before.failed == 0


def test_one_spoilt_campaign_does_not_make_a_code_usual():
    usual = history([0.9, *[0.01] * 19])
    assert usual.at_most("sms", "twilio", "500").failed == 20
    assert failure_codes(failures(150, 1000), usual)
    for broken, others in (([0.9], 5), ([0.9, 1.0], 8)):
        few = history([*broken, *[0.01] * others])
        assert few.at_most("sms", "twilio", "500").failed == 20
        assert failure_codes(failures(150, 1000), few)
    assert history([0.9, 1.0, *[0.01] * 7]).at_most("sms", "twilio", "500").failed == 1800  # of nine only one
    assert history([0.4, *[0.01] * 5]).at_most("sms", "twilio", "500").failed == 800  # of six that might be


def test_too_short_a_history_judges_nothing():
    usual = history([0.01] * 4)
    assert usual.at_most("sms", "twilio", "500") is None
    assert failure_codes(failures(900, 1000), usual) == []
    assert history([0.01] * 9, base=99).at_most("sms", "twilio", "500") is None
    assert history([0.01] * 9).at_most("sms", "vonage", "500") is None


@pytest.mark.parametrize(("campaigns", "spread"), few([(5, 0.5), (12, 0.5), (30, 0.3)]))
def test_codes_of_campaigns_like_the_others_seldom_raise_an_alarm(campaigns, spread):
    raised = code_alarms(np.random.default_rng(GENERATOR), campaigns, spread, worlds=30)
    print(campaigns, spread, "campaigns with an alarm:", raised, "of 30")
    assert raised <= 2


def test_deliveries_stall_when_the_pace_makes_silence_unlikely():
    busy = timeline(*[(20, 0)] * 24)  # two minutes at four a second
    last = outcomes(23, pending=50)
    assert stalled(last, busy, at_bucket(23) + 29_000) is None
    alarm = stalled(last, busy, at_bucket(23) + 31_000)
    assert (alarm.since_ms, alarm.base) == (at_bucket(23), 50)
    assert alarm.usual == pytest.approx(60 * (13 * 20 - 1) / 60)  # a minute, and the bucket of the last word
    assert stalled(outcomes(23, pending=0), busy, at_bucket(23) + 31_000) is None  # nothing is waited for


def test_a_slow_campaign_is_given_its_time():
    slow = timeline(*[(1, 0)] * 24)  # twelve a minute
    assert stalled(outcomes(23, 50), slow, at_bucket(23) + 290_000) is None  # fewer than 60 are missed
    assert stalled(outcomes(23, 50), slow, at_bucket(23) + 310_000) is not None
    going_on = flow(
        *[(at, at, "delivered", 1) for at in range(24)], *[(at, None, "pending", 1) for at in range(24, 40)]
    )
    assert stalled(outcomes(23, 50), by_bucket(going_on), at_bucket(23) + 90_000) is None  # fewer than 20
    assert stalled(outcomes(23, 50), by_bucket(going_on), at_bucket(23) + 110_000) is not None


def test_a_silence_like_earlier_ones_is_none():
    gaps = timeline(*[(20, 0)] * 12, *[(0, 0)] * 12, *[(20, 0)] * 12)
    assert stalled(outcomes(35, 50), gaps, at_bucket(35) + 60_000) is None  # a minute, as before
    assert stalled(outcomes(35, 50), gaps, at_bucket(35) + 140_000) is not None
    busy = timeline(*[(20, 0)] * 24)
    assert stalled(outcomes(23, 50), busy, at_bucket(23) + 60_000, longest_wait_s=60) is None  # an import per minute


@pytest.mark.parametrize(("messages", "scale_s"), few(DELIVERIES))
def test_a_campaign_that_goes_on_as_it_does_never_stalls_nor_piles_up(messages, scale_s):
    assert tail_alarms(np.random.default_rng(GENERATOR), messages, scale_s, campaigns=1) == (0, 0)


def test_a_backlog_is_told_from_the_campaigns_own_pace():
    usual = [row for at in range(24) for row in ((at, at + 1, "delivered", 95), (at, None, "pending", 5))]
    slower = [row for at in range(24, 36) for row in ((at, at + 1, "delivered", 30), (at, None, "pending", 70))]
    quiet = [(at, at + 1, "delivered", 95) for at in range(36, 48)]
    calm = flow(*usual, *[(at, at + 1, "delivered", 95) for at in range(24, 48)])
    assert backlog(calm, by_bucket(calm), at_bucket(48)) is None
    seen = flow(*usual, *slower, *quiet)
    alarm = backlog(seen, by_bucket(seen), at_bucket(48))
    assert (alarm.count, alarm.base, alarm.since_ms, alarm.seconds) == (360, 1200, at_bucket(24), 60)
    assert alarm.usual == pytest.approx(0.95)
    assert alarm.waiting == 24 * 5 + 12 * 70


def test_what_stays_pending_after_the_last_hand_over_is_told():
    rows = flow((0, 1, "delivered", 700), (0, None, "pending", 300))
    alarm = backlog(rows, by_bucket(rows), at_bucket(60))
    assert (alarm.count, alarm.base) == (0, 300)
    assert math.isnan(alarm.usual)


def test_the_end_is_foreseen_with_its_range():
    steady = timeline(*[(50, 0)] * 24)
    pace = live_pace(steady, remaining=1200, now_ms=at_bucket(24))
    assert pace.per_minute["sent"] == pytest.approx(600)
    assert pace.minutes_left == pytest.approx(2)
    poisson = 600 / (600 + stats.t.ppf(0.975, 11) * math.sqrt(600)) * 2  # equal buckets vary less than chance would
    assert pace.soonest == pytest.approx(poisson)
    assert pace.soonest < 2 < pace.latest < 3


def test_a_pace_that_swings_foresees_less():
    swinging = timeline(*[(5, 0), (95, 0)] * 12)
    pace = live_pace(swinging, remaining=1200, now_ms=at_bucket(24))
    buckets = np.array([5, 95] * 6)
    reach = stats.t.ppf(0.975, 11) * math.sqrt(12 * buckets.var(ddof=1))
    assert pace.soonest == pytest.approx(2 * 600 / (600 + reach))


def test_when_nothing_moves_no_end_is_foreseen():
    pace = live_pace(timeline(*[(50, 0)] * 4), remaining=1200, now_ms=at_bucket(200))
    assert pace.minutes_left is None
    assert live_pace(timeline(), remaining=1200, now_ms=BEGAN_MS).minutes_left is None
    few = live_pace(timeline((1, 0)), remaining=1200, now_ms=at_bucket(2))
    assert few.latest == math.inf
