"""Cells that a spreadsheet would run as a formula: how they are made harmless, and what they were before."""

import unicodedata

# What Excel, LibreOffice and Google Sheets run when it comes first, full-width and small forms included.
_SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
_UNSEEN = ("Cc", "Cf", "Co", "Cs", "Zl", "Zp", "Zs")  # Unicode categories of letters that nobody sees
# The same for DuckDB, to be written between single quotes.
PATTERN = "^[\\p{C}\\p{Z}''\"]*[" + _SIGNS.replace("-", "\\-") + "]|^\\t"


def runs(text: str) -> bool:
    """Whether a spreadsheet might run the text, be it behind blanks, quotes or invisible letters."""
    first = next((letter for letter in text if letter not in "'\"" and unicodedata.category(letter) not in _UNSEEN), "")
    return text.startswith("\t") or (first != "" and first in _SIGNS)


def harmless(text: str) -> str:
    """The text as a cell that is shown and not run: with an apostrophe where it would be run."""
    return f"'{text}" if runs(text) else text


def original(cell: str) -> str:
    """The text that `harmless` made this cell of, or what ="007" shows, as tables keep their zeros in a spreadsheet."""
    if cell.startswith('="') and cell.endswith('"') and '"' not in cell[2:-1]:
        return cell[2:-1]
    return cell[1:] if cell.startswith("'") and runs(cell[1:]) else cell
