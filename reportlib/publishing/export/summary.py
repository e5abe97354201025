"""Figures for spreadsheets."""

from pathlib import Path

import pandas as pd

from reportlib.publishing.export.streamed import BYTE_ORDER_MARK
from reportlib.publishing.store.files import write_whole
from reportlib.warehouse.source import spreadsheets


def write_csv(frame: pd.DataFrame, path: Path, for_excel: bool = False) -> Path:
    """Write a frame as CSV that spreadsheets show as it is: texts that would run as formulas get an apostrophe.

    UTF-8; with a byte order mark only `for_excel`, since other programs would take it for part of the first column's
    name. Missing values are empty cells; numbers stay numbers. Raises OutputError.
    """
    return write_whole(path, (BYTE_ORDER_MARK if for_excel else "") + csv_of(frame))


def csv_of(frame: pd.DataFrame) -> str:
    """The text of the file that `write_csv` writes."""
    texts = [name for name in frame.columns if not pd.api.types.is_numeric_dtype(frame[name])]
    harmless = frame.assign(**{name: pd.Series(map(_harmless, frame[name]), frame.index, object) for name in texts})
    return harmless.to_csv(index=False, lineterminator="\n")


def _harmless(value):
    if not isinstance(value, str):
        return value
    return spreadsheets.harmless(value.replace("\r\n", "\n").replace("\r", "\n"))  # a lone \r would end the row
