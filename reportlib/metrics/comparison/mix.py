"""Mix or behaviour: a gap between two rates, split over the groups of one attribute."""

from collections.abc import Mapping

import pandas as pd

from reportlib.definitions import Definition, base_word
from reportlib.metrics.grouping import UNKNOWN
from reportlib.metrics.statistics.rates import Rate

COLUMNS = ("group", "count", "base", "baseline_count", "baseline_base", "composition", "behaviour", "total")


def rate_gap(campaign: Mapping[str, Rate], baseline: Mapping[str, Rate]) -> pd.DataFrame:
    """Kitagawa's (1955, JASA 50:1168) split of campaign − baseline over groups, the largest contribution first.

    With shares w, W and rates r, R of a group in campaign and baseline, and the mean A of the two overall rates:
    behaviour is (r − R) · (w + W) ÷ 2, the group responding differently; composition is
    (w − W) · ((r + R) ÷ 2 − A), the group being larger or smaller, counted against the average so that a group pulls up
    where it is better than average and grew. Both sums are Kitagawa's, and all parts add up to the gap.
    A group that is missing on one side has no rate there: it counts as composition only.

    Returns
    -------
    DataFrame
        group : str; count, base, baseline_count, baseline_base : int64
        composition, behaviour, total : float64, percentage points
        attrs["gap"] : float, points, the sum of `total`. No rows, and gap None, where a side has nobody at all.
    """
    sizes = [sum(rate.base for rate in side.values()) for side in (campaign, baseline)]
    if not all(sizes):
        return _frame([], None)
    responded = [sum(rate.count for rate in side.values()) for side in (campaign, baseline)]
    overall = responded[0] / sizes[0], responded[1] / sizes[1]
    rows = []
    for group in sorted({*campaign, *baseline}):
        here, there = campaign.get(group), baseline.get(group)
        counts = [(side.count, side.base) if side else (0, 0) for side in (here, there)]
        if any(counts[0] + counts[1]):
            rows.append((group, *counts[0], *counts[1], *_parts(counts, sizes, sum(overall) / 2)))
    rows.sort(key=lambda row: -abs(row[-1]))
    return _frame(rows, 100 * (overall[0] - overall[1]))


def group_rates(groups: pd.DataFrame, one: Definition, base: str, people: int) -> dict[str, Rate]:
    """Group → rate. Of people who were never written to nothing is known: they are in the unknown group."""
    rates = {
        str(group): Rate(int(count), int(of), base_word(base))
        for group, count, of in zip(groups["group"], groups[one.counted_of(base)], groups[base], strict=True)
    }
    unwritten = int(people - groups["audience"].sum())
    if base == "audience" and unwritten > 0:
        known = rates.get(UNKNOWN, Rate(0, 0, base))
        rates[UNKNOWN] = Rate(known.count, known.base + unwritten, base)
    return rates


def _parts(counts, sizes, average):
    """Composition, behaviour and their sum for one group, in points.

    Those who responded in a group that has no base (unsubscribed, though no delivery is known) count as behaviour.
    """
    (count, base), (other_count, other_base) = counts
    share, other_share = base / sizes[0], other_base / sizes[1]
    other_rate = other_count / other_base if other_base else count / base if base else average
    rate = count / base if base else other_rate
    baseless = (0 if base else count / sizes[0]) - (0 if other_base else other_count / sizes[1])
    composition = 100 * (share - other_share) * ((rate + other_rate) / 2 - average)
    behaviour = 100 * ((rate - other_rate) * (share + other_share) / 2 + baseless)
    return composition, behaviour, composition + behaviour


def _frame(rows, gap):
    kinds = dict.fromkeys(COLUMNS[1:5], "int64") | dict.fromkeys(COLUMNS[5:], "float64")
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"group": "str"} | kinds)
    frame.attrs["gap"] = gap
    return frame
