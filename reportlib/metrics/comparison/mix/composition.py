"""Whether a gap is of the mix: then the difference is standardised to the mix of both together."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from reportlib.definitions import Definition
from reportlib.metrics.comparison.mix.limits import part_limits
from reportlib.metrics.comparison.mix.rate_gap import group_rates, rate_gap
from reportlib.metrics.comparison.mix.strata import Strata
from reportlib.metrics.statistics.multiplicity import same_shares_p

APART = 0.05  # of the people would have to change groups for two mixes to be the same
CERTAIN = 0.01  # the p value below which that is more than chance
IN_COMMON = 0.8  # of the people of each campaign are in groups that both have


def strata(mixes: Mapping[str, pd.DataFrame], one: Definition, base: str, arm, other) -> Strata | None:
    """What the difference of two campaigns is standardised to: the dimension whose mix explains most of it.

    `mixes` as a Design has them; `arm` and `other` are rows of `comparable`. None where no mix explains more than half
    of the gap, or reverses it; where the mixes are alike; and where the campaigns have few groups in common.
    """
    found = [_strata(name, counts, one, base, arm, other) for name, counts in mixes.items()]
    return max((each for each in found if each), key=lambda each: abs(each.mix), default=None)


def apart(counts: pd.DataFrame) -> bool:
    """Whether the campaigns of a mix have their people in other shares of its groups, more than chance would."""
    sides = [dict(zip(rows["group"], rows["audience"], strict=True)) for _, rows in counts.groupby("campaign_id")]
    return any(_apart(one, other) for one, other in combinations([side for side in sides if sum(side.values())], 2))


def _apart(one, other):
    """The same of two, given as group → people."""
    sizes = sum(one.values()), sum(other.values())
    groups = [group for group in {**one, **other} if one.get(group, 0) + other.get(group, 0)]
    table = np.array([[one.get(group, 0), other.get(group, 0)] for group in groups], dtype=float)
    farther = np.abs(table / sizes @ [1, -1]).sum() / 2
    if len(groups) < 2 or farther < APART:
        return False
    return same_shares_p(table) < CERTAIN


def _strata(name, counts, one, base, arm, other):
    sides = [counts[counts["campaign_id"] == side.campaign_id] for side in (arm, other)]
    people = [dict(zip(side["group"], side["audience"], strict=True)) for side in sides]
    unmeasured = any(side[one.numerator].isna().any() for side in sides)
    if unmeasured or not all(sum(side.values()) for side in people) or not _apart(*people):
        return None
    rates = [group_rates(side, one, base, about.audience) for side, about in zip(sides, (arm, other), strict=True)]
    split = rate_gap(*rates)
    gap, mix, behaviour = split.attrs["gap"], split["composition"].sum(), split["behaviour"].sum()
    if gap is None or (abs(behaviour) >= abs(gap) / 2 and behaviour * gap > 0):
        return None
    common = [group for group in rates[0] if group in rates[1] and rates[0][group].base and rates[1][group].base]
    sizes = [sum(side[group].base for group in common) for side in rates]
    whole = [sum(rate.base for rate in side.values()) for side in rates]
    if len(common) < 2 or any(size < IN_COMMON * of for size, of in zip(sizes, whole, strict=True)):
        return None
    weights = [(rates[0][group].base + rates[1][group].base) / sum(sizes) for group in common]
    ordered = [side[group] for side in rates for group in common]
    return Strata(
        arm.label,
        name,
        (*weights, *[-weight for weight in weights]),
        tuple(rate.count for rate in ordered),
        tuple(rate.base for rate in ordered),
        float(gap),
        float(mix),
        part_limits(split, range(len(split)))["composition"],
    )
