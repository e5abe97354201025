"""Whether a text has control characters, in the words of each engine: SQL has no common ones."""

from sqlalchemy import Boolean
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class has_controls(FunctionElement):  # noqa: N801
    """The condition that a text holds a character that no text needs: NUL, escapes, line breaks."""

    type = Boolean()
    inherit_cache = True
    name = "has_controls"


@compiles(has_controls)
def _nowhere(element, compiler, **kw):
    return "1 = 0"


@compiles(has_controls, "duckdb")
def _duckdb(element, compiler, **kw):
    return rf"regexp_matches({compiler.process(element.clauses, **kw)}, '[\x00-\x1f\x7f]')"


@compiles(has_controls, "postgresql")
def _postgresql(element, compiler, **kw):
    return f"({compiler.process(element.clauses, **kw)} ~ '[[:cntrl:]]')"


@compiles(has_controls, "hive")
def _spark(element, compiler, **kw):
    return rf"({compiler.process(element.clauses, **kw)} RLIKE '\\p{{Cntrl}}')"


@compiles(has_controls, "sqlite")
def _sqlite(element, compiler, **kw):
    text = compiler.process(element.clauses, **kw)
    return f"({text} GLOB '*[' || char(1) || '-' || char(31) || char(127) || ']*' OR instr({text}, char(0)) > 0)"
