"""People of whom all is settled, as the fold has them."""

from sqlalchemy import ColumnElement, Integer, Select, String, and_, case, cast, func, not_, select, union_all
from sqlalchemy.sql import visitors

from reportlib.definitions import TOTALS
from reportlib.metrics.people.bits import FLAGS, holds
from reportlib.metrics.people.fold.table import attributes, contacts, fold, members, numbers, words
from reportlib.metrics.selection.grouping import ATTRIBUTE, NO_SEGMENT, UNKNOWN
from reportlib.warehouse.contract.tables import messages, segments
from reportlib.warehouse.engines import any_bits


def by_contact(person) -> Select:
    """The `settled_people`, with contact_id instead of their number."""
    columns = [numbers.c.contact_id if column.name == "number" else column for column in person.c]
    return select(*columns).select_from(person.outerjoin(numbers, numbers.c.number == person.c.number))


def settled_people(campaign_ids: list, within: tuple[str, ...], untold=None):
    """The other people, one row per campaign, contact and value of `within`: campaign_id, number (the contact's), those
    of `within`, flags, the TOTALS; `untold` as for `bits.packed`."""
    flags: ColumnElement = fold.c.flags
    if untold is not None:
        handed_over = holds(flags, "pending", "confirmed")
        flags = flags + case((and_(of_fold(untold), handed_over), FLAGS["assumed"]), else_=0)
    key = [fold.c[name] for name in dict.fromkeys(("campaign_id", "number", *within))]
    of_each = select(*key, flags.label("flags"), *[fold.c[name] for name in TOTALS])
    of_each = of_each.where(fold.c.campaign_id.in_(campaign_ids))
    totals = [cast(func.sum(fold.c[name]), Integer).label(name) for name in TOTALS]
    several = select(*key, any_bits(flags).label("flags"), *totals)
    several = several.where(fold.c.campaign_id.in_(campaign_ids), not_(fold.c.is_alone)).group_by(*key)
    return union_all(of_each.where(fold.c.is_alone), several).cte("_".join(("settled", *within)))


def described(person, names: tuple[str, ...]):
    """The `settled_people` with the codes of what is known of them: a column for each of the names, contacts' columns
    or attributes."""
    source, columns = person, []
    if any(not name.startswith(ATTRIBUTE) for name in names):
        source = source.outerjoin(contacts, contacts.c.number == person.c.number)
    for name in names:
        own = attributes.alias()
        if name.startswith(ATTRIBUTE):
            wanted = own.c.attribute == name.removeprefix(ATTRIBUTE)
            source = source.outerjoin(own, and_(own.c.number == person.c.number, wanted))
        columns.append((own.c.value if name.startswith(ATTRIBUTE) else contacts.c[name]).label(name))
    met = [person.c.campaign_id, person.c.flags, *[person.c[total] for total in TOTALS]]
    return select(*met, *columns).select_from(source).cte("settled_described")


def in_segments(person):
    """The FROM clause that gives the `settled_people` once for each name of their segments, and that name."""
    names = select(members.c.number, segments.c.name).join_from(
        members, segments, segments.c.segment_id == members.c.segment_id
    )
    of_each = names.distinct().subquery()
    source = person.outerjoin(of_each, of_each.c.number == person.c.number)
    return source, func.coalesce(of_each.c.name, NO_SEGMENT).label("group")


def worded(alike: Select) -> Select:
    """The rows of a select, with words instead of the codes `group`."""
    row = alike.subquery()
    word = cast(func.coalesce(words.c.word, UNKNOWN), String).label("group")
    columns = [word if column.name == "group" else column for column in row.c]
    return select(*columns).select_from(row.outerjoin(words, words.c.code == row.c.group))


def of_fold(condition):
    """A condition on messages, of the rows of the fold."""

    def instead(element, **_):
        return fold.c[element.name] if getattr(element, "table", None) is messages else None

    return visitors.replacement_traverse(condition, {}, instead)
