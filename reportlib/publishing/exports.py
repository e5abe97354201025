"""Figures for spreadsheets."""

import unicodedata
from pathlib import Path

import pandas as pd

from reportlib.publishing.files import write_whole

# What Excel, LibreOffice and Google Sheets run as a formula when it comes first, full-width and small forms included.
_FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b")


def write_csv(frame: pd.DataFrame, path: Path) -> Path:
    """Write a frame as CSV that spreadsheets show as it is: texts that would run as formulas get an apostrophe.

    UTF-8, without a byte order mark, which programs would take for part of the first column's name. Missing values are
    empty cells; numbers stay numbers. Raises OutputError.
    """
    texts = [name for name in frame.columns if not pd.api.types.is_numeric_dtype(frame[name])]
    harmless = frame.assign(**{name: pd.Series(map(_harmless, frame[name]), frame.index, object) for name in texts})
    return write_whole(path, harmless.to_csv(index=False, lineterminator="\n"))


def _harmless(value):
    """The value, with an apostrophe where a spreadsheet would run it, be it behind blanks or invisible letters."""
    if not isinstance(value, str):
        return value
    value = value.replace("\r\n", "\n").replace("\r", "\n")  # a lone \r would end the row
    first = next(
        (letter for letter in value if letter not in "'\"" and unicodedata.category(letter)[0] not in "CZ"), ""
    )
    return f"'{value}" if first in _FORMULA or value.startswith("\t") else value
