"""What is said of the effect of messages before: odds ratios by level with their intervals, and verdicts."""

import numpy as np
import pandas as pd
import scipy

from reportlib.metrics.audience.pressed import LEVELS
from reportlib.metrics.statistics.conditional import ConditionalFit
from reportlib.metrics.statistics.multiplicity import holm_alphas

FEWEST = 50  # persons who say anything
FEWEST_EACH = 10  # of their messages of a level that they reacted to, and did not
SIGNIFICANCE = 0.05
LOWER, HIGHER, ALIKE, UNKNOWN = "lower", "higher", "not distinguishable", "too few people tell"
EFFECTS = dict.fromkeys(("odds_ratio", "low", "high", "p_value"), "float64") | {"people": "int64", "verdict": "str"}


def with_effects(counted: pd.DataFrame, found: ConditionalFit | None, told: list[int], people: int) -> pd.DataFrame:
    """The rows of each of LEVELS with the columns of EFFECTS: `found` has first the effects of the levels `told`, None
    where nothing can be said. Verdicts hold at SIGNIFICANCE for all levels together (Holm)."""
    frame = counted.assign(odds_ratio=np.nan, low=np.nan, high=np.nan, p_value=np.nan, people=people)
    frame["verdict"] = ["", *[UNKNOWN] * (len(LEVELS) - 1)]
    if found is None:
        return frame
    effects, errors = found.effects[: len(told)], np.sqrt(np.diag(found.covariance))[: len(told)]
    p_values = 2 * scipy.special.ndtr(-abs(effects / errors))
    alphas = holm_alphas(p_values, SIGNIFICANCE)
    reach = scipy.special.ndtri(1 - SIGNIFICANCE / 2) * errors
    for place, level in enumerate(told):
        effect = effects[place]
        frame.loc[level, ["odds_ratio", "low", "high"]] = np.exp([effect, effect - reach[place], effect + reach[place]])
        frame.loc[level, "p_value"] = p_values[place]
        shown = LOWER if effect < 0 else HIGHER
        frame.loc[level, "verdict"] = shown if p_values[place] <= alphas[place] else ALIKE
    return frame
