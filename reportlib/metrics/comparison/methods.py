"""The ways of comparing two rates, and which of them the counts call for."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from reportlib.metrics.statistics import power, sequential, two_rates


@dataclass(frozen=True)
class Method:
    """What to call. Intervals, lifts and p values take counts and bases as inference.py does, plans what power.py does.

    `p_value` ≤ α exactly where `interval` at α excludes zero; `test` gives the p value shown beside the interval.
    """

    name: str
    test: Callable
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
    lift=two_rates.lift,
    smallest_detectable=power.smallest_detectable,
    needed_per_arm=power.needed_per_arm,
)
EXACT = replace(NEWCOMBE, name="Newcombe interval confirmed by Fisher's exact test", test=two_rates.fisher_p)
ANYTIME = Method(
    name="asymptotic confidence sequence",
    test=sequential.p_value,
    p_value=sequential.p_value,
    interval=sequential.interval,
    lift=sequential.lift,
    smallest_detectable=sequential.smallest_detectable,
    needed_per_arm=sequential.needed_per_arm,
)
