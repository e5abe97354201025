"""Frames as charts: plain Altair charts that can be changed further.

Each has its alternative text as `description`, and its caption and data table under `usermeta["reportlib"]`, so that
a page can show them without knowing the chart.
"""

import altair as alt
import pandas as pd

from reportlib.metrics import Rate, wilson
from reportlib.presentation.look import (
    numbers,
    theme,  # noqa: F401  the theme of all charts
)
from reportlib.presentation.look.chart import PLAIN_ZERO, described, sentence_only
from reportlib.presentation.look.palette import GROUND, MUTED, PERMANENCE, STATUS, WIDE
from reportlib.presentation.look.table import THIN_GROUP, dimension_name

__all__ = ["breakdown_rates", "delivery_timeline", "failure_reasons"]

_HOURS_AND_DAYS = "timeFormat(datum.value, hours(datum.value) + minutes(datum.value) == 0 ? '%a %d %b' : '%H:%M')"
METRICS = {
    "delivered": ("delivered", "audience"),
    "clicked": ("clicked", "delivered"),
    "failed": ("failed", "audience"),
}


def delivery_timeline(frame: pd.DataFrame) -> alt.VConcatChart | alt.Chart:
    """How `metrics.delivery_timeline` went: what became of the messages so far, above how many were sent when."""
    if frame.empty:
        return sentence_only("Nothing has been sent yet.")
    shown = frame[frame["bucket"] <= frame.attrs["shown_until"]]
    minutes, zone = frame.attrs["bucket_minutes"], frame.attrs["timezone"]
    states = {"delivered": "delivered_cumulative", "pending": "pending", "failed": "failed_cumulative"}
    long = shown.melt(
        id_vars="bucket", value_vars=list(states.values()), var_name="state", value_name="messages"
    ).replace({"state": {column: state for state, column in states.items()}})
    long["order"] = long["state"].map({state: place for place, state in enumerate(states)})
    x = alt.X("bucket:T", title=None, axis=dict(grid=False, tickCount=6, labelExpr=_HOURS_AND_DAYS))
    so_far = (
        alt.Chart(long, title="So far: delivered, pending and failed", width=WIDE, height=200)
        .mark_area(line=False)
        .encode(
            x=x,
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
        alt.Chart(shown, title=f"Sent in each {_unit(minutes)}", width=WIDE, height=80)
        .mark_area(color=STATUS["sent"], interpolate="step-after")
        .encode(
            x=x,
            y=alt.Y("sent:Q", title=None, axis=dict(tickCount=3, format="~s", labelExpr=PLAIN_ZERO)),
            tooltip=[
                alt.Tooltip("bucket:T", title="from", format="%a %d %b %H:%M"),
                alt.Tooltip("sent:Q", title="sent", format=","),
            ],
        )
    )
    last = frame.iloc[-1]
    later = int(frame["sent"].sum() - shown["sent"].sum() + frame["delivered"].sum() - shown["delivered"].sum())
    told = (
        f"{numbers.count(last['sent_cumulative'])} messages sent; {numbers.count(last['delivered_cumulative'])} "
        f"delivered, {numbers.count(last['failed_cumulative'])} failed, {numbers.count(last['pending'])} pending."
    )
    caption = f"Times are {zone}."
    if later:
        caption += f" {numbers.plural(later, 'later change')} of state lie beyond the right edge."
    if frame.attrs["untimed"]:
        caption += f" {numbers.count(frame.attrs['untimed'])} outcomes have no time and are not drawn."
    scales = dict(x="shared", color="independent")
    chart = alt.vconcat(so_far, per_bucket, spacing=18, resolve=dict(scale=scales))
    table = frame[["bucket", "sent", "delivered", "failed", "pending"]]
    rows = [[f"{row[0]:%a %d %b %H:%M}", *map(numbers.count, row[1:])] for row in table.itertuples(index=False)]
    heads = ["From", "Sent", "Delivered", "Failed", "Pending by then"]
    return described(chart, f"Delivery over time. {told}", caption, heads, rows)


def breakdown_rates(frame: pd.DataFrame, metric: str, top: int = 8) -> alt.VConcatChart | alt.Chart:
    """One rate per group of `metrics.breakdowns`, with its 95 % interval; thin groups are hollow.

    Dimensions in which all are of one group are left out, since there is nothing to compare.
    """
    count, base = METRICS[metric]
    kept = frame[frame[base] > 0].groupby("dimension", sort=False).head(top)
    kept = kept[kept.groupby("dimension")["group"].transform("size") > 1].copy()
    if kept.empty:
        return sentence_only(
            f"No two groups have anyone {'delivered' if base == 'delivered' else 'in them'} to compare."
        )
    kept["low"], kept["high"] = wilson(kept[count], kept[base])
    kept["estimate"] = kept[count].astype(float) / kept[base]
    kept["thin"] = kept["delivered"] < THIN_GROUP
    kept["label"] = [f"{group} ({numbers.count(n)})" for group, n in zip(kept["group"], kept[base], strict=True)]
    groups = kept.to_dict("records")
    kept["said"] = [f"{row['group']}: {numbers.rate(Rate(row[count], row[base], base))}" for row in groups]
    ceiling = float(kept["high"].max())
    floor = float(kept["low"].min()) if metric == "delivered" else 0.0
    panels = [
        _rate_panel(rates, dimension_name(name), dict(domain=[floor, ceiling], nice=True, zero=False))
        for name, rates in kept.groupby("dimension", sort=False)
    ]
    chart = alt.vconcat(*panels, spacing=14)
    heads = ["", "Group", metric.capitalize(), f"Of {base}", "Rate", "95 % interval"]
    rows = [
        [
            dimension_name(row["dimension"]),
            str(row["group"]),
            numbers.count(row[count]),
            numbers.count(row[base]),
            numbers.percent(row["estimate"]),
            numbers.interval(row["low"], row["high"]),
        ]
        for row in groups
    ]
    told = f"{metric.capitalize()} as a share of {base}, by group, with 95 % intervals. " + "; ".join(
        f"{row[0]} {row[1]} {row[4]}" for row in rows[:6]
    )
    caption = (
        f"{metric.capitalize()}, in percent of {base}; the bar is the 95 % interval, the number behind a name is its "
        f"{base}. Where bars overlap, read no difference into them; of many groups one or two stand apart by luck. "
        f"Hollow: fewer than {THIN_GROUP} delivered."
    )
    return described(chart, told, caption, heads, rows)


def failure_reasons(frame: pd.DataFrame, top: int = 10) -> alt.Chart:
    """The most frequent reasons of `metrics.failures` as a Pareto chart, coloured by whether sending again can help."""
    if frame.empty:
        return sentence_only("Nothing failed.")
    named = frame.assign(label=[_short(title, code) for title, code in zip(frame["title"], frame["code"], strict=True)])
    total = int(frame["failed"].sum())
    summed = named.groupby(["label", "permanence"], as_index=False)["failed"].sum()
    summed = summed.sort_values("failed", ascending=False, kind="stable")
    summed["so_far"] = [numbers.percent(part / total) for part in summed["failed"].cumsum()]
    summed = summed.head(top)
    summed["end"] = summed.groupby("label")["failed"].cumsum()  # Vega stacks no bar that is named "constructor"
    summed["start"] = summed["end"] - summed["failed"]
    summed["said"] = [f"{r.label}: {numbers.count(r.failed)}, {r.permanence}" for r in summed.itertuples(index=False)]
    present = [kind for kind in PERMANENCE if kind in set(summed["permanence"])]
    room = dict(domain=[0, 1.12 * float(summed["failed"].max())], nice=False)  # for the text behind a bar
    axis = dict(tickCount=4, format="~s", labelExpr=PLAIN_ZERO, tickMinStep=1)
    x, x2 = alt.X("start:Q", title=None, scale=room, axis=axis), alt.X2("end:Q")
    y = alt.Y("label:N", title=None, sort=None, axis=dict(labelLimit=300))
    bars = (
        alt.Chart()
        .mark_bar()
        .encode(
            x=x,
            x2=x2,
            y=y,
            color=alt.Color(
                "permanence:N",
                title=None,
                scale=dict(domain=present, range=[PERMANENCE[kind] for kind in present]),
            ),
            tooltip=[alt.Tooltip("said:N", title="failed")],
            description=alt.Description("said:N"),
        )
    )
    up_to_here = alt.Chart().mark_text(align="left", dx=6, color=MUTED, fontSize=11, aria=False)
    up_to_here = up_to_here.encode(x=alt.X("end:Q"), y=y, text=alt.Text("so_far:N"))
    chart = alt.layer(bars, up_to_here, data=summed, width=WIDE, height=alt.Step(26))
    rows = [
        [row.label, row.permanence, numbers.count(row.failed), numbers.percent(row.failed / total), row.so_far]
        for row in summed.itertuples(index=False)
    ]
    told = f"Why {numbers.plural(total, 'person was', 'people were')} not reached. "
    told += "; ".join(f"{row[0]}: {row[2]}" for row in rows[:5])
    caption = (
        "People not reached, by reason; behind each bar, the share of all of them up to it. Permanent: do not send "
        "again; transient: may pass later; fixable: by you."
    )
    heads = ["Reason", "Send again?", "People", "Of failed", "Up to here"]
    return described(chart, told, caption, heads, rows)


def _rate_panel(groups, title, scale):
    rate = dict(type="quantitative", title=None, scale=scale)
    y = dict(field="label", type="nominal", title=None, sort=None, axis=dict(labelLimit=190))
    said = dict(field="said", type="nominal")
    # Channels as dictionaries: Altair copies all of a chart six times, and of a channel also what is not set.
    whisker = alt.FacetedEncoding(x=dict(field="low", **rate), x2=dict(field="high"), y=y)
    dot = alt.FacetedEncoding(
        x=dict(field="estimate", axis=dict(format="~%", tickCount=5), **rate),
        y=y,
        color=dict(value=STATUS["delivered"], condition={"test": "datum.thin", "value": GROUND}),
        tooltip=[dict(title=title, **said)],
        description=said,
    )
    line = dict(type="rule", color=MUTED, strokeWidth=2, aria=False)
    circle = dict(type="circle", size=90, opacity=1, stroke=STATUS["delivered"], strokeWidth=2)
    heading = dict(text=title, frame="group")
    return alt.layer(
        alt.Chart(title=heading, mark=line, encoding=whisker),
        alt.Chart(title=heading, mark=circle, encoding=dot),
        data=groups[["label", "said", "estimate", "low", "high", "thin"]],
        width=WIDE,
        height=alt.Step(24),
    )


def _unit(minutes):
    return {1: "minute", 60: "hour", 1440: "day"}.get(minutes, numbers.duration(minutes))


def _short(title, code):
    words = title if len(title) <= 38 else f"{title[:37].rstrip()}…"
    return words if pd.isna(code) else f"{words} ({code})"


def __dir__():
    """What completion shows."""
    return __all__
