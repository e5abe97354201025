"""How many people a test takes to find what, from the rates that an account's own campaigns had."""

import math

import pandas as pd

from reportlib.definitions import COMPARED, definition
from reportlib.errors import InvalidParameters, nearest
from reportlib.metrics.comparison.age.equal_age import LONGEST_HOURS
from reportlib.metrics.comparison.question import ALPHA
from reportlib.metrics.people.data_problems import data_as_of
from reportlib.metrics.people.rates import is_told
from reportlib.metrics.people.summary import ALL_CHANNELS
from reportlib.metrics.selection.accounts import select_account
from reportlib.metrics.statistics import power
from reportlib.metrics.statistics.outliers import ordinary_expectation
from reportlib.metrics.statistics.spread import ENOUGH, NOT_KNOWN, Spread
from reportlib.metrics.weekly.campaigns import campaigns_by_week
from reportlib.metrics.weekly.history import counts_by_channel
from reportlib.metrics.weekly.iso_week import week_of
from reportlib.warehouse import Warehouse

WEEKS = 26  # looked back at
GIVEN = "given"
MOST_ARMS = 20
COLUMNS = {"channel": "str", "campaigns": "int64", "rate": "float64", "lift": "float64", "difference": "float64",
           "arms": "int64", "level": "float64", "people_per_arm": "Int64", "people": "Int64", "days": "float64",
           "usual_people": "Int64", "finds": "float64", "spread": "float64", "not_split": "Int64"}  # fmt: skip


def plan_test(
    warehouse: Warehouse | None = None, account=None, rate: float | None = None, lift: float = 0.1, arms: int = 2,
    metric: str = "clicked", people: int | None = None,
) -> pd.DataFrame:  # fmt: skip
    """What a test of so many arms takes to find a lift four times in five, per person assigned.

    With an `account` of `warehouse`, from what its campaigns of the last WEEKS did, a row for each channel that has a
    rate of the metric; with a `rate`, from that one instead; with both, from the rate and the spread of the account.
    `people` are those a test could have; without it, as many as the account's campaigns usually have. With three arms
    and more every pair is held at a level at which all together name a false winner 5 times in 100: at least as many
    people as Holm's correction takes.

    Returns
    -------
    DataFrame, a row per channel, with the columns
        channel : str, GIVEN for a rate that was given; campaigns : int64, that the rate and the spread are of
        rate : float64, per person assigned, a fraction; lift : float64, relative; difference : float64, a fraction
        arms : int64; level : float64, at which each pair is decided
        people_per_arm, people : Int64, in one arm and in all, assigned at random; NA where none are enough
        days : float64, from the last hand-over to the final age
        usual_people : Int64, of a campaign, or `people`; finds : float64, the smallest difference that so many, split
            evenly, find four times in five, a fraction; both missing where nothing is known of them
        spread : float64, how far campaigns lie apart beyond chance, of the rate; assumed below ENOUGH campaigns
        not_split : Int64, people per arm where the arms are campaigns that were not split at random and so lie apart by
            that spread, too; NA where no number is enough

    Raises
    ------
    InvalidParameters (neither rate nor account, a rate, lift or number of arms that cannot be, no such metric, no such
    account)

    Example
    -------
    >>> metrics.plan_test(rate=0.04, lift=0.1)[["people_per_arm", "people", "days"]]
       people_per_arm  people  days
    0           39475   78950   7.0
    """
    _check(rate, lift, arms, metric, people)
    if rate is None or account is not None:
        if warehouse is None:
            raise InvalidParameters("give a rate to plan from, such as 0.04, or an account of the database")
        found = _own_rates(warehouse, account, metric)
    else:
        found = []
    if rate is not None:
        known = [Spread(one["campaigns"], one["spread"].log_odds) for one in found if one["spread"].log_odds]
        widest = max(known, key=lambda one: one.log_odds or 0, default=NOT_KNOWN)
        sizes = [one["usual"] for one in found]
        usual = max(sizes, default=None)
        found = [{"channel": GIVEN, "campaigns": widest.history, "rate": rate, "spread": widest, "usual": usual}]
    rows = [_planned(lift=lift, arms=arms, **(one | {"usual": people or one["usual"]})) for one in found]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def _planned(channel, campaigns, rate, spread, usual, lift, arms) -> dict:
    pairs = arms * (arms - 1) // 2
    alpha, difference = ALPHA / pairs, rate * lift
    most = (1 - rate) if lift > 0 else rate
    base, apart = _towards_half(rate, difference)
    needed = power.needed_per_arm(base, apart, alpha) if apart < most else None
    own = spread.at(rate) * rate * (1 - rate)
    left = power.without_spread(apart, math.sqrt(2) * own, alpha, spread.freedom)
    each = usual // arms if usual else 0
    return {
        "channel": channel, "campaigns": campaigns, "rate": rate, "lift": lift, "difference": difference, "arms": arms,
        "level": 1 - alpha, "people_per_arm": needed, "people": None if needed is None else arms * needed,
        "days": LONGEST_HOURS / 24, "usual_people": usual,
        "finds": power.smallest_detectable(rate, each, each, alpha) if each else None, "spread": own / rate,
        "not_split": power.needed_per_arm(rate, left, alpha) if needed and left else None,
    }  # fmt: skip


def _towards_half(rate, difference):
    """The base rate and the difference above zero of the same two rates, as `power` takes them."""
    low, high = sorted((rate, rate + difference))
    return (low, high - low) if low + high <= 1 else (1 - high, high - low)


def _own_rates(warehouse, account, metric) -> list[dict]:
    about, one, as_of = select_account(warehouse, account), definition(metric), data_as_of(warehouse)
    rows = pd.DataFrame(columns=["channel", "audience"])
    if not pd.isna(as_of):
        chosen = campaigns_by_week(warehouse, about["account_id"], week_of(as_of, about["timezone"]), WEEKS)
        chosen = chosen[chosen["finished_at"] <= as_of - pd.Timedelta(hours=LONGEST_HOURS)]
        rows = counts_by_channel(warehouse, chosen["campaign_id"].tolist())
        rows = rows[(rows["channel"] != ALL_CHANNELS) & (rows["engagement_base"] > 0) & is_told(rows, metric)]
    count = one.counted_of("audience")
    found = []
    for channel, of_channel in rows.groupby("channel"):
        counts, bases = (of_channel[name].astype("int64") for name in (count, "audience"))
        usual = ordinary_expectation(counts.clip(upper=bases), bases)
        rate = usual.centre if usual else counts.sum() / bases.sum()
        known = Spread(usual.history, usual.spread) if usual and len(bases) >= ENOUGH else Spread(len(bases))
        if 0 < rate < 1:
            told = {"channel": channel, "campaigns": len(bases), "rate": float(rate)}
            found.append(told | {"spread": known, "usual": int(bases.median())})
    return found


def _check(rate, lift, arms, metric, people):
    if metric not in COMPARED:
        raise InvalidParameters(f"{metric!r} is no metric to compare campaigns by{nearest(metric, COMPARED)}")
    if rate is not None and not 0 < rate < 1:
        raise InvalidParameters(f"the rate is {rate}: give it as a fraction between 0 and 1, such as 0.04")
    if not math.isfinite(lift) or not lift or lift <= -1:
        raise InvalidParameters(f"the lift is {lift}: give it relative to the rate, such as 0.1 or -0.1")
    if rate is not None and rate * (1 + lift) >= 1:
        raise InvalidParameters(f"a rate of {rate} cannot rise by {100 * lift:g} %")
    if not 2 <= arms <= MOST_ARMS:
        raise InvalidParameters(f"a test has 2 to {MOST_ARMS} arms, not {arms}")
    if people is not None and people < 2 * arms:
        raise InvalidParameters(f"{people} people are too few for {arms} arms")
