"""A week as charts: its ratios among those of the weeks before, its campaigns beside the account's best."""

import altair as alt
import pandas as pd

from reportlib.metrics import Rate, WeeklyFigures, base_words, definition
from reportlib.metrics.people.summary import ALL_CHANNELS
from reportlib.metrics.statistics.expectation import MIN_HISTORY
from reportlib.metrics.weekly.against_history import HIGHER, LOWER
from reportlib.presentation.look import numbers
from reportlib.presentation.look.chart import described, sentence_only
from reportlib.presentation.look.finding import CHANNEL_NAMES
from reportlib.presentation.look.palette import GRID, GROUND, INK, MUTED, STATUS, WIDE

ORDINARY, REVIEWED = MUTED, STATUS["delivered"]
PANEL = 92  # pixels high
SMALLEST_SPAN = 0.2  # of the highest rate, that an axis spans: less would make mountains of nothing
MOST_NEW = 8  # campaigns of one week drawn beside the benchmark
EARLIER, THIS, NOBODY = "earlier week", "this week", "nobody was reached"
MARKS = {  # shape, size, outline, inside
    EARLIER: ("circle", 26, ORDINARY, ORDINARY),
    NOBODY: ("circle", 44, ORDINARY, GROUND),
    THIS: ("circle", 120, REVIEWED, REVIEWED),
    HIGHER: ("triangle-up", 190, STATUS["failed"], STATUS["failed"]),
    LOWER: ("triangle-down", 190, STATUS["failed"], STATUS["failed"]),
}


def trends(weekly: WeeklyFigures) -> alt.VConcatChart | alt.Chart:
    """The weeks' ratios of `metrics.weekly_trends`, a panel each, every week with its own range of the ordinary."""
    frame = weekly.trends
    if frame.empty or not (frame["base"] > 0).any():
        return sentence_only("There is no week with a campaign that is old enough to be drawn.")
    panels = [rows for _, rows in frame.groupby(["metric", "channel"], sort=False) if (rows["base"] > 0).any()]
    drawn = [_trend_panel(rows, str(weekly.week), at == len(panels) - 1) for at, rows in enumerate(panels)]
    chart = alt.vconcat(*drawn, spacing=10).resolve_scale(x="shared", y="independent")
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
    told = f"Week {weekly.week.number} among {frame['week'].nunique()} weeks: {'; '.join(said) or 'nothing was sent'}."
    caption = (
        "Sums over each week's campaigns, all at the same age. The bar behind a dot is where an ordinary week of that "
        f"size lies, going by the weeks before week {weekly.week.number}. That one is the large dot, a triangle where "
        f"it is unusual. Hollow: nobody was reached. No bar: fewer than {MIN_HISTORY} weeks to go by. "
        "No dot: nothing was sent."
    )
    return described(chart, told, caption, heads, rows)


def benchmarks(weekly: WeeklyFigures) -> alt.VConcatChart | alt.Chart:
    """The week's campaigns beside the best of the earlier ones, as it was and with luck allowed for, per channel."""
    panels = [_benchmark_rows(rows, weekly.verdicts) for _, rows in weekly.benchmarks.groupby("channel", sort=False)]
    panels = [rows for rows in panels if len(rows)]
    if not panels:
        return sentence_only("Nothing was sent, so there is nothing to hold against the best.")
    frame = pd.concat(panels, ignore_index=True)
    chart = alt.vconcat(*[_benchmark_panel(rows) for rows in panels], spacing=14)
    base = base_words(weekly.benchmarks)
    heads = ["Channel", "Which", "Clicked", f"Of {base}", "Rate", "95 % interval"]
    rows = [
        [
            CHANNEL_NAMES[row.channel],
            row.which,
            numbers.count(row.count),
            numbers.count(row.base),
            numbers.percent(row.estimate),
            numbers.interval(row.low, row.high),
        ]
        for row in frame.itertuples(index=False)
    ]
    told = f"Clicked, of {base}. " + "; ".join(f"{row[0]}, {row[1]}: {row[4]}" for row in rows[:8])
    caption = (
        f"Clicked, in percent of {base}, with 95 % intervals, all at the same age. Expected: where a campaign like "
        "the earlier ones lies. The best of many is partly luck, the more so the smaller it was: the benchmark is the "
        "best once each rate is drawn towards the usual one as far as its size leaves room for luck."
    )
    return described(chart, told, caption, heads, rows)


def panel_name(row) -> str:
    """ "Delivered, of audience", "WhatsApp: clicked, of delivered"."""
    label = f"{definition(row.metric).label}, of {row.base_name}"
    return label if row.channel == ALL_CHANNELS else f"{CHANNEL_NAMES[row.channel]}: {label[:1].lower()}{label[1:]}"


def _trend_panel(rows, reviewed, is_last):
    kinds = [_kind(row, reviewed) for row in rows.itertuples(index=False)]
    marks = pd.DataFrame([MARKS[kind] for kind in kinds], rows.index, columns=["shape", "size", "outline", "inside"])
    said = [_week_said(row) for row in rows.itertuples(index=False)]
    drawn = rows[["week", "rate", "low", "high"]].assign(kind=kinds, said=said).join(marks)
    scale = _scale(drawn)
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
    y_axis = alt.Axis(format="~%", tickCount=3)
    y = alt.Y("rate:Q", title=None, scale=scale, axis=y_axis)
    title = alt.Title(panel_name(rows.iloc[0]), frame="group")
    chart = alt.Chart(title=title)
    band = (
        chart.transform_filter("isValid(datum.low)")
        .mark_bar(color=GRID, aria=False, width={"band": 0.94})
        .encode(x=x, y=alt.Y("low:Q", title=None, scale=scale, axis=y_axis), y2=alt.Y2("high:Q"))
    )
    line = (
        chart.transform_filter(f"isValid(datum.rate) && datum.kind != '{NOBODY}'")
        .mark_line(color=ORDINARY, strokeWidth=1.2, aria=False)
        .encode(x=x, y=y)
    )
    dots = (
        chart.transform_filter("isValid(datum.rate)")
        .mark_point(opacity=1, strokeWidth=1.6)
        .encode(
            x=x,
            y=y,
            shape=alt.Shape("shape:N", scale=None),
            size=alt.Size("size:Q", scale=None),
            stroke=alt.Stroke("outline:N", scale=None),
            fill=alt.Fill("inside:N", scale=None),
            tooltip=[alt.Tooltip("said:N", title="week")],
            description=alt.Description("said:N"),
        )
    )
    return alt.layer(band, line, dots, data=drawn, width=WIDE, height=PANEL)


def _scale(drawn):
    """From what the usual weeks need: one that reached nobody, or was tiny, would squeeze all others into a line."""
    kept = drawn[drawn["rate"].notna() & (drawn["kind"] != NOBODY)]
    ends = [kept["rate"].min(), kept["rate"].max(), kept["low"].median(), kept["high"].median()]
    known = [float(end) for end in ends if not pd.isna(end)] or [0.0, 1.0]
    low, high = min(known), max(known)
    room = max(0.0, SMALLEST_SPAN * high - (high - low)) / 2
    return alt.Scale(domain=[max(0.0, low - room), min(1.0, high + room)], nice=True, zero=False, clamp=True)


def _kind(row, reviewed):
    if row.week == reviewed and row.verdict in (HIGHER, LOWER):
        return row.verdict
    return NOBODY if not row.reached else THIS if row.week == reviewed else EARLIER


def _week_said(row):
    rate = Rate(int(row.count), int(row.base), row.base_name)
    word = "" if pd.isna(row.verdict) else f", {row.verdict}"
    return f"{row.week}: {numbers.rate(rate)}{word}"


def _benchmark_rows(rows, verdicts):
    """What is drawn of one channel: which, estimate, low, high, kind."""
    new, best, drawn_in = rows[rows["is_new"]].head(MOST_NEW), rows[rows["is_best"]], rows[rows["is_benchmark"]]
    shrunk = drawn_in.assign(rate=drawn_in["shrunk"], low=drawn_in["shrunk_low"], high=drawn_in["shrunk_high"])
    asked = verdicts[(verdicts["channel"] == rows["channel"].iloc[0]) & (verdicts["metric"] == "clicked")]
    usual = asked[asked["low"].notna()].head(1)
    parts = [
        new.assign(kind="this week", which=new["label"] + " (this week)"),
        usual.assign(kind="usual", which="Expected", rate=usual["expected"], count=pd.NA, base=pd.NA),
        best.assign(kind="best", which="Best so far: " + best["label"]),
        shrunk.assign(kind="benchmark", which="Benchmark: " + shrunk["label"]),
    ]
    columns = ["channel", "which", "kind", "count", "base", "rate", "low", "high"]
    kept = [part[columns].astype({"count": "Int64", "base": "Int64"}) for part in parts if len(part)]
    frame = pd.concat(kept, ignore_index=True).rename(columns={"rate": "estimate"})
    said = [f"{r.which}: {numbers.percent(r.estimate)} ({numbers.interval(r.low, r.high)})" for r in frame.itertuples()]
    return frame.assign(said=said)


def _benchmark_panel(rows):
    kinds = {"this week": REVIEWED, "usual": STATUS["sent"], "best": STATUS["sent"], "benchmark": INK}
    scale = alt.Scale(domain=[float(rows["low"].min()), float(rows["high"].max())], nice=True, zero=False)
    y = alt.Y("which:N", title=None, sort=None, axis=alt.Axis(labelLimit=300))
    x = alt.X("estimate:Q", title=None, scale=scale, axis=alt.Axis(format="~%", tickCount=5))
    channel = CHANNEL_NAMES[rows["channel"].iloc[0]]
    drawn = alt.Chart(title=alt.Title(channel, frame="group"))
    whisker = drawn.mark_rule(color=MUTED, strokeWidth=2, aria=False).encode(
        x=alt.X("low:Q", title=None, scale=scale), x2=alt.X2("high:Q"), y=y
    )
    colour = alt.Scale(domain=list(kinds), range=list(kinds.values()))
    shape = alt.Scale(domain=list(kinds), range=["circle", "stroke", "circle", "diamond"])
    dot = drawn.mark_point(filled=True, size=110, opacity=1).encode(
        x=x,
        y=y,
        color=alt.Color("kind:N", scale=colour, legend=None),
        shape=alt.Shape("kind:N", scale=shape, legend=None),
        tooltip=[alt.Tooltip("said:N", title=channel)],
        description=alt.Description("said:N"),
    )
    shown = rows.drop(columns=["channel", "count", "base"])
    return alt.layer(whisker, dot, data=shown, width=WIDE, height=alt.Step(26))
