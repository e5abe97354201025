"""What an experiment caused in money: how much each of those assigned brought."""

from dataclasses import replace

import numpy as np
import pandas as pd

from reportlib.metrics.comparison.guards import ENOUGH_PER_ARM
from reportlib.metrics.comparison.question import ALPHA, DEFAULT_MARGIN
from reportlib.metrics.comparison.reasons import Reason
from reportlib.metrics.comparison.verdict import word
from reportlib.metrics.impact.effect import Effect, amounts, effect_of, told_before
from reportlib.metrics.impact.people import ASSIGNED
from reportlib.metrics.impact.trial import Trial
from reportlib.metrics.statistics import two_means
from reportlib.metrics.statistics.multiplicity import holm_alphas
from reportlib.metrics.statistics.newcombe import excludes_zero, reach_zero
from reportlib.metrics.statistics.two_means import Amounts

WATCHED_ALPHA = 0.01  # of money at all looks before the final one, which has ALPHA: together they err in one of twenty


def money_effects(trial: Trial, kind: str, currency: str, rows: pd.DataFrame) -> list[Effect]:
    sizes = dict(zip(trial.arms["variant"], trial.arms["counted"].astype(int), strict=True))
    whole = {name: amounts(rows[rows["variant"] == name], "value", size) for name, size in sizes.items()}
    cap = two_means.cap_of(rows["value"], rows["people"])
    cut = {name: two_means.capped(one, cap) for name, one in whole.items()}
    above = sum(((whole[name].values - cut[name].values).clip(0) * cut[name].people).sum() for name in whole)
    positive = sum((one.values.clip(0) * one.people).sum() for one in whole.values())
    others = [name for name in sizes if name != trial.versus]
    other = cut[trial.versus]
    about = [
        replace(effect_of(trial, name, kind, "value", currency, cut[name], other), cap=cap, cut=float(above / positive))
        if positive
        else effect_of(trial, name, kind, "value", currency, cut[name], other)
        for name in others
    ]
    asked, why = [], {}
    for name in others:
        payers = cut[name].payers, other.payers
        if trial.stops:
            why[name] = "stopped", trial.stops
        elif not cut[name].size or not other.size:
            empty = name if not cut[name].size else trial.versus
            why[name] = "not comparable", (Reason("measured", "refused", f"{empty} has 0 {ASSIGNED}."),)
        elif two_means.few_payers(*payers):
            text = (
                f"{payers[0]:,} people of {name} and {payers[1]:,} of {trial.versus} brought money: below "
                f"{two_means.FEWEST_PAYERS} in an arm its mean hangs on single ones, and no interval can be trusted."
            )
            why[name] = "not comparable", (Reason("thin", "refused", text),)
        else:
            asked.append(name)
    test = two_means.p_value if trial.is_final else two_means.watched_p_value
    p_values = dict(zip(asked, [test(cut[name], other) for name in asked], strict=True))
    levels = holm_alphas(list(p_values.values()), ALPHA if trial.is_final else WATCHED_ALPHA)
    alphas = dict(zip(asked, levels, strict=True))
    found = []
    for one in about:
        if one.variant in why:
            said, reasons = why[one.variant]
            found.append(replace(one, word=said, reasons=reasons))
        else:
            found.append(
                _decided(trial, one, cut[one.variant], other, p_values[one.variant], float(alphas[one.variant]), rows)
            )
    return found


def _decided(trial, about: Effect, one: Amounts, other: Amounts, p, alpha, rows) -> Effect:
    limits = two_means.interval if trial.is_final else two_means.watched_interval
    low, high = limits(one, other, alpha)
    reasons = [reason for reason in trial.reasons if reason.effect == "said"]
    checked_low, checked_high = two_means.bootstrap(one, other, alpha)
    unconfirmed = bool(excludes_zero(low, high)) and not bool(excludes_zero(checked_low, checked_high))
    low, high = map(float, reach_zero(low, high, where=unconfirmed or p > alpha))
    if unconfirmed:
        text = "The bootstrap does not confirm the difference: the interval is extended to zero."
        reasons.append(Reason("close call", "said", text))
    if about.cut:
        text = (
            f"What one person brought is counted up to {about.cap:,.2f} {about.currency}, the 99th percentile of those "
            f"who brought anything: {100 * about.cut:.1f} % of the money lies above, in no mean and no total."
        )
        reasons.append(Reason("composition", "said", text))
    if min(one.size, other.size) < ENOUGH_PER_ARM:
        reasons.append(Reason("thin", "said", f"Fewer than {ENOUGH_PER_ARM:,} people in an arm."))
    if not trial.is_final:
        text = "Not final: the interval is one that holds however often one looks, wider than an ordinary one."
        reasons.append(Reason("watched", "said", text))
    pooled = (one.mean * one.size + other.mean * other.size) / (one.size + other.size)
    lift_low, lift_high = two_means.lift(one, other, alpha) if other.mean > 0 and one.mean > 0 else (None, None)
    return replace(
        about,
        word=word(low, high, DEFAULT_MARGIN * pooled if pooled > 0 else None),
        difference=one.mean - other.mean,
        low=low,
        high=high,
        p_value=float(p),
        level=1 - alpha,
        method="Welch's interval, bootstrap" if trial.is_final else "asymptotic confidence sequence, bootstrap",
        lift=one.mean / other.mean - 1 if other.mean > 0 else None,
        lift_low=lift_low,
        lift_high=lift_high if lift_high is not None and np.isfinite(lift_high) else None,
        smallest_detectable=two_means.smallest_detectable(one, other, alpha),
        checked_low=checked_low,
        checked_high=checked_high,
        adjusted=two_means.adjusted(one, other, alpha) if told_before(rows) else None,
        reasons=tuple(reasons),
    )
