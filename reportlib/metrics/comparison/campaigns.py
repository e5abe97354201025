"""The verdicts on campaigns: the frames of a comparison put as the questions that `comparing` answers."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from reportlib.definitions import COMPARED, GUARDRAILS, definition
from reportlib.errors import InvalidParameters, nearest
from reportlib.metrics.comparison.age.equal_age import is_final
from reportlib.metrics.comparison.arms import Arm
from reportlib.metrics.comparison.design.design import Design
from reportlib.metrics.comparison.design.same_people import CLICKED, beside_clicks
from reportlib.metrics.comparison.factors import factor_verdicts, factors_of, gate
from reportlib.metrics.comparison.guardrails import DOUBTS, beside_winners, in_doubt
from reportlib.metrics.comparison.mix.composition import strata
from reportlib.metrics.comparison.mix.strata import Strata
from reportlib.metrics.comparison.question import Comparison
from reportlib.metrics.comparison.spread import spread
from reportlib.metrics.comparison.verdict import Verdict
from reportlib.metrics.comparison.verdicts import compare, explore
from reportlib.metrics.people.rates import SETTLED, base_name as name_of
from reportlib.metrics.statistics.rates import Rate

ASSIGNED = "assigned"
FEW_UNSURE = 0.01  # of those who responded: fewer decide nothing


def compare_campaigns(
    compared: pd.DataFrame, design: Design, metric: str = "clicked", baseline=None, margin: float | None = None
) -> list[Verdict]:
    """The verdicts on the primary metric of the campaigns of `comparable`, given their `design`.

    Of an experiment the rates are of the people assigned; where it has factors, the verdicts on them follow those on
    the pairs. With a `baseline`, a campaign's id, every other campaign is held against it; without one every pair is.
    `margin` is the smallest difference that matters, a fraction. A guardrail that is worse for the better of a pair is
    named in its reasons. Raises InvalidParameters.

    Example
    -------
    >>> compared = metrics.comparable(warehouse, ["coupon-a", "coupon-b"])
    >>> design = metrics.design(warehouse, compared)
    >>> metrics.compare_campaigns(compared, design)[0].word
    'higher'
    """
    question = _comparison(compared, design, metric, baseline, margin)
    levels = factors_of(design.attributes, dict(zip(compared["campaign_id"], compared["label"], strict=True)))
    effects = factor_verdicts(question, levels)
    pairs = gate(compare(question), effects)
    for doubt in DOUBTS:
        if doubt.metric == metric:
            pairs = in_doubt(pairs, _counted_otherwise(compared, design, question, pairs, doubt), doubt)
    if metric == CLICKED:
        pairs = beside_clicks(pairs, design.beside, compared)
    told_apart = [{pair.arm, pair.baseline} for pair in pairs if pair.word in ("higher", "lower")]
    guarded = [_comparison(compared, design, name, baseline, None) for name in GUARDRAILS if name != metric]
    worse = explore([_between(one, both) for both in told_apart for one in guarded])
    return [*beside_winners(pairs, worse), *effects]


def explore_campaigns(compared: pd.DataFrame, design: Design, metric: str = "clicked", baseline=None) -> list[Verdict]:
    """The verdicts on all metrics of COMPARED but the primary, marked exploratory; parameters as for the primary.

    Of an experiment whose primary metric is a response, that one again, of those delivered, comes first: a diagnosis.

    Example
    -------
    >>> compared = metrics.comparable(warehouse, ["coupon-a", "coupon-b"])
    >>> design = metrics.design(warehouse, compared)
    >>> [(one.metric, one.word) for one in metrics.explore_campaigns(compared, design)][:2]
    [('clicked', 'higher'), ('delivered', 'higher')]
    """
    _known(metric)
    others = [_comparison(compared, design, name, baseline, None) for name in COMPARED if name != metric]
    if design.at_random and definition(metric).bases[0] != "audience":
        others.insert(0, _of_delivered(compared, design, metric, baseline))
    return explore(others)


def _counted_otherwise(compared, design, question, pairs, doubt):
    """The verdicts on the pairs were the responses in doubt counted otherwise; the same where that is a few."""
    if doubt.counted not in compared:  # a frame that knows of none
        return pairs
    names = (doubt.metric, f"{doubt.metric}_in_base")
    frame = compared.assign(**{name: compared[name.replace(doubt.metric, doubt.counted)] for name in names})
    changed = (frame[doubt.metric] - compared[doubt.metric]).abs().fillna(0)
    if not (changed > FEW_UNSURE * compared[doubt.metric].fillna(0)).any():
        return pairs
    arms = _comparison(frame, design, doubt.metric, None, question.margin).arms
    plain, counted = (compare(replace(question, arms=some, strata={})) for some in (question.arms, arms))
    return [other if one.word == pair.word else pair for pair, one, other in zip(pairs, plain, counted, strict=True)]


def arm(row, metric: str) -> Arm:
    """One campaign of `comparable` (a named tuple of its row) as an arm; its rate is None where it is not measured."""
    one = definition(metric)
    return _arm(row, metric, one.numerator, one.bases[0], name_of(row._asdict(), metric))


def assigned_arm(row, metric: str) -> Arm:
    """The same, of the people assigned, whatever became of the message."""
    return _arm(row, metric, definition(metric).counted_of("audience"), "audience", ASSIGNED)


def _arm(row, metric, count_column, base_column, base_name):
    told, count = getattr(row, definition(metric).numerator), getattr(row, count_column)
    unmeasured = pd.isna(told) or pd.isna(count) or not all(getattr(row, flag) for flag in SETTLED.get(metric, ()))
    rate = None if unmeasured else Rate(int(count), int(getattr(row, base_column)), base_name)
    used = frozenset(filter(None, row.channels.split("+")))
    return Arm(row.label, rate, used, int(row.assigned), int(row.handed_over), by_person=row.by_person)


def _comparison(compared, design, metric, baseline, margin) -> Comparison:
    _known(metric)
    labels = dict(zip(compared["campaign_id"], compared["label"], strict=True))
    against = {str(campaign): label for campaign, label in labels.items()}
    if baseline is not None and str(baseline) not in against:
        raise InvalidParameters(f"the baseline {baseline!r} is not one of the campaigns{nearest(baseline, against)}")
    rows, at_random = list(compared.itertuples(index=False)), design.at_random
    if at_random:
        arms = [assigned_arm(row, metric) for row in rows]
    else:
        arms = [_spread_out(arm(row, metric), row, design, metric) for row in rows]
    return Comparison(
        metric=definition(metric),
        arms=arms,
        age_hours=float(compared["compared_hours"].iloc[0]),
        baseline=None if baseline is None else against[str(baseline)],
        margin=margin,
        randomised=at_random,
        watched=not is_final(compared),
        topped_up=bool(compared["topped_up"].any()),
        stopped=(*design.stops, *_lost(design, metric), *_said(design, definition(metric))),
        overlap={
            frozenset((labels[pair.campaign_a], labels[pair.campaign_b])): pair.of_smaller
            for pair in design.shared.itertuples(index=False)
        },
        strata=_strata(rows, design, metric, "audience" if at_random else definition(metric).bases[0]),
    )


def _lost(design, metric):
    """What stops this metric, since events that it counts are lost."""
    one = definition(metric)
    kinds = {one.event} if one.event else {kind for kind in design.lost if kind in one.bases[0].split("_or_")}
    return [reason for kind, reason in design.lost.items() if kind in kinds]


def _said(design, metric):
    """What is said beside a verdict: that arms are mixed, and that they differ in delivery, which is part of each."""
    if design.contaminated:
        yield design.contaminated
    if design.delivery and design.at_random and metric.event:
        yield replace(design.delivery, effect="said")


def _between(question: Comparison, names: set[str]) -> Comparison:
    """The question about two of its arms only."""
    return replace(question, arms=[arm for arm in question.arms if arm.name in names], baseline=None)


def _of_delivered(compared, design, metric, baseline):
    question = _comparison(compared, design, metric, baseline, None)
    arms = [arm(row, metric) for row in compared.itertuples(index=False)]
    others = [reason for reason in question.stopped if reason.guard != "delivery"]
    stopped = (*others, *([design.delivery] if design.delivery else []))
    return replace(question, arms=arms, stopped=stopped, strata={})


def _spread_out(one, row, design, metric):
    return replace(one, spread=spread(design.histories.get(row.account_id), row.channels, metric))


def _strata(rows, design, metric, base) -> Mapping[frozenset[str], Strata]:
    """What differences are standardised to: people assigned at random are alike but for their channels."""
    mixes = {name: mix for name, mix in design.mixes.items() if not design.at_random or name == "channel"}
    found = {}
    for place, row in enumerate(rows):
        for other in rows[:place]:
            if one := strata(mixes, definition(metric), base, row, other):
                found[frozenset((row.label, other.label))] = one
    return found


def _known(metric):
    if metric not in COMPARED:
        raise InvalidParameters(
            f"{metric!r} is no metric to compare campaigns by{nearest(metric, COMPARED)}; use {', '.join(COMPARED)}"
        )
