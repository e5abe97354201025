"""Everything that the report on what works says, computed once."""

from dataclasses import dataclass

import pandas as pd

from reportlib.definitions import CHANNELS
from reportlib.metrics.impact.trial import WINDOW_DAYS
from reportlib.metrics.people.data_problems import data_as_of
from reportlib.metrics.selection.accounts import select_account
from reportlib.metrics.weekly.campaigns import campaigns_by_week, finished_campaigns_of
from reportlib.metrics.weekly.history import campaign_history
from reportlib.metrics.weekly.iso_week import week_of
from reportlib.metrics.weekly.verdicts import benchmarks
from reportlib.metrics.what_works.associations import FEWEST, associations, responses
from reportlib.metrics.what_works.facts import facts
from reportlib.metrics.what_works.learned import Learned, learned
from reportlib.metrics.what_works.register import register
from reportlib.metrics.what_works.to_test import worth_testing
from reportlib.warehouse import Warehouse

WEEKS = 104


@dataclass(frozen=True)
class WhatWorks:
    """What an account has learned so far: the answers of the functions the fields are named for.

    `chosen` are its campaigns of the last `weeks` weeks of the data; `told` their `responses`; `benchmarks` those of
    every channel, the best first.
    """

    account: pd.Series
    weeks: int
    data_as_of: pd.Timestamp
    chosen: pd.DataFrame
    register: pd.DataFrame
    learned: list[Learned]
    told: pd.DataFrame
    associations: pd.DataFrame
    worth_testing: pd.DataFrame
    benchmarks: pd.DataFrame

    @property
    def experiments(self) -> int:
        return self.register["experiment_id"].nunique()


def what_works(
    warehouse: Warehouse, account=None, weeks: int = WEEKS, fewest: int = FEWEST, window_days: float = WINDOW_DAYS
) -> WhatWorks:
    """What an account, as `select_account` takes it, has learned: all its experiments, and its campaigns of `weeks`.

    `fewest` campaigns have to share a fact, and as many to lack it; outcomes count `window_days` after a person was
    assigned. Raises InvalidParameters (no such account), UnknownTimeZone.

    Example
    -------
    >>> known = metrics.what_works(warehouse, "acai")
    >>> known.experiments, known.learned[0].won.count
    (1, 1)
    """
    about = select_account(warehouse, account)
    as_of = data_as_of(warehouse)
    if pd.isna(as_of):
        chosen = finished_campaigns_of(warehouse, about["account_id"]).head(0)
        last = week_of(pd.Timestamp(warehouse.opened_ms, unit="ms", tz="UTC"), about["timezone"])
    else:
        last = week_of(as_of, about["timezone"])
        chosen = campaigns_by_week(warehouse, about["account_id"], last, weeks)
    history = campaign_history(warehouse, chosen)
    told, entries = responses(history), register(warehouse, about["account_id"], window_days)
    found = associations(told, facts(warehouse, chosen, about["timezone"]), fewest)
    return WhatWorks(
        account=about,
        weeks=weeks,
        data_as_of=as_of,
        chosen=chosen,
        register=entries,
        learned=learned(entries),
        told=told,
        associations=found,
        worth_testing=worth_testing(found, told),
        benchmarks=benchmarks(history, last.previous(-1), CHANNELS),
    )
