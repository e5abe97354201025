"""Whether rates are usual for an account: each against its own history, all of a family at once."""

import numpy as np
import pandas as pd

from reportlib.definitions import definition
from reportlib.metrics.statistics.expectation import Expectation
from reportlib.metrics.statistics.multiplicity import holm_alphas
from reportlib.metrics.statistics.outliers import ordinary_expectation
from reportlib.metrics.weekly.iso_week import Week

AS_USUAL, HIGHER, LOWER = "as usual", "higher than usual", "lower than usual"
TOO_LITTLE, TOO_YOUNG, NOTHING = "too little history", "too young", "nothing to judge"
WORDS = (AS_USUAL, HIGHER, LOWER, TOO_LITTLE, TOO_YOUNG, NOTHING)
JUDGED = (AS_USUAL, HIGHER, LOWER)
PER_CHANNEL = ("clicked", "delivered", "opened")  # what is asked of each channel of a campaign
LEVEL = 0.05  # the chance that a family in which all is usual has a figure called unusual


def measured_on(metric: str, channel: str) -> bool:
    """Whether the channel can report the metric."""
    return channel in definition(metric).channels


def ordinary(history: pd.DataFrame, week: Week) -> pd.DataFrame:
    """The rows of `campaign_history` that say what is usual before the week: old enough, and reaching anybody.

    A campaign that reached nobody (its template paused, its sender blocked) broke down; in the history of the others it
    would make everything look usual.
    """
    return history[(history["week"] < str(week)) & history["old_enough"] & (history["engagement_base"] > 0)]


def judged(questions: pd.DataFrame, histories: list[tuple]) -> tuple[pd.DataFrame, list[Expectation | None]]:
    """Each question's rate against its history, and what may be expected of it; None where too little is known.

    `questions` has count, base (Int64) and old_enough (bool); `histories` the counts and the bases of the past, for
    each, of which rates far outside the others are set aside (`ordinary_expectation`). Where rates have offsets,
    `questions` has them as offset, NaN where it is not known, and `histories` as a third.
    All questions are one family: with nothing unusual, the chance that any is called so is LEVEL (Holm).

    Returns
    -------
    The questions with the columns
        rate : float64, NaN of nothing; history : int64, how many past rates there are, but for those set aside
        expected, low, high : float64, the centre of the history, and between which rates one like it lies at `level`
        p_value, level : float64, at which it was decided; NaN where it was not
        verdict : str, one of WORDS; a rate is outside low and high exactly where it is unusual
    """
    alike = [tuple(map(tuple, history)) for history in histories]
    usual = {history: ordinary_expectation(*history) for history in alike}
    expected = [usual[history] for history in alike]
    offsets = questions["offset"] if "offset" in questions else pd.Series(0.0, questions.index)
    asked = [
        one if one and old and base > 0 and not np.isnan(offset) else None
        for one, old, base, offset in zip(expected, questions["old_enough"], questions["base"], offsets, strict=True)
    ]
    rows = list(zip(questions["count"], questions["base"], offsets, expected, asked, strict=True))
    p_values = [judge.p_value(int(count), int(base), offset) for count, base, offset, _, judge in rows if judge]
    levels = iter(zip(p_values, *decided(p_values), strict=True))
    found = []
    for (count, base, offset, one, judge), history, old in zip(rows, alike, questions["old_enough"], strict=True):
        rate = count / base if base else float("nan")
        p_value, level, is_unusual = next(levels) if judge else (float("nan"), float("nan"), False)
        centre = one.centre_at(offset) if one else float("nan")
        low, high = judge.limits(int(base), level, offset) if judge else (float("nan"), float("nan"))
        word = _word(rate, centre, is_unusual) if judge else _why_not(old, base)
        found.append((rate, one.history if one else len(history[0]), centre, low, high, p_value, level, word))
    columns = ["rate", "history", "expected", "low", "high", "p_value", "level", "verdict"]
    answers = pd.DataFrame(found, index=questions.index, columns=columns)
    kinds = dict.fromkeys(columns, "float64") | {"history": "int64", "verdict": "str"}
    return questions.join(answers.astype(kinds)), expected


def decided(p_values) -> tuple[np.ndarray, np.ndarray]:
    """For the rates of one family the levels at which they are decided, and which are unusual (bool): with none that
    is, one is called so at most LEVEL often (Holm)."""
    levels = holm_alphas(p_values, LEVEL)
    return levels, np.asarray(p_values, dtype=float) <= levels


def _word(rate, centre, is_unusual):
    if not is_unusual:
        return AS_USUAL
    return HIGHER if rate > centre else LOWER


def _why_not(old, base):
    if not base:
        return NOTHING
    return TOO_LITTLE if old else TOO_YOUNG
