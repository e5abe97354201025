"""Sums that the first screen, the pictures and the tables of an audience share."""

import pandas as pd

from reportlib.definitions import CHANNELS
from reportlib.metrics import Rate
from reportlib.presentation.look import numbers

ALL = "all"
MONTH_WEEKS = 4
ACTIVE = ("7 days", "30 days", "90 days")
SILENT = ("180 days", "longer", "never")
NOT_ASKED = ("machines only", "not measurable")
NOW = (*ACTIVE, *SILENT, *NOT_ASKED)


def in_order(channels) -> list[str]:
    """Everybody first, then the channels as they are always listed."""
    return [one for one in (ALL, *CHANNELS) if one in set(channels)]


def lately(people: pd.DataFrame, ago: int = 0) -> pd.DataFrame:
    """What became of the list of each channel in its last MONTH_WEEKS whole or begun weeks, by channel; `ago` times as
    many weeks before those."""
    place = people.groupby("channel").cumcount(ascending=False)
    last = people[place.between(ago * MONTH_WEEKS, (ago + 1) * MONTH_WEEKS - 1)]
    each = last.groupby("channel")
    columns = ["new", "opted_out", "complained", "failed", "lost", "net"]
    return each[columns].sum().join(each["before"].first()).join(each["reachable"].last())


def states(attention: pd.DataFrame) -> pd.DataFrame:
    """People who can be reached by channel, a column for each of NOW."""
    there = attention[attention["now"].isin(NOW)]
    table = there.pivot_table("people", "channel", "now", "sum", fill_value=0)
    return table.reindex(columns=list(NOW), fill_value=0).astype("int64")


def odds(row) -> tuple[str, str]:
    """The odds of a row of `pressure` as "0.87", and their interval: "0.81 to 0.94"."""
    return numbers.decimal(row.odds_ratio, 2), f"{numbers.decimal(row.low, 2)} to {numbers.decimal(row.high, 2)}"


def active(row: pd.Series) -> Rate:
    """Of a row of `states`, those who reacted within 90 days, of all of whom that would be told."""
    asked = [*ACTIVE, *SILENT]
    return Rate(int(row[[*ACTIVE]].sum()), int(row[asked].sum()), "people whose reactions are told")
