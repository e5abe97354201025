"""An effect: what one arm's people did more or less than another's, as it is said and exported."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import pandas as pd

from reportlib.metrics.comparison.reasons import Reason
from reportlib.metrics.impact.sentences import in_short, sentence
from reportlib.metrics.impact.trial import Trial
from reportlib.metrics.statistics.newcombe import excludes_zero
from reportlib.metrics.statistics.two_means import Amounts

EXPORTED = (
    "experiment_id", "variant", "versus", "outcome", "measure", "currency", "assigned", "assigned_versus", "mean",
    "mean_versus", "difference", "low", "high", "p_value", "word", "sentence",
)  # fmt: skip


@dataclass(frozen=True)
class Effect:
    """One measure of one kind of outcome in one arm, held against another. Prints one sentence.

    `mean` is a share of people as a fraction, or money per person assigned; `difference`, `low`, `high` and
    `smallest_detectable` are in the same unit, `total`s in outcomes or money of all people of the arm. None where there
    is no number. `cap` is where a person's money was cut, `cut` the share of the money above it; `checked_low` and
    `checked_high` are the bootstrap's; `adjusted` has the difference given what the same people did before, its limits,
    and the share by which they are narrower.
    """

    experiment_id: str
    variant: str
    versus: str
    outcome: str
    measure: str
    currency: str | None
    assigned: int
    assigned_versus: int
    mean: float | None
    mean_versus: float | None
    word: str
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    level: float | None = None
    method: str | None = None
    lift: float | None = None
    lift_low: float | None = None
    lift_high: float | None = None
    people: int | None = None
    people_versus: int | None = None
    smallest_detectable: float | None = None
    cap: float | None = None
    cut: float | None = None
    checked_low: float | None = None
    checked_high: float | None = None
    adjusted: tuple[float, float, float, float] | None = None
    reasons: tuple[Reason, ...] = ()

    def __str__(self):
        return sentence(self)

    @property
    def in_short(self) -> str:
        """The sentence for somebody who has 20 seconds."""
        return in_short(self)

    @property
    def total(self) -> float | None:
        """How much more there was in all: the difference times the people of the arm."""
        return None if self.difference is None else self.difference * self.assigned

    @property
    def is_shown(self) -> bool:
        """Whether a difference is told apart from none."""
        return self.low is not None and bool(excludes_zero(self.low, self.high))


def effect_table(found: Sequence[Effect]) -> pd.DataFrame:
    """Effects, one row each, as they are exported.

    Returns
    -------
    DataFrame with the columns
        experiment_id, variant, versus, outcome : str
        measure : str, "people" or "value"; currency : str, of the value
        assigned, assigned_versus : int64, people
        mean, mean_versus : float64, the share of people as a fraction, or the value per person
        difference, low, high : float64, in the same unit, missing where there is no verdict
        p_value : float64; word, sentence : str

    Example
    -------
    >>> trial = metrics.trial(warehouse, "coupon")
    >>> found = metrics.effect_table(metrics.effects(warehouse, trial))
    >>> found[["variant", "versus", "outcome", "word"]].head(2)
      variant    versus outcome    word
    0       A  held out   order  higher
    1       B  held out   order  higher
    """
    rows = [asdict(one) | {"sentence": str(one)} for one in found]
    kinds = {name: "float64" for name in EXPORTED[8:14]} | {name: "int64" for name in EXPORTED[6:8]}
    return pd.DataFrame(rows, columns=list(EXPORTED)).astype(kinds)


def effect_of(trial: Trial, variant, kind, measure, currency, one: Amounts, other: Amounts) -> Effect:
    """The Effect of an arm's amounts, before anything is decided."""
    return Effect(
        experiment_id=str(trial.experiment_id),
        variant=variant,
        versus=trial.versus,
        outcome=kind,
        measure=measure,
        currency=currency,
        assigned=one.size,
        assigned_versus=other.size,
        mean=one.mean if one.size else None,
        mean_versus=other.mean if other.size else None,
        word="not comparable",
        people=one.payers,
        people_versus=other.payers,
    )


def amounts(rows, column, size) -> Amounts:
    """What an arm's people did, from the rows of `outcome_people` or `outcome_values`."""
    values = (rows[column].to_numpy(dtype=float), rows["people"].to_numpy(dtype=float))
    return Amounts(*values, size, rows["before"].to_numpy(dtype=float))


def told_before(rows) -> bool:
    """Whether anything is known of what the same people did before."""
    return bool((rows["before"] != 0).any())
