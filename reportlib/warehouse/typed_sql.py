"""A question that somebody has typed as SQL: one SELECT, in the words of the engine that is asked."""

import re

from sqlalchemy import TextClause, text

from reportlib.errors import InvalidQuery

# What is quoted or a comment, where a semicolon ends nothing: '…', "…", -- to the line's end, /* … */
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)


def one_select(typed: str) -> TextClause:
    """The question as SQLAlchemy has it. Raises InvalidQuery where it is anything but one SELECT, or WITH … SELECT."""
    bare = _QUOTED.sub(lambda found: "''" if found[0][0] in "'\"" else " ", typed).strip().rstrip(";").rstrip()
    if ";" in bare:
        raise InvalidQuery("warehouse.sql takes one SELECT, and here a semicolon ends one: ask one after the other")
    first = bare.lstrip("( \n\t").split(None, 1)[0].lower() if bare else "nothing"
    if first not in ("select", "with"):
        raise InvalidQuery(f"warehouse.sql takes a SELECT, which only reads; this begins with {first[:20]!r}")
    return text(typed.strip().rstrip(";").replace(":", r"\:"))  # a colon is no parameter here
