"""What the report on send times shows."""

from reportlib.presentation.send_times import charts, findings, latency_chart, tables
from reportlib.presentation.send_times.head import headline

__all__ = ["charts", "findings", "headline", "latency_chart", "tables"]
