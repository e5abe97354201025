"""How wide a text is in Arial, and so in Liberation Sans and Helvetica, which are made to its measure."""

import unicodedata
from functools import lru_cache

# Thousandths of the font's size, from the space to the tilde: Adobe's metrics of Helvetica, which Arial follows.
_ASCII = [
    *(278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278),
    *(556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556),
    *(1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778),
    *(667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556),
    *(333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556),
    *(556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584),
]
_FULL, _OTHER = 1000, 556  # letters as wide as high, and those that the table lacks


@lru_cache(maxsize=1024)  # a page asks for each of its names some ten times
def text_width(text: str, size: float) -> float:
    """Pixels, about: letters with accents are as wide as without, others as they mostly are."""
    return size * _thousandths(text) / 1000


def cut(text: str, size: float, limit: float) -> str:
    """As much of a text as this many pixels hold with the ellipsis at its end, found letter by letter in one pass."""
    taken, kept = _thousandths("…"), 0
    for letter in text:
        taken += _thousandths(letter)
        if size * taken / 1000 > limit:
            break
        kept += 1
    return f"{text[:kept].rstrip()}…"


def _thousandths(text):
    return sum(map(_width, unicodedata.normalize("NFD", text)))


def _width(letter):
    if " " <= letter <= "~":
        return _ASCII[ord(letter) - ord(" ")]
    if unicodedata.combining(letter):
        return 0
    return _FULL if letter == "…" or unicodedata.east_asian_width(letter) in "WF" else _OTHER
