"""What stands beside a winner: unsubscribes, complaints and failures that are worse for it, and clicks in doubt."""

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
    """Whether a guardrail stands against the better of this pair, or clicks that may be machines' decide it."""
    return any(reason.guard in ("guardrail", "machines") for reason in verdict.reasons)


def in_doubt(pairs: Sequence[Verdict], counted: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts on pairs, each with a reason where it would be another were clicks that are unsure counted as
    people's: `counted` are those verdicts, of the same pairs in the same order."""
    return [
        one if one.word == other.word else _with_reasons(one, [_decided_by_doubt(other)])
        for one, other in zip(pairs, counted, strict=True)
    ]


def _decided_by_doubt(other):
    told = f"Clicks that may be machines' decide it: were they counted as people's, it would read: {other}"
    return Reason("machines", "said", told)


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
    return _with_reasons(pair, said)


def _with_reasons(pair, more):
    return replace(pair, reasons=tuple(sorted((*pair.reasons, *more), key=guards.place)))


def _higher(verdict):
    return verdict.arm if verdict.word == "higher" else verdict.baseline
