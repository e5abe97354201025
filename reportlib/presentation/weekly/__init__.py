"""What the weekly review shows."""

from reportlib.presentation.weekly import charts, findings, history_table, next_week, tables
from reportlib.presentation.weekly.head import headline, provenance
from reportlib.presentation.weekly.trend_charts import trends

__all__ = ["charts", "findings", "headline", "history_table", "next_week", "provenance", "tables", "trends"]
