"""What an experiment caused: per person assigned, each kind of outcome, people and money, against who was held out."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd

from reportlib.definitions import Definition
from reportlib.metrics.comparison.arms import Arm
from reportlib.metrics.comparison.guards import ENOUGH_PER_ARM
from reportlib.metrics.comparison.question import ALPHA, DEFAULT_MARGIN, Comparison
from reportlib.metrics.comparison.reasons import Reason
from reportlib.metrics.comparison.verdict import word
from reportlib.metrics.comparison.verdicts import compare
from reportlib.metrics.impact.counts import outcome_people, outcome_values
from reportlib.metrics.impact.sentences import in_short, sentence
from reportlib.metrics.impact.trial import Trial
from reportlib.metrics.local_time import HOUR_MS
from reportlib.metrics.statistics import two_means
from reportlib.metrics.statistics.multiplicity import holm_alphas
from reportlib.metrics.statistics.rates import Rate
from reportlib.metrics.statistics.two_means import Amounts
from reportlib.metrics.statistics.two_rates import excludes_zero, reach_zero
from reportlib.warehouse import Warehouse

ASSIGNED = "assigned"
WATCHED_ALPHA = 0.01  # of money at all looks before the final one, which has ALPHA: together they err in one of twenty
EXPORTED = (
    "experiment_id", "variant", "versus", "outcome", "measure", "currency", "assigned", "assigned_versus", "mean",
    "mean_versus", "difference", "low", "high", "p_value", "word", "sentence",
)  # fmt: skip


@dataclass(frozen=True)
class Effect:
    """One measure of one kind of outcome in one arm, held against another. Prints one sentence.

    `mean` is a share of people as a fraction, or money per person assigned; `difference`, `low`, `high` and
    `smallest_detectable` are in the same unit, `total`s in outcomes or money of all people of the arm. None where there
    is no number. `cap` is where a person's money was cut, `cut` the share of the money above it; `checked_low` and
    `checked_high` are the bootstrap's; `adjusted` has the difference given what the same people did before, its limits,
    and the share by which they are narrower.
    """

    experiment_id: str
    variant: str
    versus: str
    outcome: str
    measure: str
    currency: str | None
    assigned: int
    assigned_versus: int
    mean: float | None
    mean_versus: float | None
    word: str
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    level: float | None = None
    method: str | None = None
    lift: float | None = None
    lift_low: float | None = None
    lift_high: float | None = None
    people: int | None = None
    people_versus: int | None = None
    smallest_detectable: float | None = None
    cap: float | None = None
    cut: float | None = None
    checked_low: float | None = None
    checked_high: float | None = None
    adjusted: tuple[float, float, float, float] | None = None
    reasons: tuple[Reason, ...] = ()

    def __str__(self):
        return sentence(self)

    @property
    def in_short(self) -> str:
        """The sentence for somebody who has 20 seconds."""
        return in_short(self)

    @property
    def total(self) -> float | None:
        """How much more there was in all: the difference times the people of the arm."""
        return None if self.difference is None else self.difference * self.assigned

    @property
    def is_shown(self) -> bool:
        """Whether a difference is told apart from none."""
        return self.low is not None and bool(excludes_zero(self.low, self.high))


def effects(warehouse: Warehouse, trial: Trial | None, margin: float | None = None) -> list[Effect]:
    """Every Effect of the trial, kind by kind, people before money, each arm against `trial.versus`.

    `margin` is the smallest difference of people that matters, a fraction; without it a twentieth of the rate, as of
    money. Several arms are held against the one with Holm's correction.

    Example
    -------
    >>> trial = metrics.trial(warehouse, "coupon")
    >>> round(metrics.effects(warehouse, trial)[0].difference, 3)
    0.02
    """
    if trial is None:
        return []
    people, values = outcome_people(warehouse, trial), outcome_values(warehouse, trial)
    kinds = people.loc[people["did"] > 0].groupby("kind")["people"].sum().sort_values(ascending=False, kind="stable")
    found = []
    for kind in [*kinds.index, *sorted(set(values.loc[values["value"] != 0, "kind"]) - set(kinds.index))]:
        found += people_effects(trial, kind, people[people["kind"] == kind], margin)
        of_kind = values[values["kind"] == kind]
        for currency, rows in of_kind.groupby("currency"):
            if (rows["value"] != 0).any():
                found += money_effects(trial, kind, str(currency), rows)
    return found


def effect_table(found: Sequence[Effect]) -> pd.DataFrame:
    """Effects, one row each, as they are exported.

    Returns
    -------
    DataFrame with the columns
        experiment_id, variant, versus, outcome : str
        measure : str, "people" or "value"; currency : str, of the value
        assigned, assigned_versus : int64, people
        mean, mean_versus : float64, the share of people as a fraction, or the value per person
        difference, low, high : float64, in the same unit, missing where there is no verdict
        p_value : float64; word, sentence : str

    Example
    -------
    >>> trial = metrics.trial(warehouse, "coupon")
    >>> found = metrics.effect_table(metrics.effects(warehouse, trial))
    >>> found[["variant", "versus", "outcome", "word"]].head(2)
      variant    versus outcome    word
    0       A  held out   order  higher
    1       B  held out   order  higher
    """
    rows = [asdict(one) | {"sentence": str(one)} for one in found]
    kinds = {name: "float64" for name in EXPORTED[8:14]} | {name: "int64" for name in EXPORTED[6:8]}
    return pd.DataFrame(rows, columns=list(EXPORTED)).astype(kinds)


def people_effects(trial: Trial, kind: str, rows: pd.DataFrame, margin) -> list[Effect]:
    sizes = dict(zip(trial.arms["variant"], trial.arms["counted"].astype(int), strict=True))
    amounts = {name: _amounts(rows[rows["variant"] == name], "did", size) for name, size in sizes.items()}
    metric = Definition(kind, kind[:1].upper() + kind[1:], kind, (ASSIGNED,), "", compared=True)
    arms = [
        Arm(name, Rate(int((one.values * one.people).sum()), one.size, ASSIGNED), frozenset(), one.size)
        for name, one in amounts.items()
    ]
    question = Comparison(
        metric, arms, trial.age_ms / HOUR_MS, trial.versus, margin, randomised=True, watched=not trial.is_final,
        stopped=trial.reasons,
    )  # fmt: skip
    found = []
    for verdict in compare(question):
        one, other = amounts[verdict.arm], amounts[trial.versus]
        about = _about(trial, verdict.arm, kind, "people", None, one, other)
        level = verdict.level
        alike = ("p_value", "level", "method", "lift", "lift_low", "lift_high")
        decided = replace(
            about,
            word=verdict.word,
            difference=_fraction(verdict.estimate),
            low=_fraction(verdict.low),
            high=_fraction(verdict.high),
            smallest_detectable=_fraction(verdict.smallest_detectable),
            **{name: getattr(verdict, name) for name in alike},
            adjusted=two_means.adjusted(one, other, 1 - level) if level is not None and _told_before(rows) else None,
            reasons=verdict.reasons,
        )
        found.append(decided)
    return found


def _fraction(points: float | None) -> float | None:
    return None if points is None else points / 100


def money_effects(trial: Trial, kind: str, currency: str, rows: pd.DataFrame) -> list[Effect]:
    sizes = dict(zip(trial.arms["variant"], trial.arms["counted"].astype(int), strict=True))
    whole = {name: _amounts(rows[rows["variant"] == name], "value", size) for name, size in sizes.items()}
    cap = two_means.cap_of(rows["value"], rows["people"])
    cut = {name: two_means.capped(one, cap) for name, one in whole.items()}
    above = sum(((whole[name].values - cut[name].values).clip(0) * cut[name].people).sum() for name in whole)
    positive = sum((one.values.clip(0) * one.people).sum() for one in whole.values())
    others = [name for name in sizes if name != trial.versus]
    other = cut[trial.versus]
    about = [
        replace(_about(trial, name, kind, "value", currency, cut[name], other), cap=cap, cut=float(above / positive))
        if positive
        else _about(trial, name, kind, "value", currency, cut[name], other)
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
        adjusted=two_means.adjusted(one, other, alpha) if _told_before(rows) else None,
        reasons=tuple(reasons),
    )


def _about(trial, variant, kind, measure, currency, one: Amounts, other: Amounts) -> Effect:
    return Effect(
        experiment_id=str(trial.experiment_id),
        variant=variant,
        versus=trial.versus,
        outcome=kind,
        measure=measure,
        currency=currency,
        assigned=one.size,
        assigned_versus=other.size,
        mean=one.mean if one.size else None,
        mean_versus=other.mean if other.size else None,
        word="not comparable",
        people=one.payers,
        people_versus=other.payers,
    )


def _amounts(rows, column, size) -> Amounts:
    values = (rows[column].to_numpy(dtype=float), rows["people"].to_numpy(dtype=float))
    return Amounts(*values, size, rows["before"].to_numpy(dtype=float))


def _told_before(rows) -> bool:
    return bool((rows["before"] != 0).any())
