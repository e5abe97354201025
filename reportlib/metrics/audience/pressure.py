"""Pressure: whether the same people click less when they have just had more messages."""

import numpy as np
import pandas as pd
from sqlalchemy import BigInteger, and_, case, cast, func, literal, select

from reportlib.metrics.audience.account import audience, of_account
from reportlib.metrics.audience.people import ALL_CHANNELS
from reportlib.metrics.audience.pressed import LAST_WEEK, LEVEL_OF, LEVELS, WINDOWS, of_weeks, pressed, whole_numbers
from reportlib.metrics.audience.within_person import EFFECTS, FEWEST, FEWEST_EACH, LOWER, with_effects
from reportlib.metrics.frames import framed
from reportlib.metrics.memo import remembered
from reportlib.metrics.statistics.conditional import fit
from reportlib.warehouse import Warehouse

CLASSES = 3  # of campaigns, by their click rate on the channel: a good one is no effect of pressure
CELLS = len(LEVELS) * CLASSES
MOST_SENT, MOST_CLICKED = 60, 10  # messages of a person; who has more is left out
# A person's numbers of messages, and of clicks, by cell (level and class) are the digits of few sums: to count each of
# them in a column of its own takes three times as long. (Bits of a digit, which hold what is at most, cells of a sum.)
DIGITS = {"m": (6, 6), "y": (4, 12)}
COLUMNS = {"channel": "str", "window": "str", "before": "int64", "messages": "int64", "clicked": "int64"}
COLUMNS |= EFFECTS


@of_account
@remembered
def pressure(warehouse: Warehouse, account=None) -> pd.DataFrame:
    """How the odds that people click a message differ by how many others they had had in the days before, of all
    channels together: within the same person and channel, so that keen people who get more make no effect.

    Of the account's last 26 weeks, messages that did not fail, three days old at least, where clicks are measured.
    Campaigns are of three classes by their own click rate, so that good weeks in which more is sent make less of one.
    A verdict holds at 5 % for the three levels of a channel and window together (Holm).

    Returns
    -------
    DataFrame, one row per channel (and "all"), window and number of messages before, with the columns
        channel, window : str, "days 1 to 7" before the message, or "days 8 to 14"
        before : int64, messages in these days: 0, 1, 2, or 3 for three and more
        messages, clicked : int64, how many had so many before them, and how many of these a person clicked
        odds_ratio, low, high : float64, against none before, and its 95 % interval; NaN where nothing can be said
        p_value : float64; people : int64, persons who clicked some and not others
        verdict : str, "lower", "higher", "not distinguishable", or "too few people tell"; "" of none before

    Raises
    ------
    InvalidParameters (no such account), UnknownTimeZone

    Example
    -------
    >>> asked = metrics.pressure(warehouse, "acai").query("channel == 'email' and window == 'days 1 to 7'")
    >>> asked[["before", "messages", "clicked", "verdict"]].head(2)
       before  messages  clicked              verdict
    4       0     22128      753
    5       1      1815       68  not distinguishable
    """
    about, frames = audience(warehouse, account), []
    sent = pressed(about) if about else None
    if about is not None and sent is not None:
        asked = and_(of_weeks(about, sent), sent.c.clicked.is_not(None))
        every = whole_numbers(warehouse.sql(_rates(sent, asked)))
        for window in WINDOWS:
            rates = every.rename(columns={LEVEL_OF[window]: "before"})
            profiles = _by_cell(whole_numbers(warehouse.sql(_profiles(sent, asked, sent.c[LEVEL_OF[window]], rates))))
            for channel in [ALL_CHANNELS, *sorted(set(rates["channel"]))]:
                mine, counted = (
                    part if channel == ALL_CHANNELS else part[part["channel"] == channel] for part in (profiles, rates)
                )
                totals = counted.groupby("before")[["messages", "clicked"]].sum().reindex([*LEVELS], fill_value=0)
                frames.append(_estimated(mine, totals.reset_index()).assign(channel=channel, window=window))
    return framed(COLUMNS, frames)


def pressure_cap(frame: pd.DataFrame) -> dict | None:
    """The most messages in seven days that `pressure` supports: from the first number before a message on, every one
    makes clicks less likely. None where it supports none.

    Keys: cap; messages, that were beyond it; clicked, of these, lost at most.

    Example
    -------
    >>> metrics.pressure_cap(metrics.pressure(warehouse, "acai")) is None
    True
    """
    rows = frame[(frame["channel"] == ALL_CHANNELS) & (frame["window"] == LAST_WEEK) & (frame["before"] > 0)]
    cap = None
    for row in rows.sort_values("before", ascending=False).itertuples():
        if row.verdict != LOWER:
            break
        cap = row.before
    if cap is None:
        return None
    beyond = rows[rows["before"] >= cap]
    return {"cap": int(cap), "messages": int(beyond["messages"].sum()), "clicked": int(beyond["clicked"].sum())}


def _rates(sent, asked):
    keys = sent.c.channel, sent.c.campaign_id, *[sent.c[name] for name in LEVEL_OF.values()]
    counted = func.count().label("messages"), func.sum(sent.c.clicked).label("clicked")
    return select(*keys, *counted).where(asked).group_by(*keys)


def _profiles(sent, asked, level, rates):
    """People by channel and how many messages of each level and class of campaign they had, and clicked, `_packed`."""
    s = sent.c
    kind = _class_of(rates, s)
    row = select(s.contact_id, s.channel, s.clicked, (level * CLASSES + kind).label("cell")).where(asked).cte("in_cell")
    answered = func.sum(row.c.clicked)
    person = (
        select(row.c.channel, *_packed("m", row.c.cell), *_packed("y", row.c.cell, row.c.clicked))
        .group_by(row.c.contact_id, row.c.channel)
        .having(and_(answered > 0, answered <= MOST_CLICKED, answered < func.count(), func.count() <= MOST_SENT))
        .cte("profile")
    )
    keys = [*person.c]
    return select(*keys, func.count().label("people")).group_by(*keys)


def _packed(name, cell, number=1):
    """The sums of a person's rows, of so many each, by cell: NAME and the place of its first cell for each sum."""
    bits, each = DIGITS[name]
    for first in range(0, CELLS, each):
        worth = {first + place: literal(1 << bits * place, BigInteger) for place in range(each)}
        digit = case(worth, value=cell, else_=literal(0, BigInteger)) * number
        yield cast(func.sum(digit), BigInteger).label(f"{name}{first}")


def _by_cell(profiles):
    """The people, with what was `_packed` in a column for each cell: m0, m1, …, y0, …"""
    told = profiles[["channel", "people"]]
    for name, (bits, each) in DIGITS.items():
        sums = {at: profiles[f"{name}{at - at % each}"].to_numpy() >> bits * (at % each) for at in range(CELLS)}
        told = told.assign(**{f"{name}{at}": number & (1 << bits) - 1 for at, number in sums.items()})
    return told


def _class_of(rates, sent):
    """The number of a message's class: its campaign's, by where its click rate is among the channel's messages."""
    each = rates.groupby(["channel", "campaign_id"], as_index=False)[["messages", "clicked"]].sum()
    each = each.assign(rate=each["clicked"] / each["messages"]).sort_values(["channel", "rate"])
    place = each.groupby("channel")["messages"].cumsum() - each["messages"] / 2
    share = place / each.groupby("channel")["messages"].transform("sum")
    each["kind"] = np.minimum((share * CLASSES).astype("int64"), CLASSES - 1)
    found = [
        (and_(sent.channel == channel, sent.campaign_id.in_(some["campaign_id"].tolist())), kind)
        for (channel, kind), some in each.groupby(["channel", "kind"])
        if kind
    ]
    return case(*found, else_=0) if found else literal(0)


def _is_told(sent, clicked) -> bool:
    return min(clicked, sent - clicked) >= FEWEST_EACH


def _estimated(profiles, totals):
    sent, answered = (profiles[[f"{what}{at}" for at in range(CELLS)]].to_numpy() for what in "my")
    people = profiles["people"].to_numpy()
    level, kind = np.divmod(np.arange(CELLS), CLASSES)
    counted, clicked = people @ sent, people @ answered
    told = [at for at in LEVELS if _is_told(counted[level == at].sum(), clicked[level == at].sum())]
    known = np.isin(level, told)  # of other levels nothing can be said: those messages are left out
    sent, answered = sent * known, answered * known
    columns = {("level", at): level == at for at in LEVELS[1:]} | {("kind", at): kind == at for at in range(1, CLASSES)}
    used = {name: one for name, one in columns.items() if (sent[:, one] > 0).any()}
    enough = people.sum() >= FEWEST and used
    found = fit(sent, answered, people, np.column_stack([*used.values()]).astype(float)) if enough else None
    return with_effects(totals, found, [at for what, at in used if what == "level"], int(people.sum()))
