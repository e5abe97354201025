"""Estimates that were chosen for being large, drawn towards zero by as much as chance explains (empirical Bayes).

What won a test is partly what was lucky in it: estimates that pass a threshold are too large, and their sum is too (Lee
and Shen 2018, KDD, Winner's curse). So the true effects are taken to lie around zero with a spread of their own, all
of one normal distribution, which all estimates together tell (Efron and Morris 1975, JASA 70:311): each estimate keeps
spread² ÷ (spread² + its own variance) of itself. Around zero, since a test may come out either way, and so that it does
not matter which arm is called the first.

The spread is not estimated and then believed: all is averaged over what it may be, given the estimates and the
reference prior, as in `expectation` (Bodnar et al. 2017, Stat Med 36:378). How it does: docs/what_works_simulation.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

FEWEST = 2  # estimates; one alone tells nothing of how far effects usually lie from zero
SPREADS = np.geomspace(1e-3, 5, 120)  # standard deviations of the true effects that are averaged over
_Z = 1.959963984540054


@dataclass(frozen=True)
class Drawn:
    """Estimates with their standard errors, all in one unit of about one (log ratios), FEWEST at least."""

    estimates: np.ndarray
    errors: np.ndarray

    @cached_property
    def chances(self) -> np.ndarray:
        """The posterior probability of each of SPREADS."""
        variances = SPREADS[:, None] ** 2 + self.errors**2
        likelihood = -(np.log(variances) + self.estimates**2 / variances).sum(axis=1) / 2
        reference = SPREADS * np.sqrt((1 / variances**2).sum(axis=1))
        log = likelihood + np.log(reference * SPREADS)  # once more the spread, since the grid is geometric
        chances = np.exp(log - log.max())
        return chances / chances.sum()

    @property
    def spread(self) -> float:
        """The median of what the standard deviation of true effects may be."""
        return float(np.interp(0.5, np.cumsum(self.chances) - self.chances / 2, SPREADS))

    @property
    def each(self) -> np.ndarray:
        """A row for each estimate: what is left of it, and the limits of its 95 % interval."""
        return np.array([self.sum_of([place]) for place in range(len(self.estimates))])

    def sum_of(self, places: Sequence[int], signs=1) -> tuple[float, float, float]:
        """The sum of what is left of the estimates at these places, times their `signs`, and its 95 % interval."""
        kept = SPREADS[:, None] ** 2 / (SPREADS[:, None] ** 2 + self.errors[places] ** 2)
        sums = (kept * self.estimates[places] * signs).sum(axis=1)
        variances = (kept * self.errors[places] ** 2).sum(axis=1)
        mean = self.chances @ sums
        reach = _Z * np.sqrt(self.chances @ (variances + (sums - mean) ** 2))
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
