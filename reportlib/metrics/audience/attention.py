"""Attention: when people last reacted, how they moved in a month, and those who sleep."""

import pandas as pd

from reportlib.metrics.audience.account import of_account
from reportlib.metrics.audience.cells import SLEEPER_DAYS, STATES, cells, sleeping
from reportlib.metrics.audience.people import ALL_CHANNELS, COMPLAINED, FAILED, OPTED_OUT
from reportlib.warehouse import Warehouse

COLUMNS = {"channel": "str", "then": "str", "now": "str", "people": "int64"}
SLEPT = {"channel": "str", "group": "str"}
SLEPT |= dict.fromkeys(("people", "messages", "reacted", "opted_out", "complained", "failed", "now_sleeping"), "int64")
SLEEPERS, OTHERS = "sleepers", "others"


@of_account
def attention(warehouse: Warehouse, account=None) -> pd.DataFrame:
    """How many people of an account last reacted how long ago, now and 30 days before.

    A reaction is a person's click, open or reply. Who has not reacted is "never" where somebody would have told of it;
    else "not measurable", and where machines alone have reacted "machines only".

    Returns
    -------
    DataFrame, one row per channel and pair of states that anybody has, with the columns
        channel : str, and "all" for each person once
        then, now : str, the state 30 days before the latest data, and at them: "7 days", "30 days", "90 days" and
            "180 days" (the last reaction was within so many), "longer", "never", "machines only", "not measurable",
            "lost", and of then "not yet" (was first written to later)
        people : int64

    Raises
    ------
    InvalidParameters (no such account), UnknownTimeZone

    Example
    -------
    >>> people = metrics.attention(warehouse, "acai").query("channel == 'all'")
    >>> people.groupby("now")["people"].sum()
    now
    180 days            963
    30 days             316
    7 days             5034
    90 days           17233
    lost                328
    machines only      1074
    never              4863
    not measurable       58
    Name: people, dtype: int64
    """
    found = cells(warehouse, account)
    frame = found.groupby(["channel", "then", "now"], as_index=False)["people"].sum()
    order = {state: place for place, state in enumerate(STATES)}
    by = ["channel", "then", "now"]
    return frame.sort_values(by, key=lambda one: one if one.name == "channel" else one.map(order), ignore_index=True)[
        [*COLUMNS]
    ].astype(COLUMNS)


@of_account
def sleepers(warehouse: Warehouse, account=None, sleeper_days: int = SLEEPER_DAYS) -> pd.DataFrame:
    """What the last 30 days brought of those who slept when they began, beside the others who could be reached then.

    Who sleeps has not reacted on the channel for `sleeper_days`, and was written to before these. People of whom nobody
    would tell a reaction are neither.

    Returns
    -------
    DataFrame, two rows per channel, with the columns
        channel : str; group : str, "sleepers" or "others"
        people : int64, then; messages : int64, to them since
        reacted : int64, people who reacted since
        opted_out, complained, failed : int64, people lost since, by the first of these; a failure is one for good
        now_sleeping : int64, people of the group who sleep now

    Raises
    ------
    InvalidParameters (no such account), UnknownTimeZone

    Example
    -------
    >>> asleep = metrics.sleepers(warehouse, "acai", 60).query("channel == 'sms'")
    >>> asleep[["group", "people", "messages", "reacted"]]
          group  people  messages  reacted
    2  sleepers    6302      1484       62
    3    others    4343      1021       33
    """
    found = sleeping(warehouse, account, sleeper_days)
    found = found[~found["then"].isin(["lost", "not yet"])]
    found = found[(found["slept"] == 1) | ~found["then"].isin(["machines only", "not measurable"])]
    group = found["slept"].map({1: SLEEPERS, 0: OTHERS})
    reasons = {"opted_out": OPTED_OUT, "complained": COMPLAINED, "failed": FAILED}
    counted = found.assign(
        group=group,
        messages=found["recent"],
        reacted=found["people"] * found["reacted_since"],
        now_sleeping=found["people"] * found["sleeps"],
        **{name: found["people"].where(found["reason"] == reason, 0) for name, reason in reasons.items()},
    )
    names = list(SLEPT)[2:]
    summed = counted.groupby(["channel", "group"])[names].sum()
    both = pd.MultiIndex.from_product([sorted(set(found["channel"])), [SLEEPERS, OTHERS]], names=["channel", "group"])
    return summed.reindex(both, fill_value=0).reset_index().astype(SLEPT)


@of_account
def still_written(warehouse: Warehouse, account=None) -> pd.DataFrame:
    """What was sent in the last 30 days to people who had been lost on the channel before these.

    Returns
    -------
    DataFrame, one row per channel and reason with such messages, with the columns
        channel, reason : str, "opted out", "complained" or "permanently failed"
        messages : int64

    Raises
    ------
    InvalidParameters (no such account), UnknownTimeZone

    Example
    -------
    >>> metrics.still_written(warehouse, "acai").query("channel == 'email'")
      channel              reason  messages
    0   email          complained         1
    1   email           opted out        25
    2   email  permanently failed         3
    """
    found = cells(warehouse, account)
    found = found[(found["then"] == "lost") & (found["channel"] != ALL_CHANNELS) & (found["recent"] > 0)]
    frame = found.groupby(["channel", "reason"], as_index=False)["recent"].sum()
    return frame.rename(columns={"recent": "messages"}).astype({"channel": "str", "reason": "str", "messages": "int64"})
