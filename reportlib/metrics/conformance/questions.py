"""Every public name of `reportlib.metrics` put as questions to a warehouse.

QUESTIONS has by the metric's name what yields its answers; a metric may refuse, and has to on every engine. A new one
of a warehouse and its campaigns, a campaign or an account is asked without an entry here.
"""

import inspect
from collections.abc import Callable, Iterator
from functools import partial

from reportlib import metrics
from reportlib.errors import ReportError
from reportlib.metrics.conformance.judged import JUDGED
from reportlib.metrics.conformance.subject import Asked, Subject
from reportlib.metrics.selection.grouping import GROUPINGS
from reportlib.warehouse import Warehouse

# Not asked of a warehouse: what is the same on every engine by itself.
NO_QUESTIONS = {name for name in metrics.__all__ if not inspect.isfunction(getattr(metrics, name))}
NO_QUESTIONS |= {"send_time_test", "base_words", "definition", "parse_week", "pooled", "rate_of", "wilson"}
ZONES = ("America/Sao_Paulo", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe")
PAIRS = (("campaign_id", "channel"), ("variant", "campaign_id"))
BELOW_CAMPAIGNS = ("channel", "provider", "country", "carrier", "segment")
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


def _audience_groups(name, asked):
    by = ("country", "segment", *asked.subject.attributes)
    yield from (asked(name, account, by, 1) for account in asked.subject.accounts)
    yield asked(name, asked.subject.accounts[0], "channel")


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


def _asked_alike(name):
    """What asks a metric that takes a warehouse and nothing else that it must be told, by its second parameter."""
    metric = getattr(metrics, name)
    parameters = list(inspect.signature(metric).parameters) if inspect.isfunction(metric) else []
    second = "".join(parameters[1:2])
    return partial(_ALIKE[second], name) if parameters[:1] == ["warehouse"] and second in _ALIKE else None


_ALIKE = {"": _of_warehouse, "campaigns": _of_scopes, "account": _of_accounts, "campaign": _of_each}
QUESTIONS: dict[str, Callable[[Asked], Iterator]] = {
    **{name: ask for name in metrics.__all__ if name not in NO_QUESTIONS and (ask := _asked_alike(name))},
    **JUDGED,
    "activity": _by_clock,
    **{name: partial(_audience_groups, name) for name in ("audience_groups", "audience_list_by_group")},
    "breakdown": _breakdown,
    "breakdowns": _breakdowns,
    "costs": _costs,
    "delivery": partial(_grouped, "delivery"),
    "delivery_timeline": _timeline,
    "engagement": partial(_grouped, "engagement"),
    "failure_patterns": _patterns,
    "failures": partial(_grouped, "failures"),
    "failures_against_usual": _against_usual,
    "groups_apart": _apart,
    "links": _links,
    "pressure_cap": _pressure_caps,
    "response_latency": _latency,
    "select_account": partial(_of_accounts, "select_account"),
    "select_campaigns": partial(_of_scopes, "select_campaigns"),
    "send_slots": _slots,
    "send_time_tests": partial(_of_warehouse, "send_time_tests"),
    "started_within": _started_within,
    "summary": _summary,
}
