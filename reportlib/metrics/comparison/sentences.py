"""What a verdict says, in one sentence."""

import math

from reportlib.definitions import counted


def sentence(verdict) -> str:
    """The verdict's sentence: what was asked, the word, the numbers that it follows from."""
    title = f"{verdict.label} (exploratory)" if verdict.exploratory else verdict.label
    told = _SENTENCES[verdict.word] if verdict.question == "pair" else _factor
    return f"{title}: {told(verdict)}"


def in_short(verdict) -> str:
    """The verdict for somebody who has 20 seconds: the two rates, and the difference with what luck may make of it."""
    if verdict.question != "pair" or verdict.estimate is None:
        return sentence(verdict)
    digits = decimals(verdict.low, verdict.high)
    estimate, reach = verdict.estimate, (verdict.high - verdict.low) / 2
    told = f"{_rates(verdict, digits)} ({signed(estimate, digits)} points, ±{_number(reach, digits)})"
    if verdict.word not in ("higher", "lower"):
        between = f"{verdict.arm} and {verdict.baseline}"
        found = "no difference that matters" if verdict.word == "equivalent" else "no difference shown"
        return f"{verdict.label}: {found} between {between}, {told}."
    more = "More" if verdict.word == "higher" else "Fewer"
    small = "" if verdict.practical != "not shown to matter" else "; not shown to matter"
    return f"{more} {verdict.label.lower()} with {verdict.arm} than with {verdict.baseline}: {told}{small}."


def _different(verdict):
    sign = 1 if verdict.word == "higher" else -1
    digits = decimals(verdict.low, verdict.high)
    low, high = sorted((sign * verdict.low, sign * verdict.high))
    return (
        f"{verdict.arm} is {verdict.word} than {verdict.baseline} by {_number(sign * verdict.estimate, digits)} points "
        f"({_level(verdict)} interval {_number(low, digits)} to {_number(high, digits)}), "
        f"{_rates(verdict, digits)}{_lift(verdict)}{_matters(verdict)}."
    )


def _equivalent(verdict):
    direction = "higher" if verdict.low > 0 else "lower"
    real = verdict.low > 0 or verdict.high < 0
    return f"{verdict.arm} and {verdict.baseline} are equivalent within ±{_margin(verdict)}: {_difference(verdict)}" + (
        f"; {direction}, but too small to matter." if real else "."
    )


def _not_distinguishable(verdict):
    both = f"{verdict.arm} and {verdict.baseline}"
    return f"no difference shown between {both}: {_difference(verdict)}{_what_it_takes(verdict)}."


def _not_comparable(verdict):
    return f"{verdict.arm} and {verdict.baseline} are not comparable. {_because(verdict)}"


def _stopped(verdict):
    return f"no verdict on {verdict.arm} and {verdict.baseline}. {_because(verdict)}"


def _factor(verdict):
    if verdict.estimate is None:
        return f"{verdict.factor}: no verdict. {_because(verdict)}"
    digits = decimals(verdict.low, verdict.high)
    sign = -1 if verdict.word == "lower" else 1
    low, high = sorted((sign * verdict.low, sign * verdict.high))
    numbers = (
        f"{_number(sign * verdict.estimate, digits)} points ({_level(verdict)} interval {_number(low, digits)} to "
        f"{_number(high, digits)}), by one model of all arms"
    )
    shown = verdict.word in ("higher", "lower")
    if verdict.question == "factor":
        if shown:
            return f"{verdict.factor}: {verdict.arm} is {verdict.word} than {verdict.baseline} by {numbers}."
        return f"{verdict.factor}: no difference shown between {verdict.arm} and {verdict.baseline}: {numbers}."
    first = verdict.factor.split(" × ")[0]
    if shown:
        return (
            f"{verdict.factor}: the effect of {first} is {verdict.word} with {verdict.arm} than with "
            f"{verdict.baseline} by {numbers}."
        )
    return f"{verdict.factor}: no difference shown in the effect of {first} with {verdict.arm}: {numbers}."


_SENTENCES = {
    "higher": _different,
    "lower": _different,
    "equivalent": _equivalent,
    "not distinguishable": _not_distinguishable,
    "not comparable": _not_comparable,
    "stopped": _stopped,
}


def _difference(verdict):
    digits = decimals(verdict.low, verdict.high)
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
    needed = verdict.needed_per_arm + min(verdict.base, verdict.baseline_base)
    return f"; a new test that finds one of {wanted} takes about {_about(needed)} {counted(verdict.base_name)} per arm"


def _matters(verdict):
    if verdict.practical != "not shown to matter":
        return ""
    return f"; not shown to matter, which takes {_margin(verdict)}"


def _margin(verdict):
    return f"{verdict.margin:.3g} point{'' if verdict.margin == 1 else 's'}"


def _because(verdict):
    return " ".join(reason.text for reason in verdict.reasons if reason.effect != "said")


def _rates(verdict, digits):
    rates = 100 * verdict.count / verdict.base, 100 * verdict.baseline_count / verdict.baseline_base
    told = f"{rates[0]:.{digits}f} % against {rates[1]:.{digits}f} % of {verdict.base_name}"
    return f"standardised; as they stand {told}" if verdict.basis == "standardised" else told


def _lift(verdict):
    if verdict.lift is None:
        return ""
    limits = f"{percent(verdict.lift_low)} to {percent(verdict.lift_high)}"
    if verdict.lift_high is None:
        limits = f"{percent(verdict.lift_low)} or more"
    return f", a lift of {percent(verdict.lift)} ({limits})"


def _level(verdict):
    return f"{100 * verdict.level:.3g} %"


def percent(fraction: float | None) -> str:
    """ "+31 %"; nothing for None."""
    return "" if fraction is None else f"{100 * fraction:+,.0f} %".replace("-", "−")


def _number(points, digits):
    rounded = round(points, digits) + 0.0  # no "−0.0"
    return f"{rounded:.{digits}f}".replace("-", "−")


def signed(value: float, digits: int) -> str:
    """ "+1.5" with so many decimals."""
    return f"{round(value, digits) + 0.0:+,.{digits}f}".replace("-", "−")


def decimals(low: float, high: float, *others: float) -> int:
    """How many show the width of the interval, on which side of zero a limit lies, and none of `others` as zero."""
    shown = max(1, -math.floor(math.log10(max(high - low, 1e-6) / 2)))
    return next(digits for digits in range(shown, 12) if all(not x or round(x, digits) for x in (low, high, *others)))


def _about(people):
    """Two significant digits: more would be false precision."""
    return f"{round(people, 1 - math.floor(math.log10(people))):,}"
