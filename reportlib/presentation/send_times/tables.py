"""When to send, as tables: what each slot got, what to try next, how soon people respond."""

import pandas as pd

from reportlib.metrics import definition
from reportlib.presentation.look import numbers
from reportlib.presentation.look.display import Display
from reportlib.presentation.look.drawing.heatmap import slot_name
from reportlib.presentation.look.finding import CHANNEL_NAMES
from reportlib.presentation.look.folds import the_numbers
from reportlib.presentation.look.table import table
from reportlib.presentation.look.totals import nothing

MEANINGS = {
    "slot": "One of the 168 hours of the week, by the moment a message was handed to the provider.",
    "usual slot": "The slot with most messages that are old enough.",
    "within": "A message counts as answered when its first response came within the window; machines do not respond.",
    "index": "The response rate of a slot ÷ what the same campaigns got on average, 1 being the average slot: "
    "within the same campaigns, since a good campaign makes its hour look good.",
    "drawn in": "The index with little data behind it is drawn towards that of its hour and weekday (empirical Bayes).",
    "cannot tell": "No two campaigns went out both in it and in other slots: hour and campaign cannot be told apart.",
    "better": "Its lower bound beats the usual slot, and its receivers had answered as often before. That luck names "
    "any slot so happens in at most 5 of 100 half-years, however often it is read (Holm; O'Brien and Fleming).",
    "supported": "1,000 messages or more that are old enough; fewer are thin, none is untested, which is not bad.",
}


def against_usual(lift) -> str:
    """ "12 % above", "3 % below", "as" the usual slot."""
    if pd.isna(lift):
        return numbers.NOTHING
    percent = round(100 * abs(lift))
    return f"{percent}{numbers.THIN_SPACE}% {'above' if lift > 0 else 'below'}" if percent else "as"


def so_far(row) -> str:
    """What is known of a slot to try: "untested", "too few messages so far"."""
    if row.support == "untested":
        return "untested"
    few = "too few messages so far" if row.support == "thin" else "tried"
    return few if row.identified else f"{few}, in campaigns of its own"


def slots(effects: pd.DataFrame, top: int = 12) -> Display:
    """The slots most used, from `metrics.slot_effects`: what they got, and what that says against the usual one."""
    used = effects[effects["delivered"] > 0].sort_values("delivered", ascending=False, kind="stable")
    if used.empty:
        return nothing(effects, "No delivery is known yet.")
    usual = effects.attrs["usual"]
    rows = [
        [
            slot_name(row.weekday, row.hour),
            _rate(row),
            numbers.count(row.campaigns),
            "the usual slot" if (row.weekday, row.hour) == usual else _lift(row),
        ]
        for row in used.head(top).itertuples(index=False)
    ]
    label, window = definition(effects.attrs["metric"]).label, effects.attrs["window_hours"]
    heads = ["Slot", f"{label} within {window:g} h", "Campaigns", "Against the usual slot"]
    more = f" {numbers.plural(len(used) - top, 'other slot')} less used." if len(used) > top else ""
    caption = (
        f"The slots most used, of messages.{more} Against the usual: within the same campaigns, at 95 % for all slots "
        "and all weekly readings together."
    )
    told = table(caption, heads, rows, texts=(3,))
    counted = the_numbers(
        "the slots most used",
        ["Slot", "Messages", "Answered", "95 % interval", "Support"],
        [
            [
                slot_name(row.weekday, row.hour),
                numbers.count(row.delivered),
                numbers.count(row.responded),
                numbers.interval(row.low, row.high),
                row.support,
            ]
            for row in used.head(top).itertuples(index=False)
        ],
    )
    return Display(f'<div class="one-line">{told.html}</div>{counted}', told.text)


def test_plan(plan: pd.DataFrame, effects: pd.DataFrame) -> Display:
    """`metrics.slots_to_try`: which slots, what may be hoped of them, and how many messages each needs."""
    if plan.empty:
        return nothing(effects, "Nothing to propose.")
    usual = slot_name(*effects.attrs["usual"])
    rows = [
        [
            slot_name(row.weekday, row.hour),
            so_far(row),
            numbers.NOTHING if pd.isna(row.hoped) else f"up to {against_usual(row.hoped - 1)}",
            numbers.count(row.needed),
        ]
        for row in plan.itertuples(index=False)
    ]
    heads = ["Try", "So far", f"May be, against {usual}", "Messages in each of the two"]
    caption = (
        f"Split a campaign at random between {usual} and the slot. So many messages in each find a response 20\u202f% "
        "higher four times in five."
    )
    return table(caption, heads, rows, texts=(1, 2))


def response_times(times: pd.DataFrame, metric: str) -> Display:
    """`metrics.response_times`: how long half, and nine in ten, of those who respond take, per channel."""
    if times.empty:
        return nothing(times, "No delivery is known yet.")
    rows = [
        [
            CHANNEL_NAMES[row.channel],
            numbers.count(row.delivered),
            numbers.count(row.answered),
            *[
                numbers.NOTHING if pd.isna(minutes) else numbers.duration(minutes)
                for minutes in (row.median_minutes, row.most_minutes)
            ],
            numbers.duration(row.followed_minutes),
        ]
        for row in times.itertuples(index=False)
    ]
    heads = ["Channel", "Messages", definition(metric).label, "Half within", "Nine in ten within", "Followed up to"]
    return table("Messages, and the time from the hand-over to the first response", heads, rows)


def _rate(row):
    if not row.mature:
        return "too young"
    thin = f" <small>{row.support}</small>" if row.support != "supported" else ""
    return f"{numbers.percent(row.rate)} <small>of {numbers.count(row.mature)}</small>{thin}"


def _lift(row):
    if pd.isna(row.lift):
        return "cannot tell"
    least = f"at least {against_usual(row.lift_low)}" if row.lift_low > 0 else "may be luck"
    return f"{against_usual(row.lift)}; {least}"
