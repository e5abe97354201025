"""What a report stands by: a finding, and a rate held against its threshold."""

from dataclasses import dataclass

from reportlib.definitions import CHANNEL_NAMES as WITHIN_A_SENTENCE
from reportlib.metrics import Rate
from reportlib.presentation.look import numbers
from reportlib.presentation.look.brand.brand import brand

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


def delivered_verdict(rate: Rate, channels: str = "") -> Verdict:
    """Above the goal of these channels ("email+sms") is healthy; near the line the interval says how sure that is; far
    below is worse."""
    goal = brand().goals(channels).delivered
    return _above(rate, goal, "bad" if rate.high is not None and rate.high < 1 - FAR * (1 - goal) else "warning")


AT_LEAST = Verdict("warning", "at least: receipts are missing")


def reached_verdict(rate: Rate, receipts_missing: bool, channels: str = "") -> Verdict:
    """`delivered_verdict`, but AT_LEAST where receipts are missing and what did come in does not reach the goal."""
    judged = delivered_verdict(rate, channels)
    return AT_LEAST if receipts_missing and judged.level != "good" else judged


def clicked_verdict(rate: Rate, channels: str = "") -> Verdict | None:
    """A rate of clicks against the goal of these channels; None where they have none."""
    goal = brand().goals(channels).clicked
    return None if goal is None or rate.estimate is None else _above(rate, goal, "warning")


def failed_verdict(rate: Rate, channels: str = "") -> Verdict:
    """Above the limit of these channels wants investigation; near the line the interval says how sure; far above is
    worse."""
    if rate.estimate is None or rate.low is None or rate.high is None:
        return Verdict("note", "nobody in the audience")
    limit = brand().goals(channels).failed
    line = f"{numbers.line(limit)} limit"
    if rate.low <= limit <= rate.high:
        return Verdict("near", f"at the {line}")
    if rate.estimate < limit:
        return Verdict("good", f"within {line}")
    if rate.low > FAR * limit:
        return Verdict("bad", f"far above {line}")
    return Verdict("warning", f"above {line}")


def _above(rate, goal, missed):
    if rate.estimate is None or rate.low is None or rate.high is None:
        return Verdict("note", "nobody in the audience")
    line = f"{numbers.line(goal)} goal"
    if rate.low <= goal <= rate.high:
        return Verdict("near", f"at the {line}")
    if rate.estimate > goal:
        return Verdict("good", f"above {line}")
    return Verdict(missed, f"{'far ' * (missed == 'bad')}below {line}")
