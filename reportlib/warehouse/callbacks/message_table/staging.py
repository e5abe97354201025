"""Rows of tables on their way into the database: what each says, in temporary tables, and what cannot be used."""

from sqlalchemy import BigInteger, Boolean, Integer, Text

from reportlib.warehouse.callbacks.batch import Rejections
from reportlib.warehouse.callbacks.message_table import PROVIDER
from reportlib.warehouse.callbacks.message_table.row import PLACE, STAGED_TEXTS, parsed
from reportlib.warehouse.callbacks.message_table.survey import OF_SEVERAL
from reportlib.warehouse.callbacks.model import Unusable
from reportlib.warehouse.callbacks.payloads import decode
from reportlib.warehouse.contract.tables import messages
from reportlib.warehouse.engines import temporary
from reportlib.warehouse.source.message_columns import NUMBERS, TIMES

staged = temporary(
    "staged_detailed",
    row=BigInteger,
    **dict.fromkeys(STAGED_TEXTS, Text),
    **dict.fromkeys(TIMES, BigInteger),
    **{name: messages.c[name].type for name in NUMBERS},
    has_own_id=Boolean,
    known_stays=Boolean,
)
staged_engagement = temporary(
    "staged_engagement", row=BigInteger, kind=Text, nth=Integer, at_ms=BigInteger, is_machine=Boolean
)
staged_attributes = temporary("staged_attributes", row=BigInteger, attribute=Text, value=Text)
refused = temporary("refused_rows", row=BigInteger)
kept_ids = temporary("kept_ids", row=BigInteger, message_id=Text)


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
