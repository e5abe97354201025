"""What failed, where, and what to do, as tables."""

from html import escape

import pandas as pd

from reportlib.metrics import Rate
from reportlib.presentation.look import numbers
from reportlib.presentation.look.display import Display, name_html
from reportlib.presentation.look.finding import CHANNEL_NAMES
from reportlib.presentation.look.folds import the_numbers
from reportlib.presentation.look.palette import GRID, STATUS
from reportlib.presentation.look.table import dimension_name, table
from reportlib.presentation.look.totals import nothing

BAR, BAR_HEIGHT = 90, 8  # pixels
WHY = {"transient": "may pass", "fixable": "to be changed"}


def failures(frame: pd.DataFrame, top: int = 10) -> Display:
    """`failures`, the most frequent first: how many, which share, whether to send again, and what to do."""
    total = int(frame["failed"].sum())
    if not total:
        return nothing(frame, "No failure is known.")
    most = int(frame["failed"].max())
    rows = [
        [
            f"{escape(row.title)}<small>{CHANNEL_NAMES[row.channel]}</small>",
            numbers.count(row.failed),
            numbers.about(row.failed / total),
            _bar(row.failed, most),
            f'<span class="tag {row.permanence}">{row.permanence}</span>',
            escape(row.advice),
        ]
        for row in frame.head(top).itertuples(index=False)
    ]
    rest = frame.iloc[top:]
    if len(rest):
        people = int(rest["failed"].sum())
        more = [numbers.plural(len(rest), "other code"), numbers.count(people), numbers.about(people / total)]
        rows.append([*more, _bar(people, most), "", ""])
    heads = ["Reason", "People", f"Of {numbers.count(total)} failed", "", "Send again?", "What to do"]
    told = table(f"Why {numbers.plural(total, 'person was', 'people were')} not reached", heads, rows, texts=(3, 4, 5))
    behind = [_words(row) for row in frame.itertuples(index=False)]
    codes = the_numbers("failures", ["Reason", "Channel", "Provider", "Code", "Its words", "People"], behind)
    html = told.html.replace('class="stacked"', 'class="stacked failures"', 1)
    return Display(html + codes, "\n".join([told.text, *["  ".join(row) for row in behind]]))


def failure_patterns(frame: pd.DataFrame, top: int = 10) -> Display:
    """The groups in which a failure of `metrics.failure_patterns` is concentrated, against all others."""
    found = frame[frame["concentrated"]]
    if found.empty:
        asked = f"None of the {numbers.plural(len(frame), 'group')} asked about" if len(frame) else "No group"
        return nothing(frame, f"{asked} is known to have a failure more often than the others, beyond luck.")
    rows = [
        [
            f"{escape(dimension_name(row.dimension))}: {name_html(row.group)}",
            f"{escape(row.title)}",
            numbers.percent(row.failed / row.sent),
            numbers.percent(row.rest_failed / row.rest_sent),
            numbers.count(round(row.excess)),
        ]
        for row in found.head(top).itertuples(index=False)
    ]
    if len(found) > top:
        rows.append([numbers.plural(len(found) - top, "more group"), *[""] * 4])
    caption = (
        f"Failures that are more frequent in a group than among all others of its channel and provider; "
        f"{numbers.plural(len(frame), 'group')} asked about, at most 5\u202f% of those listed are luck, on average."
    )
    heads = ["Where", "What failed", "There, of sent", "Elsewhere, of sent", "Extra failures"]
    told = table(caption, heads, rows, texts=(1,))
    behind = [_pattern_numbers(row) for row in found.itertuples(index=False)]
    heads = ["Where", "Code", "Failed there", "Of sent", "95 % interval", "Failed elsewhere", "Of sent", "Points more"]
    return Display(told.html + the_numbers("where failures concentrate", heads, behind), told.text)


def won_back(back: pd.DataFrame) -> Display:
    """`metrics.recoverable`: how many of those who failed another message would reach, and what that stands on."""
    if back.empty:
        return nothing(back, "No failure is known that passes or that can be changed.")
    rows = [
        [
            f"{CHANNEL_NAMES[row.channel]}, {WHY[row.permanence]}",
            numbers.count(row.failed),
            *_expected(row),
            f"{numbers.percent(row.reached / row.tried if row.tried else None)} of {numbers.count(row.tried)}",
        ]
        for row in back.itertuples(index=False)
    ]
    known = back["expected"].notna()
    if known.sum() > 1:
        total = numbers.count(round(back["expected"].sum()))
        rows.append(["Together", numbers.count(back["failed"].sum()), f"≈ {total}", "", ""])
    caption = (
        "People whom another message would reach, about. May pass: as many as the next message reached after such a "
        "failure. To be changed: as many as the campaign reached of the others with an outcome."
    )
    return table(caption, ["Failed", "People", "Would be reached", "95\u202f% range", "As were"], rows)


def _expected(row):
    if pd.isna(row.expected):
        return ["not known", numbers.NOTHING]
    if pd.isna(row.low):
        return [f"≈ {numbers.count(round(row.expected))}", "too few sendings"]
    about, low, high = (numbers.count(round(people)) for people in (row.expected, row.low, row.high))
    return [f"≈ {about}", f"{low}–{high}"]


def _pattern_numbers(row):
    there = Rate(int(row.failed), int(row.sent), "sent")
    more = (
        f"{numbers.points(100 * row.difference)} ({numbers.points(100 * row.low)} to {numbers.points(100 * row.high)})"
    )
    return [
        f"{dimension_name(row.dimension)}: {row.group}",
        _code(row),
        *map(numbers.count, (row.failed, row.sent)),
        numbers.interval(there.low, there.high),
        *map(numbers.count, (row.rest_failed, row.rest_sent)),
        more,
    ]


def _bar(people, most):
    """A bar as long as so many people are of the most; its number stands beside it."""
    long = max(1.5, BAR * people / most)
    track = f'<rect width="{BAR}" height="{BAR_HEIGHT}" rx="2" fill="{GRID}"/>'
    bar = f'<rect width="{long:.1f}" height="{BAR_HEIGHT}" rx="2" fill="{STATUS["failed"]}"/>'
    size = f'viewBox="0 0 {BAR} {BAR_HEIGHT}" width="{BAR}" height="{BAR_HEIGHT}"'
    return f'<svg class="bar" {size} aria-hidden="true">{track}{bar}</svg>'


def _code(row):
    return "no code" if pd.isna(row.code) else str(row.code)


def _words(row):
    reason = "" if pd.isna(row.reason) else str(row.reason)
    return [row.title, CHANNEL_NAMES[row.channel], str(row.provider), _code(row), reason, numbers.count(row.failed)]
