"""What the fold tells of an account's people, to be added to what is asked as seen from it.

Contacts are told apart by their numbers.
"""

from typing import Any

from sqlalchemy import BigInteger, Integer, and_, case, cast, func, literal, not_, null, or_, select, union_all

from reportlib.metrics.audience.account import Audience, is_sent
from reportlib.metrics.people.bits import holds
from reportlib.metrics.people.fold.table import BY_PEOPLE, LEAVING, fold, moments, numbers
from reportlib.metrics.people.settled import with_numbers
from reportlib.warehouse.engines import computed_once

SUMS: dict[str, Any] = {
    "first_ms": func.min,
    "last_ms": func.max,
    "good_ms": func.max,
    "told": func.max,
    "recent": func.sum,
    "reacted_ms": func.max,
    "reacted_before_ms": func.max,
    "by_machine": func.max,
    "unsubscribed_ms": func.min,
    "complained_ms": func.min,
}
SMALL = ("told", "recent", "by_machine")


def with_settled(about: Audience, known, told):
    """The rows of `known`, of people of whom something is open, and all others, by contact and channel; `told` as in
    `people.told`."""
    source, number = with_numbers(known, known.c.contact_id, True)
    columns = [known.c[name] for name in ("channel", *SUMS)]
    rows = union_all(
        select(number, *columns).select_from(source), _of_messages(about, told), _of_moments(about)
    ).subquery("each")
    r = rows.c
    summed = [cast(how(r[name]), Integer if name in SMALL else BigInteger).label(name) for name, how in SUMS.items()]
    every = select(r.number.label("contact_id"), r.channel, *summed).group_by(r.number, r.channel)
    return computed_once(every, "known_of_all")


def _of_messages(about, told):
    f, at = fold.c, about.at_ms(fold)
    is_delivered, is_engaged = holds(f.flags, "confirmed"), holds(f.flags, "engaged")
    start = literal(about.start_ms, BigInteger)
    engaged = case((and_(is_delivered, at > start), at), else_=start)  # it has no hand-over
    good = case(
        (not_(holds(f.flags, "confirmed", "engaged")), -1), (f.is_handed_over, at), (is_engaged, engaged), else_=at
    )
    columns = {
        "first_ms": at,
        "last_ms": at,
        "good_ms": good,
        "told": literal(0) if told is None else case((told, 1), else_=0),
        "recent": case((at > about.then_ms, 1), else_=0),
        "reacted_ms": f.reacted_ms,
        "reacted_before_ms": case((f.reacted_ms <= about.then_ms, f.reacted_ms)),
        "by_machine": case((f.by_machine, 1), else_=0),
    }
    return _row(f, columns).where(f.campaign_id.in_(about.campaign_ids), is_sent(f))


def _of_moments(about):
    m = moments.c
    before = and_(holds(m.did, *BY_PEOPLE), m.at_ms <= about.then_ms)
    columns = {f"{kind}_ms": case((holds(m.did, kind), m.at_ms)) for kind in LEAVING}
    columns["reacted_before_ms"] = case((before, m.at_ms))
    return _row(m, columns).where(m.campaign_id.in_(about.campaign_ids), or_(holds(m.did, *LEAVING), before))


def _row(of, columns):
    none = {name: cast(null(), Integer if name in SMALL else BigInteger) for name in SUMS}
    return select(of.number, of.channel, *[(none | columns)[name].label(name) for name in SUMS])


def with_contacts(about: Audience, person):
    """The rows with the ids of their contacts."""
    if not about.kept:
        return person
    columns = [numbers.c.contact_id if column.name == "contact_id" else column for column in person.c]
    named = select(*columns).select_from(person.outerjoin(numbers, numbers.c.number == person.c.contact_id))
    return named.subquery("with_contacts")
