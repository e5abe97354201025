"""Why a verdict is refused, stopped or has something said beside it, and the order in which that is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

ORDER = (
    *("channels", "nothing sent", "measured", "sample ratio", "balance", "delivery", "coming in", "burn-in"),
    *("composition", "maturity", "thin", "correction", "omnibus", "factors", "small counts", "close call"),
    *("contamination", "overlap", "same people", "past clicks", "totals", "not randomised", "spread", "watched"),
    *("guardrail", "machines"),
)


@dataclass(frozen=True)
class Reason:
    """What a guard found: `effect` says whether it refuses the comparison, stops the verdict or is only said."""

    guard: str
    effect: Literal["refused", "stopped", "said"]
    text: str


def place(reason: Reason) -> int:
    """Where a reason stands among the others."""
    return ORDER.index(reason.guard)


def listed(names: Sequence[str]) -> str:
    """ "a, b and c" of at least one name."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
