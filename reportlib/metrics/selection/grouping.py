"""`by=`: what a metric can be grouped by, and how a person or a message finds its group."""

from sqlalchemy import String, and_, cast, func, select

from reportlib.errors import UnknownGrouping, nearest
from reportlib.metrics.selection.campaigns import select_campaigns
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import (
    campaigns,
    contact_attributes,
    contacts,
    messages,
    segment_members,
    segments,
)
from reportlib.warehouse.engines import narrowed

CAMPAIGN_GROUPINGS = ("campaign_id", "variant", "template_id")
MESSAGE_GROUPINGS = ("channel", "provider")
CONTACT_GROUPINGS = ("country", "language", "carrier", "email_domain", "timezone")
GROUPINGS = (*CAMPAIGN_GROUPINGS, *MESSAGE_GROUPINGS, *CONTACT_GROUPINGS, "segment")
ATTRIBUTE = "attribute:"
UNKNOWN, NO_SEGMENT = "(unknown)", "(no segment)"


def grouping(by) -> tuple[str, ...]:
    """`by` as a tuple of names, each once: any of GROUPINGS, or "attribute:NAME". Raises UnknownGrouping."""
    names = (by,) if isinstance(by, str) else tuple(dict.fromkeys(by))
    for name in names:
        if name not in GROUPINGS and not (name.startswith(ATTRIBUTE) and name != ATTRIBUTE):
            raise UnknownGrouping(
                f"nothing can be grouped by {name!r}{nearest(name, GROUPINGS)}; "
                f"use {', '.join(GROUPINGS)} or {ATTRIBUTE}NAME"
            )
    return names


def message_columns(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the names that differ between the messages to one person."""
    return tuple(name for name in names if name in MESSAGE_GROUPINGS)


def attributes(warehouse: Warehouse, campaigns=None) -> list[str]:
    """The names of the contact attributes that the audience of these campaigns has, in alphabetical order.

    Example
    -------
    >>> metrics.attributes(warehouse, "spring-sale")
    ['city', 'plan', 'tier']
    """
    ids = select_campaigns(warehouse, campaigns)["campaign_id"].tolist()
    reached = select(messages.c.contact_id).where(messages.c.campaign_id.in_(ids))
    attribute = contact_attributes.c.attribute
    names = select(attribute).where(contact_attributes.c.contact_id.in_(reached)).distinct()
    return sorted(warehouse.sql(names)["attribute"].tolist())


def grouped(rows, names: tuple[str, ...]):
    """Join what `names` needs to `rows`, which have campaign_id, contact_id and the message columns named.

    Returns the FROM clause and one labelled column per name. Missing values read "(unknown)"; a contact in two
    segments is in both groups.
    """
    source, columns = rows, []
    if set(names) & {"variant", "template_id"}:
        source = source.outerjoin(campaigns, campaigns.c.campaign_id == rows.c.campaign_id)
    if set(names) & set(CONTACT_GROUPINGS):
        source = source.outerjoin(contacts, _same_contact(contacts, rows))
    for name in names:
        if name == "segment":
            membership = _memberships(rows)
            source = source.outerjoin(membership, membership.c.contact_id == rows.c.contact_id)
            column = func.coalesce(membership.c.name, NO_SEGMENT)
        elif name.startswith(ATTRIBUTE):
            own = contact_attributes.alias()
            wanted = own.c.attribute == name.removeprefix(ATTRIBUTE)
            source = source.outerjoin(own, and_(_same_contact(own, rows), wanted))
            column = func.coalesce(own.c.value, UNKNOWN)
        elif name in CONTACT_GROUPINGS:
            column = func.coalesce(contacts.c[name], UNKNOWN)
        elif name in ("variant", "template_id"):
            column = func.coalesce(cast(campaigns.c[name], String), UNKNOWN)
        elif name == "provider":
            column = func.coalesce(rows.c.provider, UNKNOWN)
        else:
            column = rows.c[name]
        columns.append(column.label(name))
    return source, columns


def _same_contact(table, rows):
    return and_(table.c.contact_id == rows.c.contact_id, narrowed(_of_these(table, rows)))


def _of_these(table, rows):
    """The condition that a row of the table is about a contact of these rows."""
    return table.c.contact_id.in_(select(rows.c.contact_id))


def _memberships(rows):
    """The contacts of these rows and the names of their segments; two segments of one name are one group."""
    return (
        select(segment_members.c.contact_id, segments.c.name)
        .join_from(segment_members, segments, segments.c.segment_id == segment_members.c.segment_id)
        .where(_of_these(segment_members, rows))
        .distinct()
        .subquery()
    )
