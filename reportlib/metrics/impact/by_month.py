"""A holdout that is kept for long: what was caused in each month, and in all."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import func, literal, select

from reportlib.metrics.impact.effect import Effect
from reportlib.metrics.impact.effects import effects
from reportlib.metrics.impact.trial import Trial
from reportlib.metrics.people.data_problems import data_as_of
from reportlib.metrics.selection.campaigns import campaigns
from reportlib.warehouse import Warehouse


class _Month(Trial):
    """The trial within a stretch of time that is the same for everybody: of those who were assigned before it."""

    @cached_property
    def people(self):
        p = super().people
        return select(p.c.variant, p.c.contact_id, literal(self.start_ms).label("assigned_ms")).cte("people_of_month")


def effects_by_month(warehouse: Warehouse, trial: Trial | None) -> dict[str, list[Effect]]:
    """The Effects of each whole month of the account's clock, by its name like 2026-10, and last those "in all".

    Of a month count the people assigned before it began, and what they did in it; in all, what those assigned by the
    first month's beginning did in all of them. Nothing of a trial that holds no whole month. Each month is looked at
    once, when it is over.

    Example
    -------
    >>> trial = metrics.trial(warehouse, "coupon")
    >>> metrics.effects_by_month(warehouse, trial)  # all of it was in one month
    {}
    """
    if trial is None:
        return {}
    as_of = data_as_of(warehouse)
    known = campaigns(warehouse)
    zones = known.loc[known["campaign_id"].isin(trial.campaign_ids), "timezone"].dropna()
    zone = ZoneInfo(zones.iloc[0] if len(zones) else "UTC")
    edges = _months(trial.start_ms, 0 if pd.isna(as_of) else int(as_of.timestamp() * 1000), zone)
    found = {}
    for (begin, name), (end, _) in pairwise(edges):
        found[name] = effects(warehouse, _within(warehouse, trial, begin, end))
    if len(found) > 1:
        found["in all"] = effects(warehouse, _within(warehouse, trial, edges[0][0], edges[-1][0]))
    return {name: of_month for name, of_month in found.items() if of_month}


def _within(warehouse, trial: Trial, begin: int, end: int) -> Trial:
    """The trial of those assigned before this stretch of time, epoch milliseconds."""
    about = {name: getattr(trial, name) for name in Trial.__dataclass_fields__}
    length = {"age_ms": end - begin, "window_ms": end - begin, "cutoff_ms": begin, "start_ms": begin, "is_final": True}
    month = _Month(**about | length)
    p = month.people.c
    counted = warehouse.sql(select(p.variant, func.count().label("people")).group_by(p.variant))
    people = trial.arms["variant"].map(counted.set_index("variant")["people"]).fillna(0).astype("int64")
    return replace(month, arms=trial.arms.assign(counted=people))


def _months(start_ms: int, until_ms: int, zone: ZoneInfo) -> list[tuple[int, str]]:
    """The beginnings of the months after `start_ms`, the last one at most at `until_ms`: epoch milliseconds, name."""
    first = datetime.fromtimestamp(start_ms / 1000, UTC).astimezone(zone)
    year, month = first.year, first.month
    found: list[tuple[int, str]] = []
    while True:
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        begin = round(datetime(year, month, 1, tzinfo=zone).timestamp() * 1000)
        if begin > until_ms:
            return found
        found.append((begin, f"{year}-{month:02}"))
