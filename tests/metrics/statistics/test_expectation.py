"""Control limits, p values and shrunk rates against hand-computed tables, an independent oracle, and weeks of luck."""

import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.special import expit
from scipy.stats import binom, norm, t

from reportlib.metrics.statistics import expectation as module
from reportlib.metrics.statistics.expectation import MIN_HISTORY, Expectation, expectation, shrunk
from tests import examples
from tests.metrics.weekly import simulation


def log_odds(rate):
    return math.log(rate / (1 - rate))


def rate_of(odds):
    return 1 / (1 + math.exp(-odds))


@st.composite
def histories(draw, fewest=MIN_HISTORY):
    bases = draw(st.lists(st.integers(1, 50_000), min_size=fewest, max_size=12))
    rates = draw(st.lists(st.floats(0, 1), min_size=len(bases), max_size=len(bases)))
    if draw(st.booleans()):  # rare, and close to each other, as rates of responses are
        rates = [rate * 0.01 for rate in rates]
    return [round(rate * base) for rate, base in zip(rates, bases, strict=True)], bases


# Of ten people, with a true rate that is 10 % for certain, or 10 or 20 % with equal chances:
# P(X ≥ k) for k = 3, 4, 5 is 0.0702, 0.0128, 0.0016 at 10 % and 0.3222, 0.1209, 0.0328 at 20 %.
@pytest.mark.parametrize(
    ("rates", "weights", "p_values", "high"),
    [
        ([0.1], [1.0], {0: 0.6974, 3: 0.1404, 4: 0.0256, 5: 0.0033}, 0.3),
        ([0.1, 0.2], [0.5, 0.5], {0: 0.4561, 3: 0.3924, 4: 0.1337, 5: 0.0344}, 0.4),
    ],
)
def test_a_new_count_is_binomial(rates, weights, p_values, high):
    known = Expectation(0.1, 0.0, 30, np.array(rates), np.array(weights))
    for count, p in p_values.items():
        assert known.p_value(count, 10) == pytest.approx(p, abs=1e-4)
    assert known.limits(10) == (0.0, high)


def test_equal_large_bases_give_the_textbooks_prediction_interval(monkeypatch):
    """Log odds −2.2, −2.1, −2.0, −1.9, −1.8: mean −2, s² = 0.1 ÷ 4, s √(1 + 1/5) = 0.1732, t(4) = 2.776: ± 0.4809."""
    base = 10**9
    history = [round(base * rate_of(odds)) for odds in (-2.2, -2.1, -2.0, -1.9, -1.8)], [base] * 5
    found = expectation(*history)
    assert found.centre == pytest.approx(0.1192, abs=1e-4)
    # spread² is 0.1 ÷ χ²(4), whose median is 3.357
    assert found.spread == pytest.approx(math.sqrt(0.1 / 3.357), rel=0.01)
    low, high = map(log_odds, found.limits(base))
    assert 1.01 < (high - low) / (2 * 0.4809) < 1.06  # the longer tails of campaigns
    monkeypatch.setattr(module, "TAILS", 1e6)
    for alpha, quantile in ((0.05, 2.776), (0.01, 4.604), (0.002, 7.173)):
        low, high = expectation(*history).limits(base, alpha)
        assert log_odds(low) == pytest.approx(-2 - 0.17321 * quantile, abs=0.005 * quantile)
        assert log_odds(high) == pytest.approx(-2 + 0.17321 * quantile, abs=0.005 * quantile)
        assert quantile == pytest.approx(t.isf(alpha / 2, 4), abs=1e-3)


def modes(counts, bases, spread):
    """The likeliest log odds of each rate and of their centre, by halving in plain Python; with half a responder of one
    person more, shared out."""
    counts = [x + n / sum(bases) / 2 for x, n in zip(counts, bases, strict=True)]
    bases = [n + n / sum(bases) for n in bases]

    def halve(rising, low, high):
        for _ in range(100):
            middle = (low + high) / 2
            low, high = (low, middle) if rising(middle) > 0 else (middle, high)
        return (low + high) / 2

    def own(count, base, centre):
        return halve(lambda odds: (odds - centre) / spread**2 - count + base * rate_of(odds), -30, 30)

    def surplus(centre):
        pairs = zip(counts, bases, strict=True)
        return -sum((own(x, n, centre) - centre) / spread**2 for x, n in pairs)

    centre = halve(surplus, -30, 30)
    return centre, [own(x, n, centre) for x, n in zip(counts, bases, strict=True)]


UNEQUAL = [3, 0, 60, 900, 22], [100, 40, 1_000, 20_000, 300]


def test_unequal_bases_against_halving(monkeypatch):
    for spread in (0.05, 0.3, 1.0):
        monkeypatch.setattr(module, "SPREADS", np.array([spread]))
        centre, own = modes(*UNEQUAL, spread)
        assert expectation(*UNEQUAL).centre == pytest.approx(rate_of(centre), rel=1e-5)
        assert shrunk(*UNEQUAL)["estimate"].tolist() == pytest.approx([rate_of(odds) for odds in own], rel=1e-5)


def test_the_weight_of_the_own_rate_by_hand(monkeypatch):
    """Spread 0.2, rates around 20 %: variance of the log odds 1 ÷ (0.16 n), so the weights are 0.0400 ÷ (0.0400 + it).

    n = 1,000: 0.0400 ÷ 0.0462 = 0.865. The log odds of 20 and 22 % are −1.3863 and −1.2657; of 18 %, −1.5163. The
    centre is close to −1.386, so the best is drawn from −1.2657 to about −1.386 + 0.865 · 0.121 = −1.282, 21.7 %.
    """
    monkeypatch.setattr(module, "SPREADS", np.array([0.2]))
    frame = shrunk([180, 200, 200, 200, 220], [1_000] * 5)
    assert frame["estimate"].tolist() == pytest.approx([0.1830, 0.2, 0.2, 0.2, 0.2172], abs=5e-4)
    # given the centre, its standard deviation is √(0.865 ÷ 160) = 0.0735: from −1.426 to −1.138
    assert frame.loc[4, "low"] == pytest.approx(rate_of(-1.428), abs=2e-3)
    assert frame.loc[4, "high"] == pytest.approx(rate_of(-1.136), abs=2e-3)


def integrated(counts, bases, new):
    """P(at least count) of each count and base of `new` by brute force: no Laplace, no normal approximation; centre,
    spread and every rate summed over grids."""
    nodes = norm.ppf((np.arange(120) + 0.5) / 120)
    heavy = t.ppf((np.arange(400) + 0.5) / 400, module.TAILS)
    centre, spread = np.linspace(-7, -1, 61)[:, None, None], np.geomspace(0.02, 5, 40)[:, None]
    rates, middle = expit(centre + spread * nodes), expit(centre)
    weight = spread**2 * np.ones_like(centre)
    for x, n in zip(counts, bases, strict=True):
        weight = weight * binom.pmf(x, n, rates).mean(axis=-1, keepdims=True)
    information = np.array(bases) * middle * (1 - middle)
    weight *= np.sqrt(((1 / (spread**2 + 1 / information)) ** 2).sum(axis=-1, keepdims=True))
    ahead = expit(centre + spread * heavy)
    return [(weight * binom.sf(x - 1, n, ahead)).mean(axis=-1).sum() / weight.sum() for x, n in new]


def test_small_counts_against_brute_force():
    counts, bases = [3, 0, 5, 12, 1, 4], [100, 40, 200, 300, 60, 150]
    new = [(10, 100), (80, 500), (3_000, 20_000)]
    found = [expectation(counts, bases).p_value(count, base) for count, base in new]
    assert found == pytest.approx([2 * above for above in integrated(counts, bases, new)], rel=0.2)


@settings(deadline=None, max_examples=examples(40))
@given(histories(), st.integers(1, 50_000), st.floats(0, 1), st.sampled_from([0.05, 0.01, 0.002]))
def test_p_is_at_most_alpha_exactly_outside_the_limits(history, base, rate, alpha):
    found = expectation(*history)
    low, high = found.limits(base, alpha)
    assert 0 <= low <= 1 and 0 <= high <= 1
    near = {round(rate * base), *(round(end * base) + step for end in (low, high) for step in (-1, 0, 1))}
    for count in near & set(range(base + 1)):
        assert (found.p_value(count, base) <= alpha) == (not low <= count / base <= high)
    if low <= high:
        wider = found.limits(base, alpha / 10)
        assert wider[0] <= low <= high <= wider[1]


@settings(deadline=None, max_examples=examples(40))
@given(histories(), st.integers(1, 300))
def test_p_rises_to_the_middle_and_falls_from_there(history, base):
    p_values = expectation(*history).p_value(np.arange(base + 1), base)
    assert ((p_values > 0) | np.isclose(p_values, 0)).all() and (p_values <= 1).all()
    top = p_values.argmax()
    assert (np.diff(p_values[: top + 1]) >= -1e-12).all()
    assert (np.diff(p_values[top:]) <= 1e-12).all()


@settings(deadline=None, max_examples=examples(40))
@given(histories(), st.randoms(use_true_random=False), st.integers(1, 5_000), st.floats(0, 1))
def test_order_and_naming_do_not_matter(history, random, base, rate):
    """Another order of the campaigns gives the same; counting those who did not respond gives the mirror image."""
    counts, bases = history
    count, here = round(rate * base), expectation(counts, bases)
    order = random.sample(range(len(bases)), len(bases))
    shuffled = [counts[i] for i in order], [bases[i] for i in order]
    assert expectation(*shuffled).p_value(count, base) == pytest.approx(here.p_value(count, base), rel=1e-6, abs=1e-9)
    assert shrunk(*shuffled)["estimate"].tolist() == pytest.approx(
        shrunk(counts, bases)["estimate"][order].tolist(), rel=1e-6
    )
    mirror = expectation([n - x for x, n in zip(counts, bases, strict=True)], bases)
    assert mirror.p_value(base - count, base) == pytest.approx(here.p_value(count, base), rel=1e-3, abs=1e-6)


@settings(deadline=None, max_examples=examples(40))
@given(histories())
def test_shrunk_lies_between_the_rate_and_the_others(history):
    counts, bases = map(np.array, history)
    frame, rates = shrunk(counts, bases), counts / bases
    assert ((frame["low"] <= frame["estimate"]) & (frame["estimate"] <= frame["high"])).all()
    assert frame["estimate"].between(rates.min() - 0.5 / bases.min(), rates.max() + 0.5 / bases.min()).all()
    equal = np.full(len(bases), 500)
    frame = shrunk(np.round(500 * rates), equal)
    assert (np.diff(frame["estimate"].to_numpy()[np.argsort(rates)]) >= -1e-9).all()


def test_too_short_a_history_says_nothing():
    counts, bases = [4] * MIN_HISTORY, [100] * MIN_HISTORY
    assert expectation(counts, bases).history == MIN_HISTORY
    assert expectation(counts, [*bases[1:], 0]) is None
    assert expectation([], []) is None
    assert shrunk(counts, [*bases[1:], 0]).isna().all(axis=None)
    assert shrunk([], []).empty
    frame = shrunk([*counts, 0], [*bases, 0])
    assert frame["estimate"].notna().tolist() == [True] * MIN_HISTORY + [False]


def test_nobody_and_everybody():
    """Twelve campaigns of 1,000 people without a response: one of 1,000 is nothing, and 300 is something."""
    nobody, everybody = expectation([0] * 12, [1_000] * 12), expectation([1_000] * 12, [1_000] * 12)
    assert nobody.centre < 0.001 < 0.999 < everybody.centre
    assert nobody.p_value([0, 1], 1_000).min() > 0.05 > nobody.p_value(300, 1_000)
    assert everybody.p_value([1_000, 999], 1_000).min() > 0.05 > everybody.p_value(700, 1_000)
    assert nobody.limits(1_000)[0] == 0 and everybody.limits(1_000)[1] == 1


def test_no_base_is_ordinary():
    found = expectation(*UNEQUAL)
    assert found.p_value(0, 0) == 1 and found.limits(0) == (0, 1)
    low, high = found.limits(np.array([0, 50, 50_000]))
    assert low.shape == high.shape == (3,)
    assert low[1] < low[2] < found.centre < high[2] < high[1]


def test_few_people_raise_no_alarm():
    """Around 0.3 %: one of thirty is beyond three sigma of the binomial (3.3 %)."""
    bases = [20_000, 15_000, 3_000, 9_000, 400, 60, 20_000, 4_000, 2_000, 12_000]
    found = expectation([60, 45, 9, 30, 1, 0, 70, 12, 5, 33], bases)
    assert found.p_value(1, 30) > 0.1
    assert found.p_value(0, 20_000) < 0.001


def test_one_odd_small_campaign_does_not_hide_the_rest():
    counts, bases = [60] * 10, [20_000] * 10
    without = expectation(counts, bases).limits(20_000)
    beside = expectation([*counts, 3], [*bases, 40]).limits(20_000)
    assert beside[1] < 1.2 * without[1]


@pytest.mark.parametrize(("rate", "spread", "shape", "history"), [(0.01, 0.3, "normal", 15), (0.2, 0.3, "beta", 30)])
def test_ordinary_weeks_are_called_ordinary(rate, spread, shape, history):
    runs = 60
    alarms = simulation.false_alarms(np.random.default_rng(6), rate, spread, shape, history, runs)
    for size in simulation.WEEKS:
        assert alarms[size] <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / runs)
    assert alarms["binomial"] > 0.5


def test_the_shrunk_best_hardly_overstates():
    raw, drawn, _ = simulation.best_overstated(np.random.default_rng(30), 0.04, 0.15, "normal", 30, 2_000, 200)
    assert raw > 0.005
    assert abs(drawn) < raw / 4
