"""A week's campaigns beside the account's best, as a chart."""

import altair as alt
import pandas as pd

from reportlib.metrics import WeeklyFigures, base_words
from reportlib.presentation.look import numbers
from reportlib.presentation.look.drawing.chart import described, sentence_only
from reportlib.presentation.look.finding import CHANNEL_NAMES
from reportlib.presentation.look.palette import INK, MUTED, STATUS, WIDE

REVIEWED = STATUS["delivered"]
MOST_NEW = 8  # campaigns of one week drawn beside the benchmark


def benchmarks(weekly: WeeklyFigures) -> alt.VConcatChart | alt.Chart:
    """The week's campaigns beside the best of the earlier ones, as it was and with luck allowed for, per channel."""
    panels = [_benchmark_rows(rows, weekly.verdicts) for _, rows in weekly.benchmarks.groupby("channel", sort=False)]
    panels = [rows for rows in panels if len(rows)]
    if not panels:
        return sentence_only("No click rate is known, so there is nothing to hold against the best.")
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
    caption = f"Clicked, in percent of {base}, with 95 % intervals. Benchmark: the best, once luck is allowed for."
    return described(chart, told, caption, heads, rows)


def _benchmark_rows(rows, verdicts):
    """What is drawn of one channel: which, estimate, low, high, kind."""
    new, best, drawn_in = rows[rows["is_new"]].head(MOST_NEW), rows[rows["is_best"]], rows[rows["is_benchmark"]]
    shrunk = drawn_in.assign(rate=drawn_in["shrunk"], low=drawn_in["shrunk_low"], high=drawn_in["shrunk_high"])
    asked = verdicts[(verdicts["channel"] == rows["channel"].iloc[0]) & (verdicts["metric"] == "clicked")]
    usual = asked[asked["low"].notna()].head(1)
    parts = [
        new.assign(kind="this week", which=new["label"]),
        usual.assign(kind="usual", which="Expected", rate=usual["expected"], count=pd.NA, base=pd.NA),
        best.assign(kind="best", which="Best: " + best["label"]),
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
