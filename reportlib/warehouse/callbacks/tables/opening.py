"""A downloaded file without a word about its format: which download it is, and what it does not say itself."""

from dataclasses import dataclass, replace
from pathlib import Path

from reportlib.errors import InvalidData, InvalidParameters
from reportlib.warehouse.callbacks.message_table.files import TableFile, open_table
from reportlib.warehouse.callbacks.message_table.mapping import Mapping
from reportlib.warehouse.callbacks.message_table.sheet import open_sheet
from reportlib.warehouse.callbacks.message_table.times import readings, zone_called
from reportlib.warehouse.callbacks.model import Unusable, brief
from reportlib.warehouse.callbacks.tables.downloads import DOWNLOADS, recognised
from reportlib.warehouse.callbacks.tables.total_table.reading import read_totals

COLUMNS_SHOWN = 12


@dataclass(frozen=True)
class Said:
    """What who imports says of a file beside it: for rows that do not say it themselves.

    Attributes
    ----------
    campaign : the campaign's name, which is its id too
    campaign_column : the column that has the campaign
    sent_at : when the campaign was sent, on the account's clock
    timezone : the account's
    account : the account's name, which is its id too
    """

    campaign: str | None = None
    campaign_column: str | None = None
    sent_at: str | None = None
    timezone: str | None = None
    account: str | None = None

    def of(self, mapping: Mapping) -> Mapping:
        """The mapping with all of this in it. Raises InvalidParameters."""
        zone = zone_called(self.timezone)
        try:
            sent = readings(self.sent_at, zone)
        except Unusable as unusable:
            raise InvalidParameters(f"--sent-at: {unusable}; write it like 2026-11-17T09:00") from None
        if self.campaign_column:
            mapping = replace(mapping, columns={**mapping.columns, "campaign_id": self.campaign_column})
        return mapping.with_fixed(
            campaign_id=self.campaign,
            campaign=self.campaign,
            sent_at=str(sent[0]) if sent else None,  # as an epoch it is the same on every clock
            time_zone=self.timezone,
            account_id=self.account,
            account=self.account,
        )


def open_download(path: Path, said: Said) -> tuple[str, TableFile]:
    """The name of the download that a file is, and its table.

    Raises InvalidData where its header is none that is known, or where it does not say, and `said` neither, of which
    campaign its rows are, or when they were sent.
    """
    name, table = _recognised(path, said)
    lacking = _lacking(table)
    if "campaign" in lacking:
        raise InvalidData(
            f'{path} does not say which campaign its rows are of: --campaign "Spring sale", or --campaign-column with '
            "the name of the column that does"
        )
    if "sent_at" in lacking:
        raise InvalidData(f"{path} does not say when its messages were sent: --sent-at 2026-11-17T09:00")
    return name, table


def unsaid(path: Path) -> tuple[str, ...]:
    """Which of `campaign` and `sent_at` a download leaves to be said. Raises InvalidData where it is none."""
    if read_totals(path, zone_called(None)):
        return ()
    return _lacking(_recognised(path, Said())[1])


def _recognised(path, said):
    sheet = open_sheet(path, lambda cells: recognised(cells) is not None)
    name = recognised(sheet.names)
    if name is None:
        shown = ", ".join(map(brief, sheet.names[:COLUMNS_SHOWN])) + ", …" * (len(sheet.names) > COLUMNS_SHOWN)
        raise InvalidData(
            f"{path} is no download that is known by its header ({shown or 'it is empty'}): `reportlib map` "
            "proposes what its columns are; if it holds callbacks, name the provider before it"
        )
    mapping = DOWNLOADS[name].MAPPING
    if mapping.is_whole:
        mapping = _of_those_there(mapping, set(sheet.names))
    return name, open_table(path, said.of(mapping))


def _lacking(table) -> tuple[str, ...]:
    known = {*table.reader.columns, *table.reader.mapping.fixed}
    timed = known & {"queued_at", "sent_at", "delivered_at", "occurred_at"}
    return ("campaign",) * ("campaign_id" not in known) + ("sent_at",) * (not timed)


def _of_those_there(mapping: Mapping, there: set[str]) -> Mapping:
    """The mapping without the columns that a file does not have; those that it must have, it was known by."""
    columns = {}
    for ours, theirs in mapping.columns.items():
        several = (theirs,) if isinstance(theirs, str) else theirs
        if found := tuple(name for name in several if name in there):
            columns[ours] = found
    return replace(mapping, columns=columns)
