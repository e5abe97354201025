"""A rule of the source contract: a condition on rows that ought not to be there.

Conditions are SQLAlchemy expressions over epoch milliseconds, so that they mean the same on every engine.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, FromClause

BREAKS, NOTE = "breaks", "note"


@dataclass(frozen=True)
class Rule:
    """Rows of `source` for which `condition` holds are a problem of `table`."""

    table: str
    problem: str
    severity: str
    source: FromClause
    condition: ColumnElement[bool]
    explanation: str
