"""Pressure: what the same people do after more messages, as a table, and a cap or a plan to find one."""

import pandas as pd

from reportlib.metrics import Rate
from reportlib.metrics.audience.pressure import pressure_cap
from reportlib.metrics.audience.within_person import ALIKE, HIGHER, LOWER, UNKNOWN
from reportlib.metrics.statistics import power
from reportlib.presentation.audience.charts import LEVELS, NAMES
from reportlib.presentation.audience.summed import ALL, active, in_order, odds, states
from reportlib.presentation.look import numbers
from reportlib.presentation.look.display import Display
from reportlib.presentation.look.finding import Finding
from reportlib.presentation.look.table import notes, rate_cell, table
from reportlib.presentation.look.totals import nothing

NOT_ASKED = "No clicks are measured, so nobody can say what more messages do to them."
NOT_TOLD = "Neither opt-outs nor complaints are measured, so nobody can say what more messages do to them."
LEFT_MORE = {LOWER: "left less", HIGHER: "left more", ALIKE: ALIKE, UNKNOWN: UNKNOWN, "": "held against"}
SYMBOLS = {LOWER: "clicked less", HIGHER: "clicked more", ALIKE: ALIKE, UNKNOWN: UNKNOWN, "": "held against"}


def levels(frame: pd.DataFrame) -> Display:
    """How often messages were clicked by how many came before them, and what of that is the same people's."""
    if frame.empty:
        return nothing(frame, NOT_ASKED)
    heads = [
        "Channel, and days before",
        "Messages then",
        "Clicked, whoever got them",
        "The same people’s odds, times",
        "",
    ]
    rows = _by_level(frame, "clicked", SYMBOLS, lambda row: f"{NAMES[row.channel]}, {row.window}")
    return table("Clicks by the messages before, of the last 26 weeks", heads, rows, texts=(1, 4))


def leaving(frame: pd.DataFrame) -> Display:
    """Whether people leave more when they have just had more messages, in a sentence."""
    rows = frame[(frame["channel"] == ALL) & (frame["before"] > 0)]
    if rows.empty:
        return nothing(frame, NOT_TOLD)
    shown = rows[rows["verdict"].isin([LOWER, HIGHER])]
    people = f"{numbers.plural(int(rows['people'].iloc[0]), 'person', 'people')} who left"
    if (rows["verdict"] == UNKNOWN).all():
        text = "Too few people left to tell whether more messages make more of them leave."
        return notes([Finding("leaving", "note", text, f"{people} can be compared.")])
    if shown.empty:
        text = f"No effect of more messages on who leaves is distinguishable: {people} are compared."
        return notes([Finding("leaving", "note", text)])
    told = ", ".join("{} before: odds × {} ({})".format(LEVELS[row.before], *odds(row)) for row in shown.itertuples())
    is_more = (shown["verdict"] == HIGHER).any()
    text = f"Who has just had more messages leaves {'more' if is_more else 'less'} often: {told}."
    why = f"{people} are held against others who got the same campaign, and had as many messages at another time."
    return notes([Finding("leaving", "warning" if is_more else "note", text, why)])


def leaving_by_level(frame: pd.DataFrame) -> Display:
    """How often people left by how many messages came before, and what of that is not who they are."""
    if frame.empty:
        return nothing(frame, NOT_TOLD)
    heads = [
        "Channel",
        "Messages in days 1 to 7 before",
        "Left, whoever got them",
        "The odds, like with like, times",
        "",
    ]
    rows = _by_level(frame, "left", LEFT_MORE, lambda row: NAMES[row.channel])
    return table("Opt-outs and complaints by the messages before, of the last 26 weeks", heads, rows, texts=(1, 4))


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


def _by_level(frame, did, words, name):
    """The rows of a table: by channel and messages before how many did it, and the odds against none before."""
    rows = []
    for channel in in_order(frame["channel"]):
        for row in frame[(frame["channel"] == channel) & (frame["messages"] > 0)].itertuples():
            told = "1" if row.before == 0 else numbers.NOTHING
            if not pd.isna(row.odds_ratio):
                told = "{} <small>({})</small>".format(*odds(row))
            rate = rate_cell(Rate(getattr(row, did), row.messages, "messages"))
            rows.append([name(row), LEVELS[row.before], rate, told, words[row.verdict]])
    return rows


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
