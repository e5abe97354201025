"""What attribution would give messages the credit for: a range, since the rule, the window and machines decide it."""

import pandas as pd
from sqlalchemy import Integer, and_, case, cast, func, or_, select

from reportlib.metrics.frames import framed
from reportlib.metrics.impact.trial import may_count
from reportlib.metrics.local_time import DAY_MS
from reportlib.metrics.people.hand_over import handed_over_ms
from reportlib.metrics.people.machines.evidence import judge_of
from reportlib.metrics.people.machines.judge import judged_events
from reportlib.metrics.people.machines.rules import HUMAN
from reportlib.metrics.people.totals import of_people
from reportlib.metrics.selection.campaigns import select_campaigns
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import LARGEST_VALUE, events, messages, outcomes
from reportlib.warehouse.engines import sound_ms

RULES = {"clicked": "after a click", "opened": "after an open", "last touch": "last message before it"}
WINDOWS_DAYS = (1, 3, 5, 7)
COLUMNS = {"rule": "str", "machines": "str", "window_days": "int64", "kind": "str", "currency": "str",
           "people": "int64", "value": "float64"}  # fmt: skip


@of_people
def attribution(warehouse: Warehouse, campaigns=None) -> pd.DataFrame:
    """Outcomes that follow these campaigns' messages, by every rule and window, with and without machines.

    Returns
    -------
    DataFrame with the columns
        rule : str, a key of RULES; machines : str, "in" or "out"; window_days : int64, one of WINDOWS_DAYS
        kind : str; currency : str, of the value, missing where there is none
        people : int64, who did it within the window after their click, open or message
        value : float64, the money of those outcomes, less what was given back
    A last touch, the last message of any campaign before an outcome, knows no machines: it is "in" and "out" alike.

    Example
    -------
    >>> metrics.attribution(warehouse, "coupon-a")[["rule", "window_days", "kind", "people"]].head(2)
          rule  window_days          kind  people
    0  clicked            1         order       3
    1  clicked            1  unsubscribed       1
    """
    empty = framed(COLUMNS)
    ids = select_campaigns(warehouse, campaigns)["campaign_id"].tolist()
    if not warehouse.has(outcomes) or not ids:
        return empty
    parts = []
    for rule in ("clicked", "opened"):
        for machines in ("in", "out"):
            gaps = _after_events(warehouse, ids, rule, machines == "in")
            parts.append(warehouse.sql(_cells(gaps)).assign(rule=rule, machines=machines))
    last = warehouse.sql(_cells(_after_last_message(ids)))
    parts += [last.assign(rule="last touch", machines=machines) for machines in ("in", "out")]
    wide = pd.concat(parts, ignore_index=True)
    long = [
        wide[["rule", "machines", "kind", "currency"]].assign(
            window_days=days, people=wide[f"people_{days}"], value=wide[f"value_{days}"].astype("float64")
        )
        for days in WINDOWS_DAYS
    ]
    found = pd.concat(long, ignore_index=True)[list(COLUMNS)].astype(COLUMNS)
    order = {rule: place for place, rule in enumerate(RULES)}
    by = ["rule", "machines", "window_days", "kind", "currency"]
    return found.sort_values(by, key=lambda one: one.map(order) if one.name == "rule" else one, ignore_index=True)


def _after_events(warehouse, ids, kind, machines: bool):
    """Each outcome after such an event, with the time between them: outcome columns, gap_ms. A CTE."""
    m, e, o = messages.c, events.c, outcomes.c
    touched = [e.campaign_id.in_(ids), m.campaign_id.in_(ids), e.kind == kind, e.occurred_at.is_not(None)]
    source, verdict = judged_events(judge_of(warehouse, ids))
    touched += [] if machines else [verdict == HUMAN]
    touch = (
        select(m.contact_id, sound_ms(e.occurred_at).label("at_ms")).select_from(source).where(*touched).cte("touch")
    )
    gap = sound_ms(o.occurred_at) - touch.c.at_ms
    return _nearest(outcomes.join(touch, touch.c.contact_id == o.contact_id), gap)


def _after_last_message(ids):
    """The same of outcomes whose person's last message before, of any campaign, is of one of these."""
    m, o = messages.c, outcomes.c
    at = handed_over_ms()
    gap = sound_ms(o.occurred_at) - at
    source = outcomes.join(messages, and_(m.contact_id == o.contact_id, m.status != "queued"))
    every = select(o.outcome_id, func.min(gap).label("gap_ms")).select_from(source).where(*_in_time(gap))
    last = every.group_by(o.outcome_id).cte("last_message")
    ours = _nearest(source, gap, m.campaign_id.in_(ids))
    same = and_(last.c.outcome_id == ours.c.outcome_id, last.c.gap_ms == ours.c.gap_ms)
    return select(ours).join(last, same).cte("last_touch")


def _nearest(source, gap, *conditions):
    o = outcomes.c
    columns = (o.outcome_id, o.contact_id, o.kind, o.currency, o.value)
    found = select(*columns, func.min(gap).label("gap_ms")).select_from(source).where(*_in_time(gap), *conditions)
    return found.group_by(*columns).cte("nearest")


def _in_time(gap):
    return gap >= 0, gap < max(WINDOWS_DAYS) * DAY_MS


def _cells(gaps):
    """People and money within each window, by kind and currency."""
    g = gaps.c
    is_amount = and_(g.value.between(-LARGEST_VALUE, LARGEST_VALUE), g.currency.is_not(None))
    cells = []
    for days in WINDOWS_DAYS:
        inside = g.gap_ms < days * DAY_MS
        did = case((and_(inside, may_count(g.value)), g.contact_id))
        cells.append(cast(func.count(did.distinct()), Integer).label(f"people_{days}"))
        cells.append(func.sum(case((and_(inside, is_amount), g.value), else_=0.0)).label(f"value_{days}"))
    return (
        select(g.kind, g.currency, *cells)
        .where(or_(g.value.is_(None), is_amount, g.currency.is_(None)))
        .group_by(g.kind, g.currency)
    )
