"""`by=`: what a metric can be grouped by, and how a message finds its group."""

from sqlalchemy import String, and_, cast, func, select

from reportlib.errors import UnknownGrouping, nearest
from reportlib.metrics.campaigns import select_campaigns
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract import (
    campaigns,
    contact_attributes,
    contacts,
    messages,
    segment_members,
    segments,
)

CAMPAIGN_GROUPINGS = ("campaign_id", "variant", "template_id")
MESSAGE_GROUPINGS = ("channel", "provider")
CONTACT_GROUPINGS = ("country", "language", "carrier", "email_domain", "timezone")
GROUPINGS = (*CAMPAIGN_GROUPINGS, *MESSAGE_GROUPINGS, *CONTACT_GROUPINGS, "segment")
UNKNOWN, NO_SEGMENT = "(unknown)", "(no segment)"


def grouping(by) -> tuple[str, ...]:
    """`by` as a tuple of names: any of GROUPINGS, or "attribute:NAME". Raises UnknownGrouping."""
    names = (by,) if isinstance(by, str) else tuple(by)
    for name in names:
        if name not in GROUPINGS and not (name.startswith("attribute:") and name != "attribute:"):
            raise UnknownGrouping(
                f"nothing can be grouped by {name!r}{nearest(name, GROUPINGS)}; "
                f"use {', '.join(GROUPINGS)} or attribute:NAME"
            )
    return names


def attributes(warehouse: Warehouse, campaigns=None) -> list[str]:
    """The names of the contact attributes that the audience of these campaigns has, in alphabetical order."""
    ids = select_campaigns(warehouse, campaigns)["campaign_id"].tolist()
    reached = select(messages.c.contact_id).where(messages.c.campaign_id.in_(ids))
    attribute = contact_attributes.c.attribute
    names = select(attribute).where(contact_attributes.c.contact_id.in_(reached)).distinct().order_by(attribute)
    return warehouse.sql(names)["attribute"].tolist()


def grouped(source, by: tuple[str, ...]):
    """Join what `by` needs to `source`, a FROM clause with `messages` in it: (FROM clause, one labelled column each).

    Missing values read "(unknown)". A contact in two segments is in both groups.
    """
    columns = []
    if set(by) & {"variant", "template_id"}:
        source = source.outerjoin(campaigns, campaigns.c.campaign_id == messages.c.campaign_id)
    if set(by) & set(CONTACT_GROUPINGS):
        source = source.outerjoin(contacts, contacts.c.contact_id == messages.c.contact_id)
    for name in by:
        if name == "segment":
            source = source.outerjoin(segment_members, segment_members.c.contact_id == messages.c.contact_id)
            source = source.outerjoin(segments, segments.c.segment_id == segment_members.c.segment_id)
            column = func.coalesce(segments.c.name, NO_SEGMENT)
        elif name.startswith("attribute:"):
            own = contact_attributes.alias()
            wanted = own.c.attribute == name.removeprefix("attribute:")
            source = source.outerjoin(own, and_(own.c.contact_id == messages.c.contact_id, wanted))
            column = func.coalesce(own.c.value, UNKNOWN)
        elif name in CONTACT_GROUPINGS:
            column = func.coalesce(contacts.c[name], UNKNOWN)
        elif name in ("variant", "template_id"):
            column = func.coalesce(cast(campaigns.c[name], String), UNKNOWN)
        elif name == "provider":
            column = func.coalesce(messages.c.provider, UNKNOWN)
        else:
            column = messages.c[name]
        columns.append(column.label(name))
    return source, columns
