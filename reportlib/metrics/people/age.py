"""How things stood when each person had had the campaign's message for so long."""

from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import FromClause, and_, case, func, or_, select

from reportlib.metrics.people.hand_over import handed_over_ms
from reportlib.warehouse.contract.tables import assignments, messages


@dataclass(frozen=True)
class Age:
    """`ms` after each person's first hand-over; who had theirs later than that before `as_of_ms` is left out.

    People without any stay, not sent. Of the campaigns in `assigned`, whose people the table of assignments names,
    only those are looked at.
    """

    ms: int
    as_of_ms: int
    assigned: tuple = ()


def first_hand_overs(campaign_ids: list, assigned: tuple = ()):
    """When each person of these campaigns first had a message handed over.

    Columns: campaign_id, contact_id, first_ms (epoch milliseconds; NULL where none was). The same question has the same
    CTE, so that a statement may ask it twice.
    """
    return _first_hand_overs(tuple(campaign_ids), assigned)


@lru_cache(maxsize=100)
def _first_hand_overs(campaign_ids, assigned):
    m, a = messages.c, assignments.c
    first = func.min(case((m.status != "queued", handed_over_ms()))).label("first_ms")
    counted = [m.campaign_id.in_(campaign_ids)]
    source: FromClause = messages
    if assigned:
        named = select(a.campaign_id, a.contact_id).where(a.campaign_id.in_(assigned)).distinct().cte("named")
        same = and_(named.c.campaign_id == m.campaign_id, named.c.contact_id == m.contact_id)
        source = messages.outerjoin(named, same)
        counted.append(or_(m.campaign_id.not_in(assigned), named.c.contact_id.is_not(None)))
    grouped = select(m.campaign_id, m.contact_id, first).select_from(source).where(*counted)
    return grouped.group_by(m.campaign_id, m.contact_id).cte("first_hand_overs")
