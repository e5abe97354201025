"""What stands in the way of a verdict, or has to be said beside it. Each guard returns a Reason, or None.

They are told in the order of reasons.ORDER: refused before stopped, stopped before said.
"""

from reportlib.definitions import CHANNEL_NAMES, Definition, counted
from reportlib.metrics.comparison.arms import Arm
from reportlib.metrics.comparison.mix.strata import Strata
from reportlib.metrics.comparison.reasons import Reason, listed
from reportlib.metrics.statistics.sequential import BURN_IN
from reportlib.metrics.statistics.two_rates import FEW_EXPECTED, few_expected

MATURE_HOURS = 24
ENOUGH_PER_ARM = 1_000  # the mission's guideline
OVERLAP_SAID = 0.10


def channels(metric: Definition, arm: Arm, baseline: Arm) -> Reason | None:
    """Refuses metrics that do not mean the same in both arms: opens across channels, or where a channel has none."""
    used = arm.channels | baseline.channels
    if not used or metric.rate_allowed(used):
        return None
    unsupported = sorted(used - set(metric.channels))
    if unsupported:
        limits = [f"{CHANNEL_NAMES[one]} ({metric.limits.get(one, 'not supported')})" for one in unsupported]
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


def maturity(age_hours: float) -> Reason | None:
    """Says that the campaigns were compared while most responses are still to come."""
    if age_hours >= MATURE_HOURS:
        return None
    return Reason(
        "maturity",
        "said",
        f"Too young: compared at an age of {_age(age_hours)}, before the first {MATURE_HOURS} hours. "
        "Slower responses are still to come and may change the picture.",
    )


def thin(arm: Arm, baseline: Arm, smallest_detectable: float | None) -> Reason | None:
    """Says that an arm is smaller than the mission's guideline; `smallest_detectable` in points."""
    rate, other = arm.measured_rate, baseline.measured_rate
    if min(rate.base, other.base) >= ENOUGH_PER_ARM:
        return None
    found = "would miss any difference more often than once in five"
    if smallest_detectable is not None:
        found = f"finds a difference of {smallest_detectable:.2g} points four times in five, a smaller one less often"
    return Reason(
        "thin",
        "said",
        f"Fewer than {ENOUGH_PER_ARM:,} {counted(rate.base_name)} in an arm ({arm.name} {rate.base:,}, "
        f"{baseline.name} {other.base:,}): a comparison of this size {found}.",
    )


def small_counts(arm: Arm, baseline: Arm) -> Reason | None:
    """Says that Fisher's exact test has to confirm the interval."""
    rate, other = arm.measured_rate, baseline.measured_rate
    if not few_expected(rate.count, rate.base, other.count, other.base):
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


def nothing_sent(arm: Arm, baseline: Arm) -> Reason | None:
    """Refuses an arm to which nothing was sent."""
    for side in (arm, baseline):
        if side.sent == 0:
            return Reason("nothing sent", "refused", f"Nothing was sent to {side.name}: there is nothing to compare.")
    return None


def known_as_totals(arm: Arm, baseline: Arm) -> Reason | None:
    """Says that of an arm only totals are known: as they stand, whoever they are of."""
    names = [side.name for side in (baseline, arm) if not side.by_person]
    if not names:
        return None
    return Reason(
        "totals",
        "said",
        f"{listed(names)}: known as totals only, so as they stand, not at the same age; who is in both, and how people "
        "came to be in one, cannot be checked.",
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


def spread(arm: Arm, baseline: Arm, rate: float, by_chance: bool, different: bool) -> Reason:
    """Says how far campaigns ordinarily lie apart, and where two differ by more than chance but not by more than that.

    `by_chance`: whether chance alone would leave them different; `different`: whether they are called so.
    """
    known = min((arm.spread, baseline.spread), key=lambda spread: spread.history)
    how = f"by {100 * known.at(rate) * max(rate, 1 - rate):.0f} %"
    if known.log_odds is None:
        how += f", assumed, since only {known.history} others are known"
    else:
        how += f", as the account's last {known.history} on the channel did"
    told = f"Campaigns ordinarily differ without a cause ({how}), and are held against that."
    if by_chance and not different:
        told += " These differ by more than luck, but campaigns ordinarily differ by this much."
    return Reason("spread", "said", told)


def composition(strata: Strata) -> Reason:
    """Says that a difference is standardised, and what it is as it stands."""
    low, high = strata.mix_within
    told = (
        f"As they stand the rates differ by {strata.raw:+.2f} points, of which {strata.mix:+.2f} (95 % interval "
        f"{low:+.2f} to {high:+.2f}) are of the mix by {strata.dimension}: the difference is standardised to the mix "
        "of both together."
    )
    return Reason("composition", "said", told.replace("-", "−"))


def watched(age_hours: float, topped_up: bool) -> Reason:
    """Says which intervals are used before the final age, and for people who were added after it."""
    why = f"Not final: at an age of {_age(age_hours)} answers are still to come."
    if topped_up:
        why = "No final look: people were added after the first ones had reached their final age. That look has spent "
        why += "what chance of a false winner there may be, so this one is stricter."
    return Reason(
        "watched",
        "said",
        f"{why} The interval is an anytime-valid confidence sequence, so that looking again and again does not invent "
        "a winner. It is wider than an ordinary one.",
    )


def burn_in(arm: Arm, baseline: Arm) -> Reason | None:
    """Refuses a comparison before the final age, before its intervals can be trusted."""
    rate, other = arm.measured_rate, baseline.measured_rate
    count, base = rate.count + other.count, rate.base + other.base
    if min(count, base - count) >= BURN_IN:
        return None
    return Reason(
        "burn-in",
        "refused",
        f"Too early: {count:,} of {base:,} so far in both together; before the final age, a verdict needs at least "
        f"{BURN_IN} who did and {BURN_IN} who did not.",
    )


def _age(hours):
    return f"{hours:.0f} hours" if hours > 1 else f"{60 * hours:.0f} minutes"
