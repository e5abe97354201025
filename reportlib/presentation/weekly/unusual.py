"""Whether a week is usual, in sentences: its campaigns and the week as a whole."""

from reportlib.metrics import WeeklyFigures, definition
from reportlib.metrics.people.summary import ALL_CHANNELS
from reportlib.metrics.statistics.expectation import MIN_HISTORY
from reportlib.metrics.weekly.against_history import JUDGED, TOO_LITTLE, TOO_YOUNG
from reportlib.metrics.weekly.history import YOUNGEST_HOURS
from reportlib.presentation.look import numbers, usual
from reportlib.presentation.look.finding import CHANNEL_NAMES, WORST_FIRST, Finding
from reportlib.presentation.look.usual import HIGHER, LOWER, UNUSUAL, figure_name

OPPOSITE = {"delivered": "failed", "failed": "delivered"}  # who is not in one is in the other, but for a few


def in_sentences(weekly: WeeklyFigures) -> list[Finding]:
    """What is unusual, the worst first; else that all is usual, or why that cannot be told."""
    rows = weekly.verdicts
    unusual = rows[rows["verdict"].isin(UNUSUAL)]
    found = [
        Finding("unusual", usual.verdict(row.metric, row.verdict).level, f"{row.label}: {_judged(row)}.")
        for row in unusual.itertuples(index=False)
    ]
    found += [
        Finding("unusual", usual.verdict(row.metric, row.verdict).level, f"{_of_the_week(row)}.")
        for row in unusual_weeks(weekly)
    ]
    if found:
        return sorted(found, key=lambda one: WORST_FIRST.index(one.level))
    if rows["verdict"].isin(JUDGED).any():
        return [Finding("usual", "good", "All of it is usual for you.")]
    return [Finding("usual", "note", f"Whether that is usual cannot be told: {_why_not(rows)}.")]


def unusual_weeks(weekly: WeeklyFigures) -> list:
    """The rows of the week's trends that are unusual though no campaign of it is in that metric, nor in its opposite;
    none of one campaign that is unusual: it is the week."""
    told, trends = (rows[rows["verdict"].isin(UNUSUAL)] for rows in (weekly.verdicts, weekly.trends))
    if len(told) and len(weekly.campaigns) == 1:
        return []
    known = {*zip(told["metric"], told["verdict"], strict=True)}
    return [
        row
        for row in trends.itertuples(index=False)
        if row.metric not in set(told["metric"])
        and (OPPOSITE.get(row.metric), LOWER if row.verdict == HIGHER else HIGHER) not in known
    ]


def _judged(row, channels: int = 2) -> str:
    """One row of `metrics.week_verdicts` that was judged, in words: the rate, and what is usual."""
    return f"{figure_name(row, channels)} {numbers.percent(row.rate)}, usually {_between(row)}"


def _of_the_week(row) -> str:
    where = "all channels" if row.channel == ALL_CHANNELS else CHANNEL_NAMES[row.channel]
    label = definition(row.metric).label.lower()
    of_these = " of these channels" if row.channel == ALL_CHANNELS else ""
    return f"The week as a whole, {where}: {label} {numbers.percent(row.rate)}, usually {_between(row)}{of_these}"


def _between(row):
    low, high = numbers.interval(row.low, row.high).split("–")
    return f"{low} to {high}{numbers.THIN_SPACE}%"


def _why_not(rows):
    words = set(rows["verdict"])
    if TOO_YOUNG in words:
        return f"nothing of it is {YOUNGEST_HOURS} h old yet"
    if TOO_LITTLE in words:
        return f"that takes {MIN_HISTORY} earlier campaigns on a channel"
    return "it has no rate that could be judged"
