"""The list by what is known of people: where it shrinks, and where it no longer listens."""

import pandas as pd
from sqlalchemy import and_, case, func, or_, select

from reportlib.errors import UnknownGrouping
from reportlib.metrics.audience.account import audience, of_account
from reportlib.metrics.audience.people import ALL_CHANNELS, by_channel, everybody
from reportlib.metrics.grouping import ATTRIBUTE, CONTACT_GROUPINGS, grouped, grouping
from reportlib.metrics.local_time import DAY_MS
from reportlib.metrics.memo import remembered
from reportlib.warehouse import Warehouse

SMALLEST, SMALLER = 10, "(smaller groups)"
ACTIVE_DAYS = 90
COUNTS = ("reachable", "lost", "asked", "active")
COLUMNS = {"dimension": "str", "group": "str"} | dict.fromkeys(COUNTS, "int64")


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
    names, about, frames = grouping(by), audience(warehouse, account), []
    if wrong := [name for name in names if name not in (*CONTACT_GROUPINGS, "segment") and ATTRIBUTE not in name]:
        raise UnknownGrouping(f"people are not grouped by {wrong[0]!r}: that may differ between their messages")
    for name in names if about else ():
        found = warehouse.sql(_counted(about, name))
        found = found.assign(people=found["reachable"] + found["lost"])
        small = found["people"] < smallest
        kept = found.assign(group=found["group"].astype("str").mask(small, SMALLER))
        kept = kept.groupby("group", as_index=False)[["people", *COUNTS]].sum()
        kept = kept[kept["people"] >= smallest].sort_values(["people", "group"], ascending=[False, True])
        frames.append(kept.assign(dimension=name))
    empty = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})
    return pd.concat([empty, *frames], ignore_index=True)[[*COLUMNS]].astype(COLUMNS)


def _counted(about, name):
    person = everybody(by_channel(about))
    whole = select(*person.c).where(person.c.channel == ALL_CHANNELS).cte("whole_people")
    source, (column,) = grouped(whole, (name,))
    p = whole.c
    is_there = p.lost_ms.is_(None)
    told = or_(p.reacted_ms.is_not(None), and_(p.told == 1, p.by_machine == 0))
    conditions = {
        "reachable": is_there,
        "lost": p.lost_ms > about.then_ms,
        "asked": and_(is_there, told),
        "active": and_(is_there, p.reacted_ms > about.as_of_ms - ACTIVE_DAYS * DAY_MS),
    }
    row = (
        select(column.label("group"), *[case((holds, 1), else_=0).label(key) for key, holds in conditions.items()])
        .select_from(source)
        .cte("person_of_group")
    )
    return select(row.c.group, *[func.sum(row.c[key]).label(key) for key in COUNTS]).group_by(row.c.group)
