"""What is computed: SQL in, tidy frames out. Counts, never rates alone."""

from reportlib.metrics.accounts import accounts, select_account
from reportlib.metrics.activity import activity
from reportlib.metrics.breakdown import breakdown, breakdowns, delivery, engagement
from reportlib.metrics.campaign_history import campaign_history
from reportlib.metrics.campaign_verdicts import COMPARED, compare_campaigns, explore_campaigns
from reportlib.metrics.campaigns import (
    campaigns,
    channels,
    finished_campaigns,
    rows_read,
    select_campaigns,
    started_within,
)
from reportlib.metrics.comparability import comparability, differences, randomised
from reportlib.metrics.data_problems import data_as_of, data_problems
from reportlib.metrics.definitions import DEFINITIONS, definition
from reportlib.metrics.equal_age import comparable, overlap, rate_gap_by, response_by_age
from reportlib.metrics.failure_patterns import failure_patterns
from reportlib.metrics.failures import failures
from reportlib.metrics.grouping import attributes
from reportlib.metrics.latency import response_latency, response_times
from reportlib.metrics.live_flow import live_flow
from reportlib.metrics.live_history import failure_history
from reportlib.metrics.live_latency import live_latency
from reportlib.metrics.live_outcomes import live_outcomes
from reportlib.metrics.live_watch import LiveFigures, LiveWatch
from reportlib.metrics.open_campaigns import open_campaigns, ripe_experiments
from reportlib.metrics.rates import Rate, wilson
from reportlib.metrics.recoverable import recoverable
from reportlib.metrics.responses import RESPONSES
from reportlib.metrics.restatements import read_review, restated_totals, restatements, snapshot
from reportlib.metrics.send_slots import send_slots
from reportlib.metrics.slot_effects import slot_effects, slots_to_try
from reportlib.metrics.summary import summary
from reportlib.metrics.timeline import delivery_timeline
from reportlib.metrics.week_verdicts import benchmarks, week_verdicts
from reportlib.metrics.weekly import WeeklyFigures, weekly_figures
from reportlib.metrics.weekly_campaigns import campaigns_by_week
from reportlib.metrics.weekly_trends import weekly_trends
from reportlib.metrics.weeks import Week, parse_week

__all__ = [
    "COMPARED",
    "DEFINITIONS",
    "RESPONSES",
    "LiveFigures",
    "LiveWatch",
    "Rate",
    "Week",
    "WeeklyFigures",
    "accounts",
    "activity",
    "attributes",
    "benchmarks",
    "breakdown",
    "breakdowns",
    "campaign_history",
    "campaigns",
    "campaigns_by_week",
    "channels",
    "comparability",
    "comparable",
    "compare_campaigns",
    "data_as_of",
    "data_problems",
    "definition",
    "delivery",
    "delivery_timeline",
    "differences",
    "engagement",
    "explore_campaigns",
    "failure_history",
    "failure_patterns",
    "failures",
    "finished_campaigns",
    "live_flow",
    "live_latency",
    "live_outcomes",
    "open_campaigns",
    "overlap",
    "parse_week",
    "randomised",
    "rate_gap_by",
    "read_review",
    "recoverable",
    "response_by_age",
    "response_latency",
    "response_times",
    "restated_totals",
    "restatements",
    "ripe_experiments",
    "rows_read",
    "select_account",
    "select_campaigns",
    "send_slots",
    "slot_effects",
    "slots_to_try",
    "snapshot",
    "started_within",
    "summary",
    "week_verdicts",
    "weekly_figures",
    "weekly_trends",
    "wilson",
]


def __dir__():
    """What is public; completion shows it, and not the modules."""
    return __all__
