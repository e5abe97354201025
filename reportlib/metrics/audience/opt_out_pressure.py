"""Pressure and opt-outs: whether people leave more when they have just had more messages."""

import numpy as np
import pandas as pd
from sqlalchemy import case, func, or_, select

from reportlib.metrics.audience.account import audience, of_account
from reportlib.metrics.audience.people import ALL_CHANNELS
from reportlib.metrics.audience.pressed import LEVELS, of_weeks, pressed, whole_numbers
from reportlib.metrics.audience.within_person import EFFECTS, FEWEST, with_effects
from reportlib.metrics.frames import framed
from reportlib.metrics.local_time import WEEK_MS
from reportlib.metrics.memo import remembered
from reportlib.metrics.statistics.conditional import fit
from reportlib.warehouse import Warehouse

NOTHING_EARLIER = -1
FEWEST_LEAVING = 20  # by messages of a level and by the others, as is expected: of a dozen, intervals are too narrow
COLUMNS = {"channel": "str", "before": "int64", "messages": "int64", "left": "int64"} | EFFECTS
ALIKE = ["channel", "campaign_id", "ago_ms", "earlier_ago_ms", "lower", "upper"]  # what those compared have in common


@of_account
@remembered
def opt_out_pressure(warehouse: Warehouse, account=None) -> pd.DataFrame:
    """How the odds that people leave by a message, opt out or complain, differ by how many others they had had in the
    seven days before, of all channels together.

    Leaving happens once, so a person cannot be held against themselves alone: of their last message they would know
    the outcome before. Instead each message is held against the person's last one before these seven days, and whoever
    left is compared with those who got the same campaign in the same week, whose earlier message is of the same week
    too, and who had the same two numbers of messages before them, in one order or the other: a case-time-control
    design (Suissa 1995, Epidemiology 6:248; Allison and Christakis 2006, Sociol Methodol 36:155), with the likelihood
    of Cox (1972). So neither how much a person usually gets nor what was sent to all at a time counts.

    Of the account's last 26 weeks, messages that did not fail, three days old at least, where opt-outs or complaints
    are measured, up to a person's first; an earlier message counts from a week after the person's first. A verdict
    holds at 5 % for the three levels of a channel together (Holm).

    Returns
    -------
    DataFrame, one row per channel (and "all") and number of messages before, with the columns
        channel : str; before : int64, messages in the seven days before: 0, 1, 2, or 3 for three and more
        messages, left : int64, how many had so many before them, and by how many of these a person left
        odds_ratio, low, high : float64, against none before, and its 95 % interval; NaN where nothing can be said
        p_value : float64; people : int64, persons who left and are compared
        verdict : str, "lower", "higher", "not distinguishable", or "too few people tell"; "" of none before

    Raises
    ------
    InvalidParameters (no such account), UnknownTimeZone

    Example
    -------
    >>> asked = metrics.opt_out_pressure(warehouse, "acai").query("channel == 'all'")
    >>> asked[["before", "messages", "left", "verdict"]].head(2)
       before  messages  left              verdict
    0       0     96834   509
    1       1     16728    81  too few people tell
    """
    about, frames = audience(warehouse, account), []
    sent = pressed(about) if about else None
    if about is not None and sent is not None:
        counted = whole_numbers(warehouse.sql(_counted(about, sent)))
        for channel in [ALL_CHANNELS, *sorted(set(counted["channel"]))]:
            mine = counted if channel == ALL_CHANNELS else counted[counted["channel"] == channel]
            frames.append(_estimated(mine).assign(channel=channel))
    return framed(COLUMNS, frames)


def _counted(about, sent):
    """Messages by channel, campaign_id, the weeks before the latest data of them and of the earlier one (ago_ms,
    earlier_ago_ms), and the levels of both (before, earlier): messages, left."""
    s = sent.c
    of_person = {"partition_by": (s.contact_id, s.channel), "order_by": s.at_ms}  # sorted once for all three
    packed = {"earlier_ms": s.at_ms, "earlier": s.at_ms * len(LEVELS) + s.level}  # the latest is the greatest
    latest = {name: func.max(case((s.settled == 1, value))) for name, value in packed.items()}
    before = [how.over(**of_person, range_=(None, -WEEK_MS - 1)).label(name) for name, how in latest.items()]
    left_ms = func.min(case((s.left == 1, s.at_ms))).over(**of_person, range_=(None, 0))
    paired = select(*s, *before, left_ms.label("left_ms")).cte("with_earlier")
    p = paired.c
    row = (
        select(
            p.channel,
            p.campaign_id,
            _week_of(about.as_of_ms - p.at_ms).label("ago_ms"),
            func.coalesce(_week_of(about.as_of_ms - p.earlier_ms), NOTHING_EARLIER).label("earlier_ago_ms"),
            p.level.label("before"),
            func.coalesce(p.earlier % len(LEVELS), NOTHING_EARLIER).label("earlier"),
            p.left,
        )
        .where(of_weeks(about, paired), p.left.is_not(None), or_(p.left_ms.is_(None), p.at_ms <= p.left_ms))
        .cte("message_and_earlier")
    )
    keys = [column for column in row.c if column.name != "left"]
    return select(*keys, func.count().label("messages"), func.sum(row.c.left).label("left")).group_by(*keys)


def _week_of(ms):
    return ms - ms % WEEK_MS


def _estimated(counted):
    totals = counted.groupby("before")[["messages", "left"]].sum().reindex([*LEVELS], fill_value=0).reset_index()
    sent, left = _compared(counted)
    told = [level for level in LEVELS[1:] if _is_told(sent, left, level)]
    known = np.isin(LEVELS, [0, *told])
    both = (sent[:, known] > 0).sum(axis=1) == 2
    sent, left = sent[both] * known, left[both] * known
    people = int(left.sum())
    found = None
    if told and people >= FEWEST:
        each = [np.flatnonzero(left[:, level]) for level in LEVELS]
        chosen = np.repeat(np.eye(len(LEVELS)), [len(rows) for rows in each], axis=0)
        number = np.concatenate([left[rows, level] for level, rows in zip(LEVELS, each, strict=True)])
        design = np.equal.outer(LEVELS, told).astype(float)
        found = fit(sent[np.concatenate(each)], chosen, number, design)
    return with_effects(totals, found, told, people)


def _is_told(sent, left, level):
    """Whether enough would leave by messages of the level, and by those they are held against, were there no effect:
    from how many left of those alike, not from which, so that no level is told because many left by it."""
    leaving = left.sum(axis=1)[sent[:, level] > 0]
    share = (sent[:, level] / sent.sum(axis=1))[sent[:, level] > 0]
    return min(leaving @ share, leaving @ (1 - share)) >= FEWEST_LEAVING


def _compared(counted):
    """A row for those alike, of whom somebody left and some had the one order and some the other: how many had each
    of LEVELS before the later message, and of these left."""
    pairs = counted[(counted["earlier"] != NOTHING_EARLIER) & (counted["earlier"] != counted["before"])]
    levels = pairs[["before", "earlier"]]
    pairs = pairs.assign(lower=levels.min(axis=1), upper=levels.max(axis=1))
    wide = pairs.pivot_table(["messages", "left"], ALIKE, "before", "sum", fill_value=0)
    sent, left = (
        wide[name].reindex(columns=[*LEVELS], fill_value=0).to_numpy(float) if len(wide) else np.zeros((0, len(LEVELS)))
        for name in ("messages", "left")
    )
    tell = (left.sum(axis=1) > 0) & ((sent > 0).sum(axis=1) == 2)
    return sent[tell], left[tell]
