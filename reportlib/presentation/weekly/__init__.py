"""What the weekly review shows."""

from reportlib.presentation.weekly import charts, findings, history_table, next_week, tables, trend_charts
from reportlib.presentation.weekly.costs import costs
from reportlib.presentation.weekly.head import headline, provenance

__all__ = [
    "charts",
    "costs",
    "findings",
    "headline",
    "history_table",
    "next_week",
    "provenance",
    "tables",
    "trend_charts",
]
