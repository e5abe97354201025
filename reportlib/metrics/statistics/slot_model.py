"""The model behind send-time advice: how each slot was answered, held against what its own campaigns got elsewhere.

Responses of a campaign's channel in a slot have the mean messages · own rate · effect of the slot: the two-factor
log-linear model, one factor for the campaign, so that a good audience does not make its hour look good. Campaigns also
differ in which hours suit them; that spread, a variance of the log rate, is estimated with the rest (negative binomial;
Breslow 1984, Extra-Poisson variation in log-linear models, Appl Stat 33:38) and widens every interval.
"""

from dataclasses import dataclass

import numpy as np
import scipy

USUAL_SPREAD = 0.3  # of log effects, half-normal: factors of two between hours are rare
SPREADS = np.linspace(0.02, 0.8, 27)
HARMONICS = (1, 2)  # of the day, for the main effect of the hour: 23 h and 0 h are neighbours
_MOST_EXTRA = 4.0  # variance of log rates between the cells of one campaign; beyond it nothing could be told
_STEPS, _CLOSE = 100, 1e-8


@dataclass(frozen=True)
class SlotFit:
    """Log effects of the slots, 0 the average message's, with their covariance.

    `extra` is the variance of log rates beyond chance, `freedom` the residual degrees of freedom it was estimated from.
    """

    effects: np.ndarray
    covariance: np.ndarray
    extra: float
    freedom: int


def fit(slot, stratum, messages, responded) -> SlotFit:
    """The model fitted to cells, one per campaign, channel and slot.

    `slot` and `stratum` number them from 0 without gaps; every slot and every stratum has a response, and the slots are
    linked through strata that have several.
    """
    slots, strata = slot.max() + 1, stratum.max() + 1
    freedom = len(slot) - slots - strata + 1
    own, effect, extra = np.log(np.bincount(stratum, responded) / np.bincount(stratum, messages)), np.zeros(slots), 0.0
    for _ in range(_STEPS):
        own, effect, expected, information = _maximum(slot, stratum, messages, responded, own, effect, extra)
        found = _extra_variance(responded, expected, freedom)
        if abs(found - extra) < 1e-4 * max(extra, 0.01):
            break
        extra = found
    weights = np.bincount(slot, messages) / messages.sum()
    centred = np.eye(slots) - weights  # each effect less the average
    covariance = np.linalg.pinv(information, hermitian=True)
    return SlotFit(centred @ effect, centred @ covariance @ centred.T, float(extra), max(freedom, 1))


def shrink(model: SlotFit, found, weekdays, hours) -> tuple[np.ndarray, np.ndarray]:
    """Means and standard deviations of all slots' log effects, normal around hour and weekday (empirical Bayes).

    `found` are the places of the fitted slots among `weekdays` and `hours`. Weekday and hour are themselves drawn
    towards no effect, with the same spread, since few slots cannot pin them. All is averaged over how far effects may
    spread: to take the likeliest spread alone would be overconfident, since with few slots it often is none at all.
    """
    design = _main_effects(weekdays, hours)
    alike = design @ design[found].T  # how much of their effect two slots share
    alike[found, range(len(found))] += 1
    before = 1 + (design**2).sum(axis=1)
    means, variances, likelihoods = [], [], []
    for spread in SPREADS:
        whole = model.covariance + spread**2 * alike[found] + 1e-9 * np.eye(len(found))
        weights = np.linalg.solve(whole, spread**2 * alike.T).T
        means.append(weights @ model.effects)
        variances.append(spread**2 * before - (weights * spread**2 * alike).sum(axis=1))
        misfit = np.linalg.slogdet(whole)[1] + model.effects @ np.linalg.solve(whole, model.effects)
        likelihoods.append(-(misfit + (spread / USUAL_SPREAD) ** 2) / 2)
    chances = np.exp(np.array(likelihoods) - max(likelihoods))
    chances /= chances.sum()
    mean = chances @ np.array(means)
    variance = chances @ (np.array(variances) + (np.array(means) - mean) ** 2)
    return mean, np.sqrt(np.clip(variance, 0, None))


def _maximum(slot, stratum, messages, responded, own, effect, extra):
    """Likeliest log rates of the strata and log effects of the slots, given the extra variance, by Fisher scoring.

    Then the expected responses and the information on the effects, the strata's rates being unknown too.
    """
    for _ in range(_STEPS):
        expected = messages * np.exp(own[stratum] + effect[slot])
        damping = 1 + extra * expected
        crossed = np.zeros((len(effect), len(own)))
        np.add.at(crossed, (slot, stratum), expected / damping)
        of_stratum = crossed.sum(axis=0)
        information = np.diag(crossed.sum(axis=1)) - crossed / of_stratum @ crossed.T
        residual = (responded - expected) / damping
        stratum_score = np.bincount(stratum, residual) / of_stratum
        step = np.linalg.pinv(information, hermitian=True) @ (np.bincount(slot, residual) - crossed @ stratum_score)
        own = own + np.clip(stratum_score - (step @ crossed) / of_stratum, -1, 1)
        effect = effect + np.clip(step, -1, 1)
        if np.abs(step).max() < _CLOSE:
            break
    return own, effect, expected, information


def _extra_variance(responded, expected, freedom):
    """The variance of log rates at which the residuals are as large as they should be: their χ² equals `freedom`."""

    def excess(extra):
        return ((responded - expected) ** 2 / (expected * (1 + extra * expected))).sum() - freedom

    if freedom <= 0 or excess(0) <= 0:
        return 0.0
    return _MOST_EXTRA if excess(_MOST_EXTRA) > 0 else scipy.optimize.brentq(excess, 0, _MOST_EXTRA)


def _main_effects(weekdays, hours):
    """One row per slot: weekday indicators, then sine and cosine of the hour, scaled to vary as much as a weekday."""
    angle = 2 * np.pi * hours / 24
    waves = [wave(step * angle) for step in HARMONICS for wave in (np.sin, np.cos)]
    return np.column_stack([weekdays == day for day in range(1, 8)] + waves).astype(float)
