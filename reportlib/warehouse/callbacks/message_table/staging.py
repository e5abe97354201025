"""Rows of tables on their way into the database: what each says, in temporary tables, and what cannot be used."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, MetaData, Table, Text

from reportlib.warehouse.callbacks.batch import Rejections
from reportlib.warehouse.callbacks.message_table import PROVIDER
from reportlib.warehouse.callbacks.message_table.row import PLACE, STAGED_TEXTS, parsed
from reportlib.warehouse.callbacks.message_table.survey import OF_SEVERAL
from reportlib.warehouse.callbacks.model import Unusable
from reportlib.warehouse.callbacks.payloads import decode
from reportlib.warehouse.contract.tables import messages
from reportlib.warehouse.source.message_columns import NUMBERS, TIMES

_temporary = MetaData()
staged = Table(
    "staged_detailed",
    _temporary,
    Column("row", BigInteger),
    *[Column(name, Text) for name in STAGED_TEXTS],
    *[Column(name, BigInteger) for name in TIMES],
    *[Column(name, messages.c[name].type) for name in NUMBERS],
    Column("has_own_id", Boolean),
    Column("known_stays", Boolean),
    prefixes=["TEMPORARY"],
)
staged_engagement = Table(
    "staged_engagement",
    _temporary,
    Column("row", BigInteger),
    Column("kind", Text),
    Column("nth", Integer),
    Column("at_ms", BigInteger),
    Column("is_machine", Boolean),
    prefixes=["TEMPORARY"],
)
staged_attributes = Table(
    "staged_attributes",
    _temporary,
    Column("row", BigInteger),
    Column("attribute", Text),
    Column("value", Text),
    prefixes=["TEMPORARY"],
)
refused = Table("refused_rows", _temporary, Column("row", BigInteger), prefixes=["TEMPORARY"])
kept_ids = Table("kept_ids", _temporary, Column("row", BigInteger), Column("message_id", Text), prefixes=["TEMPORARY"])


class DetailedBatch(Rejections):
    """Rows of `staged` and of `staged_engagement`, ready to be merged."""

    largest = 100_000  # rows: they are in memory

    def __init__(self):
        super().__init__(PROVIDER)
        self.messages: list[tuple] = []
        self.engagement: list[tuple] = []
        self.attributes: list[tuple] = []
        self._payloads: list[bytes] = []

    def close(self):
        """It is in the database."""

    def add(self, payload: bytes):
        """One row, as JSON under our names."""
        row = None
        try:
            row = decode(payload)
            place = row.pop(PLACE, None) if isinstance(row, dict) else None
            message = parsed(row)
        except Unusable as unusable:
            self.refuse(payload, str(unusable), place if row is not None else None)
            return
        own = (message.cost, message.parts, message.billable, message.has_own_id, message.known_stays)
        self.messages.append((self.staged, *message.texts, *message.times, *own))
        self.engagement += [(self.staged, *event) for event in message.engagement]
        self.attributes += [(self.staged, *attribute) for attribute in message.attributes]
        self._payloads.append(payload)
        self.kept_bytes += len(payload)
        self.staged += 1

    def rejection(self, row: int) -> tuple:
        """The row of rejected_events for one whose id is another's."""
        payload = self._payloads[row]
        return self.refusal(payload, OF_SEVERAL, decode(payload).get(PLACE))
