"""A rate with its base and its interval."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

_Z = 1.959963984540054  # the normal distribution's quantile at 97.5 %


def wilson(count, base, z=_Z) -> tuple:
    """The Wilson score interval of count ÷ base, as fractions; NaN where the base is zero or missing.

    Takes numbers or arrays; `z` is the normal quantile of the level, 95 % unless another is given. Wilson (1927), as
    Newcombe (1998), Statistics in Medicine 17, method 3, recommends. Written out, since every page has such intervals,
    and statsmodels, which has them too, takes a second to import.

    Example
    -------
    >>> low, high = metrics.wilson(412, 10_000)
    >>> print(f"{low:.2%} to {high:.2%}")
    3.75% to 4.53%
    """
    counts, bases = np.asarray(count, dtype=float), np.asarray(base, dtype=float)
    safe = np.where(bases > 0, bases, np.nan)
    centre = (counts + z**2 / 2) / (safe + z**2)
    reach = z / (safe + z**2) * np.sqrt(counts * (safe - counts) / safe + z**2 / 4)
    # At 0 and n the limits are 0 and 1 exactly; floating point leaves them a hair away, outside the estimate.
    low, high = np.where(counts == 0, 0, centre - reach), np.where(counts == safe, 1, centre + reach)
    low, high = np.where(np.isnan(safe), np.nan, low), np.where(np.isnan(safe), np.nan, high)
    return (low, high) if np.ndim(count) else (float(low), float(high))


@dataclass(frozen=True)
class Rate:
    """count of base, e.g. 412 clickers of 10,000 delivered.

    `estimate`, `low` and `high` are fractions; None where there is no base, since zero over zero is not zero.

    Example
    -------
    >>> rate = metrics.Rate(412, 10_000, "delivered")
    >>> print(f"{rate.estimate:.2%} ({rate.low:.2%} to {rate.high:.2%})")
    4.12% (3.75% to 4.53%)
    """

    count: int
    base: int
    base_name: str

    @property
    def estimate(self) -> float | None:
        return self.count / self.base if self.base else None

    @property
    def low(self) -> float | None:
        return self._interval[0] if self.base else None

    @property
    def high(self) -> float | None:
        return self._interval[1] if self.base else None

    @cached_property
    def _interval(self):
        return wilson(self.count, self.base)

    def __str__(self):
        if not self.base:
            return f"– of 0 {self.base_name}"
        interval = f"{self.low:.1%}–{self.high:.1%}".replace("%–", "–").removesuffix("%")
        return f"{self.estimate * 100:.1f} % ({interval}) of {self.base:,} {self.base_name}"
