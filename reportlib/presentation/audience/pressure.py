"""Pressure: what the same people do after more messages, as a table, and a cap or a plan to find one."""

import pandas as pd

from reportlib.metrics import Rate
from reportlib.metrics.audience.pressure import ALIKE, HIGHER, LOWER, UNKNOWN, pressure_cap
from reportlib.metrics.statistics import power
from reportlib.presentation.audience.charts import LEVELS, NAMES
from reportlib.presentation.audience.summed import ALL, active, in_order, odds, states
from reportlib.presentation.look import numbers
from reportlib.presentation.look.display import Display
from reportlib.presentation.look.finding import Finding
from reportlib.presentation.look.table import notes, rate_cell, table
from reportlib.presentation.look.totals import nothing

NOT_ASKED = "No clicks are measured, so nobody can say what more messages do to them."
SYMBOLS = {LOWER: "clicked less", HIGHER: "clicked more", ALIKE: ALIKE, UNKNOWN: UNKNOWN, "": "held against"}


def levels(frame: pd.DataFrame) -> Display:
    """How often messages were clicked by how many came before them, and what of that is the same people's."""
    if frame.empty:
        return nothing(frame, NOT_ASKED)
    rows = []
    for channel in in_order(frame["channel"]):
        for row in frame[(frame["channel"] == channel) & (frame["messages"] > 0)].itertuples():
            told = "1" if row.before == 0 else numbers.NOTHING
            if not pd.isna(row.odds_ratio):
                told = "{} <small>({})</small>".format(*odds(row))
            rate = rate_cell(Rate(row.clicked, row.messages, "messages"))
            rows.append([f"{NAMES[channel]}, {row.window}", LEVELS[row.before], rate, told, SYMBOLS[row.verdict]])
    heads = [
        "Channel, and days before",
        "Messages then",
        "Clicked, whoever got them",
        "The same people’s odds, times",
        "",
    ]
    return table("Clicks by the messages before, of the last 26 weeks", heads, rows, texts=(1, 4))


def cap(frame: pd.DataFrame, attention: pd.DataFrame) -> Display:
    """The cap that the data support, with what it would have saved and lost; else how to find out."""
    if frame.empty:
        return nothing(frame, NOT_ASKED)
    found = pressure_cap(frame)
    if found:
        share = numbers.percent(found["clicked"] / found["messages"])
        text = (
            f"A cap of {numbers.plural(found['cap'], 'message')} in seven days, over all channels, is supported: it "
            f"would have saved {numbers.count(found['messages'])} messages in 26 weeks and lost at most the "
            f"{numbers.count(found['clicked'])} clicked ones among them ({share})."
        )
        return notes(
            [Finding("cap", "note", text, "Weeks differ in more than pressure: try it on half of the people.")]
        )
    text = (
        "No cap is supported: where the same people had more messages, no effect on their clicks is shown throughout."
    )
    return notes([Finding("cap", "note", text, _plan(attention))])


def _plan(attention):
    now = states(attention)
    listening = active(now.loc[ALL]) if ALL in now.index else None
    if listening is None or listening.base < 200 or not 0 < listening.count < listening.base:
        return "To know, limit a random half of the people; there are too few for that yet."
    half = listening.base // 2
    least = power.smallest_detectable(listening.estimate, half, half) or 1.0
    return (
        f"To know: draw a random half of the {numbers.count(listening.base)} people, and send them no second message "
        f"within seven days for some weeks. A difference of {numbers.decimal(100 * least, 1)} points in who still "
        "reacts is found four times in five."
    )
