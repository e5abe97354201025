"""What an ordinary rate is, given earlier ones: control limits, p values and shrunk benchmarks.

Rates of campaigns differ by more than chance: limits from the binomial alone call ordinary weeks unusual, the more so
the larger they are. So the log odds of campaigns vary around a centre with a spread of their own, beside the binomial's
(the additive over-dispersion of Spiegelhalter 2005, Qual Saf Health Care 14:347), and limits are those of a prediction
for a new rate (Higgins, Thompson and Spiegelhalter 2009, JRSS A 172:137).

The model is the binomial one with normal log odds (Stijnen, Hamza and Özdemir 2010, Stat Med 29:3046), so small counts
need no approximation by a normal distribution, in the history or in the new rate: no alarm over two of forty people.
The spread is not estimated and then believed: after six campaigns it is often estimated as none. All is averaged over
what it may be, given the earlier rates and Berger and Bernardo's reference prior (Bodnar et al. 2017, Stat Med 36:378).
With equal, large bases that gives Student's t, as a textbook would.

Rates of different mixtures have offsets, the log odds that each mixture leads to expect; what varies around the centre
is then how far a rate lies from what was expected of it (indirect standardisation, as Spiegelhalter's).

What it costs, finds and misses: docs/weekly_statistics.md. Counts are whole numbers, 0 ≤ count ≤ base.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy

MIN_HISTORY = 5
SPREADS = np.geomspace(1e-3, 5, 80)  # standard deviations of log odds that are averaged over
# The new rate is drawn with longer tails than the normal's, Student's t (Lee and Thompson 2008, Stat Med 27:418): with
# these degrees of freedom, rates whose true shape is beta are not called unusual more often than they should be either.
TAILS = 30
_EDGES = np.sinh(np.linspace(-7, 7, 281)) / 2  # cells of the predictive distribution, fine in the middle, ±274 at most
_NEGLIGIBLE = 1e-10  # probability
_STEPS, _FARTHEST, _CLOSE = 100, 2.0, 1e-7  # of Newton's method, on log odds


@dataclass(frozen=True)
class Expectation:
    """Where a new rate is expected, given `history` earlier ones.

    `centre` is a fraction; `spread` the standard deviation of log odds between campaigns beyond chance, its posterior
    median (0.3: they differ by about 30 % of the rate, where it is low). `rates` and `weights` are the predictive
    distribution of the true rate behind a new one: fractions, and their probabilities. With offsets all of it is of a
    rate whose own is zero, and the methods take the new one's.
    """

    centre: float
    spread: float
    history: int
    rates: np.ndarray
    weights: np.ndarray

    def centre_at(self, offset) -> float:
        """The centre of rates with this offset, a fraction."""
        return float(scipy.special.expit(scipy.special.logit(self.centre) + offset))

    def p_value(self, count, base, offset=0.0):
        """Two-sided: twice the chance of so few, or of so many, whichever is smaller; 1 where the base is zero."""
        fewer, more = self._at_most(count, base, offset), self._at_least(count, base, offset)
        return np.minimum(1.0, 2 * np.minimum(fewer, more))[()]

    def limits(self, base, alpha=0.05, offset=0.0) -> tuple:
        """The lowest and the highest rate not called unusual at alpha, as fractions; 0 and 1 where the base is zero.

        They are whole counts ÷ base: a rate on a limit is ordinary. p_value ≤ alpha exactly where a rate is outside.
        """
        base = np.asarray(base, dtype=float)
        lowest = _first(lambda count: 2 * self._at_most(count, base, offset) > alpha, base)
        highest = _first(lambda count: 2 * self._at_least(count, base, offset) <= alpha, base) - 1
        some = np.where(base > 0, base, 1)
        return np.where(base > 0, lowest / some, 0.0)[()], np.where(base > 0, highest / some, 1.0)[()]

    def _at_most(self, count, base, offset):
        return _at_least(np.subtract(base, count), base, 1 - self._rates_at(offset), self.weights)

    def _at_least(self, count, base, offset):
        return _at_least(count, base, self._rates_at(offset), self.weights)

    def _rates_at(self, offset):
        offset = np.asarray(offset, dtype=float)[..., None]
        return scipy.special.expit(scipy.special.logit(self.rates) + offset) if offset.any() else self.rates


def expectation(counts, bases, offsets=0.0) -> Expectation | None:
    """What to expect after these rates, in any order; None with fewer than MIN_HISTORY that have a base.

    `offsets` are the log odds that each rate's mixture leads to expect; without them all are alike.
    """
    model = _model(*_with_base(counts, bases, offsets))
    if model is None:
        return None
    centre = model.chances @ model.centres
    edges = centre + np.exp(model.chances @ np.log(model.errors) / 2) * _EDGES
    likely = model.chances > _NEGLIGIBLE
    deviations = np.sqrt(SPREADS**2 + model.errors)[likely, None]
    cells = np.diff(scipy.special.stdtr(TAILS, (edges - model.centres[likely, None]) / deviations))
    weights = model.chances[likely] @ cells
    kept = weights > _NEGLIGIBLE / len(weights)
    return Expectation(
        centre=float(scipy.special.expit(centre)),
        spread=float(np.interp(0.5, np.cumsum(model.chances) - model.chances / 2, SPREADS)),
        history=model.log_odds.shape[1],
        rates=scipy.special.expit((edges[1:] + edges[:-1])[kept] / 2),
        weights=weights[kept] / weights[kept].sum(),
    )


def shrunk(counts, bases) -> pd.DataFrame:
    """Each rate, drawn towards the centre of all by as much of its distance as chance explains (empirical Bayes).

    The best of thirty rates is partly the luckiest; its shrunk value is not, if log odds are about normal between
    campaigns. It says what a campaign's own rate most likely was, not why, nor that the next like it will have it.
    The weight of the own rate, spread² ÷ (spread² + its variance), is averaged over what the spread may be, as in
    `expectation`: with none in sight a little of the distance is left.

    Returns
    -------
    DataFrame, a row per rate in the order given, with the columns
        estimate, low, high : float64, fractions, with a 95 % interval (normal on the log odds); NaN without a base, and
            for all with fewer than MIN_HISTORY that have one
    """
    frame = pd.DataFrame(np.nan, index=range(len(bases)), columns=["estimate", "low", "high"])
    model = _model(*_with_base(counts, bases, 0.0))
    if model is None:
        return frame
    mean = model.chances @ model.log_odds
    deviation = np.sqrt(model.chances @ (model.variances + (model.log_odds - mean) ** 2))
    ends = scipy.special.expit(mean + np.array([[0], [-1.96], [1.96]]) * deviation)
    frame.loc[np.asarray(bases) > 0] = ends.T
    return frame


@dataclass(frozen=True)
class _Model:
    """For each of SPREADS: its posterior probability, the centre and its variance, the rates' log odds, beyond their
    offsets, and theirs."""

    chances: np.ndarray
    centres: np.ndarray
    errors: np.ndarray
    log_odds: np.ndarray
    variances: np.ndarray


def _with_base(counts, bases, offsets):
    bases = np.asarray(bases, dtype=float)
    return (*(np.broadcast_to(part, bases.shape)[bases > 0].astype(float) for part in (counts, bases, offsets)),)


def _model(counts, bases, offsets) -> _Model | None:
    """Laplace's approximation at every spread (Breslow and Clayton 1993, JASA 88:9), by Newton's method.

    Without any response a rate is not zero for certain: as if one more person, shared among the campaigns by their
    bases, had half responded (Jeffreys' prior for a single rate).
    """
    if len(bases) < MIN_HISTORY:
        return None
    share, between = bases / bases.sum(), SPREADS[:, None] ** 2
    counts, bases = counts + share / 2, bases + share
    pooled = scipy.special.logit(counts.sum() / bases.sum()) - np.average(offsets, weights=bases)
    log_odds = np.tile(pooled, (len(SPREADS), len(bases)))
    for _ in range(_STEPS):
        rates = scipy.special.expit(log_odds + offsets)
        information = bases * rates * (1 - rates)
        drawn = 1 + between * information
        weights, pull = information / drawn, (information * log_odds + counts - bases * rates) / drawn
        errors = 1 / weights.sum(axis=1)
        centres = pull.sum(axis=1) * errors
        step = np.clip(between * pull + centres[:, None] / drawn - log_odds, -_FARTHEST, _FARTHEST)
        log_odds = log_odds + step
        if np.abs(step).max() < _CLOSE:
            break
    own = log_odds + offsets
    likelihood = (counts * own - bases * np.logaddexp(0, own) - np.log(drawn) / 2).sum(axis=1)
    likelihood -= ((log_odds - centres[:, None]) ** 2 / between).sum(axis=1) / 2 - np.log(errors) / 2
    reference = SPREADS * np.sqrt((weights**2).sum(axis=1))
    log = likelihood + np.log(reference * SPREADS)  # once more the spread, since the grid is geometric
    chances = np.exp(log - log.max())
    variances = between / drawn + errors[:, None] / drawn**2
    return _Model(chances / chances.sum(), centres, errors, log_odds, variances)


def _at_least(count, base, rates, weights):
    """P(at least count): a binomial tail is one of the beta distribution."""
    count, base = (np.asarray(part, dtype=float)[..., None] for part in np.broadcast_arrays(count, base))
    some = np.maximum(count, 1)
    tail = scipy.special.betainc(some, np.maximum(base - some + 1, 1), rates)
    return np.where(count > 0, tail, 1.0) @ weights


def _first(reached, base):
    """The least count at which `reached`, which stays so from there on; base + 1 where there is none."""
    below, at = np.full_like(base, -1), base + 1
    while (at - below > 1).any():
        middle = np.floor((below + at) / 2)
        yes = reached(np.clip(middle, 0, base))
        below, at = np.where(yes | (at - below <= 1), below, middle), np.where(yes & (at - below > 1), middle, at)
    return at
