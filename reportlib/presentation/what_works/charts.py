"""The picture of what works: each experiment's effect as it came out, and once luck is allowed for."""

from math import expm1

import altair as alt
import pandas as pd

from reportlib.metrics import WhatWorks
from reportlib.presentation.look.drawing.chart import described, sentence_only
from reportlib.presentation.look.first_screen import short_name
from reportlib.presentation.look.palette import INK, MUTED, STATUS, WIDE
from reportlib.presentation.what_works.first_screen import main_measure
from reportlib.presentation.what_works.words import lift, lifts, measure

MOST = 20  # experiments drawn
KINDS = {"as it came out": STATUS["sent"], "luck allowed for": INK}
_Z = 1.959963984540054


def effects(known: WhatWorks) -> alt.LayerChart | alt.Chart:
    """The lift of each arm as it came out, and below it what is left once luck is allowed for, with 95 % intervals."""
    main = main_measure(known)
    if main is None or not known.experiments:
        return sentence_only("No experiment can be judged, so there is no effect to draw.")
    rows = main.entries.head(MOST)
    arms = rows["experiment_id"].value_counts()
    points = [point for row in rows.to_dict("records") for point in _points(row, arms[row["experiment_id"]] > 1)]
    frame = pd.DataFrame(points)
    chart = alt.layer(*_marks(frame), data=frame, width=WIDE, height=alt.Step(19))
    cells = [[row["name"], row["kind"], lift(row["lift"]), lifts(row["low"], row["high"])] for row in points]
    caption = (
        f"Lift of {measure(main.measure)} of people assigned, with 95 % intervals, each experiment by itself. What is "
        "large is drawn towards zero most where few people were asked."
    )
    told = "Experiments. " + "; ".join(f"{row[0]}, {row[1]}: {row[2]}" for row in cells[:8])
    return described(chart, told, caption, ["Experiment", "Which", "Lift", "Interval"], cells)


def _points(row, has_several):
    name = short_name(f"{row['experiment_id']}: {row['arm']}" if has_several else str(row["experiment_id"]))
    raw = [expm1(row["ratio"] + side * _Z * row["error"]) for side in (0, -1, 1)]
    yield _point(name, "as it came out", *raw)
    if not pd.isna(row["drawn"]):
        yield _point(name, "luck allowed for", row["drawn"], row["drawn_low"], row["drawn_high"])


def _point(name, kind, middle, low, high):
    said = f"{name}, {kind}: {lift(middle)} ({lifts(low, high)})"
    return {"name": name, "kind": kind, "lift": middle, "low": low, "high": high, "said": said}


def _marks(frame):
    lowest, highest = min(0, frame["low"].min()), min(max(0, frame["high"].max()), 4)
    scale = alt.Scale(domain=[lowest, highest], nice=True, clamp=True)
    y = alt.Y("name:N", title=None, sort=None, axis=alt.Axis(labelLimit=230))
    offset = alt.YOffset("kind:N", sort=list(KINDS))
    colour = alt.Color("kind:N", title=None, scale=alt.Scale(domain=list(KINDS), range=list(KINDS.values())))
    axis = alt.Axis(format="+~%", tickCount=5, labelExpr="datum.value == 0 ? '0' : datum.label")
    base = alt.Chart()
    zero = base.mark_rule(color=MUTED, strokeDash=[4, 3], aria=False).encode(x=alt.datum(0, type="quantitative"))
    whisker = base.mark_rule(strokeWidth=2, aria=False).encode(
        x=alt.X("low:Q", title=None, scale=scale, axis=axis), x2="high:Q", y=y, yOffset=offset, color=colour
    )
    dot = base.mark_point(filled=True, size=80, opacity=1).encode(
        x=alt.X("lift:Q", title=None, scale=scale, axis=axis),
        y=y,
        yOffset=offset,
        color=colour,
        tooltip=[alt.Tooltip("said:N", title="effect")],
        description=alt.Description("said:N"),
    )
    return zero, whisker, dot
