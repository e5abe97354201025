"""Two independent rates: the score test, and the interval that decides: Newcombe's, confirmed by an exact test.

Every function takes `count, base, other_count, other_base`, numbers or arrays, and looks at the first rate minus, or
relative to, the other; results are fractions. Bases must be positive: zero over zero is refused before it comes here.

What the review of a campaign needs is written out and tested against scipy's and statsmodels' statistics, which take
half a second to import: a fifth of the time of a first report. The rest is theirs: scipy loads its parts when they are
used, and functions import statsmodels, here and in the modules beside it. Its score test's p value is NaN where nobody
responded, or everybody did: nothing differs, p = 1.
"""

import numpy as np

from reportlib.metrics.statistics.exact import fisher_p, refuted, unconditional_p
from reportlib.metrics.statistics.newcombe import excludes_zero, floats, newcombe, newcombe_p, of_errors, reach_zero

# Cochran (1954), Biometrics 10, asks for 5 expected per cell; twice that, since corrected levels reach into the tails.
FEW_EXPECTED = 10
ENUMERATED = (
    30_000  # people in the smaller arm: of more, one count more or less moves an error of 5 % by less than 0.05
)
_DOUBTFUL = 1.15  # standard errors, a level of 25 %: what is not even told apart there needs no exact test
_BEYOND_DOUBT = 6  # a level of 1 in 500 million: nor does what is told apart there


def score_p(count, base, other_count, other_base):
    """Two-sided p value of the score test for equal rates (Pearson's χ² without Yates' correction)."""
    from statsmodels.stats.proportion import test_proportions_2indep

    # It also works out ratios and odds that nobody asked for, dividing by zero; and where nothing varies, z = 0 ÷ 0.
    with np.errstate(divide="ignore", invalid="ignore"):
        _, p = test_proportions_2indep(
            *floats(count, base, other_count, other_base),
            method="score", compare="diff", correction=False, return_results=False,
        )  # fmt: skip
    return np.where(np.isnan(p), 1.0, p)[()]


def few_expected(count, base, other_count, other_base):
    """Whether a cell of the two-by-two table expects fewer than FEW_EXPECTED people if the rates are equal."""
    count, base, other_count, other_base = floats(count, base, other_count, other_base)
    pooled = (count + other_count) / (base + other_base)
    return np.minimum(base, other_base) * np.minimum(pooled, 1 - pooled) < FEW_EXPECTED


def interval(count, base, other_count, other_base, alpha=0.05) -> tuple:
    """Newcombe's interval; where an exact test has to confirm and does not reject at α, extended to reach zero.

    Fisher's where few are expected, else, unless both arms are of more than ENUMERATED people, the unconditional one.
    The extension adds a value that an exact test did not reject, so it can only raise coverage: a difference is claimed
    where both agree, hence at most as often as the exact test errs.
    """
    counts = floats(count, base, other_count, other_base)
    low, high = newcombe(*counts, alpha=alpha)
    alphas, held = np.broadcast_to(alpha, counts[0].shape), np.zeros(counts[0].shape, dtype=bool)
    few, enumerated = _exact_tests(counts, np.asarray(excludes_zero(low, high)))
    if few.any():
        held[few] = fisher_p(*(part[few] for part in counts)) > alphas[few]
    if enumerated.any():
        held[enumerated] = refuted([part[enumerated] for part in counts], alphas[enumerated])
    return reach_zero(low, high, held)


def p_value(count, base, other_count, other_base):
    """The level at which `interval` just reaches zero: p ≤ α exactly where it excludes zero at α, up to 25 %."""
    counts = floats(count, base, other_count, other_base)
    p = np.array(newcombe_p(*counts))
    for test, where in zip(
        (fisher_p, unconditional_p), _exact_tests(counts, np.ones(p.shape, dtype=bool)), strict=True
    ):
        if where.any():
            p[where] = np.maximum(p[where], test(*(part[where] for part in counts)))
    return p[()]


def _exact_tests(counts, asked):
    """Of which of the tables asked about Fisher's test has to confirm a difference, and of which the unconditional."""
    few = few_expected(*counts)
    enumerated = np.array(asked & ~few & (np.minimum(counts[1], counts[3]) <= ENUMERATED))
    some = [part[enumerated] for part in counts]
    doubtful = excludes_zero(*of_errors(some, _DOUBTFUL)) & ~excludes_zero(*of_errors(some, _BEYOND_DOUBT))
    enumerated[enumerated] = doubtful
    return np.asarray(few & asked), enumerated
