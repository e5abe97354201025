"""People of whom all is settled, as the fold has them."""

from sqlalchemy import ColumnElement, Integer, Select, String, and_, case, cast, func, not_, select, union_all
from sqlalchemy.sql import visitors

from reportlib.definitions import TOTALS
from reportlib.metrics.people.bits import FLAGS, holds
from reportlib.metrics.people.fold.table import attributes, contacts, fold, members, numbers, words
from reportlib.metrics.selection.grouping import ATTRIBUTE, NO_SEGMENT, UNKNOWN
from reportlib.warehouse.contract.tables import messages, segments
from reportlib.warehouse.engines import any_bits


def with_numbers(source, contact_id, kept: bool):
    """The FROM clause, and what contacts are told apart by: `contact_id`, a column of it, or, where seen from the fold,
    their number."""
    if not kept:
        return source, contact_id
    return source.outerjoin(numbers, numbers.c.contact_id == contact_id), numbers.c.number


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


def with_codes(person, number, names: tuple[str, ...]):
    """The FROM clause that gives rows, whose contacts' numbers are in the column `number`, with what is known of them,
    and its columns."""
    source, columns = person, []
    if any(not name.startswith(ATTRIBUTE) for name in names):
        source = source.outerjoin(contacts, contacts.c.number == number)
    for name in names:
        own = attributes.alias()
        if name.startswith(ATTRIBUTE):
            wanted = own.c.attribute == name.removeprefix(ATTRIBUTE)
            source = source.outerjoin(own, and_(own.c.number == number, wanted))
        columns.append((own.c.value if name.startswith(ATTRIBUTE) else contacts.c[name]).label(name))
    return source, columns


def in_segments(person, number):
    """The FROM clause that gives people once for each name of their segments, and that name."""
    names = select(members.c.number, segments.c.name).join_from(
        members, segments, segments.c.segment_id == members.c.segment_id
    )
    of_each = names.distinct().subquery()
    source = person.outerjoin(of_each, of_each.c.number == number)
    return source, func.coalesce(of_each.c.name, NO_SEGMENT).label("group")


def worded(alike: Select, name: str = "group") -> Select:
    """The rows of a select, with words instead of the codes of the column named."""
    row = alike.subquery()
    word = cast(func.coalesce(words.c.word, UNKNOWN), String).label(name)
    columns = [word if column.name == name else column for column in row.c]
    return select(*columns).select_from(row.outerjoin(words, words.c.code == row.c[name]))


def of_fold(condition):
    """A condition on messages, of the rows of the fold."""

    def instead(element, **_):
        return fold.c[element.name] if getattr(element, "table", None) is messages else None

    return visitors.replacement_traverse(condition, {}, instead)
