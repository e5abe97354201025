"""How sure the parts of a split gap are."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from reportlib.metrics.statistics.contrasts import Contrast

PARTS = ("composition", "behaviour", "total")


def part_limits(gap: pd.DataFrame, groups: Sequence[int]) -> dict[str, tuple[float, float]]:
    """The 95 % intervals, in points, of each of PARTS of some rows of `rate_gap` added up, given by their places.

    Who was written to is known, what they did is chance: with the groups' shares as they are, each part is a sum of
    their rates times coefficients, of which `Contrast` has the interval.
    """
    sides = [gap[[count, base]].to_numpy(dtype=float) for count, base in _COUNTS]
    sizes = [side[:, 1] for side in sides]
    w, v = (size / size.sum() for size in sizes)
    told = [size > 0 for size in sizes]
    both, alone = told[0] & told[1], [told[0] & ~told[1], told[1] & ~told[0]]
    own = np.isin(np.arange(len(gap)), list(groups))
    moved = np.where(own, w - v, 0.0)
    mixed = [moved * (both / 2 + one) - moved.sum() * share / 2 for one, share in zip(alone, (w, v), strict=True)]
    behaved = np.where(own & both, (w + v) / 2, 0.0)
    signed = {"composition": mixed, "behaviour": [behaved, -behaved]}
    signed["total"] = [mixed[0] + behaved, mixed[1] - behaved]
    return {part: _limits(gap, groups, sides, told, signed[part], part) for part in PARTS}


def with_limits(gap: pd.DataFrame) -> pd.DataFrame:
    """The rows of `rate_gap` with the 95 % interval of each part: composition_low, composition_high, …, float64."""
    found = [part_limits(gap, [place]) for place in range(len(gap))]
    limits = {
        f"{part}_{end}": pd.Series([each[part][at] for each in found], dtype="float64", index=gap.index)
        for part in PARTS
        for at, end in enumerate(("low", "high"))
    }
    return gap.assign(**limits)


_COUNTS = (("count", "base"), ("baseline_count", "baseline_base"))


def _limits(gap, groups, sides, told, coefficients, part):
    counts, bases, weights = (
        np.concatenate([each[known] for each, known in zip(columns, told, strict=True)])
        for columns in ([side[:, 0] for side in sides], [side[:, 1] for side in sides], coefficients)
    )
    contrast = Contrast(weights, np.minimum(counts, bases), bases)
    baseless = gap[part].iloc[list(groups)].sum() - 100 * contrast.estimate  # who responded without being in a base
    return tuple(float(100 * limit + baseless) for limit in contrast.interval())
