"""Estimates that were chosen for being large, drawn towards zero by as much as chance explains (empirical Bayes).

What won a test is partly what was lucky in it: estimates that pass a threshold are too large, and their sum is too (Lee
and Shen 2018, KDD, Winner's curse). So of the true effects some are taken to be none at all, the others to lie around
zero with a spread of their own, as all estimates together tell (a point mass and a normal distribution: Mitchell and
Beauchamp 1988, JASA 83:1023; Stephens 2017, Biostatistics 18:275). Each estimate keeps spread² ÷ (spread² + its own
variance) of itself (Efron and Morris 1975, JASA 70:311), times the probability that it is one of the others. Around
zero, since a test may come out either way, and so that it does not matter which arm is called the first.

Share and spread are not estimated and then believed: all is averaged over what they may be, given the estimates, each
share as likely beforehand as another, the spread by the reference prior, as in `expectation` (Bodnar et al. 2017, Stat
Med 36:378). How it does: docs/what_works_simulation.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy

FEWEST = 2  # estimates; one alone tells nothing of how far effects usually lie from zero
SHARES = np.array([0.1, 0.2, 0.4, 1.0])[:, None, None]  # of the true effects that are any, that are averaged over
SPREADS = np.geomspace(1e-3, 5, 120)  # standard deviations of those, likewise
_Z = 1.959963984540054


@dataclass(frozen=True)
class Drawn:
    """Estimates with their standard errors, all in one unit of about one (log ratios), FEWEST at least."""

    estimates: np.ndarray
    errors: np.ndarray

    @cached_property
    def chances(self) -> np.ndarray:
        """The posterior probability of each of SHARES with each of SPREADS."""
        variances = SPREADS[:, None] ** 2 + self.errors**2
        reference = SPREADS * np.sqrt((1 / variances**2).sum(axis=1))
        likelihood = np.logaddexp(*self._likelihoods).sum(axis=2)
        log = likelihood + np.log(reference * SPREADS)  # once more the spread, since the grid is geometric
        chances = np.exp(log - log.max())
        return chances / chances.sum()

    @cached_property
    def _likelihoods(self) -> tuple[np.ndarray, np.ndarray]:
        """Of each estimate, by share and spread, as an effect and as none: their logs but for what both have."""
        own = self.errors**2
        variances = SPREADS[:, None] ** 2 + own
        effect = (np.log(own / variances) + self.estimates**2 * (1 / own - 1 / variances)) / 2
        with np.errstate(divide="ignore"):  # where all are effects
            return np.log(SHARES) + effect, np.log1p(-SHARES)

    @property
    def spread(self) -> float:
        """The median of what the standard deviation of the true effects that are any may be."""
        chances = (self.chances * SHARES[:, :, 0]).sum(axis=0)
        return float(np.interp(0.5, (np.cumsum(chances) - chances / 2) / chances.sum(), SPREADS))

    @property
    def each(self) -> np.ndarray:
        """A row for each estimate: what is left of it, and the limits of its 95 % interval."""
        return np.array([self.sum_of([place]) for place in range(len(self.estimates))])

    def sum_of(self, places: Sequence[int], signs=1) -> tuple[float, float, float]:
        """The sum of what is left of the estimates at these places, times their `signs`, and its 95 % interval."""
        kept = SPREADS[:, None] ** 2 / (SPREADS[:, None] ** 2 + self.errors[places] ** 2)
        is_any = scipy.special.expit(self._likelihoods[0] - self._likelihoods[1])[:, :, places]
        means, variances = kept * self.estimates[places], kept * self.errors[places] ** 2
        sums = (is_any * means * signs).sum(axis=2)
        variances = (is_any * variances + is_any * (1 - is_any) * means**2).sum(axis=2)
        mean = (self.chances * sums).sum()
        reach = _Z * np.sqrt((self.chances * (variances + (sums - mean) ** 2)).sum())
        return float(mean), float(mean - reach), float(mean + reach)


def drawn_to_zero(estimates, errors) -> Drawn | None:
    """The estimates as Drawn; None of fewer than FEWEST."""
    estimates, errors = np.asarray(estimates, dtype=float), np.asarray(errors, dtype=float)
    return Drawn(estimates, errors) if len(estimates) >= FEWEST else None


def log_ratio(count, base, other_count, other_base) -> tuple:
    """The log of one rate ÷ another with its standard error; half a person added to each count (Pettigrew, Gart and
    Thomas 1986, Biometrika 73:425), so that it is there where nobody did. Takes numbers or arrays."""
    rates = (count + 0.5) / (base + 0.5), (other_count + 0.5) / (other_base + 0.5)
    variance = 1 / (count + 0.5) - 1 / (base + 0.5) + 1 / (other_count + 0.5) - 1 / (other_base + 0.5)
    return np.log(rates[0] / rates[1]), np.sqrt(np.maximum(variance, 1e-12))
