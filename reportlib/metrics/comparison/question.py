"""A comparison as a question: the arms, what is known of them, and the pairs that it asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations

import numpy as np

from reportlib.definitions import GUARDRAILS, Definition
from reportlib.errors import InvalidParameters
from reportlib.metrics.comparison.arms import Arm
from reportlib.metrics.comparison.methods import ANYTIME, EXACT, NEWCOMBE, Method, of_contrast
from reportlib.metrics.comparison.mix.strata import Strata
from reportlib.metrics.comparison.reasons import Reason
from reportlib.metrics.statistics import two_rates
from reportlib.metrics.statistics.contrasts import Contrast

ALPHA, AFTER_FINAL = 0.05, 0.01  # of the looks up to the final one; of those after people were added later
DEFAULT_MARGIN = 0.05  # of the pooled rate, or of its complement where that is smaller


@dataclass(frozen=True)
class Comparison:
    """A question: one metric in two or more arms, and what is known about them.

    Without a `baseline` every pair is asked for, the earlier arm being the one held against; with one, every other arm
    against it. `margin` is the smallest difference that matters, as a fraction; without it DEFAULT_MARGIN, and none for
    GUARDRAILS. `age_hours` is the age at which the arms are compared; `watched` says that it is not their final one,
    `topped_up` that people were added after there could have been a look at that.
    `stopped` is why there may be no verdict; `overlap` the share of the smaller arm's people who are in both, and
    `strata` what a difference is standardised to, both by frozenset of two names.

    Raises InvalidParameters for fewer than two arms, a name used twice, an unknown baseline, a margin that is not above
    zero.
    """

    metric: Definition
    arms: Sequence[Arm]
    age_hours: float
    baseline: str | None = None
    margin: float | None = None
    randomised: bool = False
    watched: bool = False
    topped_up: bool = False
    stopped: Sequence[Reason] = ()
    overlap: Mapping[frozenset[str], float] = field(default_factory=dict)
    strata: Mapping[frozenset[str], Strata] = field(default_factory=dict)

    def __post_init__(self):
        names = [arm.name for arm in self.arms]
        listed = ", ".join(names) or "none"
        if len(names) < 2 or len(set(names)) < len(names):
            raise InvalidParameters(f"A comparison needs two or more different campaigns; given: {listed}")
        if self.baseline is not None and self.baseline not in names:
            raise InvalidParameters(f"The baseline {self.baseline!r} is not one of the campaigns: {listed}")
        if self.margin is not None and self.margin <= 0:
            raise InvalidParameters(
                f"The margin, the smallest difference that matters, is {self.margin}: not above zero"
            )

    @property
    def alpha(self) -> float:
        """The chance of any false winner that is left."""
        return AFTER_FINAL if self.topped_up else ALPHA

    @property
    def pairs(self) -> list[tuple[Arm, Arm]]:
        """(arm, the arm it is held against)."""
        if self.baseline is None:
            return [(later, earlier) for earlier, later in combinations(self.arms, 2)]
        held_against = next(arm for arm in self.arms if arm.name == self.baseline)
        return [(arm, held_against) for arm in self.arms if arm is not held_against]


@dataclass(frozen=True)
class Pair:
    """One difference asked for, with what the guards found."""

    comparison: Comparison
    arm: Arm
    baseline: Arm
    reasons: tuple[Reason, ...]

    @property
    def answerable(self) -> bool:
        return all(reason.effect == "said" for reason in self.reasons)

    @property
    def counts(self) -> tuple[int, int, int, int]:
        rate, other = self.arm.measured_rate, self.baseline.measured_rate
        return rate.count, rate.base, other.count, other.base

    @property
    def pooled(self) -> float:
        """The rate of both together."""
        count, base, other_count, other_base = self.counts
        return (count + other_count) / (base + other_base)

    @property
    def margin(self) -> float | None:
        """The smallest difference that matters, a fraction; None for a guardrail, and where nobody or everybody did."""
        if self.comparison.margin is not None or self.comparison.metric.name in GUARDRAILS:
            return self.comparison.margin
        return DEFAULT_MARGIN * min(self.pooled, 1 - self.pooled) or None

    @property
    def few_expected(self) -> bool:
        """Whether counts are so small that Fisher's exact test has to confirm a difference."""
        return bool(not self.comparison.watched and not self.strata and two_rates.few_expected(*self.counts))

    @cached_property
    def strata(self) -> Strata | None:
        found = self.comparison.strata.get(frozenset({self.arm.name, self.baseline.name}))
        return found and found.towards(self.arm.name)

    @cached_property
    def method(self) -> Method:
        if self.comparison.randomised and not self.strata:
            if self.comparison.watched:
                return ANYTIME
            return EXACT if self.few_expected else NEWCOMBE
        return of_contrast(self.contrast, self.strata is not None)

    @cached_property
    def contrast(self) -> Contrast:
        """The difference, standardised where it has strata, with the spread that campaigns ordinarily have."""
        count, base, other_count, other_base = self.counts
        coefficients, counts, bases = map(np.array, ((1, -1), (count, other_count), (base, other_base)))
        if held := self.strata:
            coefficients, counts, bases = map(np.array, (held.coefficients, held.counts, held.bases))
        chance = Contrast(coefficients, counts, bases, watched=self.comparison.watched)
        if self.comparison.randomised:
            return chance
        spread, other = self.arm.spread, self.baseline.spread
        return replace(
            chance,
            spread=spread.at(self.pooled),
            other_spread=other.at(self.pooled),
            freedom=min(spread.freedom, other.freedom),
        )
