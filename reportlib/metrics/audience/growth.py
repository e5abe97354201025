"""The list: who can be reached each week, who joined it, who was lost and why, and how long people stay."""

import numpy as np
import pandas as pd

from reportlib.metrics.audience.account import monday_ms, of_account
from reportlib.metrics.audience.cells import cells
from reportlib.metrics.audience.people import COMPLAINED, FAILED, OPTED_OUT
from reportlib.metrics.frames import framed
from reportlib.metrics.local_time import WEEK_MS
from reportlib.metrics.weekly.iso_week import week_of_day
from reportlib.warehouse import Warehouse

REASONS = {OPTED_OUT: "opted_out", COMPLAINED: "complained", FAILED: "failed"}
LIST = {"channel": "str", "week": "str"}
LIST |= dict.fromkeys(("before", "new", *REASONS.values(), "lost", "net", "reachable"), "int64")
STAYED = {"channel": "str", "weeks": "int64", "at_risk": "int64", "lost": "int64"}
STAYED |= dict.fromkeys(("staying", "low", "high"), "float64")
Z = 1.959963984540054


@of_account
def audience_list(warehouse: Warehouse, account=None) -> pd.DataFrame:
    """How many people of an account can be reached on each channel, week by week.

    Somebody joins a channel's list when created, where that is known, or else when first written to on it. They are
    lost when they opt out of it or leave the account, complain, or when the last word on their address is a failure
    that always will be; delivered to again, they were not lost.

    Returns
    -------
    DataFrame, one row per channel and week of the account's clock, from its first message to its latest data, with
        channel : str, and "all", where a person is lost when lost on each channel that they were written to on
        week : str, an ISO week like 2026-W46
        before, new : int64, people on the list when the week began, and those who joined in it
        opted_out, complained, failed : int64, those lost by the first of these; lost : int64, all of them
        net : int64, new − lost; reachable : int64, at the week's end

    Raises
    ------
    InvalidParameters (no such account), UnknownTimeZone

    Example
    -------
    >>> people = metrics.audience_list(warehouse, "acai").query("channel == 'all'")
    >>> people[["week", "opted_out", "failed", "net", "reachable"]].tail(2)
            week  opted_out  failed  net  reachable
    14  2026-W45         26       3  -29      29584
    15  2026-W46         31      12  -43      29541
    """
    found, rows = cells(warehouse, account), []
    if found.empty:
        return framed(LIST)
    start = _monday(found, "start_ms")
    weeks = pd.RangeIndex((_monday(found, "as_of_ms") - start) // WEEK_MS + 1)
    for channel, people in found.groupby("channel", sort=True):
        lost = {
            column: by_week(people[people["reason"] == reason], "lost_ms", start, weeks)
            for reason, column in REASONS.items()
        }
        rows.append(week_by_week(people, start, weeks).assign(channel=channel, **lost))
    return pd.concat(rows, ignore_index=True)[[*LIST]].astype(LIST)


@of_account
def audience_survival(warehouse: Warehouse, account=None) -> pd.DataFrame:
    """How many of an account's people stay on a channel's list, by the weeks since they were first written to.

    Kaplan and Meier's estimate in whole weeks (1958, J Am Stat Assoc 53:457): who can still be reached has been
    followed for as long as there are data and no longer. Greenwood's variance, its interval on the complementary
    log-log scale (Kalbfleisch and Prentice 2002, section 1.4).

    Returns
    -------
    DataFrame, one row per channel (and "all") and number of weeks that somebody was followed for, with
        channel : str; weeks : int64, from the week of the first message to that of the loss
        at_risk, lost : int64, people followed for so long, and those of them lost then
        staying : float64, the share that stays beyond; low, high : float64, its 95 % interval, NaN while nobody is lost

    Raises
    ------
    InvalidParameters (no such account), UnknownTimeZone

    Example
    -------
    >>> stay = metrics.audience_survival(warehouse, "acai").query("channel == 'all' and weeks == 12")
    >>> stay[["at_risk", "lost", "staying"]].round(4)
        at_risk  lost  staying
    12    20736     9   0.9887
    """
    found, rows = cells(warehouse, account), []
    if found.empty:
        return framed(STAYED)
    until = found["lost_ms"].fillna(_monday(found, "as_of_ms"))
    ages = ((until - found["first_ms"]) // WEEK_MS).clip(lower=0).astype("int64")
    for channel, people in found.groupby("channel", sort=True):
        age = ages[people.index]
        weeks = pd.RangeIndex(int(age.max()) + 1)
        ended = np.bincount(age, people["people"], len(weeks))
        lost = np.bincount(age, people["people"].where(people["lost_ms"].notna(), 0), len(weeks))
        at_risk = ended[::-1].cumsum()[::-1]
        told = {"channel": channel, "weeks": weeks, "at_risk": at_risk, "lost": lost}
        rows.append(pd.DataFrame(told | _kaplan_meier(at_risk, lost)))
    return pd.concat(rows, ignore_index=True)[[*STAYED]].astype(STAYED)


def _kaplan_meier(at_risk, lost):
    staying = np.cumprod(1 - lost / at_risk)
    left = at_risk - lost
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.cumsum(lost / (at_risk * left))
        scaled = np.sqrt(variance) / np.log(staying)
        low, high = (staying ** np.exp(sign * Z * scaled) for sign in (-1, 1))
    known = (staying > 0) & (staying < 1)
    return {"staying": staying, "low": np.where(known, low, np.nan), "high": np.where(known, high, np.nan)}


def _monday(found, name) -> int:
    return monday_ms(found.attrs[name], found.attrs["zone"])


def week_by_week(people: pd.DataFrame, start: int, weeks: pd.RangeIndex) -> pd.DataFrame:
    """Of people by joined_ms and lost_ms, in each of so many weeks from `start` on, a Monday: week, before, new, lost,
    net and reachable, as in `audience_list`."""
    joined, lost = (by_week(people, name, start, weeks) for name in ("joined_ms", "lost_ms"))
    before = int(people.loc[people["joined_ms"].isna(), "people"].sum())
    after = before + np.cumsum(joined - lost)
    names = [str(week_of_day(pd.Timestamp(start + at * WEEK_MS, unit="ms").date())) for at in weeks]
    told = {"week": names, "before": after - joined + lost, "new": joined, "lost": lost, "net": joined - lost}
    return pd.DataFrame(told | {"reachable": after})


def by_week(people, moment: str, start: int, weeks):
    """How many of the people have their moment in each week; what is outside counts at its end."""
    at = ((people[moment] - start) // WEEK_MS).dropna().astype("int64").clip(0, len(weeks) - 1)
    return np.bincount(at, people.loc[at.index, "people"], len(weeks)).astype("int64")
