"""What the report on what messages caused shows."""

from reportlib.presentation.impact import charts, tables
from reportlib.presentation.impact.head import headline, provenance

__all__ = ["charts", "headline", "provenance", "tables"]
