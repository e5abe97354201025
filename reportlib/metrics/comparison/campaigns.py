"""The verdicts on campaigns: the frames of a comparison put as the questions that `comparing` answers."""

from collections.abc import Sequence

import pandas as pd

from reportlib.definitions import COMPARED, definition
from reportlib.errors import InvalidParameters, nearest
from reportlib.metrics.comparison.comparability import randomised
from reportlib.metrics.comparison.guards import Arm
from reportlib.metrics.comparison.verdict import Verdict
from reportlib.metrics.comparison.verdicts import Comparison, compare, explore
from reportlib.metrics.statistics.rates import Rate


def compare_campaigns(
    compared: pd.DataFrame,
    shared: pd.DataFrame,
    metric: str = "clicked",
    baseline=None,
    margin: float | None = None,
    split: Sequence[float] | None = None,
) -> list[Verdict]:
    """The verdicts on the primary metric of the campaigns of `comparable`, given their `overlap`.

    With a `baseline`, a campaign's id, every other campaign is held against it; without one every pair is. `margin` is
    the smallest difference that matters, a fraction; `split` the planned shares of an experiment's arms, in the order
    in which the campaigns were asked for, equal without it. Raises InvalidParameters.
    """
    return compare(_comparison(compared, shared, metric, baseline, margin, split))


def explore_campaigns(
    compared: pd.DataFrame,
    shared: pd.DataFrame,
    metric: str = "clicked",
    baseline=None,
    split: Sequence[float] | None = None,
) -> list[Verdict]:
    """The verdicts on all metrics of COMPARED but the primary, marked exploratory; parameters as for the primary."""
    _known(metric)
    others = [name for name in COMPARED if name != metric]
    return explore([_comparison(compared, shared, name, baseline, None, split) for name in others])


def arm(row, metric: str) -> Arm:
    """One campaign of `comparable` (a named tuple of its row) as an arm; its rate is None where it is not measured.

    Nor is it where more people unsubscribed or complained than are known to have been reached: deliveries are missing.
    """
    one = definition(metric)
    count, base = getattr(row, one.numerator), getattr(row, one.bases[0])
    unmeasured = pd.isna(count) or (metric == "replied" and not row.replies_measured) or 0 < base < count
    rate = None if unmeasured else Rate(int(count), int(base), one.bases[0])
    return Arm(row.label, rate, frozenset(filter(None, row.channels.split("+"))), int(row.audience))


def _comparison(compared, shared, metric, baseline, margin, split):
    _known(metric)
    if split is not None and len(split) != len(compared):
        raise InvalidParameters(f"the split has {len(split)} shares for {len(compared)} campaigns: give one each")
    labels = dict(zip(compared["campaign_id"], compared["label"], strict=True))
    against = {str(campaign): label for campaign, label in labels.items()}
    if baseline is not None and str(baseline) not in against:
        raise InvalidParameters(f"the baseline {baseline!r} is not one of the campaigns{nearest(baseline, against)}")
    return Comparison(
        metric=definition(metric),
        arms=[arm(row, metric) for row in compared.itertuples(index=False)],
        age_hours=float(compared["compared_hours"].iloc[0]),
        baseline=None if baseline is None else against[str(baseline)],
        margin=margin,
        randomised=randomised(compared),
        running=bool((compared["status"] == "sending").any()),
        split=[split[place] for place in compared["asked"]] if split is not None else (),
        overlap={
            frozenset((labels[pair.campaign_a], labels[pair.campaign_b])): pair.of_smaller
            for pair in shared.itertuples(index=False)
        },
    )


def _known(metric):
    if metric not in COMPARED:
        raise InvalidParameters(
            f"{metric!r} is no metric to compare campaigns by{nearest(metric, COMPARED)}; use {', '.join(COMPARED)}"
        )
