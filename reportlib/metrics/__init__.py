"""What is computed: SQL in, tidy frames out. Counts, never rates alone."""

from reportlib.metrics.activity import activity
from reportlib.metrics.breakdown import breakdown, breakdowns, delivery, engagement
from reportlib.metrics.campaigns import campaigns, channels, finished_campaigns, rows_read, select_campaigns
from reportlib.metrics.data_problems import data_as_of, data_problems
from reportlib.metrics.definitions import DEFINITIONS, definition
from reportlib.metrics.failures import failures
from reportlib.metrics.grouping import attributes
from reportlib.metrics.rates import Rate, wilson
from reportlib.metrics.summary import summary
from reportlib.metrics.timeline import delivery_timeline

__all__ = [
    "DEFINITIONS",
    "Rate",
    "activity",
    "attributes",
    "breakdown",
    "breakdowns",
    "campaigns",
    "channels",
    "data_as_of",
    "data_problems",
    "definition",
    "delivery",
    "delivery_timeline",
    "engagement",
    "failures",
    "finished_campaigns",
    "rows_read",
    "select_campaigns",
    "summary",
    "wilson",
]
