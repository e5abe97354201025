"""What stands beside a winner: unsubscribes, complaints and failures that are worse for it, and responses in doubt."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from reportlib.definitions import GUARDRAILS
from reportlib.metrics.comparison.reasons import Reason, place
from reportlib.metrics.comparison.verdict import Verdict

DIFFERENT = ("higher", "lower")


UNDECIDED = dict.fromkeys(
    (
        *("estimate", "low", "high", "lift", "lift_low", "lift_high", "level", "method", "p_value", "practical"),
        *("smallest_detectable", "worth_finding", "needed_per_arm"),
    )
)


@dataclass(frozen=True)
class Doubt:
    """Responses of which it is not certain that people made them: `counted` is the column of `comparable` that counts
    them otherwise than the one of `metric` does. `effect` is that of the reason where they decide a verdict."""

    metric: str
    counted: str
    effect: Literal["said", "stopped"]
    text: str


DOUBTS = (
    Doubt(
        "clicked",
        "clicked_at_most",
        "said",
        "Clicks that may be machines' decide it: were they counted as people's, it would read:",
    ),
    Doubt("opened", "opened_human", "stopped", "Opens by machines decide it: of people's alone it would read:"),
)


def beside_winners(pairs: Sequence[Verdict], guardrails: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts on pairs, each with a reason for every guardrail that is worse for the better of the two.

    `guardrails` are verdicts on GUARDRAILS, of the same pairs.
    """
    return [_guarded(pair, guardrails) if pair.word in DIFFERENT else pair for pair in pairs]


def held_back(verdict: Verdict) -> bool:
    """Whether a guardrail stands against the better of this pair, or responses that may be machines' decide it."""
    return any(reason.guard in ("guardrail", "machines") for reason in verdict.reasons)


def in_doubt(pairs: Sequence[Verdict], counted: Sequence[Verdict], doubt: Doubt) -> list[Verdict]:
    """The verdicts on pairs, each with a reason where it would be another were the responses in doubt counted
    otherwise: `counted` are those verdicts, of the same pairs in the same order."""
    return [
        one if one.word == other.word else _doubted(one, other, doubt)
        for one, other in zip(pairs, counted, strict=True)
    ]


def _doubted(one, other, doubt):
    told = _with_reasons(one, [Reason("machines", doubt.effect, f"{doubt.text} {other}")])
    return replace(told, word="stopped", **UNDECIDED) if doubt.effect == "stopped" else told


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
    return replace(pair, reasons=tuple(sorted((*pair.reasons, *more), key=place)))


def _higher(verdict):
    return verdict.arm if verdict.word == "higher" else verdict.baseline
