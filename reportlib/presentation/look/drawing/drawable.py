"""Texts that can be drawn: names from the database may hold characters that end a drawing, or that XML forbids."""

import re

_UNDRAWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def drawable(part):
    """A specification without control characters, in its names as in its values."""
    if isinstance(part, str):
        return part if part.isprintable() else _UNDRAWABLE.sub("", part)
    if isinstance(part, list):
        return [drawable(one) for one in part]
    if isinstance(part, dict):
        return {drawable(name): drawable(value) for name, value in part.items()}
    return part
