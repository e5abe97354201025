"""A verdict on two rates: the word, the numbers it follows from, and the sentence that says so.

The interval decides. Higher or lower: it excludes zero. Equivalent: it lies within ±margin. Neither: not
distinguishable. It is the interval at the level at which the difference was decided, 95 % for a single question and
more where several are asked at once, so that a word and the interval beside it cannot contradict.

Equivalence asks for that same interval, hence two one-sided tests at 2.5 % each: stricter than the customary 90 %
interval (Schuirmann 1987). Where the interval both excludes zero and lies within the margin the word is equivalent, and
the sentence adds that there is a difference, smaller than the one that matters.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import pandas as pd

from reportlib.metrics.comparison.reasons import Reason
from reportlib.metrics.comparison.sentences import in_short, sentence

Question = Literal["pair", "factor", "interaction"]
Practical = Literal["matters", "not shown to matter", "too small to matter"]
Word = Literal["higher", "lower", "equivalent", "not distinguishable", "not comparable", "stopped"]
_COLUMNS: dict[object, str] = {float | None: "float64", int | None: "Int64"}


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
    question: Question = "pair"
    factor: str | None = None  # its name, where the question is about a factor of the experiment
    basis: Literal["raw", "standardised"] = "raw"
    practical: Practical | None = None

    def __str__(self):
        return sentence(self)

    @property
    def in_short(self) -> str:
        """The sentence for somebody who has 20 seconds."""
        return in_short(self)


def word(low: float, high: float, margin: float | None) -> Word:
    """The word that follows from an interval; all three in the same unit."""
    if margin is not None and -margin < low and high < margin:
        return "equivalent"
    if low > 0:
        return "higher"
    return "lower" if high < 0 else "not distinguishable"


def practical(low: float, high: float, margin: float | None) -> Practical | None:
    """Whether a difference matters; None where none is shown, or no margin is declared. All three in the same unit."""
    if margin is None:
        return None
    if -margin < low and high < margin:
        return "too small to matter"
    if low <= 0 <= high:
        return None
    return "matters" if low >= margin or high <= -margin else "not shown to matter"


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
    later = ("question", "factor", "basis", "practical")
    columns = [*[name for name in fields if name not in later], "sentence", *later]
    return pd.DataFrame(rows, columns=columns).astype(kinds)
