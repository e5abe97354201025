"""What is computed: SQL in, tidy frames out. Counts, never rates alone.

What is imported here is public.
"""

import sys
import types

from reportlib import errors
from reportlib.definitions import (
    COMPARED as COMPARED,
    DEFINITIONS as DEFINITIONS,
    RESPONSES as RESPONSES,
    definition as definition,
)
from reportlib.metrics.audience.attention import (
    attention as attention,
    sleepers as sleepers,
    still_written as still_written,
)
from reportlib.metrics.audience.deliverability import (
    deliverability as deliverability,
    failures_against_usual as failures_against_usual,
)
from reportlib.metrics.audience.groups import (
    audience_groups as audience_groups,
    audience_list_by_group as audience_list_by_group,
)
from reportlib.metrics.audience.growth import audience_list as audience_list, audience_survival as audience_survival
from reportlib.metrics.audience.opt_out_pressure import opt_out_pressure as opt_out_pressure
from reportlib.metrics.audience.overlap import audience_overlap as audience_overlap
from reportlib.metrics.audience.pressure import pressure as pressure, pressure_cap as pressure_cap
from reportlib.metrics.audience.reach import reach as reach
from reportlib.metrics.comparison.age.equal_age import (
    comparable as comparable,
    is_final as is_final,
    overlap as overlap,
)
from reportlib.metrics.comparison.age.response_by_age import response_by_age as response_by_age
from reportlib.metrics.comparison.campaigns import (
    compare_campaigns as compare_campaigns,
    explore_campaigns as explore_campaigns,
)
from reportlib.metrics.comparison.design.comparability import comparability as comparability, differences as differences
from reportlib.metrics.comparison.design.design import Design as Design, design as design, randomised as randomised
from reportlib.metrics.comparison.mix.rate_gap import rate_gap_by as rate_gap_by
from reportlib.metrics.costs.costs import costs as costs
from reportlib.metrics.costs.summary import priced_summary as priced_summary
from reportlib.metrics.costs.waste import marketing_limit as marketing_limit, waste as waste
from reportlib.metrics.failures.by_reason import failures as failures
from reportlib.metrics.failures.patterns import failure_patterns as failure_patterns
from reportlib.metrics.failures.recoverable import recoverable as recoverable
from reportlib.metrics.impact.attribution import attribution as attribution
from reportlib.metrics.impact.by_month import effects_by_month as effects_by_month
from reportlib.metrics.impact.checks import trial as trial
from reportlib.metrics.impact.costs import trial_costs as trial_costs
from reportlib.metrics.impact.effect import effect_table as effect_table
from reportlib.metrics.impact.effects import effects as effects
from reportlib.metrics.impact.experiments import experiments as experiments
from reportlib.metrics.impact.planner import holdout_plan as holdout_plan
from reportlib.metrics.links.links import links as links
from reportlib.metrics.live.flow import live_flow as live_flow
from reportlib.metrics.live.history import failure_history as failure_history
from reportlib.metrics.live.latency import live_latency as live_latency
from reportlib.metrics.live.outcomes import live_outcomes as live_outcomes
from reportlib.metrics.live.watch import LiveFigures as LiveFigures, LiveWatch as LiveWatch
from reportlib.metrics.opt_outs.rates import (
    complaints_by_mailbox as complaints_by_mailbox,
    opt_out_rates as opt_out_rates,
)
from reportlib.metrics.opt_outs.reasons import opt_outs as opt_outs
from reportlib.metrics.people.activity import activity as activity
from reportlib.metrics.people.apart import groups_apart as groups_apart
from reportlib.metrics.people.breakdown import (
    breakdown as breakdown,
    breakdowns as breakdowns,
    delivery as delivery,
    engagement as engagement,
)
from reportlib.metrics.people.data_problems import data_as_of as data_as_of, data_problems as data_problems
from reportlib.metrics.people.freshness import freshness as freshness
from reportlib.metrics.people.machines.machine_clicks import machine_clicks as machine_clicks
from reportlib.metrics.people.measured import measured as measured
from reportlib.metrics.people.rates import base_words as base_words, pooled as pooled, rate_of as rate_of
from reportlib.metrics.people.receipts import receipts as receipts
from reportlib.metrics.people.summary import summary as summary
from reportlib.metrics.people.timeline import delivery_timeline as delivery_timeline
from reportlib.metrics.planning.people import plan_test as plan_test
from reportlib.metrics.planning.send_time import (
    SendTimeTest as SendTimeTest,
    send_time_test as send_time_test,
    send_time_tests as send_time_tests,
)
from reportlib.metrics.selection.accounts import accounts as accounts, select_account as select_account
from reportlib.metrics.selection.campaigns import (
    campaigns as campaigns,
    channels as channels,
    finished_campaigns as finished_campaigns,
    rows_read as rows_read,
    select_campaigns as select_campaigns,
    started_within as started_within,
)
from reportlib.metrics.selection.grouping import attributes as attributes
from reportlib.metrics.send_times.effects import slot_effects as slot_effects, slots_to_try as slots_to_try
from reportlib.metrics.send_times.latency import response_latency as response_latency, response_times as response_times
from reportlib.metrics.send_times.slots import send_slots as send_slots
from reportlib.metrics.statistics.rates import Rate as Rate, wilson as wilson
from reportlib.metrics.weekly.campaigns import campaigns_by_week as campaigns_by_week
from reportlib.metrics.weekly.figures import WeeklyFigures as WeeklyFigures, weekly_figures as weekly_figures
from reportlib.metrics.weekly.final_verdicts import final_verdicts as final_verdicts
from reportlib.metrics.weekly.history import campaign_history as campaign_history
from reportlib.metrics.weekly.iso_week import Week as Week, parse_week as parse_week
from reportlib.metrics.weekly.of_campaign import campaign_verdicts as campaign_verdicts
from reportlib.metrics.weekly.restatements import (
    restated_totals as restated_totals,
    restatements as restatements,
    snapshot as snapshot,
)
from reportlib.metrics.weekly.still_open import open_campaigns as open_campaigns, ripe_experiments as ripe_experiments
from reportlib.metrics.weekly.trends import weekly_trends as weekly_trends
from reportlib.metrics.weekly.verdicts import benchmarks as benchmarks, week_verdicts as week_verdicts
from reportlib.metrics.what_works.figures import WhatWorks as WhatWorks, what_works as what_works
from reportlib.metrics.what_works.learned import Learned as Learned, learned as learned
from reportlib.metrics.what_works.register import register as register

__all__ = sorted(name for name, found in vars().items() if name[0] != "_" and not isinstance(found, types.ModuleType))
errors.show_public(sys.modules[__name__])
