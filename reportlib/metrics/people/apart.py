"""Which groups of a campaign fared unlike everybody else in it, beyond luck."""

import numpy as np
import pandas as pd

from reportlib.definitions import definition
from reportlib.metrics.people.rates import rate_given
from reportlib.metrics.statistics import two_rates

ASKED = ("delivered", "clicked")
LEVEL = 0.05  # the chance that any group of a campaign is said to stand apart where none does (Bonferroni)
OVERLAPPING = ("segment",)  # dimensions in which a person may be in several groups


def groups_apart(groups: pd.DataFrame) -> pd.DataFrame:
    """Each group of `breakdowns` against all others of the campaign: delivered and clicked, each of its own base.

    Where one group stands apart, all others stand apart from the mixture it is in. So, per dimension, the group that is
    surest to differ is named first and taken out, then the next among those left, until none differs. Two groups that
    differ from each other only: the smaller one is named.

    All questions of the frame are one family: where every group is like the others, one is named at most LEVEL often,
    of however many (Bonferroni; a later round asks only what an earlier one rejected). Two rates are held against each
    other as in comparisons (`two_rates.p_value`).

    Returns
    -------
    DataFrame, the rows of `groups` in their order, with the columns of `breakdowns` and, for each metric of ASKED,
        delivered_others, clicked_others : float64, the rate of all others but those named before; NaN where there are
            none
        delivered_apart, clicked_apart : bool

    Example
    -------
    >>> groups = metrics.breakdowns(warehouse, "spring-sale", by="attribute:tier")
    >>> metrics.groups_apart(groups)[["group", "delivered_apart"]].head(2)
        group  delivered_apart
    0  bronze            False
    1  silver            False
    """
    counts = {metric: _counts(groups, metric) for metric in ASKED}
    dimensions = groups["dimension"].tolist()
    wholes = {metric: _everybody(groups, *counts[metric]) for metric in ASKED}
    asked = sum(int((base > 0).sum()) for _, base in counts.values())
    found: dict[str, np.ndarray] = {}
    for metric, (count, base) in counts.items():
        others, apart = np.full(len(groups), np.nan), np.zeros(len(groups), dtype=bool)
        for name in dict.fromkeys(dimensions):
            at = np.flatnonzero([one == name for one in dimensions] & (base > 0))
            others[at], apart[at] = _peeled(count[at], base[at], wholes[metric], LEVEL / max(1, asked))
        found |= {f"{metric}_others": others, f"{metric}_apart": apart}
    return groups.assign(**found)


def _peeled(count, base, whole, level):
    """Per group of one dimension the rate of the others, and whether it stands apart from them."""
    others, apart = np.full(len(count), np.nan), np.zeros(len(count), dtype=bool)
    whole_count, whole_base = whole
    while True:
        other_count, other_base = whole_count - count, whole_base - base
        left = ~apart & (other_base > 0)
        others[left] = (other_count / np.where(other_base > 0, other_base, 1))[left]
        if not left.any():
            return others, apart
        p_values = two_rates.p_value(count[left], base[left], other_count[left], other_base[left])
        surest = min(zip(p_values, base[left], np.flatnonzero(left), strict=True))
        if surest[0] > level:
            return others, apart
        apart[surest[2]] = True
        whole_count, whole_base = whole_count - count[surest[2]], whole_base - base[surest[2]]


def _counts(groups, metric):
    """Counts and bases as floats; what was not measured has no base."""
    one = definition(metric)
    count, base = (groups[name].to_numpy("float64", na_value=np.nan) for name in (one.numerator, one.bases[0]))
    known = ~np.isnan(count) & ~np.isnan(base) & rate_given(groups, metric)
    return np.where(known, count, 0), np.where(known, base, 0)


def _everybody(groups, count, base):
    """All of the campaign: the sums over a dimension with each person in one group; over any, where all overlap."""
    sums = pd.DataFrame({"count": count, "base": base}).groupby(groups["dimension"].to_numpy(), sort=False).sum()
    whole = sums[~sums.index.isin(OVERLAPPING)]
    chosen = (sums if whole.empty else whole).sort_values("base", kind="stable")
    return chosen.iloc[-1] if len(chosen) else (0.0, 0.0)
