"""What a report stands by: a finding, and a rate held against its threshold."""

from dataclasses import dataclass

from reportlib.definitions import CHANNEL_NAMES as WITHIN_A_SENTENCE
from reportlib.metrics import Rate

HEALTHY_DELIVERED, INVESTIGATE_FAILED = 0.95, 0.05  # the platform's own thresholds, of the audience


CHANNEL_NAMES = {channel: name[:1].upper() + name[1:] for channel, name in WITHIN_A_SENTENCE.items()}


SYMBOLS = {"good": "✓", "note": "i", "warning": "!", "bad": "✕"}


@dataclass(frozen=True)
class Finding:
    """One sentence a report stands by: what (`text`), how good or bad (`level`, a key of SYMBOLS), what to do."""

    topic: str
    level: str
    text: str
    advice: str = ""


@dataclass(frozen=True)
class Verdict:
    """A rate against its threshold, in words; `level` is a key of SYMBOLS."""

    level: str
    words: str


def delivered_verdict(rate: Rate) -> Verdict:
    """Above 95 % of the audience is healthy; near the line the interval says how sure that is."""
    if rate.estimate is None:
        return Verdict("note", "nobody in the audience")
    if rate.low <= HEALTHY_DELIVERED <= rate.high:
        above = "above" if rate.estimate > HEALTHY_DELIVERED else "not above"
        return Verdict("note", f"close to the 95\u202f% line ({above} it)")
    if rate.estimate > HEALTHY_DELIVERED:
        return Verdict("good", "healthy: above 95\u202f%")
    return Verdict("warning", "below the healthy 95\u202f%")


def failed_verdict(rate: Rate) -> Verdict:
    """Above 5 % of the audience wants investigation; near the line the interval says how sure that is."""
    if rate.estimate is None:
        return Verdict("note", "nobody in the audience")
    if rate.low <= INVESTIGATE_FAILED <= rate.high:
        above = "above" if rate.estimate > INVESTIGATE_FAILED else "not above"
        return Verdict("note", f"close to the 5\u202f% line ({above} it)")
    if rate.estimate > INVESTIGATE_FAILED:
        return Verdict("bad", "investigate: above 5\u202f%")
    return Verdict("good", "within the usual 5\u202f%")
