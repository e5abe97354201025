"""What stands in the way of a verdict, or has to be said beside it. Each guard returns a Reason, or None.

In the order in which the verdict asks them: refused before stopped, stopped before said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from reportlib.definitions import CHANNEL_NAMES, Definition, counted
from reportlib.metrics.statistics.multiplicity import sample_ratio_p
from reportlib.metrics.statistics.rates import Rate
from reportlib.metrics.statistics.sequential import BURN_IN
from reportlib.metrics.statistics.two_rates import FEW_EXPECTED, few_expected

SAMPLE_RATIO_ALARM = 0.001
MATURE_HOURS = 24
ENOUGH_PER_ARM = 1_000  # the mission's guideline
OVERLAP_SAID = 0.10


ORDER = (
    "channels",
    "measured",
    "sample ratio",
    "burn-in",
    "maturity",
    "thin",
    "correction",
    "omnibus",
    "small counts",
    "close call",
    "overlap",
    "not randomised",
    "running",
)


@dataclass(frozen=True)
class Arm:
    """One campaign or variant in a comparison.

    `rate` counts those who responded of its base, at the age at which the campaigns are compared; None where the metric
    is not measured (e-mail replies that are not captured). `assigned` is the people given to this arm, sent or not.
    """

    name: str
    rate: Rate | None
    channels: frozenset[str]
    assigned: int


@dataclass(frozen=True)
class Reason:
    """What a guard found: `effect` says whether it refuses the comparison, stops the verdict or is only said."""

    guard: str
    effect: Literal["refused", "stopped", "said"]
    text: str


def channels(metric: Definition, arm: Arm, baseline: Arm) -> Reason | None:
    """Refuses metrics that do not mean the same in both arms: opens across channels, or where a channel has none."""
    used = arm.channels | baseline.channels
    if not used or metric.rate_allowed(used):
        return None
    unsupported = sorted(used - set(metric.channels))
    if unsupported:
        limits = [f"{CHANNEL_NAMES[one]} ({(metric.limits or {}).get(one, 'not supported')})" for one in unsupported]
        return Reason("channels", "refused", f"{metric.label} cannot be reported by {listed(limits)}.")
    return Reason(
        "channels",
        "refused",
        f"{metric.label} is never compared across channels ({listed([CHANNEL_NAMES[one] for one in sorted(used)])}): "
        "an open is counted differently in each, so the rates do not measure the same thing. "
        "Clicks and replies can be compared.",
    )


def measured(arm: Arm, baseline: Arm) -> Reason | None:
    """Refuses an arm in which the metric was not measured or that has nobody to respond."""
    for side in (arm, baseline):
        if side.rate is None:
            return Reason("measured", "refused", f"Not measured for {side.name}.")
        if side.rate.base == 0:
            return Reason("measured", "refused", f"{side.name} has 0 {side.rate.base_name}: there is no rate.")
    return None


def sample_ratio(arms: Sequence[Arm], split: Sequence[float]) -> Reason | None:
    """Stops an experiment whose arms are not of the planned sizes: whatever moved people may have moved the rates."""
    p = sample_ratio_p([arm.assigned for arm in arms], split)
    if p >= SAMPLE_RATIO_ALARM:
        return None
    sizes = listed([f"{arm.name} {arm.assigned:,}" for arm in arms])
    planned = ":".join(f"{share:g}" for share in split)
    return Reason(
        "sample ratio",
        "stopped",
        f"The arms do not have the planned sizes ({sizes}; planned {planned}; χ² p {_p(p)}): people were lost or "
        "added on one side, and the rates may differ for that alone. Find the cause before comparing.",
    )


def maturity(age_hours: float) -> Reason | None:
    """Says that the campaigns were compared while most responses are still to come."""
    if age_hours >= MATURE_HOURS:
        return None
    age = f"{age_hours:.0f} hours" if age_hours > 1 else f"{60 * age_hours:.0f} minutes"
    return Reason(
        "maturity",
        "said",
        f"Too young: compared at an age of {age}, before the first {MATURE_HOURS} hours. "
        "Slower responses are still to come and may change the picture.",
    )


def thin(arm: Arm, baseline: Arm, smallest_detectable: float | None) -> Reason | None:
    """Says that an arm is smaller than the mission's guideline; `smallest_detectable` in points."""
    if min(arm.rate.base, baseline.rate.base) >= ENOUGH_PER_ARM:
        return None
    found = "would miss any difference more often than once in five"
    if smallest_detectable is not None:
        found = f"finds a difference of {smallest_detectable:.2g} points four times in five, a smaller one less often"
    return Reason(
        "thin",
        "said",
        f"Fewer than {ENOUGH_PER_ARM:,} {counted(arm.rate.base_name)} in an arm ({arm.name} {arm.rate.base:,}, "
        f"{baseline.name} {baseline.rate.base:,}): a comparison of this size {found}.",
    )


def small_counts(arm: Arm, baseline: Arm) -> Reason | None:
    """Says that Fisher's exact test has to confirm the interval."""
    if not few_expected(arm.rate.count, arm.rate.base, baseline.rate.count, baseline.rate.base):
        return None
    return Reason(
        "small counts",
        "said",
        f"Small counts (fewer than {FEW_EXPECTED} expected): Fisher's exact test has to confirm a difference; "
        "where it does not, the interval is extended to zero.",
    )


def close_call(p: float, alpha: float, different: bool) -> Reason | None:
    """Says that test and interval disagree, which they can at the margin."""
    if (p <= alpha) == different:
        return None
    return Reason(
        "close call", "said", f"A close call: the test alone (p = {p:.3g}) would say otherwise; the interval decides."
    )


def overlap(share: float) -> Reason | None:
    """Says that the arms are not independent; `share` is people in both ÷ people in the smaller arm."""
    if share <= OVERLAP_SAID:
        return None
    return Reason(
        "overlap",
        "said",
        f"{100 * share:.0f} % of the smaller arm is in the other one too: the samples are not independent, "
        "the interval is only approximate, and the first message may have changed the answer to the second.",
    )


def not_randomised(randomised: bool) -> Reason | None:
    """Says that a difference is not an effect."""
    if randomised:
        return None
    return Reason(
        "not randomised",
        "said",
        "People were not assigned at random: this says whether the rates differ, not what made them differ.",
    )


def running() -> Reason:
    """Says which intervals are used while campaigns run."""
    return Reason(
        "running",
        "said",
        "Still running: the interval is an anytime-valid confidence sequence, so that looking again and again does "
        "not invent a winner. It is wider than an ordinary one.",
    )


def burn_in(arm: Arm, baseline: Arm) -> Reason | None:
    """Refuses a running comparison before its intervals can be trusted."""
    count, base = arm.rate.count + baseline.rate.count, arm.rate.base + baseline.rate.base
    if min(count, base - count) >= BURN_IN:
        return None
    return Reason(
        "burn-in",
        "refused",
        f"Too early: {count:,} of {base:,} so far in both together; while campaigns run, a verdict needs at least "
        f"{BURN_IN} who did and {BURN_IN} who did not.",
    )


def place(reason: Reason) -> int:
    """Where a reason stands among the others."""
    return ORDER.index(reason.guard)


def listed(names: Sequence[str]) -> str:
    """ "a, b and c" of at least one name."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _p(p):
    return "< 0.0001" if p < 0.0001 else f"= {p:.2g}"
