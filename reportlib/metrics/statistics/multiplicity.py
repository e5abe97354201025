"""Several rates, or several questions, at once: the tests, and the level at which each was decided.

A correction returns levels, not adjusted p values: the interval at the level at which a difference was decided excludes
zero exactly where the correction rejects, provided that p ≤ α exactly where the interval at α does (inference.p_value,
sequential.p_value). Words and intervals then cannot contradict.
"""

import numpy as np
import scipy


def omnibus_p(counts, bases) -> float:
    """p value of the χ² test that all these rates are equal; 1 where nobody responded or everybody did."""
    from statsmodels.stats.proportion import proportions_chisquare

    counts, bases = np.asarray(counts, dtype=float), np.asarray(bases, dtype=float)
    if counts.sum() in (0, bases.sum()):
        return 1.0
    return float(proportions_chisquare(counts, bases)[1])


def sample_ratio_p(assigned, split) -> float:
    """p value of the χ² test that contacts were assigned in these shares; Fabijan et al. (2019), KDD, use p < .0005.

    `split` in any unit: (1, 1) and (50, 50) say the same.
    """
    assigned, split = np.asarray(assigned, dtype=float), np.asarray(split, dtype=float)
    if assigned.sum() == 0:
        return 1.0
    expected = split / split.sum() * assigned.sum()
    return float(scipy.special.chdtrc(len(assigned) - 1, ((assigned - expected) ** 2 / expected).sum()))


def same_shares_p(table) -> float:
    """p value of Pearson's χ² test that all columns have the same shares of the rows; every row and column has people.

    Written out: scipy.stats, which has it as chi2_contingency, takes half a second to import.
    """
    table = np.asarray(table, dtype=float)
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    freedom = (table.shape[0] - 1) * (table.shape[1] - 1)
    return float(scipy.special.chdtrc(freedom, ((table - expected) ** 2 / expected).sum()))


def holm_alphas(p_values, alpha=0.05) -> np.ndarray:
    """The level at which Holm's (1979, Scand J Stat 6:65) procedure decided each hypothesis.

    Of m hypotheses in the order of their p values, the j-th is tested at α ÷ (m − j + 1) until one is kept; those after
    it are kept unseen, at the level where the procedure stopped. p ≤ its level exactly where Holm rejects.
    """
    if len(p_values) == 0:
        return np.empty(0)
    p_values = np.asarray(p_values, dtype=float)
    levels = alpha / np.arange(len(p_values), 0, -1)
    order = np.argsort(p_values, kind="stable")
    # statsmodels' Holm collects garbage on every call, a tenth of a second in a notebook; the rule is one line.
    rejected = np.cumprod(p_values[order] <= levels).sum()
    decided = np.empty_like(p_values)
    decided[order] = np.where(np.arange(len(p_values)) < rejected, levels, levels[min(rejected, len(levels) - 1)])
    return decided


def benjamini_hochberg_alphas(p_values, q=0.05) -> np.ndarray:
    """The level at which Benjamini and Hochberg's (1995, JRSS B 57:289) procedure decided each hypothesis.

    With R of m rejected that is R·q ÷ m for all, at least q ÷ m: intervals at this level are Benjamini and Yekutieli's
    (2005, JASA 100:71), of which at most q of those selected fail to cover, on average.
    """
    if len(p_values) == 0:
        return np.empty(0)
    steps = np.arange(1, len(p_values) + 1)
    below = steps[np.sort(p_values) <= q * steps / len(p_values)]
    return np.full(len(p_values), q * below.max(initial=1) / len(p_values))
