"""Which columns of a table of orders are ours: by a mapping, else by what shops call them."""

import re
from dataclasses import dataclass
from pathlib import Path

from reportlib.errors import InvalidData, nearest
from reportlib.warehouse.callbacks.message_table.mapping import Mapping, Reader
from reportlib.warehouse.callbacks.message_table.sheet import Sheet, open_sheet
from reportlib.warehouse.callbacks.model import brief

PERSON = "contact_id"
_WORDS = {
    "outcome_id": """outcomeid orderid ordernumber ordername transactionid bestellnummer numerodopedido idpedido pedido
        order name id""",
    PERSON: """contactid email customeremail billingemail emailaddress customerid phone customerphone billingphone
        cliente kunde kundennummer customer""",
    "kind": "kind outcome",
    "occurred_at": """occurredat createdat orderdate datecreated paidat processedat bestelldatum datadopedido fecha
        datum data date time""",
    "value": """value total ordertotal totalprice grandtotal totalamount amount revenue gesamtbetrag betrag summe
        valortotal valor importe""",
    "currency": "currency currencycode ordercurrency wahrung waehrung moeda moneda",
    "campaign_id": "campaignid utmcampaign campaign",
    "message_id": "messageid",
}
CALLED = {ours: tuple(words.split()) for ours, words in _WORDS.items()}  # without signs, the likelier first
REQUIRED = (PERSON, "occurred_at")


@dataclass(frozen=True)
class OutcomeFile:
    """A file of outcomes: its rows, how they are read, those of its columns that are not, whether its ids are ours."""

    sheet: Sheet
    reader: Reader
    ignored: list[str]
    has_own_ids: bool


def open_outcomes(path: Path, mapping: Mapping) -> OutcomeFile:
    """The file with its columns. Raises InvalidData where nothing says whose its rows are, or when they happened."""
    called = {word for words in CALLED.values() for word in words}
    sheet = open_sheet(path, lambda cells: len(called & {_plain(cell) for cell in cells}))
    names, columns = sheet.names, {}
    plain = {_plain(name): name for name in reversed(names)}
    for ours, words in CALLED.items():
        theirs = mapping.named.get(ours) or next(((plain[word],) for word in words if word in plain), None)
        if theirs:
            columns[ours] = theirs
    for name in (*(one for several in columns.values() for one in several), *mapping.only):
        if name not in names:
            raise InvalidData(f"{path} has no column {name!r}{nearest(name, names)}")
        if names.count(name) > 1:
            raise InvalidData(f"{path} has the column {name!r} twice: take one out, or rename it")
    lacking = [name for name in REQUIRED if name not in {*columns, *mapping.fixed}]
    if lacking:
        shown = ", ".join(map(brief, names[:12])) or "it is empty"
        raise InvalidData(
            f"{path} has no column that is known as {' or '.join(lacking)} ({shown}): name it in a mapping, "
            f"columns: {{{lacking[0]}: …}}"
        )
    read = {name for several in columns.values() for name in several} | {*mapping.only}
    ignored = [f"{path.name}: column {name!r}" for name in names if name and name not in read]
    own = "outcome_id" in columns and _plain(columns["outcome_id"][0]) == "outcomeid"
    return OutcomeFile(sheet, Reader(mapping, columns), ignored, own)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
