"""The ways of comparing two rates, and which of them the counts call for."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from reportlib.metrics.statistics import power, sequential, two_rates
from reportlib.metrics.statistics.contrasts import Contrast
from reportlib.metrics.statistics.exact import fisher_p
from reportlib.metrics.statistics.newcombe import lift


@dataclass(frozen=True)
class Method:
    """What to call. Intervals, lifts and p values take counts and bases as inference.py does, plans what power.py does.

    `p_value` ≤ α exactly where `interval` at α excludes zero; `test` gives the p value shown beside the
    interval, which is that one where there is no test of another kind.
    """

    name: str
    test: Callable | None
    p_value: Callable
    interval: Callable
    lift: Callable
    smallest_detectable: Callable
    needed_per_arm: Callable


NEWCOMBE = Method(
    name="Newcombe interval, score test",
    test=two_rates.score_p,
    p_value=two_rates.p_value,
    interval=two_rates.interval,
    lift=lift,
    smallest_detectable=power.smallest_detectable,
    needed_per_arm=power.needed_per_arm,
)
EXACT = replace(NEWCOMBE, name="Newcombe interval confirmed by Fisher's exact test", test=fisher_p)
ANYTIME = Method(
    name="asymptotic confidence sequence",
    test=sequential.p_value,
    p_value=sequential.p_value,
    interval=sequential.interval,
    lift=sequential.lift,
    smallest_detectable=sequential.smallest_detectable,
    needed_per_arm=sequential.needed_per_arm,
)


def of_contrast(contrast: Contrast, standardised: bool) -> Method:
    """The method for one difference that is more than one of two counts: it has its counts, and takes no others.

    Its plans are those of two rates of these sizes whose campaigns have a deviation of their own besides.
    """
    names = ["asymptotic confidence sequence" if contrast.watched else "Newcombe interval"]
    names += ["standardised (MOVER)"] if standardised else []
    names += ["with the ordinary spread between campaigns"] if contrast.spread or contrast.other_spread else []
    chance = ANYTIME if contrast.watched else NEWCOMBE

    def smallest_detectable(rate, base, other_base, alpha):
        found = chance.smallest_detectable(rate, base, other_base, alpha)
        return found and power.with_spread(found, contrast.spread_of((rate, rate)), alpha, contrast.freedom)

    def needed_per_arm(rate, difference, alpha):
        left = power.without_spread(difference, contrast.spread_of((rate, rate)), alpha, contrast.freedom)
        return chance.needed_per_arm(rate, left, alpha) if left else None

    return Method(
        name=", ".join(names),
        test=None,
        p_value=lambda *_: contrast.p_value,
        interval=lambda *_, alpha: contrast.interval(alpha),
        lift=lambda *_, alpha: contrast.lift(alpha),
        smallest_detectable=smallest_detectable,
        needed_per_arm=needed_per_arm,
    )
