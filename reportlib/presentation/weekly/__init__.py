"""What the weekly review shows."""

from reportlib.presentation.weekly import charts, findings, next_week, tables
from reportlib.presentation.weekly.head import headline, provenance

__all__ = ["charts", "findings", "headline", "next_week", "provenance", "tables"]
