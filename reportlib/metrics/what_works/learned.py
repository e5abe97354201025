"""What a register of experiments comes to: how often one won, what is left of effects, their sum, the next one."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from reportlib.metrics.statistics.drawn_to_zero import Drawn, drawn_to_zero
from reportlib.metrics.statistics.rates import Rate
from reportlib.metrics.what_works.register import BAD
from reportlib.metrics.what_works.to_test import people_per_arm

BETTER, WORSE = "better", "worse"
TYPICAL = 0.674489750196  # of a normal distribution's standard deviation: half of all effects that are any are larger


@dataclass(frozen=True)
class Learned:
    """What experiments by one measure come to, all of them together.

    `entries` are the rows of `register` that count, with drawn, drawn_low, drawn_high : float64, lifts, missing where
    there is one experiment only; `won` how many of the experiments found an arm better than what it was held against.
    `raw_sum`, and `drawn_sum` with its limits, are the lifts of what won one after the other, each experiment's best
    arm, as they came out and drawn towards zero: None where none won, or nothing could be drawn. `next_per_arm` is what
    each arm of a next experiment needs to find a `typical` lift, which half of all that do anything are
    larger than.
    """

    measure: str
    entries: pd.DataFrame
    won: Rate
    lost: int
    raw_sum: float | None
    drawn_sum: tuple[float, float, float] | None
    typical: float | None
    next_per_arm: int | None


def learned(entries: pd.DataFrame) -> list[Learned]:
    """What the experiments of a `register` come to, by measure; only those that count.

    Example
    -------
    >>> [(one.measure, one.won.count, one.won.base) for one in metrics.learned(metrics.register(warehouse, "acai"))]
    [('clicked', 1, 1), ('order', 1, 1)]
    """
    counted = entries[entries["counts"]]
    return [_learned(str(measure), rows.reset_index(drop=True)) for measure, rows in counted.groupby("measure")]


def outcome_word(word: str, measure: str) -> str:
    """Whether a verdict's word is BETTER or WORSE for this measure; "" where it is neither."""
    if word not in ("higher", "lower"):
        return ""
    return BETTER if (word == "higher") != (measure in BAD) else WORSE


def _learned(measure, rows):
    told = [outcome_word(word, measure) for word in rows["word"]]
    rows = rows.assign(told=told)
    tests = rows["experiment_id"].nunique()
    drawn = drawn_to_zero(rows["ratio"], rows["error"]) if tests > 1 else None
    left = np.expm1(drawn.each) if drawn else np.full((len(rows), 3), np.nan)
    rows = rows.assign(drawn=left[:, 0], drawn_low=left[:, 1], drawn_high=left[:, 2])
    best = _best(rows, measure)
    pooled = rows["did_versus"].sum() / max(1, rows["people_versus"].sum())
    typical = float(np.expm1(TYPICAL * drawn.spread)) if drawn else None
    return Learned(
        measure=measure,
        entries=rows,
        won=Rate(len(best), int(tests), "experiments"),
        lost=int(rows.loc[(rows["told"] == WORSE), "experiment_id"].nunique()),
        raw_sum=float(np.expm1(rows.loc[best, "ratio"].sum())) if best else None,
        drawn_sum=_sum(drawn, best) if drawn and best else None,
        typical=typical,
        next_per_arm=people_per_arm(float(pooled), typical) if typical and 0 < pooled < 1 else None,
    )


def _best(rows, measure) -> list[int]:
    """The place of each winning experiment's best arm: only one of an experiment's arms can be kept."""
    sign = -1 if measure in BAD else 1
    told = rows.assign(gain=sign * rows["ratio"])
    won = told[told["told"] == BETTER]
    return won.sort_values("gain", ascending=False).drop_duplicates("experiment_id").index.tolist()


def _sum(drawn: Drawn, places) -> tuple[float, float, float]:
    low_to_high = np.expm1(drawn.sum_of(places))
    return float(low_to_high[0]), float(low_to_high[1]), float(low_to_high[2])
