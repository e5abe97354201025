"""The alarms of a monitor, and how a campaign stands, in sentences."""

import math

import pandas as pd

from reportlib.definitions import CHANNEL_NAMES
from reportlib.metrics import Rate
from reportlib.metrics.live.alarms import Alarm
from reportlib.metrics.live.watch import LiveFigures
from reportlib.presentation.look import numbers
from reportlib.presentation.look.cards import NO_RECEIPT_YET
from reportlib.presentation.look.finding import Finding
from reportlib.presentation.look.first_screen import Action
from reportlib.presentation.review.findings import verdict

NAMES = {
    "failure rate": "Failures above 5\u202f%",
    "failure code": "Unusual failure",
    "stalled": "Deliveries stalled",
    "pending": "Pending does not fall",
}
_LEVELS = {"failure rate": "bad", "failure code": "bad", "stalled": "bad", "pending": "warning"}
_STATUS_WORDS = {"sending": "sending", "sent": "all handed over, outcomes still come in", "completed": "completed"}


def alarms(figures: LiveFigures, zone: str) -> list[Finding]:
    """Each alarm: what, of how many, since when, what to do."""
    return [_alarm(alarm, zone, figures.looked_ms) for alarm in figures.alarms]


def standing(figures: LiveFigures) -> Finding | None:
    """That a campaign is over, or has nothing left to wait for; None while it goes on."""
    row = figures.ledger.iloc[0]
    if figures.completed:
        reached = verdict(figures.ledger, "completed")
        advice = "The campaign has completed: these are its final figures; its review says more."
        return Finding("completed", reached.level, reached.text, advice)
    if row["sent"] and not row["pending"] and not row["not_sent"]:
        return Finding("settled", "good", "Every message has its outcome; the campaign is not marked completed yet.")
    return None


def first(figures: LiveFigures, zone: str) -> Finding:
    """What a look says before all else: the first alarm, how a campaign stands that is over, else how it goes."""
    return next(iter(alarms(figures, zone)), None) or standing(figures) or verdict(figures.ledger, "sending")


def to_do(figures: LiveFigures, zone: str) -> list[Action]:
    """The alarms as things to do; what the first of them is stands above, as `first` says it."""
    found = alarms(figures, zone)
    return [Action(one.advice or one.text, one.text if one.advice and one is not found[0] else "") for one in found]


def status_words(figures: LiveFigures) -> str:
    """What a campaign is doing, in a word or a few."""
    return _STATUS_WORDS[figures.about["status"]]


def clock(ms: int, zone: str, now_ms: int | None = None) -> str:
    """A moment as "14:03:05" in the zone, with its day where that is not today's."""
    moment = pd.Timestamp(ms, unit="ms", tz="UTC").tz_convert(zone)
    if now_ms and pd.Timestamp(now_ms, unit="ms", tz="UTC").tz_convert(zone).date() != moment.date():
        return f"{numbers.short_date(moment)}, {numbers.clock(moment)}"
    return f"{moment:%H:%M:%S}"


def seconds(number: float) -> str:
    """ "8 s", "4 min", "2 h 5 min": a time that passed."""
    return f"{max(0, round(number))} s" if number < 120 else numbers.duration(number / 60)


def finish(figures: LiveFigures, zone: str) -> tuple[str, str, str]:
    """When all will be handed over: the time, how long that is, and its range; "–" when nothing moves."""
    pace, row = figures.pace, figures.ledger.iloc[0]
    if not row["not_sent"]:
        return (
            "done",
            "everything is handed over",
            (f"{numbers.count(row['pending'])} still pending" if row["delivery_measured"] else NO_RECEIPT_YET),
        )
    if pace.minutes_left is None or pace.soonest is None or pace.latest is None:
        nothing = f"nothing was handed over in the last {seconds(pace.seconds)}"
        return numbers.NOTHING, nothing, f"{numbers.count(pace.remaining)} to go"
    at = clock(figures.looked_ms + round(60_000 * pace.minutes_left), zone, figures.looked_ms)
    latest = "not foreseeable" if math.isinf(pace.latest) else seconds(60 * pace.latest)
    between = f"{seconds(60 * pace.soonest)} to {latest}"
    return (
        at.rpartition(":")[0] or at,
        f"in {seconds(60 * pace.minutes_left)} ({between})",
        (f"{numbers.count(pace.remaining)} to go at {numbers.count(round(pace.per_minute['sent']))} a minute"),
    )


def _alarm(alarm: Alarm, zone, now_ms) -> Finding:
    since = clock(alarm.since_ms, zone, now_ms)
    text, advice = _TOLD[alarm.kind](alarm)
    return Finding(alarm.kind, _LEVELS[alarm.kind], f"{NAMES[alarm.kind]}, since {since}: {text}", advice)


def _failure_rate(alarm):
    rate = Rate(alarm.count, alarm.base, "messages with an outcome since then")
    return f"{numbers.rate(rate)} failed.", (
        "Look at the codes below: pause the campaign if they are fixable (template, registration, credit, content)."
    )


def _failure_code(alarm):
    rate, before = Rate(alarm.count, alarm.base, "with an outcome"), alarm.before
    most = Rate(before.failed, before.settled, "")
    which = f"each of {before.campaigns} earlier campaigns had at most"
    if before.worse:
        which = f"of {before.campaigns} earlier campaigns all but {before.worse} had at most"
    code = "without a code" if alarm.code is None or pd.isna(alarm.code) else f"code {alarm.code}"
    return (
        f"{alarm.title} ({code}, {CHANNEL_NAMES[alarm.channel]}) hit {numbers.rate(rate)}; "
        f"{which} {numbers.percent(most.estimate)} of {numbers.count(most.base)}."
    ), alarm.advice


def _stalled(alarm):
    return (
        f"no outcome comes in any more, where {numbers.count(round(alarm.usual))} a minute did; "
        f"{numbers.plural(alarm.base, 'message waits', 'messages wait')}."
    ), "Ask whether the provider is down, or whether the import of its callbacks has stopped."


def _pending(alarm):
    if math.isnan(alarm.usual):
        return (
            f"nothing is handed over any more, and of {numbers.count(alarm.base)} pending "
            f"{numbers.count(alarm.count)} had an outcome."
        ), "Ask the provider what keeps them; do not send again before that, or people get it twice."
    recent = Rate(alarm.count, alarm.base, "handed over in the minutes after")
    return (
        f"{numbers.rate(recent)} have an outcome within {seconds(alarm.seconds)}, of those before "
        f"{numbers.percent(alarm.usual)}; {numbers.count(alarm.waiting)} are pending."
    ), "Deliveries take longer than they did: ask the provider whether messages are throttled, and slow down sending."


_TOLD = {"failure rate": _failure_rate, "failure code": _failure_code, "stalled": _stalled, "pending": _pending}
