"""What the people of a trial did in their window, and before it."""

import pandas as pd
from sqlalchemy import and_, case, func, select

from reportlib.metrics.frames import framed
from reportlib.metrics.impact.trial import Trial, may_count, within
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import LARGEST_VALUE, outcomes
from reportlib.warehouse.engines import sound_ms

PEOPLE_COLUMNS = {"kind": "str", "variant": "str", "did": "int64", "before": "int64", "people": "int64"}
VALUE_COLUMNS = {"kind": "str", "currency": "str", "variant": "str", "value": "float64", "before": "float64",
                 "people": "int64"}  # fmt: skip


def outcome_people(warehouse: Warehouse, trial: Trial) -> pd.DataFrame:
    """How many people of each arm did each kind of outcome in their window, and in the time before it.

    Returns
    -------
    DataFrame with the columns
        kind, variant : str
        did, before : int64, 1 or 0: in the window, in the same people's `pre_ms` before their assignment
        people : int64; who did neither has no row
    Money given back is nothing done.
    """
    if not warehouse.has(outcomes):
        return framed(PEOPLE_COLUMNS)
    rows, o = _Rows(trial), outcomes.c
    done = and_(rows.in_window, may_count(o.value)), and_(rows.before, may_count(o.value))
    did, before = (
        func.max(case((condition, 1), else_=0)).label(name)
        for name, condition in zip(("did", "before"), done, strict=True)
    )
    p = trial.people.c
    person = (
        select(o.kind, p.variant, p.contact_id, did, before)
        .select_from(rows.source)
        .where(rows.any)
        .group_by(o.kind, p.variant, p.contact_id)
        .cte("person")
    )
    keys = (person.c.kind, person.c.variant, person.c.did, person.c.before)
    found = warehouse.sql(select(*keys, func.count().label("people")).group_by(*keys))
    found = found[(found["did"] > 0) | (found["before"] > 0)]
    return found.sort_values(["kind", "variant", "did", "before"], ignore_index=True).astype(PEOPLE_COLUMNS)


def outcome_values(warehouse: Warehouse, trial: Trial) -> pd.DataFrame:
    """The money that people of each arm brought in their window and before it, those alike as one row.

    Returns
    -------
    DataFrame with the columns
        kind, currency, variant : str
        value, before : float64, in the currency, less what was given back
        people : int64; who brought nothing in either time has no row
    Values without a currency, and those that are no amount, are not in it.
    """
    empty = framed(VALUE_COLUMNS)
    if not warehouse.has(outcomes):
        return empty
    rows, o, p = _Rows(trial), outcomes.c, trial.people.c
    amounts = [
        func.sum(case((condition, o.value), else_=0.0)).label(name)
        for name, condition in (("value", rows.in_window), ("before", rows.before))
    ]
    is_amount = and_(o.value.between(-LARGEST_VALUE, LARGEST_VALUE), o.currency.is_not(None))
    person = (
        select(o.kind, o.currency, p.variant, p.contact_id, *amounts)
        .select_from(rows.source)
        .where(rows.any, is_amount)
        .group_by(o.kind, o.currency, p.variant, p.contact_id)
        .cte("person")
    )
    keys = (person.c.kind, person.c.currency, person.c.variant, person.c.value, person.c.before)
    found = warehouse.sql(select(*keys, func.count().label("people")).group_by(*keys))
    if found.empty:
        return empty
    return found.sort_values(list(VALUE_COLUMNS)[:5], ignore_index=True).astype(VALUE_COLUMNS)


class _Rows:
    """The outcomes of a trial's people: where they come from, and the conditions of being in and before the window."""

    def __init__(self, trial: Trial):
        people, at = trial.people, sound_ms(outcomes.c.occurred_at)
        self.source = people.join(outcomes, outcomes.c.contact_id == people.c.contact_id)
        self.in_window = within(at, people.c.assigned_ms, trial.age_ms)
        self.before = within(at, people.c.assigned_ms - trial.pre_ms, trial.pre_ms)
        self.any = within(at, people.c.assigned_ms - trial.pre_ms, trial.pre_ms + trial.age_ms)
