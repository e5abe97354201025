"""The arms of a comparison."""

from dataclasses import dataclass

from reportlib.metrics.statistics.rates import Rate
from reportlib.metrics.statistics.spread import NOT_KNOWN, Spread


@dataclass(frozen=True)
class Arm:
    """One campaign or variant in a comparison.

    `rate` counts those who responded of its base, at the age at which the campaigns are compared; None where the metric
    is not measured (e-mail replies that are not captured). `assigned` is the people given to this arm, sent or not,
    `sent` those whose message was handed over, None where that is not known. `spread` is how far the account's
    campaigns on its channels ordinarily lie apart; `by_person` whether each person is known, not totals only.
    """

    name: str
    rate: Rate | None
    channels: frozenset[str]
    assigned: int
    sent: int | None = None
    spread: Spread = NOT_KNOWN
    by_person: bool = True

    @property
    def measured_rate(self) -> Rate:
        """The rate of an arm that `measured` lets pass."""
        if self.rate is None:
            raise ValueError(f"{self.name} has no rate: it was not measured")
        return self.rate
