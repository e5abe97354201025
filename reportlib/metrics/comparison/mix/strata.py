"""What a difference is standardised to."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Strata:
    """Two campaigns, group by group: rates of the first minus those of the other, weighted by the pooled mix.

    `raw`, `mix` : the difference as it is, and the part of it that is of the mix, in points; `mix_within` its 95 %
    interval.
    """

    arm: str
    dimension: str
    coefficients: tuple[float, ...]
    counts: tuple[int, ...]
    bases: tuple[int, ...]
    raw: float
    mix: float
    mix_within: tuple[float, float]

    def towards(self, arm: str) -> "Strata":
        """The same with this campaign as the first."""
        if arm == self.arm:
            return self
        turned = tuple(-coefficient for coefficient in self.coefficients)
        low, high = self.mix_within
        return replace(self, arm=arm, coefficients=turned, raw=-self.raw, mix=-self.mix, mix_within=(-high, -low))
