"""Which message each callback is about: the one it names, or the last one to the person it names."""

from sqlalchemy import BigInteger, Boolean, Connection, Text, and_, case, func, insert, or_, select, true

from reportlib.warehouse.callbacks.batch import Batch
from reportlib.warehouse.callbacks.ledger import known_addresses, loaded_messages
from reportlib.warehouse.callbacks.merging.addressees import ADDRESSES, addressees, find_addressees, normal
from reportlib.warehouse.callbacks.speakers import SPEAKERS, names_in_messages
from reportlib.warehouse.contract.tables import PRICED, Identifier, campaigns, contact_attributes, messages
from reportlib.warehouse.engines import epoch_ms, made_anew, temporary

REPLY_WINDOW_MS = 7 * 86_400_000  # a reply that points at no message answers the last one of these days

_OF_MESSAGE = ("message_id", "campaign_id", "contact_id")
staged = temporary(
    "staged_callbacks",
    event_key=Text,
    row=BigInteger,
    message=Text,
    recipient=Text,
    at_ms=BigInteger,
    **dict.fromkeys(("code", "reason", "url"), Text),
    is_machine=Boolean,
    channel=Text,
    **{name: messages.c[name].type for name in PRICED},
    kind=Text,
)
matched = temporary("matched_callbacks", row=BigInteger, **dict.fromkeys(_OF_MESSAGE, Identifier))


def match(connection: Connection, batch: Batch) -> int:
    """Fill `matched` from `staged`; how many callbacks have a message."""
    made_anew(connection, matched)
    names = names_in_messages(batch.provider)
    found = _add(connection, _the_one(_named(names)))
    if found < batch.staged:
        found = _match_by_recipient(connection, _named(names), found)
    ends_at = getattr(SPEAKERS[batch.provider], "ID_ENDS_AT", None)
    if found < batch.staged and _may_be_spelt_otherwise(connection):
        spelt = _named(names, _bare_id(connection, ends_at))
        found = _match_by_recipient(connection, spelt, _add(connection, _the_one(spelt)))
    if not batch.names_messages:
        find_addressees(connection, select(staged.c.recipient).where(staged.c.message.is_(None)))
        found = _add(connection, _by_contact(names))
    return found


def remember_addresses(connection: Connection):
    """Keep how the provider calls the contacts of matched callbacks, where their attributes do not say it."""
    attribute, known = contact_attributes.c, known_addresses.c
    of_address = (
        staged.c.kind.in_(("sent", "delivered")),
        staged.c.message.is_not(None),
        staged.c.recipient.is_not(None),
        ~staged.c.recipient.contains("@"),
    )
    if not connection.scalar(select(func.count()).select_from(staged).where(*of_address)):  # of mails there are none
        return
    told = (
        select(staged.c.recipient.label("address"), matched.c.contact_id)
        .join_from(staged, matched, staged.c.row == matched.c.row)
        .where(*of_address)
        .distinct()
        .cte("told")
    )
    said = and_(
        attribute.contact_id == told.c.contact_id,
        attribute.attribute.in_(ADDRESSES),
        normal(attribute.value) == told.c.address,
    )
    there = and_(known.address == told.c.address, known.contact_id == told.c.contact_id)
    either = told.outerjoin(contact_attributes, said).outerjoin(
        known_addresses, there
    )  # DuckDB: half of two NOT EXISTS
    nowhere = (attribute.contact_id.is_(None), known.contact_id.is_(None), normal(told.c.contact_id) != told.c.address)
    new = select(told.c.address, told.c.contact_id).select_from(either).where(*nowhere)
    connection.execute(insert(known_addresses).from_select(["address", "contact_id"], new))


def unmatched_callbacks(connection: Connection) -> list[tuple]:
    """Row, event_key and message of the callbacks that have none."""
    lost = staged.outerjoin(matched, staged.c.row == matched.c.row)
    told = select(staged.c.row, staged.c.event_key, staged.c.message).select_from(lost).where(matched.c.row.is_(None))
    return [tuple(row) for row in connection.execute(told)]


def _add(connection, found) -> int:
    connection.execute(insert(matched).from_select(list(matched.columns.keys()), found))
    return connection.scalar(select(func.count()).select_from(matched))


def _the_one(named):
    """The one message that a callback names."""
    return (
        select(named.c.row, *_least(named))
        .where(named.c.row.not_in(select(matched.c.row)))
        .group_by(named.c.row)
        .having(func.count() == 1)
    )


def _match_by_recipient(connection, named, found) -> int:
    """Of several messages with the id that a callback names, one mail to many people, that of its recipient."""
    unmatched = named.c.row.not_in(select(matched.c.row))
    if not connection.scalar(select(func.count()).select_from(named).where(unmatched)):
        return found
    find_addressees(connection, select(named.c.recipient).where(unmatched))
    same = and_(addressees.c.recipient == named.c.recipient, addressees.c.contact_id == named.c.contact_id)
    return _add(
        connection,
        select(named.c.row, *_least(named)).join_from(named, addressees, same).where(unmatched).group_by(named.c.row),
    )


def _named(names, stored=messages.c.provider_message_id):
    """row, recipient, message_id, campaign_id and contact_id of callbacks and the messages they name."""
    return (
        select(staged.c.row, staged.c.recipient, *[messages.c[name] for name in _OF_MESSAGE])
        .join_from(staged, messages, stored == staged.c.message)
        .where(_of_provider(names))
        .cte("named")
    )


def _least(named):
    return [func.min(named.c[name]) for name in _OF_MESSAGE]


def _of_provider(names):
    return true() if names is None else or_(messages.c.provider.is_(None), func.lower(messages.c.provider).in_(names))


def _may_be_spelt_otherwise(connection) -> bool:
    """Whether there is a callback left that names a mail: of mails some store what SMTP or the sending API returned."""
    left = select(func.count()).select_from(staged.outerjoin(matched, staged.c.row == matched.c.row))
    by_mail = staged.c.channel.is_(None) | (staged.c.channel == "email")
    return bool(connection.scalar(left.where(matched.c.row.is_(None), staged.c.message.is_not(None), by_mail)))


def _bare_id(connection, ends_at):
    """messages.provider_message_id as callbacks are given it: `model.message_id` in SQL."""
    bare = func.trim(messages.c.provider_message_id, "<> ")
    if ends_at is None:
        return bare
    position = func.instr if connection.dialect.name == "sqlite" else func.strpos
    at = position(bare, ends_at)
    return case((at > 0, func.substr(bare, 1, at - 1)), else_=bare)


def _by_contact(names):
    """The last message that its sender had been sent, of a callback that names none.

    Goes by when messages were queued, else by when the platform says that they were sent, else by when their campaign
    started: what no callback changes.
    """
    loaded_sent = case((loaded_messages.c.message_id.is_not(None), loaded_messages.c.sent_at), else_=messages.c.sent_at)
    times = (messages.c.queued_at, loaded_sent, campaigns.c.started_at)
    sent_ms = func.coalesce(*(epoch_ms(time) for time in times))
    candidates = (
        select(
            staged.c.row,
            *[messages.c[name] for name in _OF_MESSAGE],
            func.row_number()
            .over(partition_by=staged.c.row, order_by=(sent_ms.desc(), messages.c.message_id.desc()))
            .label("nth"),
        )
        .join_from(staged, addressees, addressees.c.recipient == staged.c.recipient)
        .join(messages, messages.c.contact_id == addressees.c.contact_id)
        .join(campaigns, campaigns.c.campaign_id == messages.c.campaign_id)
        .outerjoin(loaded_messages, loaded_messages.c.message_id == messages.c.message_id)
        .where(
            staged.c.message.is_(None),
            _of_provider(names),
            or_(staged.c.channel.is_(None), staged.c.channel == messages.c.channel),
            sent_ms <= staged.c.at_ms,
            sent_ms > staged.c.at_ms - REPLY_WINDOW_MS,
        )
        .cte("candidates")
    )
    return select(candidates.c.row, *[candidates.c[name] for name in _OF_MESSAGE]).where(candidates.c.nth == 1)
