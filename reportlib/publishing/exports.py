"""Figures for spreadsheets."""

import re
from pathlib import Path

import pandas as pd

from reportlib.publishing.files import write_whole

# What Excel, LibreOffice and Google Sheets run as a formula, also behind blanks, quotes and in its full-width forms.
_FORMULA = re.compile(r"^[\s'\"]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")


def write_csv(frame: pd.DataFrame, path: Path) -> Path:
    """Write a frame as CSV that spreadsheets show as it is: texts that would run as formulas get an apostrophe.

    UTF-8, without a byte order mark, which programs would take for part of the first column's name. Missing values are
    empty cells; numbers stay numbers. Raises OutputError.
    """
    texts = [name for name in frame.columns if not pd.api.types.is_numeric_dtype(frame[name])]
    harmless = frame.assign(**{name: frame[name].map(_harmless, na_action="ignore") for name in texts})
    return write_whole(path, harmless.to_csv(index=False, lineterminator="\n"))


def _harmless(value):
    text = str(value)
    return f"'{text}" if _FORMULA.match(text) else text
