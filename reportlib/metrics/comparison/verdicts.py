"""From counts to verdicts: the guards in their order, then the interval at the level at which each was decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np

from reportlib.definitions import Definition
from reportlib.errors import InvalidParameters
from reportlib.metrics.comparison import guards
from reportlib.metrics.comparison.guards import Arm, Reason
from reportlib.metrics.comparison.methods import ANYTIME, EXACT, NEWCOMBE
from reportlib.metrics.comparison.verdict import Verdict, word
from reportlib.metrics.statistics import two_rates
from reportlib.metrics.statistics.multiplicity import benjamini_hochberg_alphas, holm_alphas, omnibus_p

WORTH_FINDING = 0.1  # of the base rate: what sample sizes are given for where no margin was declared


@dataclass(frozen=True)
class Comparison:
    """A question: one metric in two or more arms, and what is known about them.

    Without a `baseline` every pair is asked for, the earlier arm being the one held against; with one, every other arm
    against it. `margin` is the smallest difference that matters, as a fraction; `split` the planned shares of the arms,
    equal if empty; `overlap` the share of the smaller arm's people who are in both, by frozenset of two names;
    `age_hours` the age at which the arms are compared.

    Raises InvalidParameters for fewer than two arms, a name used twice, an unknown baseline, a split that does not fit,
    a margin that is not above zero.
    """

    metric: Definition
    arms: Sequence[Arm]
    age_hours: float
    baseline: str | None = None
    margin: float | None = None
    randomised: bool = False
    running: bool = False
    split: Sequence[float] = ()
    overlap: Mapping[frozenset[str], float] = field(default_factory=dict)
    alpha: float = 0.05

    def __post_init__(self):
        names = [arm.name for arm in self.arms]
        listed = ", ".join(names) or "none"
        if len(names) < 2 or len(set(names)) < len(names):
            raise InvalidParameters(f"A comparison needs two or more different campaigns; given: {listed}")
        if self.baseline is not None and self.baseline not in names:
            raise InvalidParameters(f"The baseline {self.baseline!r} is not one of the campaigns: {listed}")
        if self.split and (len(self.split) != len(names) or min(self.split) <= 0):
            raise InvalidParameters(f"The planned split needs one share above zero for each of: {listed}")
        if self.margin is not None and self.margin <= 0:
            raise InvalidParameters(
                f"The margin, the smallest difference that matters, is {self.margin}: not above zero"
            )

    @property
    def pairs(self) -> list[tuple[Arm, Arm]]:
        """(arm, the arm it is held against)."""
        if self.baseline is None:
            return [(later, earlier) for earlier, later in combinations(self.arms, 2)]
        held_against = next(arm for arm in self.arms if arm.name == self.baseline)
        return [(arm, held_against) for arm in self.arms if arm is not held_against]


@dataclass(frozen=True)
class _Pair:
    """One difference asked for, with what the guards found."""

    comparison: Comparison
    arm: Arm
    baseline: Arm
    reasons: tuple[Reason, ...]

    @property
    def answerable(self):
        return all(reason.effect == "said" for reason in self.reasons)

    @property
    def counts(self):
        return self.arm.rate.count, self.arm.rate.base, self.baseline.rate.count, self.baseline.rate.base

    @property
    def method(self):
        if self.comparison.running:
            return ANYTIME
        return EXACT if two_rates.few_expected(*self.counts) else NEWCOMBE


def compare(comparison: Comparison) -> list[Verdict]:
    """The verdicts on a primary metric, one per pair of `comparison.pairs`.

    Among three or more arms a χ² test of all comes first, then Holm's correction over the pairs; pairs that a guard
    refuses are part of neither. The chance of any false winner stays at `alpha`.
    """
    pairs = _guarded(comparison)
    asked = [pair for pair in pairs if pair.answerable]
    doubts = [_omnibus_doubt(pair, asked) for pair in asked]
    p_values = [1.0 if doubt else p for doubt, p in zip(doubts, _p_values(asked), strict=True)]
    alphas = holm_alphas(p_values, comparison.alpha)
    said = _correction(asked, f"Holm's correction keeps the chance of any false winner at {100 * comparison.alpha:g} %")
    decided = (_decide(*one, said) for one in zip(asked, alphas, doubts, strict=True))
    return [next(decided) if pair.answerable else _undecided(pair) for pair in pairs]


def explore(comparisons: Sequence[Comparison], q: float = 0.05) -> list[Verdict]:
    """The verdicts on secondary metrics, comparison by comparison, marked exploratory.

    Benjamini and Hochberg's correction over all of them keeps the share of false findings at `q`, on average, for
    independent or positively related metrics.
    """
    pairs = [pair for comparison in comparisons for pair in _guarded(comparison)]
    asked = [pair for pair in pairs if pair.answerable]
    alphas = benjamini_hochberg_alphas(_p_values(asked), q)
    said = _correction(asked, f"Benjamini and Hochberg's correction keeps the share of false findings at {100 * q:g} %")
    decided = (_decide(pair, alpha, None, said) for pair, alpha in zip(asked, alphas, strict=True))
    return [replace(next(decided) if pair.answerable else _undecided(pair), exploratory=True) for pair in pairs]


def _guarded(comparison):
    split = comparison.split or [1] * len(comparison.arms)
    stopped = guards.sample_ratio(comparison.arms, split) if comparison.randomised else None
    return [
        _Pair(comparison, arm, baseline, _reasons(comparison, arm, baseline, stopped))
        for arm, baseline in comparison.pairs
    ]


def _reasons(comparison, arm, baseline, stopped):
    blocking = _found(guards.channels(comparison.metric, arm, baseline), guards.measured(arm, baseline), stopped)
    if blocking:
        return blocking
    said = _found(
        guards.maturity(comparison.age_hours),
        guards.overlap(comparison.overlap.get(frozenset({arm.name, baseline.name}), 0.0)),
        guards.not_randomised(comparison.randomised),
    )
    if comparison.running:
        return _found(guards.burn_in(arm, baseline)) or (*said, guards.running())
    return (*said, *_found(guards.small_counts(arm, baseline)))


def _p_values(pairs):
    """The p value of each pair; all pairs of one method in one go."""
    found = np.ones(len(pairs))
    for p_value in {pair.method.p_value for pair in pairs}:
        chosen = [place for place, pair in enumerate(pairs) if pair.method.p_value is p_value]
        found[chosen] = p_value(*np.transpose([pairs[place].counts for place in chosen]))
    return found


def _omnibus_doubt(pair, asked):
    """Why this pair may not be called different: a χ² test of all arms it can be compared with finds no difference."""
    both = {pair.arm.name, pair.baseline.name}
    arms = {arm.name: arm for other in asked for arm in (other.arm, other.baseline)
            if both & {other.arm.name, other.baseline.name}}  # fmt: skip
    p = omnibus_p([arm.rate.count for arm in arms.values()], [arm.rate.base for arm in arms.values()])
    if len(arms) < 3 or p <= pair.comparison.alpha:
        return None
    return Reason(
        "omnibus",
        "said",
        f"All {len(arms)} taken together do not differ (χ² p = {p:.2g}): no pair is called different, and "
        "intervals that would leave zero out are extended to it.",
    )


def _correction(asked, what):
    if len(asked) < 2:
        return None
    return Reason("correction", "said", f"One of {len(asked)} differences asked for at once: {what}.")


def _undecided(pair):
    refused = any(reason.effect == "refused" for reason in pair.reasons)
    return _verdict(pair, "not comparable" if refused else "stopped", pair.reasons)


def _decide(pair, alpha, doubt, said):
    """The verdict on an answerable pair, at the level at which it was decided."""
    counts, method = pair.counts, pair.method
    low, high = two_rates.reach_zero(*method.interval(*counts, alpha=alpha), where=doubt is not None)
    different = two_rates.excludes_zero(low, high)
    lift_low, lift_high = two_rates.reach_zero(*method.lift(*counts, alpha=alpha), where=not different)
    p, other_rate = float(method.test(*counts)), counts[2] / counts[3]
    planned = _planned(method, counts, alpha, pair.comparison.margin)
    close_call = guards.close_call(p, alpha, different) if doubt is None else None
    thin = guards.thin(pair.arm, pair.baseline, planned["smallest_detectable"])
    return _verdict(
        pair,
        word(low, high, pair.comparison.margin),
        (*pair.reasons, *_found(thin, said, doubt, close_call)),
        estimate=100 * (counts[0] / counts[1] - other_rate),
        low=100 * float(low),
        high=100 * float(high),
        lift=counts[0] / counts[1] / other_rate - 1 if other_rate else None,
        lift_low=float(lift_low) if other_rate else None,
        lift_high=float(lift_high) if other_rate and np.isfinite(lift_high) else None,
        level=1 - float(alpha),
        method=method.name,
        p_value=p,
        **planned,
    )


def _planned(method, counts, alpha, margin):
    """What a comparison of this size finds and what it would take, for the pooled base rate observed."""
    rate = (counts[0] + counts[2]) / (counts[1] + counts[3])
    found = method.smallest_detectable(rate, counts[1], counts[3], alpha)
    wanted = margin or WORTH_FINDING * min(rate, 1 - rate)
    more = method.needed_per_arm(rate, wanted, alpha) - min(counts[1], counts[3]) if wanted else None
    return {
        "smallest_detectable": None if found is None else 100 * found,
        "worth_finding": 100 * wanted if wanted else None,
        "needed_per_arm": None if more is None else max(more, 0),
    }


def _verdict(pair, decided, reasons, **numbers):
    """A verdict with all that is known of a pair whether or not it could be decided."""
    rate, other = pair.arm.rate, pair.baseline.rate
    return Verdict(
        metric=pair.comparison.metric.name,
        label=pair.comparison.metric.label,
        arm=pair.arm.name,
        baseline=pair.baseline.name,
        word=decided,
        count=rate and rate.count,
        base=rate and rate.base,
        baseline_count=other and other.count,
        baseline_base=other and other.base,
        base_name=(rate or other) and (rate or other).base_name,
        margin=pair.comparison.margin and 100 * pair.comparison.margin,
        reasons=tuple(sorted(reasons, key=guards.place)),
        **numbers,
    )


def _found(*reasons):
    return tuple(reason for reason in reasons if reason)
