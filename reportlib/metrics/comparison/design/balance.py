"""Whether the arms of an experiment are of one kind of people: what was known of them before it began."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from sqlalchemy import and_, case, false, func, not_, or_, select, union_all

from reportlib.metrics.comparison.age.equal_age import age_of
from reportlib.metrics.local_time import DAY_MS
from reportlib.metrics.people.age import first_hand_overs
from reportlib.metrics.selection.grouping import CONTACT_GROUPINGS, UNKNOWN, grouped
from reportlib.metrics.statistics.multiplicity import same_shares_p
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import assignments, contacts, events, messages
from reportlib.warehouse.engines import sound_ms

COVARIATES = tuple(name for name in CONTACT_GROUPINGS if name != "timezone")
NAMES = {"email_domain": "e-mail domain"}
AGES_DAYS = (7, 30, 91, 182, 365, 730)
RESPONSES = ("clicked", "replied", "opened")
FEW = 5  # people expected in a cell; rarer values count as one


def covariates(warehouse: Warehouse, compared: pd.DataFrame) -> pd.DataFrame:
    """The people of each campaign of `comparable` by what was known of them before the first of them started.

    Those assigned where the table of assignments names them, else those with a message; without those who are left out
    of the comparison, since theirs is too young.

    Returns
    -------
    DataFrame with the columns covariate, value, campaign_id : str; people : int64
    """
    ids, before_ms = compared["campaign_id"].tolist(), int(compared["started_at"].min().timestamp() * 1000)
    return known_of(warehouse, counted_people(ids, age_of(warehouse, compared)), before_ms)


def known_of(warehouse: Warehouse, person, before_ms: int) -> pd.DataFrame:
    """What `covariates` is of the people of a CTE with campaign_id, or whatever names their arm, and contact_id."""
    described, groups = grouped(person, COVARIATES)  # joins contacts
    created_ms = before_ms - sound_ms(contacts.c.created_at)
    ages = [(created_ms < days * DAY_MS, f"under {days} days") for days in AGES_DAYS]
    age = case((contacts.c.created_at.is_(None), UNKNOWN), *ages, else_=f"{AGES_DAYS[-1]} days and more")
    acted = func.max(case((events.c.kind == "opened", 0), else_=1)).label("acted")
    responded = (
        select(messages.c.contact_id, acted)
        .join_from(events, messages, messages.c.message_id == events.c.message_id)
        .where(
            messages.c.contact_id.in_(select(person.c.contact_id)),
            sound_ms(events.c.occurred_at) < before_ms,
            events.c.kind.in_(RESPONSES),
            or_(events.c.kind == "replied", func.coalesce(events.c.is_machine, false()) == false()),
        )
        .group_by(messages.c.contact_id)
        .cte("responded")
    )
    past = case(
        (responded.c.contact_id.is_(None), "none"), (responded.c.acted == 0, "opened"), else_="clicked or replied"
    )
    source = described.outerjoin(responded, responded.c.contact_id == person.c.contact_id)
    columns = [*groups, age.label("age_of_contact"), past.label("past_response")]
    known = select(person.c.campaign_id, *columns).select_from(source).cte("known")
    names = [*COVARIATES, "age_of_contact", "past_response"]
    alike = select(*known.c, func.count().label("people")).group_by(*known.c)
    found = warehouse.sql(alike)
    parts = [
        found.groupby(["campaign_id", name], as_index=False)["people"]
        .sum()
        .rename(columns={name: "value"})
        .assign(covariate=NAMES.get(name, name.replace("_", " ")))
        for name in names
    ]
    frame = pd.concat(parts, ignore_index=True)
    return frame[["covariate", "value", "campaign_id", "people"]].astype({"people": "int64"})


def balance(known: pd.DataFrame, others: Mapping[str, float] | None = None) -> tuple[float, str | None]:
    """One test of all covariates, of their values in equal shares in every arm; and the one that is worst.

    Each by Pearson's χ², rare values as one; `others` are p values of further ones. The smallest p value times their
    number (Bonferroni), which holds however they depend on each other. 1 and None where nothing can be told.
    """
    p_values = {name: chi_square_p(rows) for name, rows in known.groupby("covariate")}
    asked = {name: p for name, p in p_values.items() if p is not None} | dict(others or {})
    if not asked:
        return 1.0, None
    worst = min(asked, key=asked.__getitem__)
    return min(1.0, asked[worst] * len(asked)), str(worst)


def chi_square_p(rows: pd.DataFrame) -> float | None:
    """Pearson's χ² of the `people` of each value and campaign_id, rare values as one; None where that tells nothing."""
    if rows.empty:
        return None
    table = rows.pivot_table(index="value", columns="campaign_id", values="people", aggfunc="sum", fill_value=0)
    counts = table.to_numpy(dtype=float)
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    rare = expected.min(axis=1) < FEW
    cells = np.vstack([counts[~rare], counts[rare].sum(axis=0)]) if rare.any() else counts
    cells = cells[cells.sum(axis=1) > 0]
    smallest = cells.sum(axis=1).min() * cells.sum(axis=0).min() / cells.sum()
    if len(cells) > 2 and smallest < FEW:  # the rare ones together are few too
        order = cells.sum(axis=1).argsort()
        cells = np.vstack([cells[order[2:]], cells[order[:2]].sum(axis=0)])
    elif smallest < FEW:
        return None
    if len(cells) < 2 or cells.shape[1] < 2:
        return None
    return same_shares_p(cells)


def counted_people(ids, age):
    """A CTE of the people of each campaign who are counted at this Age: campaign_id, contact_id."""
    first, a = first_hand_overs(ids, age.assigned), assignments.c
    young = and_(first.c.first_ms.is_not(None), first.c.first_ms + age.ms > age.as_of_ms)
    others = select(first.c.campaign_id, first.c.contact_id).where(not_(young))
    if not age.assigned:
        return others.cte("arms")
    others = others.where(first.c.campaign_id.not_in(age.assigned))
    named = select(a.campaign_id, a.contact_id).where(a.campaign_id.in_(age.assigned)).distinct().cte("assigned")
    same = and_(first.c.campaign_id == named.c.campaign_id, first.c.contact_id == named.c.contact_id)
    counted = select(named.c.campaign_id, named.c.contact_id).select_from(named.outerjoin(first, same))
    old_enough = counted.where(or_(first.c.first_ms.is_(None), first.c.first_ms + age.ms <= age.as_of_ms))
    return union_all(others, old_enough).cte("arms")
