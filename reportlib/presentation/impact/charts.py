"""The pictures of what messages caused: effects to zero, and attribution as a range beside them."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from reportlib.metrics.impact.effect import Effect
from reportlib.metrics.impact.trial import Trial
from reportlib.presentation.look import numbers
from reportlib.presentation.look.drawing.chart import described, sentence_only
from reportlib.presentation.look.palette import GROUND, MUTED, STATUS, WIDE
from reportlib.presentation.look.totals import known_as_totals

MACHINES = {"in": "all", "out": "people"}  # with machines, and without
SHORT = {"clicked": "click", "opened": "open", "last touch": "last sent"}  # rules, beside an axis


def effects(found: Sequence[Effect]) -> alt.VConcatChart | alt.Chart:
    """Each difference with its interval against a line at zero, a panel per outcome and measure; filled: told apart."""
    known = [one for one in found if one.difference is not None]
    if not known:
        return sentence_only("No difference could be estimated; the sentences say why.")
    panels: dict[tuple, list[Effect]] = {}
    for one in known:
        panels.setdefault((one.outcome, one.measure, one.currency), []).append(one)
    chart = alt.vconcat(*[_panel(of_panel) for of_panel in panels.values()], spacing=14)
    rows = [[_of(one), one.variant, one.versus, *_limits(one), one.word] for one in known]
    caption = (
        f"Difference to {known[0].versus} per person assigned, with the interval at the level at which it was decided. "
        "Filled: it leaves zero out, an effect; hollow: it touches zero, cannot tell."
    )
    told = "Effects with intervals. " + "; ".join(f"{row[0]}, {row[1]}: {row[3]}" for row in rows[:6])
    return described(chart, told, caption, ["Outcome", "Arm", "Against", "Difference", "Interval", "Verdict"], rows)


def attribution(frame: pd.DataFrame, trial: Trial | None, found: Sequence[Effect], measure: str = "people"):
    """What every rule, window and treatment of machines would give credit for, in one picture, of the commonest kind;
    where the trial held somebody out, what was caused as a line across. `measure`: people, or value."""
    rows = frame[frame["people"] > 0] if measure == "people" else frame[frame["value"] != 0]
    if rows.empty:
        return sentence_only(known_as_totals(frame) or "Nothing that is recorded followed these messages.")
    kind = rows.groupby("kind")["people"].max().idxmax()
    rows = frame[frame["kind"] == kind]
    if measure == "value":
        rows = rows[rows["currency"] == rows.groupby("currency")["value"].max().idxmax()]
    by = ["rule", "machines", "window_days"]
    cells = rows.groupby(by, as_index=False)[measure].sum().rename(columns={measure: "amount"})
    unit = "people" if measure == "people" else str(rows["currency"].iloc[0])
    cells["label"] = [f"{SHORT[row.rule]}, {MACHINES[row.machines]}" for row in cells.itertuples()]
    amounts = [numbers.decimal(amount, 0) for amount in cells["amount"]]
    cells["said"] = [
        f"{row.label}, {row.window_days} days: {amount} {unit}"
        for row, amount in zip(cells.itertuples(), amounts, strict=True)
    ]
    line = _caused(found if trial and trial.has_holdout else (), kind, measure, unit)
    highest = max(cells["amount"].max(), 0, *([line["high"]] if line else []))
    lowest = min(0, cells["amount"].min(), *([line["low"]] if line else []))
    x = alt.X("amount:Q", title=f"“{kind}”, {unit}", scale=alt.Scale(domain=[lowest, highest], nice=True),
              axis=alt.Axis(tickCount=6))  # fmt: skip
    y = alt.Y("label:N", title=None, sort=None, axis=alt.Axis(labelLimit=230))
    base = alt.Chart(cells)
    shown = [
        base.mark_line(color=MUTED, strokeWidth=2, aria=False).encode(x=x, y=y, detail="label:N"),
        base.mark_circle(opacity=1).encode(
            x=x,
            y=y,
            size=alt.Size("window_days:Q", title="days", legend=None, scale=alt.Scale(range=[40, 200])),
            color=alt.ColorValue(MUTED),
            tooltip=[alt.Tooltip("said:N", title="credit")],
            description=alt.Description("said:N"),
        ),
    ]
    if line:
        caused = alt.Chart(pd.DataFrame([line]))
        shown = [
            caused.mark_rect(color=STATUS["not sent"], opacity=0.5, aria=False).encode(x=alt.X("low:Q"), x2="high:Q"),
            *shown,
            caused.mark_rule(color=STATUS["delivered"], strokeWidth=2.5).encode(
                x=alt.X("amount:Q"),
                description=alt.Description("said:N"),
                tooltip=[alt.Tooltip("said:N", title="caused")],
            ),
        ]
    chart = alt.layer(*shown, width=WIDE, height=alt.Step(30))
    caption = f"The same messages, counted {len(cells)} ways: dots are windows of 1, 3, 5 and 7 days, the larger the "
    caption += "longer; last sent: the last message before; people: without machines."
    caption += f" Line and band: {line['said']}." if line else ""
    caption += "" if line else " Nobody was held out: how much of it would have happened anyway is not known."
    lowest, highest = (numbers.decimal(cells["amount"].agg(at), 0) for at in ("min", "max"))
    told = f"Attribution as a range, {lowest} to {highest} {unit}. {line['said'] if line else ''}"
    numbers_ = [[row.label, str(row.window_days), numbers.decimal(row.amount, 0)] for row in cells.itertuples()]
    return described(chart, told, caption, ["Rule", "Days", unit.capitalize() if unit == "people" else unit], numbers_)


def _caused(found, kind, measure, unit):
    """What all arms together caused more than the held out, with limits; None where nothing can be said."""
    alike = [one for one in found if (one.outcome, one.measure) == (kind, measure) and one.difference is not None]
    alike = [one for one in alike if measure == "people" or one.currency == unit]
    if not alike:
        return None
    total, low, high = (
        sum(getattr(one, name) * one.assigned for one in alike) for name in ("difference", "low", "high")
    )
    limits = f"{numbers.signed(low, 0)} to {numbers.signed(high, 0)}"
    said = f"caused, against {alike[0].versus}: {numbers.signed(total, 0)} {unit} ({limits})"
    return {"amount": total, "low": low, "high": high, "said": said}


def _of(effect):
    return f"{effect.outcome}, {'people' if effect.measure == 'people' else effect.currency}"


def _limits(effect):
    scale, unit = (100, "points") if effect.measure == "people" else (1, effect.currency)
    difference, low, high = (numbers.signed(scale * one, 2) for one in (effect.difference, effect.low, effect.high))
    return f"{difference} {unit}", f"{low} to {high}"


def _panel(of_panel):
    scale = 100 if of_panel[0].measure == "people" else 1
    points = pd.DataFrame(
        [
            {"arm": one.variant, "estimate": scale * one.difference, "low": scale * one.low, "high": scale * one.high,
             "zero": 0, "different": one.is_shown, "said": str(one)}
            for one in of_panel
        ]
    )  # fmt: skip
    lowest, highest = min(0, points["low"].min()), max(0, points["high"].max())
    beside = 0.04 * (highest - lowest) or 1
    x_scale = alt.Scale(domain=[lowest - beside, highest + beside], nice=False)
    y = alt.Y("arm:N", title=None, sort=None, axis=alt.Axis(labelLimit=190))
    signed = alt.Axis(format="+~f", tickCount=5, labelExpr="datum.value == 0 ? '0' : datum.label")
    unit = "points" if scale == 100 else of_panel[0].currency
    drawn = alt.Chart(title=alt.Title(f"{of_panel[0].outcome}, in {unit}", frame="group"))
    zero = drawn.mark_rule(color=MUTED, strokeWidth=1.5, strokeDash=[4, 3], aria=False).encode(
        x=alt.X("zero:Q", title=None, scale=x_scale)
    )
    whisker = drawn.mark_rule(color=MUTED, strokeWidth=2, aria=False).encode(
        x=alt.X("low:Q", title=None, scale=x_scale), x2=alt.X2("high:Q"), y=y
    )
    dot = drawn.mark_circle(size=90, opacity=1, stroke=STATUS["delivered"], strokeWidth=2).encode(
        x=alt.X("estimate:Q", title=None, scale=x_scale, axis=signed),
        y=y,
        color=alt.ColorValue(GROUND, condition={"test": "datum.different", "value": STATUS["delivered"]}),
        tooltip=[alt.Tooltip("said:N", title="effect")],
        description=alt.Description("said:N"),
    )
    return alt.layer(zero, whisker, dot, data=points, width=WIDE, height=alt.Step(26))
