"""People of whom all is settled, as the fold has them."""

from sqlalchemy import ColumnElement, Integer, Select, and_, case, cast, func, not_, select, union_all
from sqlalchemy.sql import visitors

from reportlib.definitions import TOTALS
from reportlib.metrics.people.bits import FLAGS, holds
from reportlib.metrics.people.fold.table import fold, numbers
from reportlib.warehouse.contract.tables import messages
from reportlib.warehouse.engines import any_bits


def by_contact(person) -> Select:
    """The `settled_people`, with contact_id instead of their number."""
    columns = [numbers.c.contact_id if column.name == "number" else column for column in person.c]
    return select(*columns).select_from(person.outerjoin(numbers, numbers.c.number == person.c.number))


def settled_people(campaign_ids: list, within: tuple[str, ...], untold=None):
    """The other people, one row per campaign, contact and value of `within`: campaign_id, number (the contact's), those
    of `within`, flags, the TOTALS; `untold` as for `bits.packed`."""
    flags = flags_of(untold)
    key = [fold.c[name] for name in dict.fromkeys(("campaign_id", "number", *within))]
    of_each = select(*key, flags.label("flags"), *[fold.c[name] for name in TOTALS])
    of_each = of_each.where(fold.c.campaign_id.in_(campaign_ids))
    totals = [cast(func.sum(fold.c[name]), Integer).label(name) for name in TOTALS]
    several = select(*key, any_bits(flags).label("flags"), *totals)
    several = several.where(fold.c.campaign_id.in_(campaign_ids), not_(fold.c.is_alone)).group_by(*key)
    return union_all(of_each.where(fold.c.is_alone), several).cte("_".join(("settled", *within)))


def flags_of(untold) -> ColumnElement:
    """The flags of a row of the fold, with what is assumed of it."""
    flags: ColumnElement = fold.c.flags
    if untold is None:
        return flags
    handed_over = holds(flags, "pending", "confirmed")
    return flags + case((and_(of_fold(untold), handed_over), FLAGS["assumed"]), else_=0)


def of_fold(condition):
    """A condition on messages, of the rows of the fold."""

    def instead(element, **_):
        return fold.c[element.name] if getattr(element, "table", None) is messages else None

    return visitors.replacement_traverse(condition, {}, instead)
