"""How far campaigns ordinarily lie apart beyond chance: estimated from enough of them, else assumed."""

from dataclasses import dataclass

import numpy as np

ENOUGH = 8  # campaigns; with fewer the spread is assumed
ASSUMED = 0.15  # of the rate, or of its complement where that is smaller


@dataclass(frozen=True)
class Spread:
    """The standard deviation of log odds between campaigns beyond chance, from `history` of them.

    Where that is fewer than ENOUGH, `log_odds` is None and the spread is ASSUMED.
    """

    history: int
    log_odds: float | None = None

    def at(self, rate: float) -> float:
        """As a standard deviation of log odds at this rate."""
        return ASSUMED / max(rate, 1 - rate) if self.log_odds is None else self.log_odds

    @property
    def freedom(self) -> float:
        """Degrees of freedom of its estimate; infinite where it is assumed.

        Two fewer than a variance's: the median of what the spread may be is a little low (docs/calibration.md).
        """
        return np.inf if self.log_odds is None else self.history - 3


NOT_KNOWN = Spread(0)  # of an account without a history
