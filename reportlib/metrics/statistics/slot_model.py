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

    `extra` is the variance of log rates beyond chance between the hours of a campaign's day, `freedom` the residual
    degrees of freedom it was estimated from; `of_days` is the part of the covariance that comes from the days of one
    campaign differing from each other, `freedom_of_days` theirs.
    """

    effects: np.ndarray
    covariance: np.ndarray
    of_days: np.ndarray
    extra: float
    freedom: int
    freedom_of_days: int

    def against(self, at: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Each slot's log effect less that of the slot `at`; the variance and degrees of freedom of the difference.

        Satterthwaite (1946, Biometrics Bulletin 2:110).
        """
        of_hours, of_days = (_contrasts(one, at) for one in (self.covariance - self.of_days, self.of_days))
        variance = of_hours + of_days
        with np.errstate(divide="ignore", invalid="ignore"):
            freedom = variance**2 / (of_hours**2 / self.freedom + of_days**2 / self.freedom_of_days)
        return self.effects - self.effects[at], variance, freedom


def fit(slot, stratum, day, messages, responded) -> SlotFit:
    """The model fitted to cells, one per campaign, channel and slot.

    `slot`, `stratum` (a campaign's channel) and `day` (a campaign's day) number them from 0 without gaps; every slot
    and every stratum has a response, and the slots are linked through strata that have several.
    """
    slots, within = slot.max() + 1, _numbered(stratum, day)
    several = np.unique(within).size < len(slot)  # hours of one day: what differs there is the hours'
    extra, freedom = _spread_within(slot, within if several else stratum, messages, responded)
    start = np.log(np.bincount(stratum, responded) / np.bincount(stratum, messages))
    _, effect, expected, information = _maximum(slot, stratum, messages, responded, start, np.zeros(slots), extra)
    covariance, of_days, freedom_of_days = np.linalg.pinv(information, hermitian=True), np.zeros((slots, slots)), 1
    if several:
        weight, error = expected / (1 + extra * expected), (responded - expected) / expected
        of_day, freedom_of_days = _spread_of_days(slot, stratum, within, weight, error)
        together = of_day * covariance @ _shared(slot, stratum, day, weight) @ covariance
        covariance, of_days = covariance + together, together
    weights = np.bincount(slot, messages) / messages.sum()
    centred = np.eye(slots) - weights  # each effect less the average
    return SlotFit(
        centred @ effect,
        centred @ covariance @ centred.T,
        centred @ of_days @ centred.T,
        float(extra),
        freedom,
        freedom_of_days,
    )


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


def _spread_within(slot, stratum, messages, responded):
    """The extra variance between the cells of a stratum, and the degrees of freedom that tell it."""
    answered = np.bincount(stratum, responded)[stratum] > 0
    slot, stratum = _numbered(slot[answered]), _numbered(stratum[answered])
    messages, responded = messages[answered], responded[answered]
    slots, strata = slot.max() + 1, stratum.max() + 1
    freedom = len(slot) - strata - np.linalg.matrix_rank(_centred_design(slot, stratum))
    own, effect, extra = np.log(np.bincount(stratum, responded) / np.bincount(stratum, messages)), np.zeros(slots), 0.0
    for _ in range(_STEPS):
        own, effect, expected, _ = _maximum(slot, stratum, messages, responded, own, effect, extra)
        found = _extra_variance(responded, expected, freedom)
        if abs(found - extra) < 1e-4 * max(extra, 0.01):
            break
        extra = found
    return extra, max(int(freedom), 1)


def _spread_of_days(slot, stratum, within, weight, error):
    """The variance of log rates between the days of a campaign beyond that of their hours, and its degrees of freedom.

    By moments, as DerSimonian and Laird (1986, Control Clin Trials 7:177), each campaign's days around its own mean.
    """
    days = within.max() + 1
    of_stratum = np.zeros(days, dtype=int)
    of_stratum[within] = stratum
    known = np.bincount(within, weight)
    squares = (np.bincount(within, weight * error) ** 2 / known).sum()
    whole, squared = np.bincount(of_stratum, known), np.bincount(of_stratum, known**2)
    freedom = days - whole.size
    room = (whole - squared / whole).sum()
    return max((squares - freedom) / room, 0.0) if room > 0 else 0.0, max(freedom, 1)


def _shared(slot, stratum, day, weight):
    """What the days' differences add to the variance of the score of the effects, per unit of their variance."""
    crossed = np.zeros((slot.max() + 1, stratum.max() + 1))
    np.add.at(crossed, (slot, stratum), weight)
    usual = (crossed / crossed.sum(axis=0)).T  # of a stratum, where its weight lies
    score = np.zeros((day.max() + 1, slot.max() + 1))
    np.add.at(score, (day, slot), weight)
    np.subtract.at(score, day, weight[:, None] * usual[stratum])
    return score.T @ score


def _centred_design(slot, stratum):
    design = (slot[:, None] == np.arange(slot.max() + 1)).astype(float)
    mean = np.zeros((stratum.max() + 1, design.shape[1]))
    np.add.at(mean, stratum, design)
    return design - (mean / np.bincount(stratum)[:, None])[stratum]


def _numbered(*keys):
    """Cells numbered from 0 by what they have in common."""
    return np.unique(np.column_stack(keys), axis=0, return_inverse=True)[1].ravel()


def _contrasts(covariance, at):
    return np.clip(np.diag(covariance) + covariance[at, at] - 2 * covariance[at], 0, None)


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
