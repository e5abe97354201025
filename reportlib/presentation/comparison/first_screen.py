"""The first screen of a comparison: the verdict with its cause, the two rates, what to do, what to believe."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from reportlib import metrics
from reportlib.definitions import counted, definition
from reportlib.metrics.comparison.design.comparability import Comparability
from reportlib.metrics.comparison.verdict import Verdict
from reportlib.presentation.comparison.findings import level
from reportlib.presentation.look import numbers
from reportlib.presentation.look.cards import Card
from reportlib.presentation.look.finding import Finding
from reportlib.presentation.look.first_screen import Action, FirstScreen, short_name, with_names_cut

PER = 10_000  # people, of whom a gain is told


def first_screen(
    verdicts: Sequence[Verdict], frame: pd.DataFrame, found: Sequence[Finding], comparability: Comparability
) -> FirstScreen:
    """The verdicts on the primary metric with their cause, the rates, and what to do about them."""
    first, cause = found[0], found[-1]
    said = [Action(one.text) for one in found[1:-1]]
    to_do = [*_to_do(verdicts[0]), *said, *([Action(cause.advice)] if cause.advice else [])]
    cards = _cards(verdicts[0], frame, comparability)
    names = [verdicts[0].arm, verdicts[0].baseline]
    verdict = replace(first, advice=cause.text)
    cut = with_names_cut(FirstScreen(verdict, cards, to_do, _believe(verdicts[0], frame)), names)
    return replace(cut, verdict=replace(cut.verdict, text=numbers.whole(cut.verdict.text)))


def _cards(verdict, frame, comparability):
    known = verdict.base is not None and verdict.baseline_base is not None
    sides = [
        Card(short_name(name), *_share(count, base, verdict.base_name) if known else (numbers.NOTHING, "no rate"))
        for name, count, base in (
            (verdict.baseline, verdict.baseline_count, verdict.baseline_base),
            (verdict.arm, verdict.count, verdict.base),
        )
    ]
    points = f"{numbers.points(verdict.estimate)} points"
    within = "" if verdict.low is None else f"{numbers.points(verdict.low)} to {numbers.points(verdict.high)}"
    apart = Card("Difference", numbers.NOTHING if verdict.estimate is None else points, within, beside=_luck(verdict))
    changed = comparability.reasons[0] if comparability.reasons else "one thing changed, at random"
    return [*sides, apart, Card("Comparability", comparability.grade, "from A to D", changed)]


def _share(count, base, base_name):
    return numbers.percent(count / base if base else None), f"of {numbers.count(base)} {base_name}"


def _luck(verdict):
    """Whether luck alone makes such a difference, and what the limits beside it are."""
    if verdict.low is None:
        return ""
    said = "more than luck" if verdict.low > 0 or verdict.high < 0 else "may be luck"
    return f"{said}, {numbers.significant(100 * verdict.level, 3)}{numbers.THIN_SPACE}% interval"


def _to_do(verdict):
    """Send the better one, where that is the cause; what a test takes, where none was found."""
    if level(verdict) in ("good", "warning") and verdict.word in ("higher", "lower"):
        low_is_good = definition(verdict.metric).lower_is_better
        better = verdict.arm if (verdict.word == "higher") != low_is_good else verdict.baseline
        if level(verdict) == "good" or low_is_good:
            people = numbers.count(round(abs(verdict.estimate) / 100 * PER))
            of = f"{verdict.label.lower()} of {numbers.count(PER)} {verdict.base_name}"
            more = f"{'−' if low_is_good else '+'}{people} {of}"
            return [Action(f"Send {short_name(better)} from now on", "", f"≈ {more}")]
    if verdict.word == "not distinguishable" and verdict.needed_per_arm:
        people = verdict.needed_per_arm + min(verdict.base, verdict.baseline_base)
        new = f"A new test of {numbers.count(people)} {counted(verdict.base_name)} per arm"
        found = f"finds a difference of {numbers.significant(verdict.worth_finding, 2)} points four times in five"
        return [Action("Test again, with more people, before choosing", f"{new} {found}.")]
    return []


def _believe(verdict, frame):
    age = numbers.duration(60 * float(frame["compared_hours"].iloc[0]))
    final = metrics.is_final(frame)
    said = [f"Everybody is counted up to {age} after their message, {'which is final' if final else 'not final yet'}."]
    if verdict.base_name == "assigned":
        said.append("The rates are of all who were assigned, reached or not.")
    warned = [reason.text for reason in verdict.reasons if reason.guard in ("small counts", "thin", "close call")]
    return " ".join([*said, *warned[:1], "The other metrics are hints to test, not conclusions."])
