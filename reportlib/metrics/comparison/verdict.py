"""A verdict on two rates: the word, the numbers it follows from, and the sentence that says so.

The interval decides. Higher or lower: it excludes zero. Equivalent: it lies within ±margin. Neither: not
distinguishable. It is the interval at the level at which the difference was decided, 95 % for a single question and
more where several are asked at once, so that a word and the interval beside it cannot contradict.

Equivalence asks for that same interval, hence two one-sided tests at 2.5 % each: stricter than the customary 90 %
interval (Schuirmann 1987). Where the interval both excludes zero and lies within the margin the word is equivalent, and
the sentence adds that there is a difference, smaller than the one that matters.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import pandas as pd

from reportlib.definitions import counted
from reportlib.metrics.comparison.guards import Reason

Word = Literal["higher", "lower", "equivalent", "not distinguishable", "not comparable", "stopped"]
_COLUMNS = {float | None: "float64", int | None: "Int64"}


@dataclass(frozen=True)
class Verdict:
    """What may be said about one metric of `arm` held against `baseline`. Prints one sentence.

    Differences are in percentage points, lifts fractions (0.31 = 31 % more), None where there is no number: no verdict,
    or no lift over a rate of zero, or no upper limit to one. Plain values only: `asdict` of it is JSON.
    """

    metric: str
    label: str
    arm: str
    baseline: str
    word: Word
    count: int | None
    base: int | None
    baseline_count: int | None
    baseline_base: int | None
    base_name: str | None
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    lift: float | None = None
    lift_low: float | None = None
    lift_high: float | None = None
    level: float | None = None  # of the interval, e.g. 0.95
    method: str | None = None
    p_value: float | None = None  # of the test beside the interval, uncorrected; the interval decides
    margin: float | None = None  # points; a smaller difference does not matter
    smallest_detectable: float | None = None  # points, found four times in five at this size, base rate and level
    worth_finding: float | None = None  # points: the margin, or a tenth of the base rate
    needed_per_arm: int | None = None  # further people in each arm to find `worth_finding` four times in five
    reasons: tuple[Reason, ...] = ()
    exploratory: bool = False

    def __str__(self):
        title = f"{self.label} (exploratory)" if self.exploratory else self.label
        return f"{title}: {_SENTENCES[self.word](self)}"


def word(low: float, high: float, margin: float | None) -> Word:
    """The word that follows from an interval; all three in the same unit."""
    if margin is not None and -margin < low and high < margin:
        return "equivalent"
    if low > 0:
        return "higher"
    return "lower" if high < 0 else "not distinguishable"


def verdict_table(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """One row per verdict: its fields, `reasons` as one text, and its `sentence`.

    Numbers are float64 and Int64, missing where the verdict gives none.
    """
    fields = Verdict.__dataclass_fields__
    kinds = {name: _COLUMNS[field.type] for name, field in fields.items() if field.type in _COLUMNS}
    rows = [
        asdict(verdict) | {"reasons": " ".join(reason.text for reason in verdict.reasons), "sentence": str(verdict)}
        for verdict in verdicts
    ]
    return pd.DataFrame(rows, columns=[*fields, "sentence"]).astype(kinds)


def _different(verdict):
    sign = 1 if verdict.word == "higher" else -1
    digits = _digits(verdict.low, verdict.high)
    low, high = sorted((sign * verdict.low, sign * verdict.high))
    return (
        f"{verdict.arm} is {verdict.word} than {verdict.baseline} by {_number(sign * verdict.estimate, digits)} points "
        f"({_level(verdict)} interval {_number(low, digits)} to {_number(high, digits)}), "
        f"{_rates(verdict, digits)}{_lift(verdict)}."
    )


def _equivalent(verdict):
    direction = "higher" if verdict.low > 0 else "lower"
    real = verdict.low > 0 or verdict.high < 0
    return (
        f"{verdict.arm} and {verdict.baseline} are equivalent within ±{verdict.margin:g} "
        f"point{'' if verdict.margin == 1 else 's'}: {_difference(verdict)}"
        + (f"; {direction}, but by less than what matters." if real else ".")
    )


def _not_distinguishable(verdict):
    both = f"{verdict.arm} and {verdict.baseline}"
    return f"{both} are not distinguishable: {_difference(verdict)}{_what_it_takes(verdict)}."


def _not_comparable(verdict):
    return f"{verdict.arm} and {verdict.baseline} are not comparable. {_because(verdict)}"


def _stopped(verdict):
    return f"no verdict on {verdict.arm} and {verdict.baseline}. {_because(verdict)}"


_SENTENCES = {
    "higher": _different,
    "lower": _different,
    "equivalent": _equivalent,
    "not distinguishable": _not_distinguishable,
    "not comparable": _not_comparable,
    "stopped": _stopped,
}


def _difference(verdict):
    digits = _digits(verdict.low, verdict.high)
    return (
        f"the difference is {_number(verdict.estimate, digits)} points ({_level(verdict)} interval "
        f"{_number(verdict.low, digits)} to {_number(verdict.high, digits)}), {_rates(verdict, digits)}"
    )


def _what_it_takes(verdict):
    if verdict.needed_per_arm is None:
        return ""
    wanted = f"{verdict.worth_finding:.2g} points"
    if verdict.needed_per_arm == 0:
        return f"; a difference of {wanted} would probably have been found"
    more = f"{_about(verdict.needed_per_arm)} more {counted(verdict.base_name)}"
    return f"; finding one of {wanted} would need about {more} per arm"


def _because(verdict):
    return " ".join(reason.text for reason in verdict.reasons if reason.effect != "said")


def _rates(verdict, digits):
    rates = 100 * verdict.count / verdict.base, 100 * verdict.baseline_count / verdict.baseline_base
    return f"{rates[0]:.{digits}f} % against {rates[1]:.{digits}f} % of {verdict.base_name}"


def _lift(verdict):
    if verdict.lift is None:
        return ""
    limits = f"{_percent(verdict.lift_low)} to {_percent(verdict.lift_high)}"
    if verdict.lift_high is None:
        limits = f"{_percent(verdict.lift_low)} or more"
    return f", a lift of {_percent(verdict.lift)} ({limits})"


def _level(verdict):
    return f"{100 * verdict.level:.3g} %"


def _percent(fraction):
    return "" if fraction is None else f"{100 * fraction:+,.0f} %".replace("-", "−")


def _number(points, digits):
    rounded = round(points, digits) + 0.0  # no "−0.0"
    return f"{rounded:.{digits}f}".replace("-", "−")


def _digits(low, high):
    """Decimals that show the width of the interval, and on which side of zero a limit lies."""
    width = max(high - low, 1e-6)
    shown = max(1, -math.floor(math.log10(width / 2)))
    return next(
        digits for digits in range(shown, 12) if all(limit == 0 or round(limit, digits) for limit in (low, high))
    )


def _about(people):
    """Two significant digits: more would be false precision."""
    return f"{round(people, 1 - math.floor(math.log10(people))):,}"
