"""What would come of a table with a mapping: how many rows come in, and why the others do not."""

from collections import Counter
from dataclasses import dataclass, field

import orjson

from reportlib.warehouse.callbacks import told
from reportlib.warehouse.callbacks.message_table.files import TableFile
from reportlib.warehouse.callbacks.message_table.row import PLACE, STAGED_TEXTS, parsed
from reportlib.warehouse.callbacks.model import Unusable


@dataclass
class Preview:
    """How many rows there are, how many come in, and how many do not by reason, with where the first of each stands."""

    rows: int = 0
    come_in: int = 0
    left_out: int = 0
    reasons: Counter = field(default_factory=Counter)
    places: dict[str, str] = field(default_factory=dict)
    statuses: Counter = field(default_factory=Counter)

    @property
    def sentence(self) -> str:
        """Of 400 rows 206 come in, 194 do not, because …"""
        said = f"Of {self.rows:,} rows {self.come_in:,} come in"
        if self.left_out:
            said += f", {self.left_out:,} are left out"
        if self.reasons:
            said += f", {self.reasons.total():,} do not, because"
        return said


def preview(table: TableFile) -> Preview:
    """Make each row into what it would be, and put it nowhere. Raises InvalidData where the file cannot be read.

    Whether the message that a row tells of is known, only the database says.
    """
    found = Preview(left_out=table.left_out())
    if not table.reader.mapping.events:
        for payload in table.messages():
            row = orjson.loads(payload)
            place = row.pop(PLACE, "")
            try:
                message = parsed(row)
            except Unusable as unusable:
                _refuse(found, str(unusable), place)
            else:
                found.come_in += 1
                found.statuses[message.texts[STAGED_TEXTS.index("status")]] += 1
                found.statuses.update({kind for kind, *_ in message.engagement})
    if table.tells:
        for payload in table.told():
            row = orjson.loads(payload)
            try:
                [piece] = told.pieces(row)
                [callback] = told.callbacks(piece)
            except Unusable as unusable:
                _refuse(found, str(unusable), row.get(PLACE, ""))
            else:
                found.come_in += 1
                found.statuses[callback.kind] += 1
    found.rows = found.come_in + found.reasons.total() + found.left_out
    return found


def _refuse(found, reason, place):
    found.reasons[reason] += 1
    found.places.setdefault(reason, place)
