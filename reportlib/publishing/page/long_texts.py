"""No text of a chart is longer than a reader would read: the time that one takes to draw grows with its texts."""

import hashlib

LONGEST_TEXT = 200  # characters; an axis shows some thirty of a name, a title on hover all that are left
_NOT_TEXT = (
    "usermeta",
    "expr",
    "labelExpr",
    "calculate",
    "filter",
    "test",
    "update",
    "signal",
)  # not drawn, expressions


def with_short_texts(spec: dict) -> dict:
    """The specification with each text, in its data too, cut to LONGEST_TEXT; those that begin alike stay apart by four
    letters that stand for the rest, wherever they are named again."""
    return {name: part if name in _NOT_TEXT else _shortened(part) for name, part in spec.items()}


def _shortened(part):
    if isinstance(part, str):
        return part if len(part) <= LONGEST_TEXT else _cut(part)
    if isinstance(part, dict):
        return with_short_texts(part)
    return list(map(_shortened, part)) if isinstance(part, list) else part


def _cut(text):
    rest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:4]
    return f"{text[: LONGEST_TEXT - 6].rstrip()}… {rest}"
