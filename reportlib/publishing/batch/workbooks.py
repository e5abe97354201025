"""Workbooks beside reports: the tables of the campaigns that a report is about."""

from collections.abc import Callable, Iterable
from pathlib import Path

from reportlib.errors import OutputError, ReportError
from reportlib.publishing.export.workbook import write_workbook
from reportlib.publishing.store.object_store import is_store
from reportlib.reports.record import read_if_whole
from reportlib.warehouse import open_warehouse


def add_workbooks(pages: Iterable[Path], tell: Callable[[str], None]):
    """Write NAME.xlsx beside each of these pages whose report says which campaigns it is about; a failed one has none.

    `tell` hears why there is none. Raises OutputError for an object store, WarehouseError.
    """
    warehouse = open_warehouse()
    try:
        for page in pages:
            if is_store(page):
                raise OutputError(f"{page}: workbooks are written to folders only; copy them from there")
            record, file = read_if_whole(page.with_suffix(".json")), page.with_suffix(".xlsx")
            file.unlink(missing_ok=True)  # of what was here before
            campaigns = _campaigns(record) if record and not record.failure else []
            if not campaigns:
                tell(f"{page.name}: there is no workbook: it is about no campaigns that it names")
                continue
            try:
                write_workbook(warehouse, campaigns, file)
            except ReportError as error:
                tell(f"{page.name}: there is no workbook: {error}")
    finally:
        warehouse.engine.dispose()


def _campaigns(record) -> list[str]:
    """The ids of the campaigns that a report is about: as its head says, or as it was asked."""
    named = record.parameters.get("campaigns") or record.parameters.get("campaign") or []
    return record.campaign_ids or ([named] if isinstance(named, str | int) else list(named))
