"""How soon people respond: charts over the age of a message."""

import altair as alt
import pandas as pd

from reportlib.metrics import definition
from reportlib.presentation.look import numbers
from reportlib.presentation.look.drawing.chart import described, sentence_only
from reportlib.presentation.look.finding import CHANNEL_NAMES
from reportlib.presentation.look.palette import HEAT, MUTED, WIDE
from reportlib.presentation.look.totals import known_as_totals

CHANNEL_COLOURS = {"whatsapp": HEAT[5], "sms": MUTED, "email": HEAT[1]}  # none that says delivered or failed
CHANNEL_DASHES = {"whatsapp": [1, 0], "sms": [2, 3], "email": [7, 3]}
AGES = {1: "1 min", 10: "10 min", 60: "1 h", 360: "6 h", 1440: "1 day", 10080: "7 days"}  # minutes


def response_latency(frame: pd.DataFrame, metric: str) -> alt.LayerChart | alt.Chart:
    """The share of messages answered by each age, with its 95 % interval: `metrics.response_latency`."""
    answered = frame[frame["low"].notna()]
    if answered.empty:
        return sentence_only(known_as_totals(frame) or "No response is known yet: there is no time to tell.")
    drawn = answered.assign(
        name=answered["channel"].map(CHANNEL_NAMES),
        said=[
            f"{CHANNEL_NAMES[row.channel]}, {numbers.duration(row.age_minutes)} after the hand-over: "
            f"{numbers.percent(row.share)} ({numbers.interval(row.low, row.high)})"
            for row in answered.itertuples(index=False)
        ],
    )
    present = [channel for channel in CHANNEL_NAMES if channel in set(drawn["channel"])]
    names = [CHANNEL_NAMES[channel] for channel in present]
    longest = int(frame["age_minutes"].max())
    ticks = [age for age in AGES if age <= longest]
    ages = alt.Axis(values=ticks, labelExpr=f"({ {str(age): words for age, words in AGES.items()} })[datum.value]")
    x = alt.X("age_minutes:Q", title=None, scale=alt.Scale(type="log", domain=[1, longest]), axis=ages)
    percent = alt.Axis(format="~%", tickCount=4)
    colours = alt.Scale(domain=names, range=[CHANNEL_COLOURS[channel] for channel in present])
    dashes = alt.Scale(domain=names, range=[CHANNEL_DASHES[channel] for channel in present])
    band = (
        alt.Chart()
        .mark_area(opacity=0.18, aria=False)
        .encode(
            x=x,
            y=alt.Y("low:Q", title=None, axis=percent),
            y2=alt.Y2("high:Q"),
            color=alt.Color("name:N", title=None, sort=names, scale=colours, legend=None),
        )
    )
    line = (
        alt.Chart()
        .mark_line(strokeWidth=2)
        .encode(
            x=x,
            y=alt.Y("share:Q", title=None, axis=percent),
            color=alt.Color("name:N", title=None, sort=names, scale=colours, legend=None),
            strokeDash=alt.StrokeDash("name:N", title=None, sort=names, scale=dashes, legend=None),
        )
    )
    at_ticks = [
        drawn[(drawn["channel"] == channel) & (drawn["age_minutes"] <= age)].tail(1).assign(age=AGES[age])
        for channel in present
        for age in ticks
    ]
    rows = [
        [
            row.name,
            row.age,
            numbers.percent(row.share),
            numbers.interval(row.low, row.high),
            numbers.count(row.followed),
        ]
        for row in pd.concat(at_ticks).itertuples(index=False, name="At")
    ]
    last = drawn.groupby("channel").tail(1)["said"]
    told = f"{definition(metric).label} by age of the message. {'; '.join(last)}."
    caption = (
        f"{definition(metric).label}: the share of messages answered by each age, with its 95 % interval; "
        "the scale of ages is logarithmic. Messages count for as long as they could be followed so far."
    )
    heads = ["Channel", "By the age of", "Share", "95 % interval", "Messages followed so long"]
    shown = drawn[["name", "age_minutes", "share", "low", "high", "said"]]
    named = (
        alt.Chart(shown.groupby("name", sort=False).tail(1))
        .mark_text(align="right", baseline="bottom", dy=-5, aria=False)
        .encode(x=x, y=alt.Y("share:Q", title=None, axis=percent), text="name:N")
    )
    return described(alt.layer(band, line, named, data=shown, width=WIDE, height=220), told, caption, heads, rows)
