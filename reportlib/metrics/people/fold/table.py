"""The tables of the fold."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, MetaData, Table, Text

from reportlib.definitions import EVENT_KINDS, IMPLY_DELIVERY, RESPONSES, TOTALS
from reportlib.metrics.local_time import MINUTE_MS
from reportlib.warehouse.contract.tables import messages

SCHEMA = "reportlib"  # of our own, which whoever likes may drop
FIRST = {f"first_{kind}_ms": kind for kind in IMPLY_DELIVERY}
ANSWERED = {f"{name}_ms": name for name in RESPONSES}
DESCRIBED = ("country", "language", "carrier", "email_domain", "timezone")  # columns of contacts
KINDS = {kind: 1 << at for at, kind in enumerate(EVENT_KINDS)}  # a bit for each
PART_MS = 15 * MINUTE_MS  # no clock is set within one, nor by a fraction of it


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
    *whole_numbers("sent_ms", *ANSWERED, *FIRST, kind=BigInteger),  # FIRST: of whatever was told, machines' too
    Column("is_alone", Boolean),  # the only message of the campaign to its contact
)
minutes = Table("fold_minutes", kept, *of_messages("campaign_id", "status"), *whole_numbers("minute_ms", "messages"))
parts = Table(
    "fold_parts_of_hours", kept, *of_messages("campaign_id", "channel"), Column("kind", Text),
    *whole_numbers("part_ms", "events", "machine_events", kind=BigInteger),
)  # fmt: skip
clicks = Table(
    "fold_clicks", kept, *of_messages("campaign_id", "channel"), *whole_numbers("bucket", "clicks", "on_minutes")
)
kinds = Table("fold_kinds", kept, *of_messages("campaign_id", "channel", "provider"), *whole_numbers("met"))
numbers = Table("fold_numbers", kept, *of_messages("contact_id"), *whole_numbers("number"))
words = Table("fold_words", kept, Column("word", Text), *whole_numbers("code"))
contacts = Table(
    "fold_contacts", kept, *whole_numbers("number", *DESCRIBED)
)  # codes of words, NULL where none is known
attributes = Table(
    "fold_attributes", kept, *whole_numbers("number"), Column("attribute", Text), *whole_numbers("value")
)
members = Table("fold_members", kept, *whole_numbers("number"), Column("segment_id", messages.c.contact_id.type))
loose = Table("fold_loose", kept, *of_messages("campaign_id"))  # with events of no message of theirs
state = Table("fold_state", kept, Column("made_by", Text), *whole_numbers("stamp", "until_ms", kind=BigInteger))
