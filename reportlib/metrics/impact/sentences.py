"""What an effect says, in one sentence."""

from reportlib.metrics.comparison.sentences import decimals, percent, signed


def sentence(effect) -> str:
    """The sentence of an Effect: what differs, by how much, between whom."""
    what = f"{effect.outcome}, {'people' if effect.measure == 'people' else f'{effect.currency} per person'} assigned"
    what = what[:1].upper() + what[1:]
    between = f"{effect.variant} against {effect.versus}"
    if effect.word in ("stopped", "not comparable"):
        because = " ".join(reason.text for reason in effect.reasons if reason.effect != "said")
        return f"{what}: no verdict on {between}. {because}"
    digits = _digits(effect)
    low, high = _number(effect, effect.low, digits, unit=""), _number(effect, effect.high, digits)
    numbers = (
        f"{_number(effect, effect.difference, digits)} ({100 * effect.level:.3g} % interval {low} to {high}), "
        f"{_means(effect, digits)}"
    )
    if effect.word == "equivalent":
        return f"{what}: no difference that matters between {effect.variant} and {effect.versus}: {numbers}."
    if effect.word == "not distinguishable":
        finds = ""
        if effect.smallest_detectable is not None:
            least = _number(effect, effect.smallest_detectable, digits).lstrip("+")
            finds = f"; at this size a difference of {least} is found four times in five"
        return f"{what}: no effect of {between} is shown: {numbers}{finds}."
    return f"{what}: {effect.variant} is {effect.word} than {effect.versus} by {numbers}{_lift(effect)}."


def in_short(effect) -> str:
    """The effect for somebody who has 20 seconds: both arms, and the difference with what luck may make of it."""
    if effect.difference is None:
        return sentence(effect)
    digits, outcome = _digits(effect), f"“{effect.outcome}”"
    one, other = (_plain(effect, mean, digits) for mean in (effect.mean, effect.mean_versus))
    of = "people" if effect.measure == "people" else "each"
    difference = _number(effect, effect.difference, digits)
    reach = _number(effect, (effect.high - effect.low) / 2, digits, unit="").lstrip("+")
    told = f"{one} against {other} of {of} ({difference}, ±{reach})"
    if of == "each":
        told = f"{one} against {other} {of} ({difference}, ±{reach})"
    if effect.word in ("higher", "lower"):
        much = {"higher": "more", "lower": "less"}[effect.word]
        return f"{effect.variant} caused {much} {outcome} than {effect.versus}: {told}."
    found = "No effect that matters" if effect.word == "equivalent" else "No effect is shown"
    return f"{found} of {effect.variant} against {effect.versus} on {outcome}: {told}."


def _means(effect, digits):
    one, other = (_plain(effect, mean, digits) for mean in (effect.mean, effect.mean_versus))
    return f"{one} of {effect.assigned:,} against {other} of {effect.assigned_versus:,}"


def _lift(effect):
    if effect.lift is None or effect.lift_low is None:
        return ""
    high = "or more" if effect.lift_high is None else f"to {percent(effect.lift_high)}"
    return f", a lift of {percent(effect.lift)} ({percent(effect.lift_low)} {high})"


def _number(effect, value, digits, unit=None):
    unit = unit if unit is not None else " points" if effect.measure == "people" else f" {effect.currency}"
    return f"{signed(_scale(effect) * value, digits)}{unit}"


def _plain(effect, value, digits):
    number = f"{_scale(effect) * value:,.{digits}f}".replace("-", "−")
    return f"{number} %" if effect.measure == "people" else f"{number} {effect.currency}"


def _digits(effect):
    means = [mean or 0 for mean in (effect.mean, effect.mean_versus)]
    return decimals(*(_scale(effect) * one for one in (effect.low, effect.high, *means)))


def _scale(effect):
    return 100 if effect.measure == "people" else 1
