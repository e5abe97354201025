"""How delivery went: what became of messages over time, how soon, and which part failed when."""

import altair as alt
import numpy as np
import pandas as pd

from reportlib.presentation.look import numbers
from reportlib.presentation.look.drawing.chart import PLAIN_ZERO, described, sentence_only
from reportlib.presentation.look.palette import MUTED, STATUS, WIDE
from reportlib.presentation.look.totals import known_as_totals

_HOURS_AND_DAYS = "timeFormat(datum.value, hours(datum.value) + minutes(datum.value) == 0 ? '%a %d %b' : '%H:%M')"
HEADS = {"delivered": "Delivered", "failed": "Failed", "pending": "No outcome by then"}
MOST_BARS = 24
PACE_HEIGHT, NAME_WIDTH, LOW = 150, 0.22, 0.4  # pixels; of a phone's chart, the word "delivered"; of the height
FEWEST_OUTCOMES = 20  # of a bucket, for a rate of it to be drawn


def delivery_timeline(frame: pd.DataFrame, status: str = "sending") -> alt.VConcatChart | alt.Chart:
    """How `metrics.delivery_timeline` went. Of a campaign that is sending, what became of its messages so far, above
    how many were sent when; of a finished one, how soon delivery followed sending, above which part failed when.

    Example
    -------
    >>> charts.delivery_timeline(metrics.delivery_timeline(warehouse, "spring-sale"))
    alt.VConcatChart(...)
    """
    if frame.empty:
        return sentence_only(known_as_totals(frame) or "Nothing has been sent yet.")
    shown = frame[frame["bucket"].between(frame.attrs["shown_from"], frame.attrs["shown_until"])]
    drawn = _so_far(shown) if status == "sending" else _afterwards(shown)
    last = frame.iloc[-1]
    changes = frame["sent"] + frame["delivered"]
    earlier, later = (
        int(changes[beyond].sum())
        for beyond in (frame["bucket"] < frame.attrs["shown_from"], frame["bucket"] > frame.attrs["shown_until"])
    )
    measured = frame.attrs["measured"]
    counts = {
        "delivered": last["delivered_cumulative"],
        "failed": last["failed_cumulative"],
        "pending": last["pending"],
    }
    told = f"{numbers.count(last['sent_cumulative'])} messages sent; {numbers.outcomes(counts, measured)}."
    caption = f"Times are {frame.attrs['timezone']}."
    beyond = [f"{numbers.count(n)} {when}" for n, when in ((earlier, "before"), (later, "after")) if n]
    caption += f" Messages and receipts that are not drawn: {', '.join(beyond)}." if beyond else ""
    if frame.attrs["untimed"]:
        caption += f" {numbers.count(frame.attrs['untimed'])} outcomes have no time and are not drawn."
    scales = dict(x="shared", y="independent", color="independent")
    chart = alt.vconcat(*drawn, spacing=18, resolve=dict(scale=scales))
    heads = {"sent": "Sent"} | {state: HEADS[state] for state in HEADS if state in measured}
    table = frame[["bucket", *heads]]
    rows = [
        [f"{numbers.short_date(row[0], weekday=True)} {numbers.clock(row[0])}", *map(numbers.count, row[1:])]
        for row in table.itertuples(index=False)
    ]
    return described(chart, f"Delivery over time. {told}", caption, ["From", *heads.values()], rows)


def _time_axis():
    return alt.X("bucket:T", title=None, axis=dict(grid=False, tickCount=6, labelExpr=_HOURS_AND_DAYS))


def _so_far(shown):
    """What became of the messages so far, where that is measured, above how many were sent in each bucket."""
    states = {"delivered": "delivered_cumulative", "pending": "pending", "failed": "failed_cumulative"}
    states = {state: column for state, column in states.items() if state in shown.attrs["measured"]}
    long = shown.melt(
        id_vars="bucket", value_vars=list(states.values()), var_name="state", value_name="messages"
    ).replace({"state": {column: state for state, column in states.items()}})
    long["order"] = long["state"].map({state: place for place, state in enumerate(states)})
    so_far = (
        alt.Chart(long, title=f"So far: {', '.join(states)}", width=WIDE, height=200)
        .mark_area(line=False)
        .encode(
            x=_time_axis(),
            y=alt.Y("messages:Q", title=None, stack=True, axis=dict(tickCount=4, format="~s", labelExpr=PLAIN_ZERO)),
            color=alt.Color(
                "state:N",
                title=None,
                scale=dict(domain=list(states), range=[STATUS[state] for state in states]),
            ),
            order=alt.Order("order:Q"),
            tooltip=[
                alt.Tooltip("bucket:T", title="by", format="%a %d %b %H:%M"),
                alt.Tooltip("state:N", title="state"),
                alt.Tooltip("messages:Q", title="messages", format=","),
            ],
        )
    )
    per_bucket = (
        alt.Chart(shown, title=f"Sent in each {_unit(shown.attrs['bucket_minutes'])}", width=WIDE, height=80)
        .mark_area(color=STATUS["sent"], interpolate="step-after")
        .encode(
            x=_time_axis(),
            y=alt.Y("sent:Q", title=None, axis=dict(tickCount=3, format="~s", labelExpr=PLAIN_ZERO)),
            tooltip=[
                alt.Tooltip("bucket:T", title="from", format="%a %d %b %H:%M"),
                alt.Tooltip("sent:Q", title="sent", format=","),
            ],
        )
    )
    return (so_far, per_bucket) if "delivered" in states else (per_bucket,)


def _afterwards(shown):
    """How soon delivery followed sending, above the part of each bucket's outcomes that failed, where both are
    measured."""
    return (_pace(shown), _failing(shown)) if "pending" in shown.attrs["measured"] else (_pace(shown),)


def _pace(shown):
    total = int(shown["sent"].sum()) or 1
    lines = {state: STATUS[state] for state in ("sent", "delivered") if state in ("sent", *shown.attrs["measured"])}
    long = pd.concat(
        [
            shown[["bucket"]].assign(
                state=state, share=shown[f"{state}_cumulative"] / total, people=shown[f"{state}_cumulative"]
            )
            for state in lines
        ]
    )
    colour = alt.Color("state:N", legend=None, scale=dict(domain=list(lines), range=list(lines.values())))
    y = alt.Y("share:Q", title=None, scale=dict(domain=[0, 1]), axis=dict(format="~%", tickCount=4))
    base = alt.Chart(long, title=_pace_said(shown), width=WIDE, height=PACE_HEIGHT)
    line = base.mark_line(strokeWidth=2.5).encode(x=_time_axis(), y=y, color=colour)
    ends = long[long["bucket"] == long["bucket"].max()]
    named = [
        alt.Chart(ends[ends["state"] == state])
        .mark_text(align="right", baseline="top" if below else "bottom", dy=below or -5, color=MUTED)
        .encode(x=_time_axis(), y=y, text=alt.Text("state:N"))
        for state, below in ((state, _below(long[long["state"] == state])) for state in lines)
    ]
    return alt.layer(line, *named)


def _below(line):
    """How many pixels below the end of a line its name has to be, to be clear of it on a phone; 0 where it is above, as
    that of all sent is, and of a line that ends low."""
    last = line["share"].iloc[-1]
    if line["state"].iloc[0] == "sent" or last < LOW:
        return 0
    beside = line[line["bucket"] >= line["bucket"].max() - NAME_WIDTH * (line["bucket"].max() - line["bucket"].min())]
    return round((last - beside["share"].min()) * PACE_HEIGHT) + 8


def _pace_said(shown):
    half = {
        state: shown.loc[shown[f"{state}_cumulative"] >= shown[state].sum() / 2, "bucket"]
        for state in ("sent", "delivered")
    }
    if "delivered" not in shown.attrs["measured"]:
        return f"Half was out by {half['sent'].iloc[0]:%H:%M}; deliveries {numbers.UNMEASURED}"
    if not shown["delivered"].any():
        return "Sent, and nothing delivered"
    out, there = (moments.iloc[0] for moments in half.values())
    size, minutes = shown.attrs["bucket_minutes"], (there - out).total_seconds() / 60
    late = f"{numbers.duration(minutes)} later" if minutes >= size else f"within {_unit_of(size)}"
    return f"Half was out by {out:%H:%M}; delivery followed {late}"


def _failing(shown):
    """Of so many buckets together that there are MOST_BARS at most, each with outcomes enough for a rate."""
    together = -(-len(shown) // MOST_BARS)
    at = np.arange(len(shown)) // together
    wide = shown.groupby(at).agg({"bucket": "first", "failed": "sum", "delivered": "sum"})
    outcomes = wide["failed"] + wide["delivered"]
    rated = wide.assign(rate=wide["failed"] / outcomes.where(outcomes >= FEWEST_OUTCOMES)).dropna(subset="rate")
    said = f"Failed: {numbers.percent(shown['failed'].sum() / max(1, int(outcomes.sum())))} of outcomes"
    if len(rated) > 1:
        low, high = numbers.about(rated["rate"].min()), numbers.about(rated["rate"].max())
        span = "" if low == high else f" {low} to {high}"
        said += f",{span} in each {_unit(together * shown.attrs['bucket_minutes'])}"
    highest = max(0.01, float(rated["rate"].max())) if len(rated) else 0.01
    y = alt.Y("rate:Q", title=None, scale=dict(domain=[0, highest]), axis=dict(format="~%", tickCount=3))
    tooltip = [
        alt.Tooltip("bucket:T", title="from", format="%a %d %b %H:%M"),
        alt.Tooltip("rate:Q", title="failed", format=".1%"),
    ]
    return (
        alt.Chart(rated, title=said, width=WIDE, height=70)
        .mark_area(color=STATUS["failed"], interpolate="step-after")
        .encode(x=_time_axis(), y=y, tooltip=tooltip)
    )


def _unit_of(minutes):
    return f"a{'n' * (minutes == 60)} {_unit(minutes)}" if minutes in (1, 60, 1440) else _unit(minutes)


def _unit(minutes):
    return {1: "minute", 60: "hour", 1440: "day"}.get(minutes, numbers.duration(minutes))
