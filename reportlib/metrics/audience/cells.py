"""The questions about an account's people of which growth, attention, reach and sleepers are sums."""

import pandas as pd
from sqlalchemy import and_, case, func, or_, select

from reportlib.metrics.audience.account import audience, monday_ms
from reportlib.metrics.audience.people import by_channel, everybody
from reportlib.metrics.frames import framed
from reportlib.metrics.local_time import DAY_MS
from reportlib.metrics.memo import remembered
from reportlib.warehouse import Warehouse

WITHIN_DAYS = (7, 30, 90, 180)
LONGER, NEVER, MACHINES, UNTOLD = "longer", "never", "machines only", "not measurable"
LOST, NOT_YET = "lost", "not yet"
STATES = (*(f"{days} days" for days in WITHIN_DAYS), LONGER, NEVER, MACHINES, UNTOLD, LOST, NOT_YET)
SLEEPER_DAYS = 180
COLUMNS = dict.fromkeys(("channel", "reason", "now", "then"), "str")
COLUMNS |= dict.fromkeys(("joined_ms", "first_ms", "lost_ms"), "Int64")
COLUMNS |= dict.fromkeys(("ways", "people", "recent"), "int64")
SLEEPING = dict.fromkeys(("channel", "reason", "then"), "str")
SLEEPING |= dict.fromkeys(("sleeps", "slept", "reacted_since", "people", "recent"), "int64")


@remembered
def cells(warehouse: Warehouse, account=None) -> pd.DataFrame:
    """People of an account by all that is asked of them: a row per combination.

    Returns
    -------
    DataFrame with the columns
        channel : str, with ALL_CHANNELS for each person once
        joined_ms, first_ms, lost_ms : Int64, the Mondays of their weeks, local milliseconds; joined_ms is NA where
            before the account's first week, lost_ms where they can be reached
        reason : str, why they were lost; ways : int64, as in `everybody`
        now, then : str, their attention at the two moments, one of STATES
        people : int64; recent : int64, messages to them between the two
    and attrs: as_of_ms, start_ms (the account's first week), zone; none where nobody was written to
    """
    about = audience(warehouse, account)
    if about is None:
        return framed(COLUMNS)
    person = everybody(about)
    p = person.c
    joined = about.week_of(p.joined_ms)
    row = select(
        p.channel,
        case((joined >= monday_ms(about.start_ms, about.zone), joined)).label("joined_ms"),
        about.week_of(p.first_ms).label("first_ms"),
        about.week_of(p.lost_ms).label("lost_ms"),
        p.reason,
        p.ways,
        state(p, about.as_of_ms, p.reacted_ms).label("now"),
        state(p, about.then_ms, p.reacted_before_ms).label("then"),
        p.recent,
    ).cte("cell")
    found = warehouse.sql(_counted(row)).astype(COLUMNS)[[*COLUMNS]]
    found.attrs = {"as_of_ms": about.as_of_ms, "start_ms": about.start_ms, "zone": about.zone}
    return found


@remembered
def sleeping(warehouse: Warehouse, account=None, sleeper_days: int = SLEEPER_DAYS) -> pd.DataFrame:
    """People of an account by channel, as `cells` has them: channel, reason, then; sleeps, slept : int64, whether they
    are, and then were, one who sleeps: 1 or 0; reacted_since, whether between the two moments; people, recent."""
    about = audience(warehouse, account)
    if about is None:
        return framed(SLEEPING)
    person = by_channel(about)
    p = person.c
    flags = {
        "sleeps": sleeps(p, about.as_of_ms, p.reacted_ms, sleeper_days),
        "slept": sleeps(p, about.then_ms, p.reacted_before_ms, sleeper_days),
        "reacted_since": and_(p.reacted_ms.is_not(None), p.reacted_ms > about.then_ms),
    }
    row = select(
        *(p.channel, p.reason, p.recent, state(p, about.then_ms, p.reacted_before_ms).label("then")),
        *[case((holds, 1), else_=0).label(name) for name, holds in flags.items()],
    ).cte("sleeper")
    return warehouse.sql(_counted(row)).astype(SLEEPING)[[*SLEEPING]]


def _counted(row):
    """How many rows are alike in all but `recent`, and the sum of that."""
    keys = [column for column in row.c if column.name != "recent"]
    return select(*keys, func.count().label("people"), func.sum(row.c.recent).label("recent")).group_by(*keys)


def state(person, moment_ms: int, reacted_ms):
    """The attention of people at a moment, one of STATES, given their last human reaction before it."""
    within = [(reacted_ms > moment_ms - days * DAY_MS, name) for days, name in zip(WITHIN_DAYS, STATES, strict=False)]
    return case(
        (person.first_ms > moment_ms, NOT_YET),
        (person.lost_ms <= moment_ms, LOST),
        *within,
        (reacted_ms.is_not(None), LONGER),
        (person.by_machine == 1, MACHINES),
        (person.told == 0, UNTOLD),
        else_=NEVER,
    )


def sleeps(person, moment_ms: int, reacted_ms, days: int):
    """The condition that people who could be reached then, and of whom somebody would tell it, had not reacted for so
    many days, though first written to before these."""
    before = moment_ms - days * DAY_MS
    return and_(
        person.first_ms <= before,
        or_(person.lost_ms.is_(None), person.lost_ms > moment_ms),
        or_(reacted_ms <= before, and_(reacted_ms.is_(None), person.by_machine == 0, person.told == 1)),
    )
