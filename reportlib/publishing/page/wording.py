"""Texts from a database made fit for a mail, a chat or a picture: one line, nothing that steers a terminal or turns how
a line is read."""

import re

# Control characters, the marks that turn the direction of all that follows, and halves of characters.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff0-\uffff\ud800-\udfff]")
_BREAK = re.compile("[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
_SPACE = re.compile("[ \u00a0\u202f]+")


def line(text, longest: int) -> str:
    """The text on one line and no longer than so many characters, cut between words with "…" at its end."""
    whole = _UNFIT.sub("", _BREAK.sub(" ", str(text))).strip()
    if len(whole) <= longest:
        return whole
    cut = whole[: longest - 1]
    words = cut.rpartition(" ")[0]
    return f"{(words if len(words) > longest / 2 else cut).rstrip()}…"


def header(text, longest: int) -> str:
    """As `line`, for a header: with plain spaces only."""
    return line(_SPACE.sub(" ", line(text, 10 * longest)), longest)
