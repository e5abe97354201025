"""From counts to verdicts: the guards in their order, then the interval at the level at which each was decided."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from reportlib.metrics.comparison import guards
from reportlib.metrics.comparison.question import Comparison, Pair
from reportlib.metrics.comparison.reasons import Reason, place
from reportlib.metrics.comparison.verdict import Verdict, practical, word
from reportlib.metrics.statistics import sequential, two_rates
from reportlib.metrics.statistics.contrasts import together
from reportlib.metrics.statistics.exact import fisher_p
from reportlib.metrics.statistics.multiplicity import benjamini_hochberg_alphas, holm_alphas, omnibus_p
from reportlib.metrics.statistics.newcombe import excludes_zero, reach_zero

WORTH_FINDING = 0.1  # of the base rate: what sample sizes are given for where no margin was declared


def compare(comparison: Comparison) -> list[Verdict]:
    """The verdicts on a primary metric, one per pair of `comparison.pairs`.

    Among three or more arms a χ² test of all comes first, then Holm's correction over the pairs; pairs that a guard
    refuses are part of neither. The chance of any false winner stays at `alpha`.
    """
    pairs = _guarded(comparison)
    asked = [pair for pair in pairs if pair.answerable]
    doubts = [_omnibus_doubt(pair, asked) for pair in asked]
    found = _p_values(asked)
    alphas = holm_alphas([1.0 if doubt else p for doubt, p in zip(doubts, found, strict=True)], comparison.alpha)
    said = _correction(asked, f"Holm's correction keeps the chance of any false winner at {100 * comparison.alpha:g} %")
    decided = (_decide(*one, said) for one in zip(asked, found, alphas, doubts, strict=True))
    return [next(decided) if pair.answerable else _undecided(pair) for pair in pairs]


def explore(comparisons: Sequence[Comparison], q: float = 0.05) -> list[Verdict]:
    """The verdicts on secondary metrics, comparison by comparison, marked exploratory.

    Benjamini and Hochberg's correction over all of them keeps the share of false findings at `q`, on average, for
    independent or positively related metrics.
    """
    pairs = [pair for comparison in comparisons for pair in _guarded(comparison)]
    asked = [pair for pair in pairs if pair.answerable]
    found = _p_values(asked)
    alphas = benjamini_hochberg_alphas(found, q)
    said = _correction(asked, f"Benjamini and Hochberg's correction keeps the share of false findings at {100 * q:g} %")
    decided = (_decide(pair, p, alpha, None, said) for pair, p, alpha in zip(asked, found, alphas, strict=True))
    return [replace(next(decided) if pair.answerable else _undecided(pair), exploratory=True) for pair in pairs]


def _guarded(comparison):
    return [Pair(comparison, arm, baseline, _reasons(comparison, arm, baseline)) for arm, baseline in comparison.pairs]


def _reasons(comparison, arm, baseline):
    blocking = _found(
        guards.channels(comparison.metric, arm, baseline),
        guards.nothing_sent(arm, baseline),
        guards.measured(arm, baseline),
        *comparison.stopped,
    )
    if any(reason.effect != "said" for reason in blocking):
        return blocking
    said = _found(
        *blocking,
        guards.maturity(comparison.age_hours),
        guards.overlap(comparison.overlap.get(frozenset({arm.name, baseline.name}), 0.0)),
        guards.known_as_totals(arm, baseline),
        guards.not_randomised(comparison.randomised),
    )
    if comparison.watched:
        return _found(guards.burn_in(arm, baseline)) or (
            *said,
            guards.watched(comparison.age_hours, comparison.topped_up),
        )
    return (*said, *_found(guards.small_counts(arm, baseline)))


def _p_values(pairs):
    """The p value of each pair, all that are alike in one go; those with strata have one of their own."""
    found, alike = np.ones(len(pairs)), {}
    for at, pair in enumerate(pairs):
        kind = at if pair.strata else "spread" if not pair.comparison.randomised else pair.method.p_value
        alike.setdefault((kind, pair.comparison.watched), []).append(at)
    for (kind, _), where in alike.items():
        if callable(kind):
            found[where] = kind(*np.transpose([pairs[at].counts for at in where]))
        else:
            found[where] = together([pairs[at].contrast for at in where]).p_value
            exact = [at for at in where if pairs[at].few_expected]
            found[exact] = [max(found[at], fisher_p(*pairs[at].counts)) for at in exact]
    return found


def _omnibus_doubt(pair, asked):
    """Why this pair may not be called different: a χ² test of all arms it can be compared with finds no difference.

    Campaigns that were not randomised, which differ by more than chance, have no such test.
    """
    if not pair.comparison.randomised:
        return None
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


def _decide(pair, p_value, alpha, doubt, said):
    """The verdict on an answerable pair, at the level at which it was decided."""
    counts, method = pair.counts, pair.method
    unconfirmed = doubt is not None or (method.test is None and p_value > alpha)
    low, high = reach_zero(*method.interval(*counts, alpha=alpha), where=unconfirmed)
    different = excludes_zero(low, high)
    lift_low, lift_high = reach_zero(*method.lift(*counts, alpha=alpha), where=not different)
    p = float(method.test(*counts) if method.test else p_value)
    (rate, *_), (other_rate, *_) = pair.contrast.limits(alpha)
    planned, margin = _planned(method, counts, alpha, pair.comparison.margin), pair.margin
    close_call = guards.close_call(p, alpha, different) if doubt is None else None
    thin = guards.thin(pair.arm, pair.baseline, planned["smallest_detectable"])
    return _verdict(
        pair,
        word(low, high, margin),
        (*pair.reasons, *_found(thin, said, doubt, close_call, *_beside(pair, alpha, different))),
        estimate=100 * float(pair.contrast.estimate),
        low=100 * float(low),
        high=100 * float(high),
        lift=float(rate / other_rate - 1) if other_rate else None,
        lift_low=float(lift_low) if other_rate else None,
        lift_high=float(lift_high) if other_rate and np.isfinite(lift_high) else None,
        level=1 - float(alpha),
        method=method.name,
        p_value=p,
        practical=practical(low, high, margin),
        **planned,
    )


def _beside(pair, alpha, different):
    """What is said of a difference that was standardised, or held against the ordinary spread."""
    if pair.strata:
        yield guards.composition(pair.strata)
    if not pair.comparison.randomised:
        chance = sequential.interval if pair.comparison.watched else two_rates.interval
        by_chance = bool(excludes_zero(*chance(*pair.counts, alpha=alpha)))
        yield guards.spread(pair.arm, pair.baseline, pair.pooled, by_chance, different)


def _planned(method, counts, alpha, margin):
    """What a comparison of this size finds and what it would take, for the pooled base rate observed.

    `margin` is the one that was declared.
    """
    rate = (counts[0] + counts[2]) / (counts[1] + counts[3])
    found = method.smallest_detectable(rate, counts[1], counts[3], alpha)
    wanted = margin or WORTH_FINDING * min(rate, 1 - rate)
    needed = method.needed_per_arm(rate, wanted, alpha) if wanted else None
    more = None if needed is None else needed - min(counts[1], counts[3])
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
        margin=100 * pair.margin if rate and other and rate.base and other.base and pair.margin else None,
        basis="standardised" if pair.strata else "raw",
        reasons=tuple(sorted(reasons, key=place)),
        **numbers,
    )


def _found(*reasons):
    return tuple(reason for reason in reasons if reason)
