"""What an account's earlier campaigns failed of: the measure for the failure codes of one that is sending."""

from dataclasses import dataclass

import pandas as pd
from sqlalchemy import String, cast, func, select

from reportlib.metrics.selection.campaigns import campaigns, select_campaigns
from reportlib.metrics.selection.grouping import UNKNOWN
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import FINISHED_STATUSES, messages

MOST_CAMPAIGNS = 40  # the latest
FEWEST_CAMPAIGNS, FEWEST_SETTLED = 5, 100  # that say what is usual, and messages of each
LEFT_OUT = 20  # one campaign of so many, the worst
HIGHEST_LINE, MOST_BROKEN = 0.5, 5  # a code that hits more messages is always amiss: one of so many is left out for it
KEYS = ["channel", "provider", "code"]
COLUMNS = dict.fromkeys(KEYS, "str") | dict.fromkeys(("failed", "settled"), "int64")


def failure_history(warehouse: Warehouse, campaign) -> pd.DataFrame:
    """Final words of the account's campaigns that were over when this one began, the latest MOST_CAMPAIGNS.

    Returns
    -------
    DataFrame, one row per campaign, channel, provider and code, with the columns
        campaign_id : as the source has it
        channel, provider, code : str; code NA for what was delivered, and for failures without a code
        failed : int64, messages with this code
        settled : int64, messages of the campaign, channel and provider with an outcome

    Raises
    ------
    UnknownCampaign, CampaignNotStarted

    Example
    -------
    >>> metrics.failure_history(warehouse, "black-friday-preview").columns.tolist()
    ['campaign_id', 'channel', 'provider', 'code', 'failed', 'settled']
    """
    about = select_campaigns(warehouse, campaign).iloc[0]
    known = campaigns(warehouse)
    earlier = (known["account_id"] == about["account_id"]) & known["status"].isin(FINISHED_STATUSES)
    earlier &= known["campaign_id"] != about["campaign_id"]
    if not pd.isna(about["started_at"]):
        earlier &= known["started_at"] < about["started_at"]
    ids = known.loc[earlier, "campaign_id"].head(MOST_CAMPAIGNS).tolist()  # the latest come first
    m = messages.c
    keys = (m.campaign_id, m.channel, m.provider, m.status, cast(m.failure_code, String).label("code"))
    counted = (
        select(*keys, func.count().label("messages"))
        .where(m.campaign_id.in_(ids), m.status.in_(("delivered", "failed")))
        .group_by(m.campaign_id, m.channel, m.provider, m.status, cast(m.failure_code, String))
    )
    found = warehouse.sql(counted)
    failed = found["status"] == "failed"
    found["provider"] = found["provider"].fillna(UNKNOWN)
    found = found.assign(code=found["code"].astype("str").where(failed), failed=found["messages"].where(failed, 0))
    place = ["campaign_id", "channel", "provider"]
    frame = found.groupby([*place, "code"], dropna=False, as_index=False)[["failed", "messages"]].sum()
    frame["settled"] = frame.groupby(place, dropna=False)["messages"].transform("sum")
    return frame.drop(columns="messages").astype(COLUMNS)


@dataclass(frozen=True)
class Usual:
    """How often a failure code occurs at most, usually: `failed` of `settled` in one of so many earlier `campaigns`,
    which only `worse` of them exceeded.
    """

    failed: int
    settled: int
    campaigns: int
    worse: int

    @property
    def rate(self) -> float:
        """As if one more message had half failed, so that none of a hundred does not say that a code cannot occur."""
        return (self.failed + 0.5) / (self.settled + 1)


class UsualFailures:
    """What is usual of each failure code, from `failure_history`; each is worked out once."""

    def __init__(self, history: pd.DataFrame):
        self._history = history
        self._known: dict[tuple, Usual | None] = {}
        failed = history.loc[history["failed"] > 0, KEYS]
        self.keys = {_key(*row) for row in failed.itertuples(index=False)}

    def at_most(self, channel, provider, code) -> Usual | None:
        """The highest rate of a code on its channel and provider, but for the worst of every twenty campaigns, or of
        every MOST_BROKEN where the code hit more than HIGHEST_LINE.

        A campaign that a code spoilt does not make it usual. Of campaigns with FEWEST_SETTLED messages; None with
        fewer than FEWEST_CAMPAIGNS of them.
        """
        key = _key(channel, provider, code)
        if key not in self._known:
            self._known[key] = self._at_most(*key)
        return self._known[key]

    def codes(self, failures: pd.DataFrame) -> int:
        """How many codes occurred, in the history or in these `live_failures`."""
        return len(self.keys | {_key(*row) for row in failures[KEYS].itertuples(index=False)})

    def _at_most(self, channel, provider, code):
        here = self._history[_same(self._history["channel"], channel) & _same(self._history["provider"], provider)]
        settled = here.groupby("campaign_id")["settled"].first()
        settled = settled[settled >= FEWEST_SETTLED]
        if len(settled) < FEWEST_CAMPAIGNS:
            return None
        failed = here[_same(here["code"], code)].groupby("campaign_id")["failed"].sum()
        pairs = zip(failed.reindex(settled.index, fill_value=0), settled, strict=True)
        broken = int((failed.reindex(settled.index, fill_value=0) > HIGHEST_LINE * settled).sum())
        worse = max(len(settled) // LEFT_OUT, min(broken, len(settled) // MOST_BROKEN))
        counts = [Usual(int(failed), int(base), len(settled), worse) for failed, base in pairs]
        return sorted(counts, key=lambda one: one.rate, reverse=True)[worse]


def _key(*names) -> tuple:
    """Names that are equal where they are the same: a missing one is None."""
    return tuple(None if pd.isna(name) else name for name in names)


def _same(values, wanted):
    return values.isna() if wanted is None else values == wanted
