"""The weeks' ratios as charts: the band of what is ordinary, the line of the weeks, the last value by name."""

import math

import altair as alt
import pandas as pd

from reportlib.metrics import Rate, WeeklyFigures, definition
from reportlib.metrics.people.summary import ALL_CHANNELS
from reportlib.metrics.statistics.expectation import MIN_HISTORY
from reportlib.metrics.weekly.against_history import HIGHER, LOWER
from reportlib.presentation.look import numbers
from reportlib.presentation.look.drawing.chart import described, sentence_only
from reportlib.presentation.look.finding import CHANNEL_NAMES
from reportlib.presentation.look.palette import GRID, MUTED, STATUS, WIDE

ORDINARY, REVIEWED, BROKEN = MUTED, STATUS["delivered"], STATUS["failed"]
PANEL, ROOM_BELOW = 92, 0.3  # pixels high; the part of it that a value below its point needs
SMALLEST_SPAN = 0.2  # of the highest rate, that an axis spans: less would make mountains of nothing
STEPS = 3  # of an axis, about
EARLIER, THIS, NOBODY = "earlier week", "this week", "nobody was reached"
MARKS = {  # shape, size, colour
    EARLIER: ("circle", 26, ORDINARY),
    THIS: ("circle", 120, REVIEWED),
    HIGHER: ("triangle-up", 190, BROKEN),
    LOWER: ("triangle-down", 190, BROKEN),
    NOBODY: ("cross", 90, BROKEN),
}


def trends(weekly: WeeklyFigures, opens: bool = False) -> alt.VConcatChart | alt.Chart:
    """The weeks' ratios of `metrics.weekly_trends`, a panel each under what the reviewed week says: all but opens,
    which are a channel's own, or those alone."""
    frame = weekly.trends[weekly.trends["metric"].str.startswith("opened") == opens]
    if frame.empty or not (frame["base"] > 0).any():
        return sentence_only("There is no week with a campaign that is old enough to be drawn.")
    panels = [rows for _, rows in frame.groupby(["metric", "channel"], sort=False) if (rows["base"] > 0).any()]
    panels = [rows for rows in panels if rows["base"].iloc[-1] > 0] or panels  # of channels that the week used
    drawn = [_panel(rows, str(weekly.week), at == len(panels) - 1) for at, rows in enumerate(panels)]
    chart = alt.vconcat(*drawn, spacing=12).resolve_scale(x="shared", y="independent")
    kept = frame[frame["base"] > 0]
    rows = [
        [
            panel_name(row),
            row.week,
            numbers.count(row.count),
            numbers.count(row.base),
            numbers.percent(row.rate),
            numbers.interval(row.low, row.high),
            numbers.NOTHING if pd.isna(row.verdict) else row.verdict,
        ]
        for row in kept.itertuples(index=False)
    ]
    heads = ["Ratio", "Week", "People", "Of", "Rate", "Ordinary, in %", "Verdict"]
    last = kept[kept["week"] == str(weekly.week)]
    said = [f"{panel_name(r)} {numbers.percent(r.rate)}, {r.verdict}" for r in last.itertuples()]
    rates = "; ".join(said) or "there is no rate of it"
    told = f"Week {weekly.week.number} among {frame['week'].nunique()} weeks: {rates}."
    caption = (
        f"All at the same age. Band: ordinary, from {MIN_HISTORY} weeks on; large: this week, a triangle where "
        "unusual; cross: nobody reached."
    )
    return described(chart, told, caption, heads, rows)


def panel_name(row) -> str:
    """ "Delivered, of audience", "WhatsApp: clicked, of delivered"."""
    label = f"{definition(row.metric).label}, of {row.base_name}"
    return label if row.channel == ALL_CHANNELS else f"{CHANNEL_NAMES[row.channel]}: {label[:1].lower()}{label[1:]}"


def _panel(rows, reviewed, is_last):
    low, high = _domain(rows)
    kinds = [_kind(row, reviewed) for row in rows.itertuples(index=False)]
    marks = pd.DataFrame([MARKS[kind] for kind in kinds], rows.index, columns=["shape", "size", "colour"])
    inside = rows[["rate", "low", "high"]].clip(low, high)
    said = [_week_said(row) for row in rows.itertuples(index=False)]
    drawn = rows[["week"]].join(inside).assign(kind=kinds, said=said, label=_labels(rows, kinds)).join(marks)
    before = inside["rate"].where([kind != NOBODY for kind in kinds]).ffill().shift()
    drawn["below"] = (before > inside["rate"]) & (inside["rate"] > low + ROOM_BELOW * (high - low))  # clear of its line
    weeks = rows["week"].tolist()
    axis = alt.Axis(
        grid=False,
        labelExpr="slice(datum.label, 5)",
        labelOverlap="greedy",
        labelAngle=0,
        labelSeparation=8,
        labels=is_last,
    )
    x = alt.X("week:N", title=None, sort=weeks, scale=alt.Scale(domain=weeks), axis=axis)
    scale, y_axis = alt.Scale(domain=[low, high], zero=False, nice=False), alt.Axis(format="~%", tickCount=STEPS)
    y = alt.Y("rate:Q", title=None, scale=scale, axis=y_axis)
    chart = alt.Chart(title=alt.Title(_finding(rows, reviewed), frame="group"))
    alone = rows["low"].notna().sum() == 1  # a band of one week is a stroke
    band = (
        chart.transform_filter("isValid(datum.low)")
        .mark_area(color=GRID, aria=False, stroke=GRID, strokeWidth=14 if alone else 0)
        .encode(x=x, y=alt.Y("low:Q", title=None, scale=scale, axis=y_axis), y2=alt.Y2("high:Q"))
    )
    line = (
        chart.transform_filter(f"isValid(datum.rate) && datum.kind != '{NOBODY}'")
        .mark_line(color=ORDINARY, strokeWidth=1.2, aria=False)
        .encode(x=x, y=y)
    )
    dots = (
        chart.transform_filter("isValid(datum.rate)")
        .mark_point(filled=True, opacity=1)
        .encode(
            x=x,
            y=y,
            shape=alt.Shape("shape:N", scale=None),
            size=alt.Size("size:Q", scale=None),
            color=alt.Color("colour:N", scale=None),
            tooltip=[alt.Tooltip("said:N", title="week")],
            description=alt.Description("said:N"),
        )
    )
    names = [
        chart.transform_filter(f"datum.label != '' && {'' if is_below else '!'}datum.below")
        .mark_text(align="right", dx=4, dy=15 if is_below else -13, fontWeight=600, aria=False)
        .encode(x=x, y=y, text="label:N")
        for is_below in (False, True)
    ]
    return alt.layer(band, line, dots, *names, data=drawn, width=WIDE, height=PANEL)


def _finding(rows, reviewed):
    """What the reviewed week says: "Delivered 94.4 % of audience, as usual"."""
    last = next(row for row in rows.itertuples(index=False) if row.week == reviewed)
    if not last.base:
        return f"{panel_name(last)}: nothing this week"
    name = panel_name(last).rpartition(", of ")[0].replace(":", "")
    return f"{name} {numbers.percent(last.rate)} of {last.base_name}, {last.verdict}"


def _domain(rows):
    """From what the usual weeks need: one that reached nobody, or was tiny, would squeeze all others into a line."""
    kept = rows[rows["rate"].notna() & (rows["reached"] > 0)]
    ends = [kept["rate"].min(), kept["rate"].max(), kept["low"].median(), kept["high"].median()]
    known = [float(end) for end in ends if not pd.isna(end)] or [0.0, 1.0]
    low, high = min(known), max(known)
    room = max(0.0, SMALLEST_SPAN * high - (high - low)) / 2
    low, high = max(0.0, low - room), min(1.0, high + room) or 1.0
    step = _step((high - low) / STEPS)
    return max(0.0, math.floor(low / step) * step), min(1.0, math.ceil(high / step) * step)


def _step(about):
    """The round number next above: 1, 2 or 5 times a power of ten."""
    power = 10 ** math.floor(math.log10(about))
    return next(times * power for times in (1, 2, 5, 10) if times * power >= about)


def _labels(rows, kinds):
    """The values that are written out: the reviewed week's, and those outside the scale."""
    written = [numbers.percent(rate) if kind != EARLIER else "" for rate, kind in zip(rows["rate"], kinds, strict=True)]
    return ["" if pd.isna(rate) else text for rate, text in zip(rows["rate"], written, strict=True)]


def _kind(row, reviewed):
    if not row.reached:
        return NOBODY
    if row.week == reviewed:
        return row.verdict if row.verdict in (HIGHER, LOWER) else THIS
    return EARLIER


def _week_said(row):
    rate = Rate(int(row.count), int(row.base), row.base_name)
    word = "" if pd.isna(row.verdict) else f", {row.verdict}"
    return f"{row.week}: {numbers.rate(rate)}{word}"
