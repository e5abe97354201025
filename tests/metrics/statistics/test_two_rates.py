"""Tests and intervals against published values, and against formulas written out in plain Python.

Each published value is also computed by an oracle here that shares no code with reportlib, so that neither a misprint
nor a library's change of mind goes unnoticed.
"""

import math
from itertools import pairwise
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st
from scipy.special import lambertw
from scipy.stats import binom
from statsmodels.stats.proportion import power_proportions_2indep

from reportlib.metrics.statistics import multiplicity, power, sequential, two_rates
from reportlib.metrics.statistics.exact import fisher_p, unconditional_p
from reportlib.metrics.statistics.newcombe import excludes_zero, lift, newcombe, newcombe_p
from reportlib.metrics.statistics.rates import wilson
from tests import few
from tests.metrics.comparison import calibration

Z = NormalDist().inv_cdf(0.975)


def plain_wilson(count, base, z=Z):
    middle = (2 * count + z * z) / (2 * (base + z * z))
    half = z * math.sqrt(z * z + 4 * count * (1 - count / base)) / (2 * (base + z * z))
    return middle - half, middle + half


def plain_newcombe(count, base, other_count, other_base, z=Z):
    p, q = count / base, other_count / other_base
    (p_low, p_high), (q_low, q_high) = plain_wilson(count, base, z), plain_wilson(other_count, other_base, z)
    return p - q - math.hypot(p - p_low, q_high - q), p - q + math.hypot(p_high - p, q - q_low)


def plain_ratio(count, base, other_count, other_base):
    """The ratios r at which the limits of rate − r · other meet zero, by halving."""
    p, q = count / base, other_count / other_base
    (p_low, p_high), (q_low, q_high) = plain_wilson(count, base), plain_wilson(other_count, other_base)

    def root(positive_at_first, low, high):
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if positive_at_first(middle) > 0 else (low, middle)
        return low

    lower = root(lambda r: p - r * q - math.hypot(p - p_low, r * (q_high - q)), 0, p / q)
    upper = root(lambda r: p - r * q + math.hypot(p_high - p, r * (q - q_low)), p / q, 1e4)
    return lower, upper


def plain_chi_square_p(observed, expected):
    """One degree of freedom."""
    statistic = sum((o - e) ** 2 / e for o, e in zip(observed, expected, strict=True))
    return math.erfc(math.sqrt(statistic / 2))


def plain_fisher(count, base, other_count, other_base):
    total = count + other_count

    def chance(k):
        return math.comb(base, k) * math.comb(other_base, total - k) / math.comb(base + other_base, total)

    possible = range(max(0, total - other_base), min(base, total) + 1)
    return sum(chance(k) for k in possible if chance(k) <= chance(count) * (1 + 1e-9))


def plain_sample_size(p, q, alpha=0.05, wanted=0.8):
    mean, normal = (p + q) / 2, NormalDist()
    null, alternative = math.sqrt(2 * mean * (1 - mean)), math.sqrt(p * (1 - p) + q * (1 - q))
    return ((normal.inv_cdf(1 - alpha / 2) * null + normal.inv_cdf(wanted) * alternative) / (p - q)) ** 2


def plain_holm(p_values):
    """Adjusted p values."""
    adjusted, running = {}, 0.0
    for place, (p, index) in enumerate(sorted((p, index) for index, p in enumerate(p_values))):
        running = max(running, (len(p_values) - place) * p)
        adjusted[index] = min(running, 1.0)
    return [adjusted[index] for index in range(len(p_values))]


def plain_benjamini_hochberg(p_values, q=0.05):
    """How many are rejected."""
    ordered = sorted(p_values)
    return max((rank for rank, p in enumerate(ordered, 1) if p <= rank * q / len(ordered)), default=0)


# Newcombe (1998), Two-sided confidence intervals for the single proportion, Stat Med 17:857, table I, method 3.
SINGLE = [
    ((81, 263), (0.2553, 0.3662)),
    ((15, 148), (0.0624, 0.1605)),
    ((0, 20), (0.0000, 0.1611)),
    ((1, 29), (0.0061, 0.1718)),
]

# Newcombe (1998), Interval estimation for the difference between independent proportions, Stat Med 17:873, table II,
# examples (a) to (h), method 10.
DIFFERENCES = [
    ((56, 70, 48, 80), (0.0524, 0.3339)),
    ((9, 10, 3, 10), (0.1705, 0.8090)),
    ((6, 7, 2, 7), (0.0582, 0.8062)),
    ((5, 56, 0, 29), (-0.0381, 0.1926)),
    ((0, 10, 0, 20), (-0.1611, 0.2775)),
    ((0, 10, 0, 10), (-0.2775, 0.2775)),
    ((10, 10, 0, 20), (0.6791, 1.0000)),
    ((10, 10, 0, 10), (0.6075, 1.0000)),
]

# Brown, Cai and DasGupta (2001), Interval estimation for a binomial proportion, Stat Sci 16:101, section 2: coverage of
# the standard interval, "chaotic". They pin the enumeration on which docs/calibration.md rests.
STANDARD_COVERAGE = [
    (0.2, 30, 0.946),
    (0.2, 98, 0.928),
    (0.005, 591, 0.945),
    (0.005, 592, 0.792),
    (0.106, 100, 0.952),
    (0.107, 100, 0.911),
]

# Benjamini and Hochberg (1995), JRSS B 57:289, section 3: 15 hypotheses of a study of thrombolysis.
FIFTEEN = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240),
    *(0.4262, 0.5719, 0.6528, 0.7590, 1.0000),
]

HOLM_EXAMPLE = [0.01, 0.04, 0.03, 0.005]

# The Physicians' Health Study, heart attacks under placebo and aspirin, as in Agresti (2007), An Introduction to
# Categorical Data Analysis, 2nd ed., sections 2.2.2, 2.2.3: difference .005 to .011, relative risk 1.82, 1.43 to 2.30.
ASPIRIN = (189, 11_034, 104, 11_037)


@pytest.mark.parametrize(("counts", "published"), SINGLE)
def test_wilson_as_newcombe_prints_it(counts, published):
    assert wilson(*counts) == pytest.approx(published, abs=5.1e-5)
    assert plain_wilson(*counts) == pytest.approx(published, abs=5.1e-5)


@pytest.mark.parametrize(("counts", "published"), DIFFERENCES)
def test_newcombe_as_newcombe_prints_it(counts, published):
    assert newcombe(*counts) == pytest.approx(published, abs=5.1e-5)
    assert plain_newcombe(*counts) == pytest.approx(published, abs=5.1e-5)


@pytest.mark.parametrize(("rate", "base", "published"), STANDARD_COVERAGE)
def test_the_enumeration_finds_the_chaos_of_the_standard_interval(rate, base, published):
    def standard(count, base):
        p = count / base
        margin = Z * np.sqrt(p * (1 - p) / base)
        return p - margin, p + margin

    inside = [x for x in range(base + 1) if abs(x / base - rate) <= Z * math.sqrt(x / base * (1 - x / base) / base)]
    oracle = sum(math.comb(base, x) * rate**x * (1 - rate) ** (base - x) for x in inside)
    assert calibration.coverage_of_rate(standard, base, rate) == pytest.approx(published, abs=5.1e-4)
    assert oracle == pytest.approx(published, abs=5.1e-4)


def test_difference_and_lift_of_the_aspirin_study():
    assert np.round(newcombe(*ASPIRIN), 3).tolist() == [0.005, 0.011]
    assert np.round(np.add(lift(*ASPIRIN), 1), 2).tolist() == [1.43, 2.30]
    assert np.add(lift(*ASPIRIN), 1) == pytest.approx(plain_ratio(*ASPIRIN))


def test_sample_ratio_of_fabijan():
    """Fabijan et al. (2019), Diagnosing sample ratio mismatch, KDD: 821,588 against 815,482, less than 1 in 500,000."""
    p = multiplicity.sample_ratio_p((821_588, 815_482), (1, 1))
    assert p < 1 / 500_000
    assert p == pytest.approx(plain_chi_square_p((821_588, 815_482), (818_535, 818_535)))


def test_lady_tasting_tea():
    """Fisher (1935), The Design of Experiments, chapter II: three of four cups right, one-sided 17 ÷ 70."""
    assert fisher_p(3, 4, 1, 4) == pytest.approx(34 / 70)
    assert plain_fisher(3, 4, 1, 4) == pytest.approx(34 / 70)


def test_holm_on_the_four_p_values_of_the_textbooks():
    """p = .01, .04, .03, .005 at 5 %: the fourth and first are rejected, at α ÷ 4 and α ÷ 3; the rest stop at α ÷ 2."""
    assert multiplicity.holm_alphas(HOLM_EXAMPLE) == pytest.approx([0.05 / 3, 0.05 / 2, 0.05 / 2, 0.05 / 4])
    assert plain_holm(HOLM_EXAMPLE) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_fifteen_hypotheses_of_benjamini_and_hochberg():
    """Their procedure rejects four, Bonferroni's (and Holm's) three."""
    alphas = multiplicity.benjamini_hochberg_alphas(FIFTEEN)
    assert (np.array(FIFTEEN) <= alphas).sum() == 4 == plain_benjamini_hochberg(FIFTEEN)
    assert (np.array(FIFTEEN) <= multiplicity.holm_alphas(FIFTEEN)).sum() == 3


@pytest.mark.parametrize(
    ("p", "q", "wanted", "printed"),
    [
        (0.20, 0.25, 0.8, 1_094),  # power.prop.test(p1 = .20, p2 = .25, power = .80) in R: n = 1093.739
        (0.50, 0.75, 0.9, 77),  # power.prop.test(p1 = .50, p2 = .75, power = .90), R's own example: n = 76.7
    ],
)
def test_sample_size_of_the_textbooks(p, q, wanted, printed):
    assert power.needed_per_arm(p, q - p, power=wanted) == printed
    assert math.ceil(plain_sample_size(p, q, wanted=wanted)) == printed


def test_r_example_of_power():
    """power.prop.test(n = 50, p1 = .50, p2 = .75) in R: power = 0.740."""
    assert power.smallest_detectable(0.5, 50, 50, power=0.740) == pytest.approx(0.25, abs=1e-3)


@pytest.mark.parametrize(("rate", "points"), [(0.2, 5.2), (0.02, 2.2)])
def test_what_the_missions_thousand_contacts_detect(rate, points):
    difference = power.smallest_detectable(rate, 1_000, 1_000)
    assert round(100 * difference, 1) == points
    assert plain_sample_size(rate + difference, rate) == pytest.approx(1_000, rel=1e-4)


def test_unequal_arms_detect_less_than_their_mean_and_no_more_than_the_larger():
    assert (
        power.smallest_detectable(0.1, 2_000, 2_000)
        < power.smallest_detectable(0.1, 1_000, 3_000)
        < power.smallest_detectable(0.1, 1_000, 1_000)
    )


@pytest.mark.parametrize("alpha", [0.05, 0.05 / 435])
@pytest.mark.parametrize(
    ("rate", "base", "other"), [(0.2, 1_000, 1_000), (0.02, 300, 40_000), (0.97, 900, 70), (0, 50, 60)]
)
def test_what_is_detectable_is_found_with_the_power_of_statsmodels(rate, base, other, alpha):
    found = power.smallest_detectable(rate, base, other, alpha)
    rarer = max(min(rate, 1 - rate), 1 / (base + other))
    told = power_proportions_2indep(found, rarer, base, ratio=other / base, alpha=alpha, return_results=False)
    assert told == pytest.approx(0.8, abs=1e-6)


def test_nothing_is_detectable_among_three_people():
    assert power.smallest_detectable(0.2, 3, 3) is None
    assert sequential.smallest_detectable(0.2, 3, 3) is None


# ---- properties ----------------------------------------------------------------------------------------------------

bases = st.integers(1, 3_000)
tables = st.tuples(bases, bases, st.floats(0, 1), st.floats(0, 1)).map(
    lambda drawn: (round(drawn[2] * drawn[0]), drawn[0], round(drawn[3] * drawn[1]), drawn[1])
)
alphas = st.sampled_from([0.2, 0.1, 0.05, 0.05 / 3, 0.05 / 28, 0.001])


@given(tables)
def test_interval_is_newcombes_or_reaches_zero(table):
    low, high = two_rates.interval(*table)
    assert (low, high) == pytest.approx(plain_newcombe(*table), abs=1e-9) or low == 0 or high == 0


@given(tables, alphas)
@pytest.mark.parametrize("method", [two_rates, sequential])
def test_p_value_and_interval_say_the_same(method, table, alpha):
    p = method.p_value(*table)
    assume(abs(p - alpha) > 1e-9)
    assert (p <= alpha) == excludes_zero(*method.interval(*table, alpha=alpha))


@given(tables, alphas)
@pytest.mark.parametrize(("interval", "lift"), [(newcombe, lift), (sequential.interval, sequential.lift)])
def test_lift_and_difference_say_the_same(interval, lift, table, alpha):
    (low, high), (lift_low, lift_high) = interval(*table, alpha=alpha), lift(*table, alpha=alpha)
    assume(table[2] > 0 and min(abs(low), abs(high)) > 1e-9)
    assert (lift_low > 0, lift_high < 0) == (low > 0, high < 0)
    assert -1 <= lift_low <= table[0] / table[1] / (table[2] / table[3]) - 1 + 1e-9
    assert lift_high >= table[0] / table[1] / (table[2] / table[3]) - 1 - 1e-9


@given(tables)
def test_lift_against_halving(table):
    assume(table[0] > 0 and table[2] > 0)
    expected = plain_ratio(*table)
    assume(expected[1] < 1e3)
    assert np.add(lift(*table), 1) == pytest.approx(expected, rel=1e-6)


@given(tables, alphas)
@pytest.mark.parametrize("interval", [newcombe, two_rates.interval, sequential.interval])
def test_swapping_the_arms_swaps_the_sign(interval, table, alpha):
    low, high = interval(*table, alpha=alpha)
    assert interval(*table[2:], *table[:2], alpha=alpha) == pytest.approx((-high, -low), abs=1e-12)
    assert low <= table[0] / table[1] - table[2] / table[3] + 1e-12
    assert high >= table[0] / table[1] - table[2] / table[3] - 1e-12


@given(tables)
@pytest.mark.parametrize("interval", [newcombe, two_rates.interval, sequential.interval])
def test_intervals_are_nested(interval, table):
    widths = [interval(*table, alpha=alpha) for alpha in (0.001, 0.01, 0.05, 0.2)]
    for (low, high), (inner_low, inner_high) in pairwise(widths):
        assert low <= inner_low + 1e-12
        assert inner_high <= high + 1e-12


@given(tables)
def test_score_test_against_the_chi_square_by_hand(table):
    count, base, other_count, other_base = table
    pooled = (count + other_count) / (base + other_base)
    expected = 1.0
    if 0 < pooled < 1:
        spread = math.sqrt(pooled * (1 - pooled) * (1 / base + 1 / other_base))
        expected = math.erfc(abs(count / base - other_count / other_base) / spread / math.sqrt(2))
    assert two_rates.score_p(*table) == pytest.approx(expected, abs=1e-12)


@given(st.tuples(st.integers(1, 40), st.integers(1, 40)).flatmap(
    lambda sizes: st.tuples(st.integers(0, sizes[0]), st.just(sizes[0]), st.integers(0, sizes[1]), st.just(sizes[1]))
))  # fmt: skip
def test_fisher_against_counting(table):
    assert fisher_p(*table) == pytest.approx(plain_fisher(*table), abs=1e-9)


@given(st.lists(st.floats(0, 1), max_size=12), st.sampled_from([0.01, 0.05, 0.2]))
def test_corrections_reject_what_the_books_reject(p_values, alpha):
    adjusted = plain_holm(p_values)
    assume(all(abs(p - alpha) > 1e-12 for p in adjusted))
    holm = np.array(p_values) <= multiplicity.holm_alphas(p_values, alpha)
    assert holm.tolist() == [p <= alpha for p in adjusted]
    found = np.array(p_values) <= multiplicity.benjamini_hochberg_alphas(p_values, alpha)
    assert found.sum() == plain_benjamini_hochberg(p_values, alpha)


def test_rho_minimises_the_width_where_it_says():
    minimiser = -1 - lambertw(-(0.05**2) / math.e, -1).real
    assert pytest.approx(minimiser / sequential.TIGHTEST_AT, rel=1e-12) == sequential.RHO_SQUARED


@given(tables.filter(lambda table: 0 < table[0] + table[2] < table[1] + table[3]), alphas)
def test_confidence_sequence_is_robbins_mixture(table, alpha):
    """At its limits the likelihood ratio, mixed over differences from N(0, ρ²), is 1 ÷ α; by numerical integration."""
    count, base, other_count, other_base = table
    p, q = count / base, other_count / other_base
    variance = p * (1 - p) / base + q * (1 - q) / other_base
    assume(variance > 1e-8)
    time = base * other_base / (base + other_base)
    accumulated = time**2 * variance
    low, high = sequential.interval(*table, alpha=alpha)
    assume(low > -1 and high < 1)
    score = time * (high - low) / 2
    rho = math.sqrt(sequential.RHO_SQUARED)
    peak, width = score / (accumulated + 1 / rho**2), 1 / math.sqrt(accumulated + 1 / rho**2)
    grid = np.linspace(peak - 12 * width, peak + 12 * width, 4_001)
    mixed = np.exp(grid * score - grid**2 * accumulated / 2 - grid**2 / (2 * rho**2)) / (rho * math.sqrt(2 * math.pi))
    assert np.trapezoid(mixed, grid) == pytest.approx(1 / alpha, rel=1e-6)


def test_rho_makes_the_sequence_tightest_where_it_says():
    def radius(grown):
        return math.sqrt((1 + grown) / grown * math.log((1 + grown) / 0.05**2))

    best = min(np.linspace(1, 30, 29_001), key=radius)
    grown = sequential.RHO_SQUARED * sequential.TIGHTEST_AT
    assert grown == pytest.approx(best, abs=2e-3)
    assert radius(best) == pytest.approx(3.035, abs=1e-3)
    assert radius(best / 10) / radius(best) == pytest.approx(1.26, abs=0.01)
    assert radius(best * 10) / radius(best) == pytest.approx(1.07, abs=0.01)


def test_many_tables_at_once_are_each_as_alone():
    rows = [(0, 10, 0, 20), (3, 400, 12, 400), (500, 1_000, 430, 900), (10, 10, 0, 10), (700, 20_000, 9, 90)]
    columns = np.transpose(rows)
    for function in (two_rates.interval, newcombe, lift, sequential.interval, sequential.lift):
        assert np.transpose(function(*columns)) == pytest.approx(np.array([function(*row) for row in rows]))
    for function in (two_rates.p_value, two_rates.score_p, fisher_p, sequential.p_value):
        assert function(*columns) == pytest.approx([function(*row) for row in rows])


@pytest.mark.parametrize("table", [(20, 50, 30, 50), (3, 10, 9, 12), (100, 200, 130, 220), (0, 5, 5, 5)])
def test_unconditional_against_counting_every_table(table):
    """The greatest chance at any rate within five to six standard errors of the pooled one."""
    count, base, other_count, other_base = table
    level = newcombe_p(*table) * (1 + 1e-6)
    every = np.meshgrid(np.arange(base + 1), np.arange(other_base + 1), indexing="ij")
    low, high = newcombe(every[0], base, every[1], other_base, alpha=level)

    def greatest(standard_errors):
        middle = math.asin(math.sqrt((count + other_count) / (base + other_base)))
        away = standard_errors / 2 / math.sqrt(base + other_base)
        for angle in np.linspace(max(middle - away, 0), min(middle + away, math.pi / 2), 401):
            arms = [binom.pmf(np.arange(size + 1), size, math.sin(angle) ** 2) for size in (base, other_base)]
            yield np.outer(*arms)[(low > 0) | (high < 0)].sum()

    p = unconditional_p(*table)
    assert 0.995 * max(greatest(5)) <= p <= 1.001 * max(greatest(6))
    assert unconditional_p(other_count, other_base, count, base) == pytest.approx(p, abs=1e-9)
    complement = base - count, base, other_base - other_count, other_base
    assert unconditional_p(*complement) == pytest.approx(p, abs=1e-9)


@pytest.mark.parametrize(
    ("base", "other_base"), few([(50, 50), (1_001, 1_001), (60, 90), (100, 100), (150, 150), (500, 1_000)], 2)
)
@pytest.mark.parametrize("rate", [0.35, 0.5])
def test_two_arms_are_told_apart_at_most_as_often_as_they_may_be(base, other_base, rate):
    assert calibration.false_winners(two_rates.interval, rate, base, other_base) <= 0.05


def test_omnibus_of_nobody_and_everybody_finds_nothing():
    assert multiplicity.omnibus_p([0, 0, 0], [10, 20, 30]) == 1.0
    assert multiplicity.omnibus_p([10, 20, 30], [10, 20, 30]) == 1.0


def test_omnibus_of_two_is_the_score_test():
    assert multiplicity.omnibus_p([56, 48], [70, 80]) == pytest.approx(two_rates.score_p(56, 70, 48, 80))


# ---- statsmodels' pitfalls, pinned: when one of these fails a workaround may go ------------------------------------


def test_statsmodels_has_no_test_for_newcombes_interval():
    from statsmodels.stats.proportion import test_proportions_2indep

    with pytest.raises(NotImplementedError):
        test_proportions_2indep(56, 70, 48, 80, method="newcomb", compare="diff")


def test_statsmodels_log_interval_of_a_ratio_fails_with_nobody():
    from statsmodels.stats.proportion import confint_proportions_2indep

    with pytest.raises(ZeroDivisionError):
        confint_proportions_2indep(0, 70, 5, 80, method="log", compare="ratio")
    assert lift(0, 70, 5, 80)[0] == -1


@pytest.mark.parametrize("p_values", [HOLM_EXAMPLE, FIFTEEN])
@pytest.mark.parametrize(
    ("method", "alphas"),
    [("holm", multiplicity.holm_alphas), ("fdr_bh", multiplicity.benjamini_hochberg_alphas)],
)
def test_corrections_as_statsmodels_has_them(method, alphas, p_values):
    """Two examples: its Holm collects garbage at every call. Random ones are held against the books, above."""
    from statsmodels.stats.multitest import multipletests

    rejected = np.array(p_values) <= alphas(p_values)
    assert rejected.tolist() == multipletests(p_values, method=method)[0].tolist()


@given(tables, alphas)
def test_newcombe_and_fisher_as_statsmodels_and_scipy_have_them(table, alpha):
    from scipy.stats import fisher_exact
    from statsmodels.stats.proportion import confint_proportions_2indep

    count, base, other_count, other_base = table
    theirs = confint_proportions_2indep(*map(float, table), method="newcomb", compare="diff", alpha=alpha)
    assert newcombe(*table, alpha=alpha) == pytest.approx(theirs, abs=1e-9)
    exact = fisher_exact([[count, base - count], [other_count, other_base - other_count]]).pvalue
    assert fisher_p(*table) == pytest.approx(exact, rel=1e-7)


def test_test_and_interval_can_disagree_at_the_margin():
    """Why the interval decides: the score test rejects here, Newcombe's interval does not."""
    assert two_rates.score_p(4, 200, 0, 200) < 0.05
    assert not excludes_zero(*newcombe(4, 200, 0, 200))
