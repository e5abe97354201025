"""Mix or behaviour: a gap between two rates, split over the groups of one attribute."""

from collections.abc import Mapping

import pandas as pd

from reportlib.definitions import Definition, base_word, definition
from reportlib.metrics.comparison.age.equal_age import age_of, splittable
from reportlib.metrics.comparison.mix.limits import with_limits
from reportlib.metrics.people.breakdown import alike
from reportlib.metrics.people.rates import is_told
from reportlib.metrics.selection.grouping import UNKNOWN
from reportlib.metrics.statistics.rates import Rate
from reportlib.warehouse import Warehouse

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


def rate_gap_by(warehouse: Warehouse, compared: pd.DataFrame, campaign, baseline, metric: str, by: str) -> pd.DataFrame:
    """`rate_gap` between two campaigns of `comparable` over the groups of one dimension, at the age compared.

    By channel a person counts once in each.

    Returns
    -------
    DataFrame, the largest contribution first; no rows where a group's metric is not measured, or where a campaign is
    known as totals only; with the columns
        group : str
        count, base, baseline_count, baseline_base : int64, people who did it, and of how many, in both campaigns
        composition, behaviour, total : float64, percentage points
        composition_low, composition_high, behaviour_low, behaviour_high, total_low, total_high : float64, points, the
            95 % interval of each, by chance alone
    and attrs: gap, the sum of `total`

    Raises InvalidParameters for `segment`: people are in several, so their parts do not add up to the gap.

    Example
    -------
    >>> compared = metrics.comparable(warehouse, ["coupon-a", "coupon-b"])
    >>> gap = metrics.rate_gap_by(warehouse, compared, "coupon-b", "coupon-a", "clicked", "attribute:tier")
    >>> gap[["group", "behaviour", "total"]].round(2).head(2)
        group  behaviour  total
    0  bronze       1.00   1.00
    1  silver       0.34   0.34
    """
    splittable(by)
    one = definition(metric)
    both = compared[compared["campaign_id"].isin([campaign, baseline])]
    counts = alike(warehouse, both["campaign_id"].tolist(), ("campaign_id", by), until=age_of(warehouse, both))
    if not is_told(counts, metric).all() or not (by == "channel" or both["by_person"].all()):
        return with_limits(rate_gap({}, {}))
    audience = both.set_index("campaign_id")["audience"]
    counts = counts.rename(columns={by: "group"})
    sides = [(counts[counts["campaign_id"] == side], audience[side]) for side in (campaign, baseline)]
    return with_limits(rate_gap(*[group_rates(groups, one, one.bases[0], people) for groups, people in sides]))


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
