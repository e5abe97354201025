"""The tables of an audience: the list by channel, movement, sleepers, reach, groups."""

from html import escape

import pandas as pd

from reportlib.metrics.audience.cells import STATES
from reportlib.metrics.audience.groups import SMALLER
from reportlib.presentation.audience.charts import NAMES, NOBODY
from reportlib.presentation.audience.summed import ALL, MONTH_WEEKS, in_order, lately
from reportlib.presentation.look import numbers
from reportlib.presentation.look.display import Display, name_html, one_below_the_other
from reportlib.presentation.look.finding import CHANNEL_NAMES, Finding
from reportlib.presentation.look.folds import the_numbers
from reportlib.presentation.look.table import dimension_name, grid, notes, table
from reportlib.presentation.look.totals import nothing

MOST_GROUPS = 4  # shown week by week
MEANINGS = {
    "can be reached": "Was written to on the channel, and has neither opted out, nor complained, nor a last word of "
    "the provider that the address fails for good.",
    "reaction": "A click, an open or a reply by a person, on the channel or, over all, on any.",
    "never": "No reaction is known, though somebody would have told of one.",
    "not measurable": "Nobody would have told of a reaction: it is not zero, and is not judged.",
    "machines only": "Of their messages only machines' opens and clicks are known; whether the person reads is not.",
    "sleeper": "Has not reacted for as long as the report's sleeper_days, and was written to before these.",
    "lost": "Opted out, complained, or fails for good, by what came first; over all channels: on each of them.",
}


def growth(people: pd.DataFrame) -> Display:
    """The list of each channel now, and what became of it in the last four weeks."""
    if people.empty:
        return nothing(people, NOBODY)
    found = lately(people)
    rows = [
        [
            NAMES[channel],
            numbers.count(row["reachable"]),
            numbers.count(row["new"]),
            *[share_cell(row[name], row["before"] + row["new"]) for name in ("opted_out", "complained", "failed")],
            _signed(row["net"]),
        ]
        for channel, row in ((one, found.loc[one]) for one in in_order(found.index))
    ]
    heads = ["Channel", "Reachable", "Joined", "Opted out", "Complained", "Permanently failed", "Net"]
    return table("The list, and its last four weeks: of those who were on it", heads, rows)


def movement(attention: pd.DataFrame) -> Display:
    """How people moved in 30 days, over all channels: from the state in the row to that in the column."""
    rows = attention[attention["channel"] == ALL]
    if rows.empty:
        return nothing(attention, NOBODY)
    cells = rows.pivot_table("people", "then", "now", "sum", fill_value=0)
    then = [one for one in STATES if one in cells.index and one != "lost"]
    now = [one for one in STATES if one in cells.columns]
    body = [[was, *[numbers.count(cells.loc[was, one]) if cells.loc[was, one] else "" for one in now]] for was in then]
    what = "People by their last reaction 30 days ago (rows) and now (columns)"
    return Display(
        the_numbers(what, ["30 days ago", *now], body, has_picture=False), grid(what, ["30 days ago", *now], body).text
    )


def sleepers(frame: pd.DataFrame, smallest: int) -> Display:
    """What the last 30 days brought of those who slept when they began, beside the others."""
    rows = []
    for row in frame[frame["people"] > 0].to_dict("records"):
        base, small = row["people"], row["people"] < smallest
        rates = [
            "" if small else share_cell(row[name], base) for name in ("reacted", "opted_out", "complained", "failed")
        ]
        rows.append(
            [
                f"{escape(CHANNEL_NAMES[row['channel']])}, {row['group']}",
                f"fewer than {smallest}" if small else numbers.count(base),
                "" if small else numbers.count(row["messages"]),
                *rates,
            ]
        )
    if not rows:
        return nothing(frame, "Nobody has been on the list for long enough to sleep.")
    heads = ["Thirty days ago", "People", "Messages since", "Reacted", "Opted out", "Complained", "Permanently failed"]
    return table("Those who slept 30 days ago, and what writing to them brought since", heads, rows)


def still_written(frame: pd.DataFrame) -> Display:
    """What was sent in the last 30 days to people who had been lost before."""
    if frame.empty:
        return notes([Finding("lost", "good", "No message went to people who had been lost on its channel before.")])
    rows = [
        [NAMES[row.channel], row.reason, numbers.count(row.messages)]
        for row in frame.sort_values("messages", ascending=False).itertuples()
    ]
    of, heads = "Messages of the last 30 days to people lost before", ["Channel", "Lost by", "Messages"]
    whole = numbers.plural(int(frame["messages"].sum()), "message")
    said = notes([Finding("lost", "bad", f"{whole} of the last 30 days went to people who had been lost before.")])
    return Display(
        said.html + the_numbers(of, heads, rows, has_picture=False), f"{said.text}\n{grid(of, heads, rows).text}"
    )


def reach(frame: pd.DataFrame) -> Display:
    """By which channels people can be reached, and how many only by one."""
    if frame.empty:
        return nothing(frame, NOBODY)
    whole = int(frame["people"].sum())
    rows = [
        [
            " and ".join(CHANNEL_NAMES[name] for name in row.channels.split("+")) if row.channels else "none any more",
            "only this one" if row.number == 1 else "",
            numbers.count(row.people),
            numbers.percent(row.people / whole if whole else None),
        ]
        for row in frame.itertuples()
    ]
    heads = ["Channels", "", "People", f"Of {numbers.count(whole)}"]
    return table("By what people can be reached, of all ever written to", heads, rows, texts=(1,))


def groups(frame: pd.DataFrame, smallest: int) -> Display:
    """The list and its attention by what is known of people; the smallest groups are one."""
    if frame.empty:
        return nothing(frame, f"No group has {smallest} people.")
    parts = []
    for name, rows in frame.groupby("dimension", sort=False):
        body = [
            [
                name_html(row["group"]),
                numbers.count(row["reachable"]),
                share_cell(row["lost"], row["reachable"] + row["lost"]),
                share_cell(row["active"], row["asked"]) if row["asked"] else numbers.UNMEASURED,
            ]
            for row in rows.head(12).to_dict("records")
        ]
        heads = [dimension_name(name), "Reachable", "Lost in 30 days", "Reacted in 90 days"]
        parts.append(table(f"By {dimension_name(name).lower()}", heads, body))
    return one_below_the_other(parts)


def groups_by_week(frame: pd.DataFrame, smallest: int) -> Display:
    """The list of the largest groups in their last weeks."""
    if frame.empty:
        return nothing(frame, f"No group has {smallest} people.")
    parts = []
    for name, rows in frame.groupby("dimension", sort=False):
        largest = [one for one in rows["group"].unique() if one != SMALLER][:MOST_GROUPS]
        body = [
            [
                name_html(group),
                row.week,
                numbers.count(row.reachable),
                *[numbers.count(count) if count else "" for count in (row.new, row.lost)],
                _signed(row.net),
            ]
            for group in largest
            for row in rows[rows["group"] == group].tail(MONTH_WEEKS).itertuples()
        ]
        heads = [dimension_name(name), "Week", "Reachable", "Joined", "Lost", "Net"]
        caption = f"The list by {dimension_name(name).lower()} and week: the largest, their last weeks"
        parts.append(table(caption, heads, body, texts=(1,)))
    return one_below_the_other(parts)


def share_cell(count, base) -> str:
    """The HTML of a share of a whole that was counted, not sampled: without an interval."""
    share = numbers.percent(count / base if base else None)
    return f"{share} <small>{numbers.count(count)} of {numbers.count(base)}</small>"


def _signed(number):
    return numbers.signed(int(number), 0) if number else "0"
