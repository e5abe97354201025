"""The tables of what messages caused: effects, what was adjusted, months, plans."""

from collections.abc import Mapping, Sequence
from html import escape

import pandas as pd

from reportlib.metrics.impact.effect import Effect
from reportlib.metrics.impact.trial import Trial
from reportlib.presentation.impact.first_screen import cost_per_extra, level
from reportlib.presentation.look import numbers
from reportlib.presentation.look.display import Display, name_html
from reportlib.presentation.look.finding import Finding
from reportlib.presentation.look.table import grid, notes, table

MEANINGS = {
    "held out": "Assigned at random to get no message: what they do is what would have happened anyway.",
    "higher, lower": "The interval of the difference leaves zero out, at the level at which it was decided.",
    "not distinguishable": "The interval holds zero: no effect is shown, which does not show that there is none.",
    "per person assigned": "Of everybody in the arm, whether or not a message reached them.",
    "attribution": "Counting what followed a message by a rule. What would have happened without it, it does not say.",
}


def verdicts(found: Sequence[Effect]) -> Display:
    """Every effect in its sentence."""
    return notes([Finding("effect", level(one), str(one)) for one in found])


def effects(found: Sequence[Effect], costs: pd.DataFrame) -> Display:
    """Every effect with its base, interval, lift and what it comes to in all."""
    heads = [
        "Outcome",
        "Arm",
        "Per person assigned",
        "Against",
        "Difference",
        "Interval",
        "Lift",
        "In all",
        "Cost of each",
    ]
    rows = [
        [
            escape(f"{one.outcome}, {'people' if one.measure == 'people' else one.currency}"),
            name_html(one.variant),
            _mean(one, one.mean, one.assigned),
            _mean(one, one.mean_versus, one.assigned_versus),
            _amount(one, one.difference),
            numbers.NOTHING if one.low is None else f"{_amount(one, one.low)} to {_amount(one, one.high)}",
            numbers.NOTHING if one.lift is None or one.low is None else numbers.change(100 * one.lift),
            numbers.NOTHING if one.total is None else _signed(one.total, 0),
            escape(cost_per_extra(one, costs)) or numbers.NOTHING if one.measure == "people" else "",
        ]
        for one in found
    ]
    return table("What each arm did more than those it is held against", heads, rows, texts=(1,))


def adjusted(found: Sequence[Effect]) -> Display:
    """The same differences given what the same people did in the four weeks before, beside the plain ones."""
    rows = [
        [
            escape(f"{one.outcome}, {'people' if one.measure == 'people' else one.currency}, {one.variant}"),
            f"{_amount(one, one.difference)} ({_amount(one, one.low)} to {_amount(one, one.high)})",
            f"{_amount(one, one.adjusted[0])} ({_amount(one, one.adjusted[1])} to {_amount(one, one.adjusted[2])})",
            f"{numbers.decimal(100 * one.adjusted[3], 1)}{numbers.THIN_SPACE}%",
        ]
        for one in found
        if one.adjusted is not None and one.difference is not None
    ]
    if not rows:
        return notes([Finding("adjusted", "note", "Nobody had done any of it in the four weeks before.")])
    return table("Given what the same people did before", ["Outcome", "Plain", "Adjusted", "Narrower by"], rows)


def limits(trial: Trial | None, found: Sequence[Effect]) -> Display:
    """What the guards said, each once, and how many questions were asked."""
    said = dict.fromkeys((reason.effect, reason.text) for one in found for reason in one.reasons)
    asked = len({(one.outcome, one.measure, one.currency) for one in found})
    listed = [Finding("limit", "bad" if effect == "stopped" else "note", text) for effect, text in said]
    if asked > 1:
        text = (
            f"{asked} outcomes and measures were looked at, each by itself: of twenty without any effect one shows one."
        )
        listed.append(Finding("questions", "note", text))
    if trial and trial.has_holdout:
        listed.append(
            Finding(
                "holdout", "note", "Held-out people may hear of a message from others; that makes effects look smaller."
            )
        )
    return notes(listed)


def arms(trial: Trial | None) -> Display:
    """Who was assigned to which arm, and what was found by checking that."""
    if trial is None:
        return notes([Finding("arms", "note", "There is no experiment: nobody was assigned to anything.")])
    rows = [
        [
            name_html(row.variant),
            "no message" if row.held_out else escape(", ".join(map(str, row.campaign_ids))),
            numbers.count(row.assigned),
            numbers.count(row.counted),
        ]
        for row in trial.arms.itertuples()
    ]
    told = table("The arms", ["Arm", "Campaigns", "Assigned", "Counted"], rows, texts=(1,))
    found = [Finding(one.guard, "bad" if one.effect == "stopped" else "warning", one.text) for one in trial.reasons]
    checked = notes(
        found or [Finding("checks", "good", "Sizes, kinds of people and who got a message are as planned.")]
    )
    return Display(told.html + checked.html, f"{told.text}\n{checked.text}")


def months(by_month: Mapping[str, Sequence[Effect]]) -> Display:
    """What was caused in each month, and in all, where a holdout is kept that long."""
    if not by_month:
        return notes([Finding("months", "note", "No whole month lies after the assignment.")])
    rows = [
        [
            escape(name),
            escape(f"{one.outcome}, {'people' if one.measure == 'people' else one.currency}, {one.variant}"),
            _amount(one, one.difference),
            numbers.NOTHING if one.low is None else f"{_amount(one, one.low)} to {_amount(one, one.high)}",
            numbers.NOTHING if one.total is None else _signed(one.total, 0),
        ]
        for name, of_month in by_month.items()
        for one in of_month
    ]
    return table("Month by month", ["Month", "Outcome", "Difference", "Interval", "In all"], rows, texts=(1,))


def plan(frame: pd.DataFrame) -> Display:
    """`metrics.holdout_plan`: what is found, of how many held out, and what that costs."""
    if frame.empty:
        return notes([Finding("plan", "note", "Without a rate to start from nothing can be planned.")])
    times = sorted(set(frame["times"]))
    rows = []
    for share, of_share in frame.groupby("share"):
        by_times = of_share.set_index("times")
        foregone = by_times["foregone"].iloc[0]
        rows.append(
            [
                f"{numbers.percent(share)} <small>{numbers.count(by_times['held_out'].iloc[0])} people</small>",
                *[_detectable(by_times.loc[often]) for often in times],
                numbers.decimal(foregone, 0),
            ]
        )
    heads = ["Held out", *[f"{often} × sent" for often in times], "Foregone, each time"]
    people = numbers.count(frame["people"].iloc[0])
    return grid(
        f"The smallest effect found four times in five, of {people} people, in points and as a lift", heads, rows
    )


def _detectable(row):
    if pd.isna(row["detectable"]):
        return numbers.NOTHING
    lift = "" if pd.isna(row["lift"]) else f" <small>{numbers.change(100 * row['lift'])}</small>"
    return f"{numbers.points(100 * row['detectable'])}{lift}"


def _mean(effect, mean, size):
    if mean is None:
        return numbers.NOTHING
    said = (
        numbers.percent(mean) if effect.measure == "people" else f"{numbers.decimal(mean, 2)} {escape(effect.currency)}"
    )
    return f"{said} <small>of {numbers.count(size)}</small>"


def _amount(effect, value):
    if value is None:
        return numbers.NOTHING
    return numbers.points(100 * value) if effect.measure == "people" else _signed(value, 2)


def _signed(value, digits):
    return numbers.signed(value, digits)
