"""What is computed: SQL in, tidy frames out. Counts, never rates alone."""

from typing import TYPE_CHECKING

from reportlib.definitions import COMPARED, DEFINITIONS, RESPONSES, definition
from reportlib.errors import suggesting
from reportlib.metrics.audience.attention import attention, sleepers, still_written
from reportlib.metrics.audience.deliverability import deliverability, failures_against_usual
from reportlib.metrics.audience.groups import audience_groups, audience_list_by_group
from reportlib.metrics.audience.growth import audience_list, audience_survival
from reportlib.metrics.audience.opt_out_pressure import opt_out_pressure
from reportlib.metrics.audience.overlap import audience_overlap
from reportlib.metrics.audience.pressure import pressure, pressure_cap
from reportlib.metrics.audience.reach import reach
from reportlib.metrics.comparison.age.equal_age import comparable, is_final, overlap
from reportlib.metrics.comparison.age.response_by_age import response_by_age
from reportlib.metrics.comparison.campaigns import compare_campaigns, explore_campaigns
from reportlib.metrics.comparison.design.comparability import comparability, differences
from reportlib.metrics.comparison.design.design import Design, design, randomised
from reportlib.metrics.comparison.mix.rate_gap import rate_gap_by
from reportlib.metrics.costs.costs import costs
from reportlib.metrics.costs.summary import priced_summary
from reportlib.metrics.costs.waste import marketing_limit, waste
from reportlib.metrics.failures.by_reason import failures
from reportlib.metrics.failures.patterns import failure_patterns
from reportlib.metrics.failures.recoverable import recoverable
from reportlib.metrics.impact.attribution import attribution
from reportlib.metrics.impact.by_month import effects_by_month
from reportlib.metrics.impact.checks import trial
from reportlib.metrics.impact.costs import trial_costs
from reportlib.metrics.impact.effect import effect_table
from reportlib.metrics.impact.effects import effects
from reportlib.metrics.impact.experiments import experiments
from reportlib.metrics.impact.planner import holdout_plan
from reportlib.metrics.links.links import links
from reportlib.metrics.live.flow import live_flow
from reportlib.metrics.live.history import failure_history
from reportlib.metrics.live.latency import live_latency
from reportlib.metrics.live.outcomes import live_outcomes
from reportlib.metrics.live.watch import LiveFigures, LiveWatch
from reportlib.metrics.opt_outs.rates import complaints_by_mailbox, opt_out_rates
from reportlib.metrics.opt_outs.reasons import opt_outs
from reportlib.metrics.people.activity import activity
from reportlib.metrics.people.apart import groups_apart
from reportlib.metrics.people.breakdown import breakdown, breakdowns, delivery, engagement
from reportlib.metrics.people.data_problems import data_as_of, data_problems
from reportlib.metrics.people.freshness import freshness
from reportlib.metrics.people.machines.machine_clicks import machine_clicks
from reportlib.metrics.people.measured import measured
from reportlib.metrics.people.rates import base_words, pooled, rate_of
from reportlib.metrics.people.receipts import receipts
from reportlib.metrics.people.summary import summary
from reportlib.metrics.people.timeline import delivery_timeline
from reportlib.metrics.planning.people import plan_test
from reportlib.metrics.planning.send_time import SendTimeTest, send_time_test, send_time_tests
from reportlib.metrics.selection.accounts import accounts, select_account
from reportlib.metrics.selection.campaigns import (
    campaigns,
    channels,
    finished_campaigns,
    rows_read,
    select_campaigns,
    started_within,
)
from reportlib.metrics.selection.grouping import attributes
from reportlib.metrics.send_times.effects import slot_effects, slots_to_try
from reportlib.metrics.send_times.latency import response_latency, response_times
from reportlib.metrics.send_times.slots import send_slots
from reportlib.metrics.statistics.rates import Rate, wilson
from reportlib.metrics.weekly.campaigns import campaigns_by_week
from reportlib.metrics.weekly.figures import WeeklyFigures, weekly_figures
from reportlib.metrics.weekly.final_verdicts import final_verdicts
from reportlib.metrics.weekly.history import campaign_history
from reportlib.metrics.weekly.iso_week import Week, parse_week
from reportlib.metrics.weekly.of_campaign import campaign_verdicts
from reportlib.metrics.weekly.restatements import restated_totals, restatements, snapshot
from reportlib.metrics.weekly.still_open import open_campaigns, ripe_experiments
from reportlib.metrics.weekly.trends import weekly_trends
from reportlib.metrics.weekly.verdicts import benchmarks, week_verdicts
from reportlib.metrics.what_works.figures import WhatWorks, what_works
from reportlib.metrics.what_works.learned import Learned, learned
from reportlib.metrics.what_works.register import register

__all__ = [
    "COMPARED",
    "DEFINITIONS",
    "RESPONSES",
    "Design",
    "Learned",
    "LiveFigures",
    "LiveWatch",
    "Rate",
    "SendTimeTest",
    "Week",
    "WeeklyFigures",
    "WhatWorks",
    "accounts",
    "activity",
    "attention",
    "attributes",
    "attribution",
    "audience_groups",
    "audience_list",
    "audience_list_by_group",
    "audience_overlap",
    "audience_survival",
    "base_words",
    "benchmarks",
    "breakdown",
    "breakdowns",
    "campaign_history",
    "campaign_verdicts",
    "campaigns",
    "campaigns_by_week",
    "channels",
    "comparability",
    "comparable",
    "compare_campaigns",
    "complaints_by_mailbox",
    "costs",
    "data_as_of",
    "data_problems",
    "definition",
    "deliverability",
    "delivery",
    "delivery_timeline",
    "design",
    "differences",
    "effect_table",
    "effects",
    "effects_by_month",
    "engagement",
    "experiments",
    "explore_campaigns",
    "failure_history",
    "failure_patterns",
    "failures",
    "failures_against_usual",
    "final_verdicts",
    "finished_campaigns",
    "freshness",
    "groups_apart",
    "holdout_plan",
    "is_final",
    "learned",
    "links",
    "live_flow",
    "live_latency",
    "live_outcomes",
    "machine_clicks",
    "marketing_limit",
    "measured",
    "open_campaigns",
    "opt_out_pressure",
    "opt_out_rates",
    "opt_outs",
    "overlap",
    "parse_week",
    "plan_test",
    "pooled",
    "pressure",
    "pressure_cap",
    "priced_summary",
    "randomised",
    "rate_gap_by",
    "rate_of",
    "reach",
    "receipts",
    "recoverable",
    "register",
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
    "send_time_test",
    "send_time_tests",
    "sleepers",
    "slot_effects",
    "slots_to_try",
    "snapshot",
    "started_within",
    "still_written",
    "summary",
    "trial",
    "trial_costs",
    "waste",
    "week_verdicts",
    "weekly_figures",
    "weekly_trends",
    "what_works",
    "wilson",
]


def __dir__():
    """What is public; completion shows it, and not the modules."""
    return __all__


if not TYPE_CHECKING:  # which would let any name pass, as would editors
    __getattr__ = suggesting(__name__)
