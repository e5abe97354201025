"""Why people were not reached."""

import altair as alt
import pandas as pd

from reportlib.presentation.look import numbers
from reportlib.presentation.look.drawing.chart import PLAIN_ZERO, described, sentence_only
from reportlib.presentation.look.palette import MUTED, PERMANENCE, WIDE
from reportlib.presentation.look.totals import known_as_totals


def failure_reasons(frame: pd.DataFrame, top: int = 10) -> alt.Chart:
    """The most frequent reasons of `metrics.failures` as a Pareto chart, coloured by whether sending again can help.

    Example
    -------
    >>> charts.failure_reasons(metrics.failures(warehouse, "spring-sale"))
    alt.LayerChart(...)
    """
    if frame.empty:
        return sentence_only(known_as_totals(frame) or "No failure is known.")
    named = frame.assign(label=[_short(title, code) for title, code in zip(frame["title"], frame["code"], strict=True)])
    total = int(frame["failed"].sum())
    summed = named.groupby(["label", "permanence"], as_index=False)["failed"].sum()
    summed = summed.sort_values("failed", ascending=False, kind="stable")
    summed["own"] = [f"{numbers.count(part)} · {numbers.about(part / total)}" for part in summed["failed"]]
    summed = summed.head(top)
    summed["end"] = summed.groupby("label")["failed"].cumsum()  # Vega stacks no bar that is named "constructor"
    summed["start"] = summed["end"] - summed["failed"]
    summed["said"] = [f"{r.label}: {numbers.count(r.failed)}, {r.permanence}" for r in summed.itertuples(index=False)]
    present = [kind for kind in PERMANENCE if kind in set(summed["permanence"])]
    room = dict(domain=[0, 1.25 * float(summed["failed"].max())], nice=False)  # for the text behind a bar
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
    own = alt.Chart().mark_text(align="left", dx=6, color=MUTED, fontSize=11, aria=False)
    own = own.encode(x=alt.X("end:Q"), y=y, text=alt.Text("own:N"))
    chart = alt.layer(bars, own, data=summed, width=WIDE, height=alt.Step(26))
    rows = [
        [row.label, row.permanence, numbers.count(row.failed), numbers.percent(row.failed / total)]
        for row in summed.itertuples(index=False)
    ]
    told = f"Why {numbers.plural(total, 'person was', 'people were')} not reached. "
    told += "; ".join(f"{row[0]}: {row[2]}" for row in rows[:5])
    caption = (
        "People not reached, by reason, with the share of all of them. Permanent: do not send again; transient: may "
        "pass later; fixable: by you."
    )
    heads = ["Reason", "Send again?", "People", "Of failed"]
    return described(chart, told, caption, heads, rows)


def _short(title, code):
    words = title if len(title) <= 38 else f"{title[:37].rstrip()}…"
    return words if pd.isna(code) else f"{words} ({code})"
