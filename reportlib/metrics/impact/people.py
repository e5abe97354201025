"""What an experiment caused in people: how many of those assigned did it."""

from dataclasses import replace

import pandas as pd

from reportlib.definitions import Definition
from reportlib.metrics.comparison.arms import Arm
from reportlib.metrics.comparison.question import Comparison
from reportlib.metrics.comparison.verdicts import compare
from reportlib.metrics.impact.effect import Effect, amounts, effect_of, told_before
from reportlib.metrics.impact.trial import Trial
from reportlib.metrics.local_time import HOUR_MS
from reportlib.metrics.statistics import two_means
from reportlib.metrics.statistics.rates import Rate

ASSIGNED = "assigned"


def people_effects(trial: Trial, kind: str, rows: pd.DataFrame, margin) -> list[Effect]:
    sizes = dict(zip(trial.arms["variant"], trial.arms["counted"].astype(int), strict=True))
    did = {name: amounts(rows[rows["variant"] == name], "did", size) for name, size in sizes.items()}
    metric = Definition(kind, kind[:1].upper() + kind[1:], kind, (ASSIGNED,), "", compared=True)
    arms = [
        Arm(name, Rate(int((one.values * one.people).sum()), one.size, ASSIGNED), frozenset(), one.size)
        for name, one in did.items()
    ]
    question = Comparison(
        metric, arms, trial.age_ms / HOUR_MS, trial.versus, margin, randomised=True, watched=not trial.is_final,
        stopped=trial.reasons,
    )  # fmt: skip
    found = []
    for verdict in compare(question):
        one, other = did[verdict.arm], did[trial.versus]
        about = effect_of(trial, verdict.arm, kind, "people", None, one, other)
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
            adjusted=two_means.adjusted(one, other, 1 - level) if level is not None and told_before(rows) else None,
            reasons=verdict.reasons,
        )
        found.append(decided)
    return found


def _fraction(points: float | None) -> float | None:
    return None if points is None else points / 100
