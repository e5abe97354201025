"""The list by what is known of people: where it shrinks, and where it no longer listens."""

import pandas as pd
from sqlalchemy import and_, case, func, or_, select

from reportlib.errors import UnknownGrouping
from reportlib.metrics.audience.account import audience, monday_ms, of_account
from reportlib.metrics.audience.growth import week_by_week
from reportlib.metrics.audience.people import by_channel, whole_people
from reportlib.metrics.frames import framed
from reportlib.metrics.local_time import DAY_MS, WEEK_MS
from reportlib.metrics.memo import remembered
from reportlib.metrics.people.settled import in_segments, with_codes, worded
from reportlib.metrics.selection.grouping import ATTRIBUTE, CONTACT_GROUPINGS, grouped, grouping
from reportlib.warehouse import Warehouse

SMALLEST, SMALLER = 10, "(smaller groups)"
ACTIVE_DAYS = 90
COUNTS = ("reachable", "lost", "asked", "active")
COLUMNS = {"dimension": "str", "group": "str"} | dict.fromkeys(COUNTS, "int64")
WEEKLY = {"dimension": "str", "group": "str", "week": "str"}
WEEKLY |= dict.fromkeys(("before", "new", "lost", "net", "reachable"), "int64")


@of_account
@remembered
def audience_groups(warehouse: Warehouse, account=None, by=(), smallest: int = SMALLEST) -> pd.DataFrame:
    """The people of an account by each of `by`: "country", "language", "carrier", "email_domain", "timezone",
    "segment", or "attribute:NAME".

    Returns
    -------
    DataFrame, one row per dimension and group, the largest first, with the columns
        dimension, group : str; groups of fewer than `smallest` people are one, "(smaller groups)", and left out where
            that has fewer, too
        reachable : int64, people who can be reached on any channel; lost : int64, people lost on all in 30 days
        asked : int64, those reachable of whom a reaction would be told; active : int64, those who reacted in 90 days
    A person in two segments is in both groups.

    Raises
    ------
    InvalidParameters (no such account), UnknownTimeZone, UnknownGrouping

    Example
    -------
    >>> groups = metrics.audience_groups(warehouse, "acai", ["carrier"])
    >>> groups[["group", "reachable", "lost"]].head(2)
       group  reachable  lost
    0   Vivo      11272    48
    1  Claro       8939    33
    """
    frames = []
    for name, found in _people(warehouse, account, by).items():
        each = found.groupby("group", as_index=False)[[*COUNTS]].sum()
        kept = _told_apart(each.assign(people=each["reachable"] + each["lost"]), smallest)
        kept = kept.groupby("group", as_index=False)[["people", *COUNTS]].sum()
        kept = kept.sort_values(["people", "group"], ascending=[False, True])
        frames.append(kept.assign(dimension=name))
    return framed(COLUMNS, frames)


@of_account
@remembered
def audience_list_by_group(warehouse: Warehouse, account=None, by=(), smallest: int = SMALLEST) -> pd.DataFrame:
    """The list week by week, as in `audience_list` over all channels, by each of `by`, as in `audience_groups`.

    Returns
    -------
    DataFrame, one row per dimension, group, the one with the most people ever on the list first, and week, with
        dimension, group : str; groups of fewer than `smallest` people ever on the list are one, "(smaller groups)", and
            left out where that has fewer, too
        week : str, an ISO week like 2026-W46
        before, new, lost, net, reachable : int64, people: on the list when the week began, who joined, who was lost on
            every channel, new − lost, and on the list at its end
    A person in two segments is in both groups.

    Raises
    ------
    InvalidParameters (no such account), UnknownTimeZone, UnknownGrouping

    Example
    -------
    >>> weeks = metrics.audience_list_by_group(warehouse, "acai", "carrier").query("group == 'Vivo'")
    >>> weeks[["week", "new", "lost", "net", "reachable"]].tail(2)
            week  new  lost  net  reachable
    14  2026-W45    0    14  -14      11295
    15  2026-W46    0    23  -23      11272
    """
    about, frames, of_names = audience(warehouse, account), [], _people(warehouse, account, by)
    if about is not None:
        start, end = (monday_ms(ms, about.zone) for ms in (about.start_ms, about.as_of_ms))
        weeks = pd.RangeIndex((end - start) // WEEK_MS + 1)
        for name, found in of_names.items():
            kept = _told_apart(found, smallest)
            order = kept.groupby("group")["people"].sum().reset_index()
            for group in order.sort_values(["people", "group"], ascending=[False, True])["group"]:
                frame = week_by_week(kept[kept["group"] == group], start, weeks)
                frames.append(frame.assign(dimension=name, group=group))
    return framed(WEEKLY, frames)


def _told_apart(rows, smallest):
    """The rows with the groups of fewer than `smallest` people as one, without it where that has fewer, too."""
    small = rows.groupby("group")["people"].transform("sum") < smallest
    rows = rows.assign(group=rows["group"].mask(small, SMALLER))
    return rows[rows.groupby("group")["people"].transform("sum") >= smallest]


def _people(warehouse, account, by) -> dict[str, pd.DataFrame]:
    """By each of `by` the people, with COUNTS, by group, joined_ms (the Monday of their week, NA where before the
    account's first) and lost_ms; `people` is their number."""
    names, about = grouping(by), audience(warehouse, account)
    if wrong := [name for name in names if name not in (*CONTACT_GROUPINGS, "segment") and ATTRIBUTE not in name]:
        raise UnknownGrouping(f"people are not grouped by {wrong[0]!r}: that may differ between their messages")
    if about is None:
        return {}
    kinds = {"group": "str", "joined_ms": "Int64", "lost_ms": "Int64"}
    return {name: warehouse.sql(_counted(about, name)).astype(kinds) for name in names}


def _counted(about, name):
    whole = whole_people(about, by_channel(about))
    source, column = _grouped(about, whole, name)
    p = whole.c
    is_there = p.lost_ms.is_(None)
    told = or_(p.reacted_ms.is_not(None), and_(p.told == 1, p.by_machine == 0))
    conditions = {
        "reachable": is_there,
        "lost": p.lost_ms > about.then_ms,
        "asked": and_(is_there, told),
        "active": and_(is_there, p.reacted_ms > about.as_of_ms - ACTIVE_DAYS * DAY_MS),
    }
    joined = about.week_of(p.joined_ms)
    weeks = {
        "joined_ms": case((joined >= monday_ms(about.start_ms, about.zone), joined)),
        "lost_ms": about.week_of(p.lost_ms),
    }
    row = (
        select(
            column.label("group"),
            *[week.label(key) for key, week in weeks.items()],
            *[case((holds, 1), else_=0).label(key) for key, holds in conditions.items()],
        )
        .select_from(source)
        .cte("person_of_group")
    )
    keys = [row.c[key] for key in ("group", *weeks)]
    sums = [func.sum(row.c[key]).label(key) for key in COUNTS]
    counted = select(*keys, func.count().label("people"), *sums).group_by(*keys)
    return worded(counted) if about.kept and name != "segment" else counted


def _grouped(about, whole, name):
    """The FROM clause that gives people with what they are grouped by, and the column of that."""
    if not about.kept:
        source, (column,) = grouped(whole, (name,))
    elif name == "segment":
        source, column = in_segments(whole, whole.c.contact_id)
    else:
        source, (column,) = with_codes(whole, whole.c.contact_id, (name,))
    return source, column
