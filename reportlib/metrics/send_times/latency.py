"""How soon people respond: the share who have, by the age of their message, however long it could be followed so far.

A message sent an hour ago could not yet be answered a day later; Kaplan and Meier's (1958, JASA 53:457) estimate counts
it for its hour. Ages are rounded: answers up, follow-up down, to STEPS.
"""

import numpy as np
import pandas as pd
import scipy
from sqlalchemy import case, func, literal, select

from reportlib.metrics.comparison.age.equal_age import LONGEST_HOURS
from reportlib.metrics.local_time import HOUR_MS, MINUTE_MS
from reportlib.metrics.people.totals import of_people
from reportlib.metrics.selection.campaigns import portions, select_campaigns
from reportlib.metrics.send_times.responses import delivered_messages, followed_until_ms, told_of
from reportlib.warehouse import Warehouse

STEPS = ((HOUR_MS, MINUTE_MS), (6 * HOUR_MS, 10 * MINUTE_MS), (LONGEST_HOURS * HOUR_MS, HOUR_MS))  # up to which age
COLUMNS = {"channel": "str", "age_minutes": "int64"} | dict.fromkeys(("followed", "answered"), "int64")
ESTIMATES = ("share", "low", "high")


@of_people
def response_latency(
    warehouse: Warehouse, campaigns=None, metric: str = "clicked", channel: str | None = None
) -> pd.DataFrame:
    """The share of delivered messages answered by each age, per channel; `metric` and `channel` as in `send_slots`.

    Returns
    -------
    DataFrame, one row per channel and age at which messages were answered or stopped being followed, with the columns
        channel : str
        age_minutes : int64, from the hand-over; at most LONGEST_HOURS
        followed : int64, messages not answered before and followed at least so long
        answered : int64, messages answered at this age
        share, low, high : float64, answered by then, of delivered, with its 95 % interval (Greenwood's variance, on the
            complementary log-log scale); NaN before the first answer and after the last possible one

    Raises
    ------
    UnknownCampaign, CampaignNotStarted, InvalidParameters

    Example
    -------
    >>> metrics.response_latency(warehouse, "spring-sale")[["channel", "age_minutes", "followed", "answered"]].head(2)
      channel  age_minutes  followed  answered
    0   email            6      5105         2
    1   email            9      5103         1
    """
    chosen = select_campaigns(warehouse, campaigns)
    told = told_of(warehouse, chosen, metric, channel)
    none = pd.DataFrame({"channel": [], "age_minutes": [], "answered": [], "messages": []})
    parts = portions(warehouse, chosen["campaign_id"].tolist())
    counts = pd.concat([none, *[_per_age(warehouse, told[told["campaign_id"].isin(part)], metric) for part in parts]])
    counts = counts.groupby(["channel", "age_minutes", "answered"], as_index=False)["messages"].sum()
    empty = pd.DataFrame(columns=[*COLUMNS, *ESTIMATES]).astype(COLUMNS | dict.fromkeys(ESTIMATES, "float64"))
    return pd.concat([empty, *[_curve(group) for _, group in counts.groupby("channel")]], ignore_index=True)


def response_times(latency: pd.DataFrame) -> pd.DataFrame:
    """How long it took half, and nine in ten, of those who respond, from the frame of `response_latency`.

    Returns
    -------
    DataFrame, one row per channel, with the columns
        channel : str
        delivered, answered : int64, messages
        followed_minutes : int64, the longest follow-up: times are of those who respond by then
        median_minutes, most_minutes : Int64, ages at which 50 % and 90 % of them have; NA where nobody has

    Example
    -------
    >>> latency = metrics.response_latency(warehouse, "spring-sale")
    >>> metrics.response_times(latency)[["channel", "answered", "median_minutes"]].head(2)
      channel  answered  median_minutes
    0   email       188             100
    1     sms       124             110
    """
    rows = []
    for name, curve in latency.groupby("channel"):
        shares, ages = curve["share"].to_numpy(), curve["age_minutes"].to_numpy()
        final = shares[-1]
        times = [ages[np.argmax(shares >= part * final - 1e-12)] if final > 0 else pd.NA for part in (0.5, 0.9)]
        rows.append((name, curve["followed"].iloc[0], curve["answered"].sum(), ages[-1], *times))
    columns = {"channel": "str"} | dict.fromkeys(("delivered", "answered", "followed_minutes"), "int64")
    columns |= dict.fromkeys(("median_minutes", "most_minutes"), "Int64")
    frame = pd.DataFrame(rows, columns=list(columns)).astype(columns)
    frame.attrs = dict(latency.attrs)
    return frame


def _per_age(warehouse, told, metric):
    """Messages by channel, age_minutes and whether they were answered then, or followed no longer."""
    until_ms = followed_until_ms(warehouse)
    message = delivered_messages(warehouse, told, metric)
    answered = message.c.answered_ms.is_not(None)
    stepped = select(
        message.c.channel,
        _rounded_down(until_ms - message.c.sent_ms).label("followed"),
        case((answered, _rounded_up(message.c.answered_ms - message.c.sent_ms))).label("age"),
    ).cte("stepped")
    found = warehouse.sql(select(*stepped.c, func.count().label("messages")).group_by(*stepped.c))
    followed = found.drop(columns="age").astype({"followed": "int64", "messages": "int64"})
    answered = found.dropna(subset="age").astype(dict.fromkeys(("followed", "age", "messages"), "int64"))
    answered = answered[answered["age"] <= answered["followed"]]
    heard = answered.drop(columns="age").assign(messages=-answered["messages"])  # they are not followed any longer
    silent = pd.concat([followed, heard]).rename(columns={"followed": "age"}).assign(answered=0)
    both = pd.concat([silent, answered.drop(columns="followed").assign(answered=1)])
    counts = both.groupby(["channel", "age", "answered"], as_index=False)["messages"].sum()
    return counts[counts["messages"] > 0].assign(age_minutes=counts["age"] // MINUTE_MS)


def _rounded_up(age):
    """To the end of its step, at least one step, so that an answer a moment before the hand-over's clock counts."""
    first = STEPS[0][1]
    steps = [(age <= until, age - 1 - (age - 1) % step + step) for until, step in STEPS]
    return case((age < first, literal(first)), *steps, else_=2 * literal(STEPS[-1][0]))  # those are not followed


def _rounded_down(followed):
    """To the start of its step, at least none, at most LONGEST_HOURS."""
    steps = [(followed < until, followed - followed % step) for until, step in STEPS]
    return case((followed < 0, literal(0)), *steps, else_=literal(STEPS[-1][0]))


def _curve(counts):
    """The estimate for one channel, from messages per age and fate.

    Written out, since statsmodels' SurvfuncRight with frequency weights does not give Greenwood's variance.
    """
    fates = counts.pivot_table(index="age_minutes", columns="answered", values="messages", aggfunc="sum", fill_value=0)
    fates = fates.reindex(columns=[0, 1], fill_value=0)
    answered, followed = fates[1].to_numpy(), fates.sum(axis=1).to_numpy()[::-1].cumsum()[::-1]
    left = np.cumprod(1 - answered / followed)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(np.cumsum(answered / (followed * (followed - answered)))) / -np.log(left)
        low, high = (1 - left ** np.exp(sign * scipy.special.ndtri(0.975) * error) for sign in (-1, 1))
    frame = pd.DataFrame({"age_minutes": fates.index, "followed": followed, "answered": answered, "share": 1 - left})
    frame = frame.assign(channel=counts["channel"].iloc[0], low=low, high=high)
    frame.loc[(left == 1) | (left == 0), ["low", "high"]] = np.nan
    return frame.astype(COLUMNS)[[*COLUMNS, *ESTIMATES]]
