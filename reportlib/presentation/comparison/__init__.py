"""What the report on a comparison shows."""

from reportlib.presentation.comparison import charts, findings, links, mix, tables
from reportlib.presentation.comparison.head import gaps, headline

__all__ = ["charts", "findings", "gaps", "headline", "links", "mix", "tables"]
