"""Questions of what is judged: comparisons, weeks, send times, experiments with people held out."""

from collections.abc import Callable, Iterator
from functools import partial

from reportlib import metrics
from reportlib.errors import ReportError
from reportlib.metrics.conformance.subject import Asked

METRICS = ("clicked", "replied", "opened", "failed")


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


JUDGED: dict[str, Callable[[Asked], Iterator]] = {
    "benchmarks": partial(_of_week, lambda asked: metrics.benchmarks(asked.history(), asked.subject.week)),
    "campaign_history": partial(_of_week, Asked.history),
    "campaigns_by_week": _campaigns_by_week,
    "comparability": partial(_of_compared, lambda *both: metrics.comparability(metrics.differences(*both), both[1])),
    "comparable": _comparable,
    "compare_campaigns": partial(_of_compared, metrics.compare_campaigns),
    "design": partial(_of_compared, lambda _, design: design),
    "differences": partial(_of_compared, metrics.differences),
    "effect_table": partial(_of_trials, _effect_table),
    "effects": partial(_of_trials, metrics.effects),
    "effects_by_month": partial(_of_trials, metrics.effects_by_month),
    "explore_campaigns": partial(_of_compared, metrics.explore_campaigns),
    "final_verdicts": _final_verdicts,
    "holdout_plan": partial(_of_trials, _holdout_plan),
    "is_final": partial(_of_compared, lambda compared, _: metrics.is_final(compared)),
    "learned": _learned,
    "overlap": partial(_of_compared, lambda _, design: design.shared),
    "randomised": partial(_of_compared, lambda compared, _: metrics.randomised(compared)),
    "rate_gap_by": _gaps,
    "response_by_age": _by_age,
    "response_times": partial(
        _of_week, lambda asked: metrics.response_times(metrics.response_latency(asked.warehouse))
    ),
    "restated_totals": partial(_restated, "restated_totals"),
    "restatements": partial(_restated, "restatements"),
    "ripe_experiments": _ripe,
    "slot_effects": partial(_of_slots, "slot_effects"),
    "slots_to_try": partial(_of_slots, "slots_to_try"),
    "snapshot": partial(_of_week, lambda asked: metrics.snapshot(asked.warehouse, asked.chosen())),
    "trial": _trials,
    "trial_costs": partial(_of_trials, metrics.trial_costs),
    "week_verdicts": partial(_of_week, lambda asked: metrics.week_verdicts(asked.history(), asked.subject.week)),
    "weekly_figures": _weekly,
    "weekly_trends": partial(_of_week, lambda asked: metrics.weekly_trends(asked.history(), asked.subject.week, 26)),
    "what_works": _what_works,
}
