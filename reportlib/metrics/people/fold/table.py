"""The tables of the fold."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Integer, MetaData, Table, Text

from reportlib.definitions import ACTED, EVENT_KINDS, IMPLY_DELIVERY, RESPONSES, TOTALS
from reportlib.metrics.local_time import DAY_MS, MINUTE_MS
from reportlib.warehouse.contract.tables import messages

SCHEMA = "reportlib"  # of our own, which whoever likes may drop
FIRST = {f"first_{kind}_ms": kind for kind in IMPLY_DELIVERY}
ANSWERED = {f"{name}_ms": name for name in RESPONSES}
DESCRIBED = ("country", "language", "carrier", "email_domain", "timezone")  # columns of contacts
KINDS = {kind: 1 << at for at, kind in enumerate(EVENT_KINDS)}  # a bit for each
CLICKS = ("clicks", "on_minutes", "links", "asides", "hidden")  # what is counted of clicks
PART_MS = 15 * MINUTE_MS  # no clock is set within one, nor by a fraction of it
BY_PEOPLE = tuple(name for name in RESPONSES if ACTED[name].people_only)
LEAVING = ("unsubscribed", "complained")
SINCE_MS = 32 * DAY_MS  # before the latest event: `moments` serves any moment since, as those of attention are


def of_messages(*names):
    """Columns as messages have them."""
    return [Column(name, messages.c[name].type) for name in names]


def whole_numbers(*names, kind=Integer):
    """Columns of whole numbers."""
    return [Column(name, kind) for name in names]


kept = MetaData(schema=SCHEMA)
fold = Table(
    "fold",  # a message to a person of whom nothing is open
    kept,
    *of_messages("campaign_id", "channel", "provider"),
    *whole_numbers("number", "flags", *TOTALS),  # flags: those of `bits`, but `assumed`, which the account has a say in
    # FIRST: of whatever was told, machines' too; reacted_ms: the last reaction of a person
    *whole_numbers("sent_ms", *ANSWERED, *FIRST, "reacted_ms", kind=BigInteger),
    Column("is_handed_over", Boolean),  # sent_ms is of the hand-over, else of the delivery
    Column("by_machine", Boolean),  # one has opened, clicked or replied
    Column("is_alone", Boolean),  # the only message of the campaign to its contact
)
moments = Table(
    "fold_moments",  # an opt-out, a complaint; a person's reaction before the message's last, if that came lately
    kept, *of_messages("campaign_id", "channel"), *whole_numbers("number", "did"), Column("at_ms", BigInteger),
)  # fmt: skip
minutes = Table("fold_minutes", kept, *of_messages("campaign_id", "status"), *whole_numbers("minute_ms", "messages"))
parts = Table(
    "fold_parts_of_hours", kept, *of_messages("campaign_id", "channel"), Column("kind", Text),
    *whole_numbers("part_ms", "events", "machine_events", kind=BigInteger),
)  # fmt: skip
clicks = Table(
    "fold_clicks",  # all that count, and late_ms, when those were that were yet to come when it was made
    kept, *of_messages("campaign_id", "channel"), *whole_numbers("bucket", *CLICKS), Column("late_ms", BigInteger),
)  # fmt: skip
sources = Table(
    "fold_sources",  # how many of all messages; the KINDS of their events
    kept, *of_messages("campaign_id", "channel", "provider"),
    *whole_numbers("received_messages", "waiting_messages", "failed_messages", "sent_messages", "met"),
)  # fmt: skip
numbers = Table("fold_numbers", kept, *of_messages("contact_id"), *whole_numbers("number"))
words = Table("fold_words", kept, Column("word", Text), *whole_numbers("code"))
contacts = Table(
    "fold_contacts",
    kept,
    *whole_numbers("number", *DESCRIBED),  # codes of words, NULL where none is known
    Column("created_at", DateTime),
)
attributes = Table(
    "fold_attributes", kept, *whole_numbers("number"), Column("attribute", Text), *whole_numbers("value")
)
members = Table("fold_members", kept, *whole_numbers("number"), Column("segment_id", messages.c.contact_id.type))
loose = Table("fold_loose", kept, *of_messages("campaign_id"), Column("kind", Text))  # events of no message of theirs
state = Table(
    "fold_state", kept, Column("made_by", Text), *whole_numbers("stamp", "until_ms", "since_ms", kind=BigInteger)
)
