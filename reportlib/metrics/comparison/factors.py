"""The factors of an experiment (subject, sender): main effects and interactions from one model of all its arms.

Each arm's rate is the sum of an effect of each factor's level and, where every combination of levels has an arm, of
their interactions: least squares on the arms, which makes each effect a sum of their rates times coefficients. A main
effect is the difference between two levels, averaged over the levels of the other factors; an interaction by how much
one factor's effect is greater at the second level of another (Box, Hunter and Hunter 2005, Statistics for
Experimenters, 2nd ed., chapter 5).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd

from reportlib.metrics.comparison import guards
from reportlib.metrics.comparison.arms import Arm
from reportlib.metrics.comparison.question import Comparison
from reportlib.metrics.comparison.reasons import Reason, place
from reportlib.metrics.comparison.verdict import Verdict, word
from reportlib.metrics.statistics.contrasts import Contrast
from reportlib.metrics.statistics.multiplicity import holm_alphas

TIMES = " × "
PLANNED_SHARE = "planned_share"  # the attribute of a campaign that is no factor: how many people were meant to be in it
_ALIKE = 1e-9


def factors_of(attributes: pd.DataFrame, ids: Mapping[object, str]) -> dict[str, dict[str, str]]:
    """Factor → arm → its level: attributes that every arm has, whose values differ, with fewer values than arms.

    `ids` gives the arm's name for a campaign. An attribute with as many values as arms only names them; one that
    divides the arms as another does is that one.
    """
    found, divisions = {}, set()
    attributes = attributes[attributes["attribute"] != PLANNED_SHARE]
    for name, rows in attributes.sort_values(["attribute", "campaign_id"]).groupby("attribute"):
        levels = {
            ids[row.campaign_id]: str(row.value) for row in rows.itertuples(index=False) if row.campaign_id in ids
        }
        values = [levels.get(arm) for arm in ids.values()]
        division = tuple(values.index(value) for value in values)
        if None not in values and 1 < len(set(values)) < len(values) and division not in divisions:
            divisions.add(division)
            found[str(name)] = levels
    return found


def contrasts(levels: Mapping[str, Mapping[str, str]], arms: Sequence[str]) -> dict[tuple, np.ndarray]:
    """(factors, level, other level) → what each arm's rate is multiplied by, for what can be told from these arms.

    The levels are those of the last of the factors.
    """
    factors = {name: list(dict.fromkeys(of[arm] for arm in arms)) for name, of in levels.items()}
    shares = {name: _coded(of, factors[name], arms) for name, of in levels.items()}
    main, crossed = [(name,) for name in levels], list(combinations(levels, 2))
    full = len({tuple(of[arm] for of in levels.values()) for arm in arms}) == np.prod([*map(len, factors.values())])
    terms = [*main, *(crossed if full else [])]
    if full:
        terms += [term for size in range(3, len(levels) + 1) for term in combinations(levels, size)]
    columns = {term: _product([shares[name] for name in term]) for term in terms}
    design = np.column_stack([np.ones(len(arms)), *columns.values()])
    solved = np.linalg.pinv(design)
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return {}
    found: dict[tuple[tuple[str, ...], str, str], np.ndarray] = {}
    at = 1
    for term in terms:
        rows = solved[at : at + columns[term].shape[1]]
        at += columns[term].shape[1]
        if len(term) == 1:
            (name,) = term
            others = factors[name][1:]
            for place, level in enumerate(others):
                # deviations from the mean of all levels: the first level's is minus the sum of the others'
                found[term, level, factors[name][0]] = rows[place] + rows.sum(axis=0)
        elif len(term) == 2 and rows.shape[0] == 1:
            found[term, factors[term[1]][1], factors[term[1]][0]] = 4 * rows[0]
    return found


def factor_verdicts(comparison: Comparison, levels: Mapping[str, Mapping[str, str]]) -> list[Verdict]:
    """The verdicts on the factors of an experiment, one per effect; Holm's correction over all of them.

    None where the arms have no factors, are not an experiment, or may not be compared.
    """
    arms = [arm for arm in comparison.arms if arm.rate and arm.rate.base and arm.sent != 0]
    refused = [guards.channels(comparison.metric, arm, other) for arm, other in combinations(comparison.arms, 2)]
    if not levels or not comparison.randomised or len(arms) < len(comparison.arms) or any(refused):
        return []
    if any(reason.effect != "said" for reason in comparison.stopped):
        return []
    counts, bases = (np.array([getattr(arm.rate, part) for arm in arms]) for part in ("count", "base"))
    wanted = contrasts(levels, [arm.name for arm in arms])
    asked = [Contrast(each, counts, bases, watched=comparison.watched) for each in wanted.values()]
    p_values = [float(each.p_value) for each in asked]
    alphas = holm_alphas(p_values, comparison.alpha)
    said = guards.watched(comparison.age_hours, comparison.topped_up) if comparison.watched else None
    early = comparison.watched and _too_early(arms)
    return [
        _verdict(comparison, key, each, p, alpha, arms, levels, early or said)
        for key, each, p, alpha in zip(wanted, asked, p_values, alphas, strict=True)
    ]


def gate(pairs: Sequence[Verdict], effects: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts on pairs, none of them called different where the model of all arms finds no effect of any factor.

    So asking for both costs no more false winners where nothing differs.
    """
    if not effects or any(effect.word in ("higher", "lower") for effect in effects):
        return list(pairs)
    doubt = Reason(
        "factors", "said", "No effect of a factor is shown, so no pair is called different: its interval is extended."
    )
    return [_held_back(pair, doubt) if pair.word in ("higher", "lower") else pair for pair in pairs]


def _held_back(pair, doubt):
    return replace(
        pair,
        word="not distinguishable",
        low=min(pair.low, 0.0),
        high=max(pair.high, 0.0),
        lift_low=None if pair.lift_low is None else min(pair.lift_low, 0.0),
        lift_high=None if pair.lift_high is None else max(pair.lift_high, 0.0),
        practical=None,
        reasons=tuple(sorted((*pair.reasons, doubt), key=place)),
    )


def _verdict(comparison, key, contrast, p, alpha, arms, levels, reason):
    term, level, other = key
    low, high = (float(limit) for limit in contrast.interval(alpha))
    refused = reason is not None and reason.effect == "refused"
    sides = [[arm for arm in arms if levels[term[-1]][arm.name] == each] for each in (level, other)]
    sums = [[sum(getattr(arm.rate, part) for arm in side) for part in ("count", "base")] for side in sides]
    if len(term) > 1:
        sums = [[None, None], [None, None]]  # an interaction is of no two counts
    numbers = {} if refused else {"estimate": 100 * float(contrast.estimate), "low": 100 * low, "high": 100 * high}
    return Verdict(
        metric=comparison.metric.name,
        label=comparison.metric.label,
        arm=f"{term[-1]} “{level}”",
        baseline=f"{term[-1]} “{other}”",
        word="not comparable" if refused else word(low, high, None),
        count=sums[0][0],
        base=sums[0][1],
        baseline_count=sums[1][0],
        baseline_base=sums[1][1],
        base_name=arms[0].rate.base_name,
        level=None if refused else 1 - float(alpha),
        method=None if refused else "factorial model, " + ("confidence sequence" if contrast.watched else "MOVER"),
        p_value=None if refused else p,
        reasons=(reason,) if reason else (),
        question="factor" if len(term) == 1 else "interaction",
        factor=TIMES.join(term),
        **numbers,
    )


def _too_early(arms: Sequence[Arm]):
    return next((found for pair in combinations(arms, 2) if (found := guards.burn_in(*pair))), None)


def _coded(of, values, arms):
    """A column per level but the first, each a deviation from the mean of all levels."""
    rows = [[-1 if of[arm] == values[0] else int(of[arm] == value) for value in values[1:]] for arm in arms]
    return np.array(rows, dtype=float)


def _product(parts):
    total = parts[0]
    for part in parts[1:]:
        total = np.einsum("ij,ik->ijk", total, part).reshape(len(total), -1)
    return total
