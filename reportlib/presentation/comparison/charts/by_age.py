"""How campaigns were answered as a chart: response by age."""

import altair as alt
import pandas as pd

from reportlib.metrics import definition, wilson
from reportlib.presentation.comparison.charts.colours import BASELINE, CAMPAIGN_COLOURS, OTHERS, in_few_letters
from reportlib.presentation.look import numbers
from reportlib.presentation.look.drawing.chart import described, sentence_only
from reportlib.presentation.look.palette import WIDE

REST = "other campaigns"
HEIGHT, NAME_HEIGHT = 260, 18  # pixels, of the chart and of a line's name


def response_by_age(curves: pd.DataFrame, frame: pd.DataFrame, metric: str) -> alt.LayerChart | alt.Chart:
    """Who had responded by which age, from `metrics.response_by_age`: a line per campaign, its 95 % interval around it.

    Only as many campaigns as there are colours are told apart; the others are one pale colour.
    """
    named = _named_curves(curves, frame)
    if named.empty:
        return sentence_only("There are no responses to draw over time.")
    hours = int(named["age_hours"].max())
    domain, colours = _colours(named)
    ends = _apart(named, hours)
    legend = alt.Legend(columns=2, labelLimit=150, symbolType="stroke", symbolStrokeWidth=3, symbolOpacity=1)
    colour = alt.Color(
        "shown:N",
        title=None,
        sort=domain,
        scale=alt.Scale(domain=domain, range=colours),
        legend=legend if ends.empty else None,
    )
    step = next(step for step in (1, 3, 6, 12, 24, 48) if hours / step <= 8 or step == 48)
    axis = alt.Axis(
        grid=False,
        values=list(range(0, hours + 1, step)),
        labelExpr="datum.value + ' h'",
        labelFlush=True,
        labelOverlap=True,
        labelSeparation=8,
    )
    x = alt.X("age_hours:Q", title=None, scale=alt.Scale(domain=[0, hours], nice=False), axis=axis)
    y_axis = alt.Axis(format="~%", tickCount=5)
    line = (
        alt.Chart(named[["campaign", "shown", "age_hours", "rate"]], width=WIDE, height=HEIGHT)
        .mark_line(strokeWidth=2.5)
        .encode(x=x, y=alt.Y("rate:Q", title=None, axis=y_axis), color=colour, detail=alt.Detail("campaign:N"))
    )
    told_apart = named.loc[named["shown"] != REST, ["campaign", "shown", "age_hours", "low", "high"]]
    band = (
        alt.Chart(told_apart)
        .mark_area(opacity=0.16, aria=False)
        .encode(
            x=x,
            y=alt.Y("low:Q", title=None, axis=y_axis),
            y2=alt.Y2("high:Q"),
            color=colour,
            detail=alt.Detail("campaign:N"),
        )
    )
    names = (
        alt.Chart(ends[["name", "age_hours", "rate"]])
        .mark_text(align="right", baseline="bottom", dy=-6, fontWeight=600, aria=False)
        .encode(x=x, y=alt.Y("rate:Q", title=None, axis=y_axis), text="name:N")
    )
    last = named[named["age_hours"] == hours]
    told = "; ".join(f"{row.campaign} {numbers.percent(row.rate)}" for row in last.head(8).itertuples(index=False))
    marks = sorted({*range(step, hours + 1, step), hours})
    rows = [
        [
            row.campaign,
            f"{row.age_hours:g} h",
            numbers.count(row.people),
            numbers.count(row.audience),
            *_curve_words(row),
        ]
        for row in named[named["age_hours"].isin(marks)].itertuples(index=False)
    ]
    label = definition(metric).label
    caption = (
        f"{label}, in percent of people, by hours since each person's message, up to "
        f"{numbers.plural(hours, 'hour')}, with 95 % intervals."
    )
    heads = ["Campaign", "Age", label, "Of people", "Rate", "95 % interval"]
    chart = band + line if ends.empty else band + line + names
    return described(chart, f"{label} by age of the campaign. After {hours} h: {told}.", caption, heads, rows)


def _apart(named, hours):
    """The ends of the lines with their names in short; empty where they would lie upon one another."""
    ends = named[(named["age_hours"] == hours) & (named["shown"] != REST)].sort_values("rate")
    ends = ends.assign(name=ends["shown"].map(in_few_letters))
    near = ends["rate"].diff().min() < NAME_HEIGHT / HEIGHT * named["high"].max()
    return ends.iloc[:0] if near or (named["shown"] == REST).any() else ends


def _named_curves(curves, frame):
    """The curves with the campaign's label, its rate and interval, and under which name its colour stands."""
    labels = dict(zip(frame["campaign_id"], frame["label"], strict=True))
    named = curves[curves["audience"] > 0].assign(campaign=lambda rows: rows["campaign_id"].map(labels))
    low, high = wilson(named["people"], named["audience"])
    told_apart = list(labels.values())[: len(CAMPAIGN_COLOURS) + 1]
    return named.assign(
        rate=named["people"].astype(float) / named["audience"].astype(float),
        low=low,
        high=high,
        shown=named["campaign"].where(named["campaign"].isin(told_apart), REST),
    )


def _colours(named):
    present = list(dict.fromkeys(named["shown"]))
    campaigns = [name for name in present if name != REST]
    rest = [REST] if REST in present else []
    return campaigns + rest, [BASELINE, *CAMPAIGN_COLOURS][: len(campaigns)] + [OTHERS] * len(rest)


def _curve_words(row):
    return numbers.percent(row.rate), numbers.interval(row.low, row.high)
