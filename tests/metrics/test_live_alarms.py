"""When a monitor raises an alarm, on numbers worked out by hand, and how often it does for nothing."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from reportlib.metrics.live_alarms import backlog, failure_codes, failure_rate, stalled
from reportlib.metrics.live_evidence import above
from reportlib.metrics.live_flow import by_bucket
from reportlib.metrics.live_history import UsualFailures
from reportlib.metrics.live_pace import live_pace

SIZE = 5  # seconds in a bucket
START = 1_800_000_000_000  # milliseconds
ALPHA = 0.01
GENERATOR = 20_261_127


def flow(*rows):
    """Rows of bucket handed over, bucket settled (None: pending), outcome, messages."""
    frame = pd.DataFrame(rows, columns=["handed_over", "settled", "outcome", "messages"])
    for name in ("handed_over", "settled"):
        frame[name] = (START + 1000 * SIZE * frame[name].astype("Int64")).astype("Int64")
    frame.attrs["bucket_s"] = SIZE
    return frame


def timeline(*buckets):
    """One row of (delivered, failed) per bucket, each handed over in its bucket."""
    rows = [
        (at, at, outcome, count)
        for at, counts in enumerate(buckets)
        for outcome, count in zip(("delivered", "failed"), counts, strict=True)
        if count
    ]
    return by_bucket(flow(*rows))


def at_bucket(number):
    return START + 1000 * SIZE * number


def outcomes(last_bucket, pending):
    last = pd.Timestamp(at_bucket(last_bucket), unit="ms", tz="UTC")
    rows = {"outcome": ["delivered", "pending"], "messages": [1, pending], "last_final": [last, pd.NaT]}
    return pd.DataFrame(rows)


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
    chance, false, found, campaigns = np.random.default_rng(GENERATOR), 0, 0, 120
    for _ in range(campaigns):
        for rate, burst in ((0.05, False), (0.10, True)):
            failed = chance.binomial(40, rate, 120)
            frame = timeline(*[(40 - count, count) for count in failed])
            raised = any(failure_rate(frame.iloc[:end].assign(pending=0)) for end in range(15, 121, 15))
            found, false = found + (raised and burst), false + (raised and not burst)
    print("false", false, "found", found, "of", campaigns)
    assert false <= stats.binom.ppf(0.999, campaigns, ALPHA)
    assert found >= 0.95 * campaigns


def history(rates, base=2000, code="500"):
    return histories({code: [round(rate * base) for rate in rates]}, base)


def histories(counts: dict[str, list[int]], base):
    """What is usual after campaigns with these counts, by code, of `base` final words each."""
    rows = [
        {"campaign_id": n, "channel": "sms", "provider": "twilio", "code": code, "failed": failed, "settled": base}
        for code, found in {**counts, None: [0] * len(next(iter(counts.values())))}.items()
        for n, failed in enumerate(found)
    ]
    return UsualFailures(pd.DataFrame(rows).astype({"code": "str"}))


def failures(failed, settled, code="500"):
    return failures_of({code: failed}, settled)


def failures_of(counts: dict[str, int], settled):
    first = pd.Timestamp(at_bucket(1), unit="ms", tz="UTC")
    about = {"channel": "sms", "provider": "twilio", "title": "Gone", "advice": "Ask", "settled": settled}
    return pd.DataFrame([{**about, "code": code, "failed": n, "first_failed": first} for code, n in counts.items()])


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
    assert history([0.9, *[0.01] * 5]).at_most("sms", "twilio", "500").failed == 1800  # of six it might be


def test_too_short_a_history_judges_nothing():
    usual = history([0.01] * 4)
    assert usual.at_most("sms", "twilio", "500") is None
    assert failure_codes(failures(900, 1000), usual) == []
    assert history([0.01] * 9, base=99).at_most("sms", "twilio", "500") is None
    assert history([0.01] * 9).at_most("sms", "vonage", "500") is None


@pytest.mark.parametrize(("campaigns", "spread"), [(5, 0.5), (12, 0.5), (30, 0.3)])
def test_codes_of_campaigns_like_the_others_seldom_raise_an_alarm(campaigns, spread):
    """Ten codes, whose rates differ between campaigns by 30 or 50 %, looked at 25 times up to 10,000 messages."""
    chance, worlds, raised = np.random.default_rng(GENERATOR), 30, 0
    usual_rates = np.array([0.02, 0.012, 0.006, 0.002, 0.001, 0.018, 0.01, 0.006, 0.003, 0.001])
    codes = [str(number) for number in range(10)]
    for _ in range(worlds):
        rates = usual_rates * np.exp(spread * chance.standard_normal((campaigns + 1, 10)))
        usual = histories(dict(zip(codes, chance.binomial(3000, rates[:-1]).T.tolist(), strict=True)), 3000)
        now = chance.binomial(400, rates[-1], (25, 10)).cumsum(axis=0)
        looks = (failures_of(dict(zip(codes, now[at].tolist(), strict=True)), 400 * (at + 1)) for at in range(0, 25, 4))
        raised += any(failure_codes(look, usual) for look in looks)
    print(campaigns, spread, "campaigns with an alarm:", raised, "of", worlds)
    assert raised <= 0.07 * worlds


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


@pytest.mark.parametrize(("messages", "scale_s"), [(400, 3.0), (2000, 4.0), (2000, 60.0)])
def test_a_campaign_that_goes_on_as_it_does_never_stalls_nor_piles_up(messages, scale_s):
    """Deliveries with a heavy tail, a hundredth never heard of; looked at up to half an hour."""
    chance = np.random.default_rng(GENERATOR)
    sent = np.sort(chance.uniform(0, 600, messages))
    settled = sent + scale_s * (chance.uniform(size=messages) ** -1.25 - 1)
    settled[chance.uniform(size=messages) < 0.01] = np.inf
    for now in range(60, 1800, 40):
        known, done = sent < now, settled < now
        pairs = pd.DataFrame({"sent": sent[known] // SIZE, "settled": np.where(done, settled, np.nan)[known] // SIZE})
        counted = pairs.groupby(["sent", "settled"], dropna=False).size()
        rows = [(int(at), None if np.isnan(to) else int(to), n) for (at, to), n in counted.items()]
        seen = flow(*[(at, to, "pending" if to is None else "delivered", n) for at, to, n in rows])
        last = outcomes(settled[done].max(initial=0) / SIZE, int((known & ~done).sum()))
        assert stalled(last, by_bucket(seen), START + 1000 * now) is None
        assert backlog(seen, by_bucket(seen), START + 1000 * now) is None


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
    assert live_pace(timeline(), remaining=1200, now_ms=START).minutes_left is None
    few = live_pace(timeline((1, 0)), remaining=1200, now_ms=at_bucket(2))
    assert few.latest == math.inf
