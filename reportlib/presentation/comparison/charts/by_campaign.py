"""Campaigns side by side as charts: rates with their intervals, differences to zero."""

import altair as alt
import pandas as pd

from reportlib.metrics.comparison.verdict import Verdict
from reportlib.presentation.comparison.charts.colours import BASELINE, CAMPAIGN_COLOURS, in_few_letters
from reportlib.presentation.comparison.rows import Row, side_by_side_rows
from reportlib.presentation.look import numbers
from reportlib.presentation.look.drawing.chart import described, sentence_only
from reportlib.presentation.look.palette import GROUND, MUTED, WIDE

DRAWN = ("delivered", "opened", "clicked", "replied", "unsubscribed")
MANY = 8  # campaigns; beyond it a chart of every metric would be longer than a reader's patience
MOST_ROWS, MOST_NUMBERS = 40, 100  # differences drawn, and in the table behind the drawing


def rates(frame: pd.DataFrame, metric: str) -> alt.VConcatChart | alt.Chart:
    """The rates DRAWN of `metrics.comparable` with their 95 % intervals, a panel each; `metric`, the primary, first.

    Beyond MANY campaigns only the primary metric is drawn. What may not be compared has no panel; the caption names it.
    """
    named = {row.definition.name: row for row in reversed(side_by_side_rows(frame))}  # as judged, where there are two
    rows = [row for name, row in reversed(named.items()) if name in (*DRAWN, metric)]
    rows.sort(key=lambda row: row.definition.name != metric)
    wanted = rows if len(frame) <= MANY else rows[:1]
    drawn = [row for row in wanted if row.refusal is None and any(rate and rate.base for rate in row.rates)]
    if not drawn:
        return sentence_only("There is no rate that may be drawn side by side.")
    labels = frame["label"].tolist()
    panels = [_rate_panel(_points(row, labels)) for row in drawn]
    cells = [
        [row.label, label, numbers.count(rate.count), numbers.count(rate.base), *_rate_words(rate)]
        for row in drawn
        for label, rate in zip(labels, row.rates, strict=True)
        if rate and rate.base
    ]
    left_out = [row.definition.label for row in wanted if row.refusal]
    caption = (
        f"Bars: 95 % intervals. Grey: the baseline, {labels[0]}. Each panel has its own scale. Bars that overlap may "
        "still differ: the picture of the differences answers that."
    )
    caption += f" Not drawn, since it cannot be compared here: {', '.join(left_out)}." if left_out else ""
    told = "Rates of each campaign with 95 % intervals. " + "; ".join(f"{c[0]}, {c[1]}: {c[4]}" for c in cells[:8])
    heads = ["Rate", "Campaign", "People", "Of", "Rate in %", "95 % interval"]
    return described(alt.vconcat(*panels, spacing=14), told, caption, heads, cells)


def differences(verdicts: list[Verdict]) -> alt.VConcatChart | alt.Chart:
    """The difference of the answered verdicts with its interval against a line at zero, a panel per metric of DRAWN.

    The first verdict's metric, the primary, has a panel in any case. Filled: told apart from zero. Beyond MOST_ROWS the
    clearest differences of each metric are drawn. The primary metric is drawn as it is judged, without its diagnosis.
    """
    primary = [verdict.metric for verdict in verdicts[:1]]
    wanted = (*DRAWN, *primary)
    answered = [
        verdict
        for verdict in verdicts
        if verdict.estimate is not None and not (verdict.exploratory and verdict.metric in primary)
    ]
    panels: dict[str, list[Verdict]] = {}
    for verdict in answered:
        if verdict.metric in wanted and verdict.question == "pair":
            panels.setdefault(verdict.metric, []).append(verdict)
    if not panels:
        return sentence_only("No difference could be estimated; the verdicts say why.")
    room = max(1, MOST_ROWS // len(panels))
    drawn = [sorted(panel, key=_distance)[:room] for panel in panels.values()]
    one_baseline = len({verdict.baseline for verdict in answered}) == 1
    chart = alt.vconcat(*[_difference_panel(panel, one_baseline) for panel in drawn], spacing=14)
    left_out = sum(len(panel) for panel in panels.values()) - sum(len(panel) for panel in drawn)
    rows = [[verdict.label, verdict.arm, verdict.baseline, *_difference_words(verdict)] for verdict in answered]
    caption = (
        "With the interval at the level at which it was decided. Filled: it leaves zero out, a difference; hollow: it "
        "touches zero, cannot tell."
    )
    caption += f" {numbers.plural(left_out, 'smaller difference')} not drawn." if left_out else ""
    told = "Differences with intervals. " + "; ".join(f"{r[0]}, {r[1]} against {r[2]}: {r[3]} points" for r in rows[:6])
    heads = ["Rate", "Campaign", "Against", "Points", "Interval", "Level", "Verdict"]
    return described(chart, told, caption, heads, rows[:MOST_NUMBERS])


def _points(row: Row, labels):
    points = [
        {"campaign": label, "estimate": rate.estimate, "low": rate.low, "high": rate.high, "baseline": at == 0}
        | {"said": f"{label}: {numbers.rate(rate)}"}
        for at, (label, rate) in enumerate(zip(labels, row.rates, strict=True))
        if rate and rate.base
    ]
    return pd.DataFrame(points).assign(panel=row.label)


def _rate_panel(points):
    domain = [float(points["low"].min()), float(points["high"].max())]
    scale = alt.Scale(domain=domain, nice=True, zero=False)
    y = alt.Y("campaign:N", title=None, sort=None, axis=alt.Axis(labelLimit=190))
    x = alt.X("estimate:Q", title=None, scale=scale, axis=alt.Axis(format="~%", tickCount=5))
    title = alt.Title(points["panel"].iloc[0], frame="group")
    drawn = alt.Chart(title=title)
    whisker = drawn.mark_rule(color=MUTED, strokeWidth=2, aria=False).encode(
        x=alt.X("low:Q", title=None, scale=scale), x2=alt.X2("high:Q"), y=y
    )
    dot = drawn.mark_circle(size=90, opacity=1).encode(
        x=x,
        y=y,
        color=alt.ColorValue(CAMPAIGN_COLOURS[0], condition={"test": "datum.baseline", "value": BASELINE}),
        tooltip=[alt.Tooltip("said:N", title=points["panel"].iloc[0])],
        description=alt.Description("said:N"),
    )
    return alt.layer(whisker, dot, data=points.drop(columns="panel"), width=WIDE, height=alt.Step(24))


def _difference_panel(verdicts, one_baseline):
    against = f" against {in_few_letters(verdicts[0].baseline)}" if one_baseline else ""
    points = pd.DataFrame(
        [
            {"pair": verdict.arm if one_baseline else f"{verdict.arm} − {verdict.baseline}", "said": str(verdict)}
            | {"estimate": verdict.estimate, "low": verdict.low, "high": verdict.high, "zero": 0}
            | {"different": verdict.low > 0 or verdict.high < 0}
            for verdict in verdicts
        ]
    )
    lowest, highest = min(0, points["low"].min()), max(0, points["high"].max())
    beside = 0.04 * (highest - lowest)  # so that a line at the edge still has something on both sides
    scale = alt.Scale(domain=[lowest - beside, highest + beside], nice=False)
    y = alt.Y("pair:N", title=None, sort=None, axis=alt.Axis(labelLimit=190))
    signed = alt.Axis(format="+~f", tickCount=5, labelExpr="datum.value == 0 ? '0' : datum.label")
    x = alt.X("estimate:Q", title=None, scale=scale, axis=signed)
    title = alt.Title(f"{verdicts[0].label}{against}, in points", frame="group")
    drawn = alt.Chart(title=title)
    zero = drawn.mark_rule(color=MUTED, strokeWidth=1.5, strokeDash=[4, 3], aria=False).encode(
        x=alt.X("zero:Q", title=None, scale=scale)
    )
    whisker = drawn.mark_rule(color=MUTED, strokeWidth=2, aria=False).encode(
        x=alt.X("low:Q", title=None, scale=scale), x2=alt.X2("high:Q"), y=y
    )
    dot = drawn.mark_circle(size=90, opacity=1, stroke=CAMPAIGN_COLOURS[0], strokeWidth=2).encode(
        x=x,
        y=y,
        color=alt.ColorValue(GROUND, condition={"test": "datum.different", "value": CAMPAIGN_COLOURS[0]}),
        tooltip=[alt.Tooltip("said:N", title="verdict")],
        description=alt.Description("said:N"),
    )
    return alt.layer(zero, whisker, dot, data=points, width=WIDE, height=alt.Step(26))


def _distance(verdict):
    """How far an interval stays from zero, the farthest first; those that hold it last, the largest first."""
    gap = max(verdict.low, -verdict.high)
    return (gap <= 0, -gap if gap > 0 else -abs(verdict.estimate))


def _rate_words(rate):
    return numbers.percent(rate.estimate), numbers.interval(rate.low, rate.high)


def _difference_words(verdict):
    within = f"{numbers.points(verdict.low)} to {numbers.points(verdict.high)}"
    return numbers.points(verdict.estimate), within, f"{numbers.significant(100 * verdict.level, 3)} %", verdict.word
