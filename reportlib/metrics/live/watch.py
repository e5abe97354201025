"""A campaign that is sending, looked at again and again: all that a monitor shows, at each look."""

import math
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Engine

from reportlib.errors import InvalidParameters
from reportlib.metrics.live.alarms import Alarm, live_alarms
from reportlib.metrics.live.flow import by_bucket, flow_of
from reportlib.metrics.live.history import UsualFailures, failure_history
from reportlib.metrics.live.latency import latency_of
from reportlib.metrics.live.outcomes import (
    campaign_row,
    live_channels,
    live_failures,
    live_ledger,
    live_told,
    outcomes_of,
)
from reportlib.metrics.live.pace import Pace, live_pace
from reportlib.metrics.people.measured import told_by
from reportlib.metrics.people.totals import totals_only
from reportlib.metrics.selection.campaigns import select_campaigns
from reportlib.warehouse import Warehouse
from reportlib.warehouse.engines import database_file

REST = 9  # times as long as a slow question took, before it is asked again


@dataclass(frozen=True)
class LiveFigures:
    """What is known of a campaign at one look.

    Attributes
    ----------
    about : its row of `campaigns`
    looked_ms : when, epoch milliseconds
    ledger, told, channels, failures : `live_ledger`, `live_told`, `live_channels`, `live_failures`, as of the look
    timeline, latency : `by_bucket` of `live_flow`, and `live_latency`, as of `flow_ms` or a little later
    pace, alarms : at the look
    usual : UsualFailures, None until they were read
    newest, oldest_pending : datetimes in UTC, the latest that any message has, and the hand-over of the message that
        waits longest; NaT where there is none
    """

    about: pd.Series
    looked_ms: int
    ledger: pd.DataFrame
    told: pd.DataFrame
    channels: pd.DataFrame
    failures: pd.DataFrame
    timeline: pd.DataFrame
    latency: pd.DataFrame
    flow_ms: int
    pace: Pace
    alarms: list[Alarm]
    usual: UsualFailures | None
    newest: pd.Timestamp
    oldest_pending: pd.Timestamp

    @property
    def completed(self) -> bool:
        """Whether the campaign is over, so that its figures are final."""
        return self.about["status"] == "completed"


@dataclass
class Silence:
    """How long news was waited for when nothing was amiss, as far as the looks tell: `longest_s`.

    `last_ms` is the latest final word at the last look, `changed_s` and `still_s` when it was seen first and last, by
    the clock: a watch that is started again goes on with it.
    """

    longest_s: float = 0.0
    last_ms: int | None = None
    changed_s: float = 0.0
    still_s: float = 0.0
    is_amiss: bool = False

    def waited_s(self, last: pd.Timestamp, now_s: float) -> float:
        """The longest wait, `last` being the latest final word at this look."""
        last_ms = None if pd.isna(last) else int(last.timestamp() * 1000)
        if last_ms is not None and last_ms != self.last_ms:
            if not self.is_amiss and self.last_ms is not None:
                self.longest_s = max(self.longest_s, self.still_s - self.changed_s)
            self.last_ms, self.changed_s = last_ms, now_s
        self.still_s = now_s
        return self.longest_s


class LiveWatch:
    """Asks anew at each look, of a Warehouse opened anew, since one Warehouse answers the same for ever.

    What became of the messages is asked at every look. The slower questions (when it happened, how long deliveries
    took) are asked by `catch_up`, between two looks, and rest nine times as long as they took; the earlier campaigns
    are read once. `silence` is how long news was waited for: that of a watch before this, where there was one.

    Example
    -------
    >>> figures = metrics.LiveWatch(warehouse.engine, "black-friday-preview").look()
    >>> figures.ledger[["audience", "sent", "not_sent"]]
       audience  sent  not_sent
    0      8850  4387      4463
    """

    def __init__(self, engine: Engine, campaign, silence: Silence | None = None):
        self._engine, self._campaign = engine, campaign
        self._about, self._newest_ms = None, None
        self._answers: dict[str, Any] = {}
        self._due_s: dict[str, float] = {}
        self.silence = silence or Silence()

    def look(self, whole: bool = False) -> LiveFigures:
        """The figures now, the slow ones as `catch_up` had them last; the `whole` of them anew, however long it takes.

        Raises UnknownCampaign, CampaignNotStarted, InvalidParameters (a campaign known as totals only), WarehouseError.
        """
        with self._opened() as warehouse:
            return self._look(warehouse, whole)

    def catch_up(self):
        """Ask the slow question that is due longest, if any is: the next look has its answer. Raises WarehouseError."""
        is_missing = "usual" not in self._answers
        due = [name for name, at_s in self._due_s.items() if at_s <= time.monotonic()]
        if self._about is not None and (is_missing or due):
            with self._opened() as warehouse:
                self._ask(warehouse, "usual" if is_missing else min(due, key=self._due_s.__getitem__))

    @contextmanager
    def _opened(self):
        try:
            yield Warehouse(self._engine)
        finally:
            read_only = self._engine.get_execution_options().get("read_only")
            if read_only and database_file(self._engine.url):  # a DuckDB file open here would keep its writers out
                self._engine.dispose()

    def _look(self, warehouse, whole):
        about = self._about = campaign_row(warehouse, self._campaign)
        if len(totals_only(warehouse, self._campaign)):
            raise InvalidParameters(f"campaign {self._campaign!r} is known as totals only: no message can be watched")
        outcomes = outcomes_of(warehouse, about)
        newest = outcomes[["last_handed_over", "last_final"]].max().max()
        self._newest_ms = None if pd.isna(newest) else int(newest.timestamp() * 1000)
        is_over = about["status"] == "completed"
        whole = whole or is_over
        due = [name for name in ("flow", "latency") if whole or name not in self._answers]
        for name in [*due, *(["usual"] if whole and "usual" not in self._answers else [])]:
            self._ask(warehouse, name)
        flow, flow_ms = self._answers["flow"]
        usual, timeline, failures = self._answers.get("usual"), by_bucket(flow), live_failures(outcomes)
        told, now_ms = live_told(outcomes, self._answers.get("told")), warehouse.opened_ms
        ledger = live_ledger(outcomes, about["audience_size"], told)
        receipts = bool(told["delivered"].all())
        wait_s = self.silence.waited_s(outcomes["last_final"].max(), time.time())
        alarms = [] if is_over else live_alarms(outcomes, failures, flow, timeline, usual, now_ms, wait_s, receipts)
        self.silence.is_amiss = any(alarm.kind == "stalled" for alarm in alarms)
        counted = outcomes.groupby("outcome")["messages"].sum()
        return LiveFigures(
            about=about,
            looked_ms=now_ms,
            ledger=ledger,
            told=told,
            channels=live_channels(outcomes),
            failures=failures,
            timeline=timeline,
            latency=self._answers["latency"],
            flow_ms=flow_ms,
            pace=live_pace(timeline, int(counted.get("not sent", ledger["not_sent"].iloc[0])), now_ms),
            alarms=alarms,
            usual=usual,
            newest=newest,
            oldest_pending=outcomes.loc[outcomes["outcome"] == "pending", "first_handed_over"].min(),
        )

    def _ask(self, warehouse, name):
        questions = {
            "flow": lambda: (flow_of(warehouse, self._about, self._newest_ms), warehouse.opened_ms),
            "latency": lambda: latency_of(warehouse, self._about),
            "usual": lambda: UsualFailures(failure_history(warehouse, self._about["campaign_id"])),
        }
        began_s = time.monotonic()
        self._answers[name] = questions[name]()
        if name == "usual":
            self._answers["told"] = told_by(warehouse, select_campaigns(warehouse, self._about["campaign_id"]))
        ended_s = time.monotonic()
        self._due_s[name] = ended_s + (REST * (ended_s - began_s) if name != "usual" else math.inf)
