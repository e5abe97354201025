"""Every public name of `reportlib.metrics` put as questions to a warehouse; a new metric must be added here.

QUESTIONS has by the metric's name what yields its answers; a metric may refuse, and has to on every engine.
"""

from collections.abc import Callable, Iterator
from functools import partial

from reportlib import metrics
from reportlib.errors import ReportError
from reportlib.metrics.conformance.subject import Asked, Subject
from reportlib.metrics.grouping import GROUPINGS
from reportlib.warehouse import Warehouse

# Not asked of a warehouse: what is the same on every engine by itself.
NO_QUESTIONS = {
    "COMPARED",
    "DEFINITIONS",
    "Learned",
    "LiveFigures",
    "LiveWatch",
    "RESPONSES",
    "Rate",
    "Week",
    "WeeklyFigures",
    "WhatWorks",
    "Design",
    "SendTimeTest",
    "send_time_test",
    "base_words",
    "definition",
    "parse_week",
    "pooled",
    "rate_of",
    "wilson",
}
ZONES = ("America/Sao_Paulo", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe")
PAIRS = (("campaign_id", "channel"), ("variant", "campaign_id"))
BELOW_CAMPAIGNS = ("channel", "provider", "country", "carrier", "segment")
METRICS = ("clicked", "replied", "opened", "failed")
HOUR_MS = 3_600_000


def answers(warehouse: Warehouse, subject: Subject, name: str) -> list:
    """What a metric answers to its questions; a refusal is an answer, and the last one."""
    found: list = []
    try:
        found += QUESTIONS[name](Asked(warehouse, subject))
    except ReportError as refusal:
        found.append(refusal)
    return found


def _of_scopes(name, asked):
    yield from (asked(name, scope) for scope in asked.subject.scopes)


def _of_each(name, asked):
    yield from (asked(name, campaign) for campaign in asked.subject.campaigns[:4])


def _of_warehouse(name, asked):
    yield asked(name)


def _grouped(name, asked):
    yield from (asked(name, scope, ("channel", "segment")) for scope in (None, []))


def _breakdown(asked):
    yield from (asked("breakdown", None, by) for by in ((), *GROUPINGS[::2], asked.subject.attributes[-1], *PAIRS))
    ids, moment = asked.subject.campaigns, asked.subject.opened_ms - 4 * HOUR_MS
    yield asked("breakdown", ids, ("campaign_id", "channel"), until=dict.fromkeys(ids, moment))


def _breakdowns(asked):
    by = (*BELOW_CAMPAIGNS, *asked.subject.attributes)
    yield from (asked("breakdowns", scope, by) for scope in (None, []))


def _apart(asked):
    yield from map(metrics.groups_apart, _breakdowns(asked))


def _by_clock(asked):
    for zone in (None, "recipient", "Europe/Berlin", "Australia/Lord_Howe", "Mars/Olympus"):
        yield asked("activity", None, zone)
    yield asked("activity", asked.subject.campaigns[:1], None, "email")


def _timeline(asked):
    yield from (asked("delivery_timeline", scope) for scope in (None, []))
    yield from (asked("delivery_timeline", None, zone) for zone in ZONES)


def _slots(asked):
    yield asked("send_slots", None, "clicked", 24)
    yield asked("send_slots", None, "replied", 24, "recipient")
    yield asked("send_slots", asked.subject.campaigns[:1], "opened_human", 1, None, "email")


def _latency(asked):
    yield from (asked("response_latency", scope) for scope in (None, []))
    yield asked("response_latency", None, "opened", "whatsapp")


def _patterns(asked):
    yield asked("failure_patterns", None, ("carrier", "template_id", "segment", asked.subject.attributes[0], "hour"))
    yield asked("failure_patterns", [])


def _of_accounts(name, asked):
    yield from (asked(name, account) for account in (*asked.subject.accounts, None, "nobody"))


def _audience_groups(asked):
    by = ("country", "segment", *asked.subject.attributes)
    yield from (asked("audience_groups", account, by, 1) for account in asked.subject.accounts)
    yield asked("audience_groups", asked.subject.accounts[0], "channel")


def _against_usual(asked):
    found = (metrics.deliverability(asked.warehouse, one, 1) for one in asked.subject.accounts)
    yield from map(metrics.failures_against_usual, found)


def _pressure_caps(asked):
    yield from (metrics.pressure_cap(metrics.pressure(asked.warehouse, one)) for one in asked.subject.accounts)


def _summary(asked):
    yield from (asked("summary", scope) for scope in (None, []))


def _costs(asked):
    yield from (asked("costs", scope, ("campaign_id", "channel")) for scope in asked.subject.scopes)
    yield asked("costs", None, ("provider", "category", "country"))


def _links(asked):
    yield from (asked("links", scope) for scope in (None, []))
    yield asked("links", None, ["id", "page"])


def _started_within(asked):
    yield from (asked("started_within", None, weeks) for weeks in (None, 1, 52))


def _comparable(asked):
    compared, _ = asked.compared()
    ids = compared["campaign_id"].tolist()
    yield compared
    yield asked("comparable", ids, ids[-1], 3.0)


def _by_age(asked):
    compared, _ = asked.compared()
    yield from (asked("response_by_age", compared, metric) for metric in METRICS)


def _gaps(asked):
    compared, _ = asked.compared()
    one, other = compared["campaign_id"].tolist()[:2]
    for by in ("channel", "country", asked.subject.attributes[0], "segment"):
        yield asked("rate_gap_by", compared, other, one, "clicked", by)


def _campaigns_by_week(asked):
    yield from (asked("campaigns_by_week", account, asked.subject.week, 4) for account in asked.subject.accounts)


def _ripe(asked):
    yield asked("ripe_experiments", asked.chosen(), asked.subject.week)


def _final_verdicts(asked):
    yield asked("final_verdicts", asked.subject.accounts[0], asked.subject.week)


def _weekly(asked):
    yield asked("weekly_figures", asked.subject.accounts[0], str(asked.subject.week), 26)


def _what_works(asked):
    yield asked("what_works", asked.subject.accounts[0], 26, 2)


def _learned(asked):
    found = asked("register", asked.subject.accounts[0])
    yield found if isinstance(found, Exception) else metrics.learned(found)


def _of_compared(make, asked):
    yield make(*asked.compared())


def _of_week(make, asked):
    yield make(asked)


def _restated(name, asked):
    now, before = metrics.snapshot(asked.warehouse, asked.chosen()), metrics.snapshot(asked.warehouse, asked.chosen(1))
    yield getattr(metrics, name)(now, now.assign(clicked=now["clicked"] + 1))
    yield getattr(metrics, name)(now, before)


def _of_slots(name, asked):
    effects = metrics.slot_effects(metrics.send_slots(asked.warehouse))
    yield effects if name == "slot_effects" else metrics.slots_to_try(effects)


def _trials(asked):
    known = metrics.experiments(asked.warehouse)["experiment_id"].tolist()[:2]
    yield from (asked("trial", one) for one in (*known, "nobody's"))


def _of_trials(make, asked):
    known = [one for one in _trials(asked) if not isinstance(one, ReportError)]
    yield from (make(asked.warehouse, one) for one in (None, *known))


def _effect_table(warehouse, one):
    return metrics.effect_table(metrics.effects(warehouse, one))


def _holdout_plan(warehouse, one):
    return metrics.holdout_plan(metrics.effects(warehouse, one), 1_000)


QUESTIONS: dict[str, Callable[[Asked], Iterator]] = {
    "accounts": partial(_of_warehouse, "accounts"),
    "activity": _by_clock,
    "attributes": partial(_of_scopes, "attributes"),
    "attention": partial(_of_accounts, "attention"),
    "attribution": partial(_of_scopes, "attribution"),
    "audience_groups": _audience_groups,
    "audience_list": partial(_of_accounts, "audience_list"),
    "audience_overlap": partial(_of_accounts, "audience_overlap"),
    "audience_survival": partial(_of_accounts, "audience_survival"),
    "benchmarks": partial(_of_week, lambda asked: metrics.benchmarks(asked.history(), asked.subject.week)),
    "breakdown": _breakdown,
    "breakdowns": _breakdowns,
    "campaign_history": partial(_of_week, Asked.history),
    "campaign_verdicts": partial(_of_each, "campaign_verdicts"),
    "campaigns": partial(_of_warehouse, "campaigns"),
    "campaigns_by_week": _campaigns_by_week,
    "channels": partial(_of_warehouse, "channels"),
    "comparability": partial(_of_compared, lambda *both: metrics.comparability(metrics.differences(*both), both[1])),
    "comparable": _comparable,
    "compare_campaigns": partial(_of_compared, metrics.compare_campaigns),
    "complaints_by_mailbox": partial(_of_scopes, "complaints_by_mailbox"),
    "costs": _costs,
    "data_as_of": partial(_of_warehouse, "data_as_of"),
    "data_problems": partial(_of_scopes, "data_problems"),
    "deliverability": partial(_of_accounts, "deliverability"),
    "delivery": partial(_grouped, "delivery"),
    "design": partial(_of_compared, lambda _, design: design),
    "delivery_timeline": _timeline,
    "differences": partial(_of_compared, metrics.differences),
    "effect_table": partial(_of_trials, _effect_table),
    "effects": partial(_of_trials, metrics.effects),
    "effects_by_month": partial(_of_trials, metrics.effects_by_month),
    "engagement": partial(_grouped, "engagement"),
    "experiments": partial(_of_warehouse, "experiments"),
    "explore_campaigns": partial(_of_compared, metrics.explore_campaigns),
    "failure_history": partial(_of_each, "failure_history"),
    "failure_patterns": _patterns,
    "failures": partial(_grouped, "failures"),
    "failures_against_usual": _against_usual,
    "final_verdicts": _final_verdicts,
    "finished_campaigns": partial(_of_warehouse, "finished_campaigns"),
    "freshness": partial(_of_scopes, "freshness"),
    "groups_apart": _apart,
    "holdout_plan": partial(_of_trials, _holdout_plan),
    "is_final": partial(_of_compared, lambda compared, _: metrics.is_final(compared)),
    "learned": _learned,
    "links": _links,
    "live_flow": partial(_of_each, "live_flow"),
    "live_latency": partial(_of_each, "live_latency"),
    "live_outcomes": partial(_of_each, "live_outcomes"),
    "marketing_limit": partial(_of_scopes, "marketing_limit"),
    "machine_clicks": partial(_of_scopes, "machine_clicks"),
    "measured": partial(_of_scopes, "measured"),
    "open_campaigns": partial(_of_accounts, "open_campaigns"),
    "opt_out_rates": partial(_of_each, "opt_out_rates"),
    "opt_outs": partial(_of_scopes, "opt_outs"),
    "overlap": partial(_of_compared, lambda _, design: design.shared),
    "plan_test": partial(_of_accounts, "plan_test"),
    "pressure": partial(_of_accounts, "pressure"),
    "pressure_cap": _pressure_caps,
    "priced_summary": partial(_of_scopes, "priced_summary"),
    "randomised": partial(_of_compared, lambda compared, _: metrics.randomised(compared)),
    "rate_gap_by": _gaps,
    "reach": partial(_of_accounts, "reach"),
    "receipts": partial(_of_scopes, "receipts"),
    "recoverable": partial(_of_scopes, "recoverable"),
    "register": partial(_of_accounts, "register"),
    "response_by_age": _by_age,
    "response_latency": _latency,
    "response_times": partial(
        _of_week, lambda asked: metrics.response_times(metrics.response_latency(asked.warehouse))
    ),
    "restated_totals": partial(_restated, "restated_totals"),
    "restatements": partial(_restated, "restatements"),
    "ripe_experiments": _ripe,
    "rows_read": partial(_of_scopes, "rows_read"),
    "select_account": partial(_of_accounts, "select_account"),
    "select_campaigns": partial(_of_scopes, "select_campaigns"),
    "send_slots": _slots,
    "sleepers": partial(_of_accounts, "sleepers"),
    "send_time_tests": partial(_of_warehouse, "send_time_tests"),
    "slot_effects": partial(_of_slots, "slot_effects"),
    "slots_to_try": partial(_of_slots, "slots_to_try"),
    "snapshot": partial(_of_week, lambda asked: metrics.snapshot(asked.warehouse, asked.chosen())),
    "started_within": _started_within,
    "still_written": partial(_of_accounts, "still_written"),
    "summary": _summary,
    "trial": _trials,
    "trial_costs": partial(_of_trials, metrics.trial_costs),
    "waste": partial(_of_scopes, "waste"),
    "week_verdicts": partial(_of_week, lambda asked: metrics.week_verdicts(asked.history(), asked.subject.week)),
    "weekly_figures": _weekly,
    "weekly_trends": partial(_of_week, lambda asked: metrics.weekly_trends(asked.history(), asked.subject.week, 26)),
    "what_works": _what_works,
}
