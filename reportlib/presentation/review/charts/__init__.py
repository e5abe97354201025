"""Frames as charts: plain Altair charts that can be changed further.

Each has its alternative text as `description`, and its caption and data table under `usermeta["reportlib"]`, so that
a page can show them without knowing the chart.
"""

from reportlib.presentation.review.charts.failures import failure_reasons
from reportlib.presentation.review.charts.timeline import delivery_timeline

__all__ = ["delivery_timeline", "failure_reasons"]
