"""What an experiment caused: per person assigned, each kind of outcome, people and money, against who was held out."""

from reportlib.metrics.impact.counts import outcome_people, outcome_values
from reportlib.metrics.impact.effect import Effect
from reportlib.metrics.impact.money import money_effects
from reportlib.metrics.impact.people import people_effects
from reportlib.metrics.impact.trial import Trial
from reportlib.warehouse import Warehouse


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
