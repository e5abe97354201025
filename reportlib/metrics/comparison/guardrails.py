"""What stands beside a winner: unsubscribes, complaints and failures that are worse for it."""

from collections.abc import Sequence
from dataclasses import replace

from reportlib.definitions import GUARDRAILS
from reportlib.metrics.comparison import guards
from reportlib.metrics.comparison.guards import Reason
from reportlib.metrics.comparison.verdict import Verdict

DIFFERENT = ("higher", "lower")


def beside_winners(pairs: Sequence[Verdict], guardrails: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts on pairs, each with a reason for every guardrail that is worse for the better of the two.

    `guardrails` are verdicts on GUARDRAILS, of the same pairs.
    """
    return [_guarded(pair, guardrails) if pair.word in DIFFERENT else pair for pair in pairs]


def held_back(verdict: Verdict) -> bool:
    """Whether a guardrail stands against the better of this pair."""
    return any(reason.guard == "guardrail" for reason in verdict.reasons)


def _guarded(pair, guardrails):
    if pair.metric in GUARDRAILS:
        return pair
    better = pair.arm if pair.word == "higher" else pair.baseline
    against = [one for one in guardrails if {one.arm, one.baseline} == {pair.arm, pair.baseline}]
    worse = [one for one in against if one.word in DIFFERENT and better == _higher(one)]
    said = [
        Reason("guardrail", "said", f"Held back: {one.label.lower()} is higher for {better} too. {one}")
        for one in worse
    ]
    return replace(pair, reasons=tuple(sorted((*pair.reasons, *said), key=guards.place)))


def _higher(verdict):
    return verdict.arm if verdict.word == "higher" else verdict.baseline
