"""Who sent the messages of a table, in which campaign, to whom: rows that a table tells of beside its messages."""

from sqlalchemy import Connection, and_, exists, func, insert, literal, or_, select, update

from reportlib.warehouse.callbacks import told
from reportlib.warehouse.callbacks.ledger import provider_events
from reportlib.warehouse.callbacks.message_table.staging import staged, staged_attributes
from reportlib.warehouse.contract.tables import (
    accounts,
    campaign_attributes,
    campaigns,
    contact_attributes,
    contacts,
    messages,
    segment_members,
    segments,
)

_UNSTARTED = campaigns.c.started_at.is_(None)
_PLANNED = or_(campaigns.c.scheduled_at.is_not(None), campaigns.c.completed_at.is_not(None))


def add_owners(connection: Connection):
    """Accounts, campaigns and contacts of the staged rows, and what is said of them; those that are there stay."""
    s, account = staged.c, func.min(staged.c.account_id)
    _add(connection, accounts, s.account_id, name=func.min(s.account), timezone=func.min(s.time_zone))
    arm = {"experiment_id": func.min(s.experiment_id), "variant": func.min(s.variant)}
    of_campaign = {"account_id": account, "name": func.min(s.campaign), "status": literal("completed"), **arm}
    _add(connection, campaigns, s.campaign_id, **of_campaign)
    of_contact = {"country": func.min(s.country), "email_domain": func.min(s.email_domain)}
    _add(connection, contacts, s.contact_id, account_id=account, **of_contact)
    _add(connection, segments, s.segment.label("segment_id"), account_id=account, name=func.min(s.segment))
    member = segment_members.c
    there = exists().where(member.segment_id == s.segment, member.contact_id == s.contact_id)
    members = select(s.segment, s.contact_id).where(s.segment.is_not(None), ~there).distinct()
    _append(connection, segment_members, members)
    subjects = select(s.campaign_id, literal("subject"), func.min(s.subject)).where(s.subject.is_not(None))
    known = select(campaign_attributes.c.campaign_id).where(campaign_attributes.c.attribute == "subject")
    _append(connection, campaign_attributes, subjects.where(s.campaign_id.not_in(known)).group_by(s.campaign_id))
    fact, attribute = staged_attributes.c, contact_attributes.c
    there = exists().where(attribute.contact_id == s.contact_id, attribute.attribute == fact.attribute)
    facts = select(s.contact_id, fact.attribute, func.min(fact.value)).join_from(
        staged_attributes, staged, s.row == fact.row
    )
    _append(connection, contact_attributes, facts.where(~there).group_by(s.contact_id, fact.attribute))


def date_campaigns(connection: Connection):
    """A campaign that only rows of `staged` told of starts with the first of its messages."""
    first = _first(messages.c.campaign_id.in_(select(staged.c.campaign_id)), [messages.c.queued_at, messages.c.sent_at])
    _start(connection, first, or_(_UNSTARTED, and_(~_PLANNED, campaigns.c.started_at > first.c.at)))


def date_undated(connection: Connection):
    """Campaigns that only rows of tables told of, and only of events: each starts with the first of its messages."""
    m = messages.c
    undated = select(campaigns.c.campaign_id).where(_UNSTARTED, ~_PLANNED)
    of_tables = select(provider_events.c.message_id).where(provider_events.c.provider == told.PROVIDER)
    which = and_(m.campaign_id.in_(undated), m.message_id.in_(of_tables))
    _start(connection, _first(which, [m.queued_at, m.sent_at, m.delivered_at]), _UNSTARTED)


def _first(which, moments):
    """Of the campaigns of these messages, `at`: the first of the moments of their messages."""
    at = func.min(func.coalesce(*moments)).label("at")
    return select(messages.c.campaign_id, at).where(which).group_by(messages.c.campaign_id).cte("first")


def _start(connection, first, unknown):
    same = campaigns.c.campaign_id == first.c.campaign_id
    connection.execute(update(campaigns).where(same, unknown).values(started_at=first.c.at))


def _add(connection, table, key, **columns):
    """Rows of the table that are not there yet, with these columns."""
    known = select(table.c[key.name])
    new = select(key, *columns.values()).where(key.is_not(None), key.not_in(known)).group_by(key)
    connection.execute(insert(table).from_select([key.name, *columns], new))


def _append(connection, table, rows):
    """These rows, which have all columns of the table."""
    connection.execute(insert(table).from_select([column.name for column in table.columns], rows))
