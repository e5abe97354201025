"""What a report stands by: a finding, and a rate held against its threshold."""

from dataclasses import dataclass

from reportlib.definitions import CHANNEL_NAMES as WITHIN_A_SENTENCE
from reportlib.metrics import Rate

GOAL_DELIVERED, LIMIT_FAILED = 0.95, 0.05  # the platform's own thresholds, of the audience
FAR = 2  # times as much as the limit leaves to fail: no longer a warning


CHANNEL_NAMES = {channel: name[:1].upper() + name[1:] for channel, name in WITHIN_A_SENTENCE.items()}


SYMBOLS = {"good": "✓", "near": "≈", "note": "•", "warning": "!", "bad": "✕"}
WORST_FIRST = ("bad", "warning", "near", "good", "note")


@dataclass(frozen=True)
class Finding:
    """One sentence a report stands by: what (`text`), how good or bad (`level`, a key of SYMBOLS), what to do.

    Example
    -------
    >>> Finding("delivery", "warning", "Reached 94 % of 17,699 people.").level
    'warning'
    """

    topic: str
    level: str
    text: str
    advice: str = ""


@dataclass(frozen=True)
class Verdict:
    """A rate against its threshold, in words; `level` is a key of SYMBOLS.

    Example
    -------
    >>> Verdict("good", "above the goal").words
    'above the goal'
    """

    level: str
    words: str


def worst(levels) -> str:
    """The worst of these levels: it decides the colour of what they are parts of."""
    return min(levels, key=WORST_FIRST.index, default="note")


def delivered_verdict(rate: Rate) -> Verdict:
    """Above 95 % of the audience is healthy; near the line the interval says how sure that is; far below is worse."""
    if rate.estimate is None or rate.low is None or rate.high is None:
        return Verdict("note", "nobody in the audience")
    if rate.low <= GOAL_DELIVERED <= rate.high:
        return Verdict("near", "at the 95\u202f% goal")
    if rate.estimate > GOAL_DELIVERED:
        return Verdict("good", "above 95\u202f% goal")
    if rate.high < 1 - FAR * (1 - GOAL_DELIVERED):
        return Verdict("bad", "far below 95\u202f% goal")
    return Verdict("warning", "below 95\u202f% goal")


AT_LEAST = Verdict("warning", "at least: receipts are missing")


def reached_verdict(rate: Rate, receipts_missing: bool) -> Verdict:
    """`delivered_verdict`, but AT_LEAST where receipts are missing and what did come in does not reach the goal."""
    judged = delivered_verdict(rate)
    return AT_LEAST if receipts_missing and judged.level != "good" else judged


def failed_verdict(rate: Rate) -> Verdict:
    """Above 5 % of the audience wants investigation; near the line the interval says how sure; far above is worse."""
    if rate.estimate is None or rate.low is None or rate.high is None:
        return Verdict("note", "nobody in the audience")
    if rate.low <= LIMIT_FAILED <= rate.high:
        return Verdict("near", "at the 5\u202f% limit")
    if rate.estimate < LIMIT_FAILED:
        return Verdict("good", "within 5\u202f% limit")
    if rate.low > FAR * LIMIT_FAILED:
        return Verdict("bad", "far above 5\u202f% limit")
    return Verdict("warning", "above 5\u202f% limit")
