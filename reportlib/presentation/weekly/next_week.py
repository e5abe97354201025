"""What to do next week: what is open, and what the week's figures ask for."""

from shlex import quote

import pandas as pd

from reportlib.definitions import CHANNEL_NAMES as WITHIN_A_SENTENCE
from reportlib.metrics import Rate, WeeklyFigures
from reportlib.metrics.weekly.against_history import LOWER
from reportlib.presentation.look import numbers
from reportlib.presentation.look.display import Display
from reportlib.presentation.look.finding import WORST_FIRST, Finding
from reportlib.presentation.look.first_screen import Action
from reportlib.presentation.look.folds import folded
from reportlib.presentation.look.table import notes
from reportlib.presentation.look.usual import LEVELS, UNUSUAL, figure_name
from reportlib.presentation.review.actions import about_failures, ask_provider

LONG_HOURS = 24  # a campaign that has been sending for longer is stuck, or very large
TOLD_ABOVE = ("fixable", "again", "unusual")  # topics
MOST_FAILURES = 3  # named; the reviews have them all
COMPARISON = "parameters/campaign_comparison/demo.yaml"


def next_week(weekly: WeeklyFigures) -> list[Finding]:
    """What is open, the most pressing first, each with advice."""
    found = [
        *_scheduled(weekly),
        *_fixable(weekly),
        *_unusual(weekly),
        *_sending(weekly),
        *_transient(weekly),
        *_no_final_word(weekly),
        *_ripe(weekly),
        *_final(weekly),
        *_ongoing(weekly),
        *_left(weekly),
    ]
    return sorted(found, key=lambda one: WORST_FIRST.index(one.level)) or [Finding("open", "good", "Nothing is open.")]


def shown(weekly: WeeklyFigures) -> Display:
    """What is open as a list; what the first screen's actions are made of is folded, campaign by campaign."""
    found = next_week(weekly)
    above = [one for one in found if one.topic in TOLD_ABOVE]
    told = notes([one for one in found if one not in above] or found)
    if not above or len(above) == len(found):
        return told
    detail = notes(above)
    words = f"In detail: {numbers.plural(len(above), 'point')} above"
    html = told.html + folded(words, detail.html, is_printed=True)
    return Display(html, f"{told.text}\n{detail.text}")


def actions(weekly: WeeklyFigures) -> list[Action]:
    """What to do first: what is stuck or overdue, then what the week's failures and unusual figures ask for."""
    stuck = [*_scheduled(weekly), *_sending(weekly)]
    stopped, waiting = ([Action(o.advice, o.text) for o in stuck if o.level == level] for level in ("bad", "warning"))
    found = stopped
    if len(weekly.campaigns):
        ids = weekly.failed["campaign_id"].drop_duplicates().tolist()
        found += about_failures(weekly.failed, None, weekly.recoverable, ids)
    found += [Action(f"See why {one.text.rstrip('.')}", one.advice) for one in _unusual(weekly) if one.level != "good"]
    ripe = [Action(f"Compare: {one.text.rstrip('.')}", "", "", one.advice.partition(": ")[2]) for one in _ripe(weekly)]
    silent = ask_provider(weekly.ledger.iloc[0]) if len(weekly.campaigns) else []
    return [*found, *waiting, *ripe, *silent]


def _scheduled(weekly):
    waiting = weekly.open_campaigns[weekly.open_campaigns["status"] == "scheduled"]
    for row in waiting.itertuples(index=False):
        people = "" if pd.isna(row.audience) else f" to {numbers.plural(row.audience, 'person', 'people')}"
        moment = numbers.moment(row.scheduled_at, weekly.zone)
        if pd.isna(row.scheduled_at):
            text = f"{row.label} is scheduled{people}, but nothing says for when."
            yield Finding("scheduled", "warning", text, "Give it a time, or cancel it.")
        elif row.scheduled_at > weekly.opened_at:
            yield Finding("scheduled", "note", f"Scheduled: {row.label}, {moment} ({weekly.zone}){people}.")
        elif row.scheduled_at <= weekly.data_as_of:
            text = f"{row.label} was to start {moment} ({weekly.zone}){people}, and has not."
            yield Finding("overdue", "bad", text, "See what holds it up; if it should not go out any more, cancel it.")
        else:
            text = f"{row.label} was to start {moment} ({weekly.zone}){people}; the data end before that."
            yield Finding("overdue", "warning", text, "Bring the data up to date.")


def _sending(weekly):
    for row in weekly.open_campaigns[weekly.open_campaigns["status"] == "sending"].itertuples(index=False):
        start = row.scheduled_at if pd.isna(row.started_at) else row.started_at
        late = not pd.isna(start) and weekly.data_as_of - start > pd.Timedelta(hours=LONG_HOURS)
        of = numbers.plural(row.audience, "person", "people")
        text = (
            f"{row.label} is still sending, since {numbers.moment(start, weekly.zone)}: of {of} "
            f"{numbers.count(row.not_sent)} are not sent to and {numbers.count(row.pending)} have no outcome yet."
        )
        if late:
            yield Finding("sending", "warning", text, "That is more than a day: see whether it is stuck.")
        else:
            yield Finding("sending", "note", text, "Reviewed in the week in which it finishes.")


def _fixable(weekly):
    fixable = weekly.failed[weekly.failed["permanence"] == "fixable"]
    names = _names(weekly)
    for row in fixable.head(MOST_FAILURES).itertuples(index=False):
        code = "" if pd.isna(row.code) else f" ({row.code})"
        text = (
            f"{names[row.campaign_id]}: {numbers.plural(row.failed, 'person', 'people')} failed on "
            f"{WITHIN_A_SENTENCE[row.channel]} for a reason you can change: {row.title}{code}."
        )
        yield Finding("fixable", "warning", text, row.advice)


def _transient(weekly):
    transient = weekly.failed[weekly.failed["permanence"] == "transient"]
    people = transient.groupby("campaign_id", sort=False)["failed"].sum()
    if len(people):
        options = " ".join(f"--campaign {quote(str(campaign))}" for campaign in people.index)
        text = f"{numbers.plural(people.sum(), 'person', 'people')} failed for reasons that may pass."
        command = f"reportlib export detailed {options} --retryable --to again.csv"
        yield Finding("again", "note", text, f"Whom to send to again: {command}")


def _unusual(weekly):
    names, by_person = _names(weekly), weekly.history.groupby("campaign_id")["by_person"].all()
    for row in weekly.verdicts[weekly.verdicts["verdict"].isin(UNUSUAL)].itertuples(index=False):
        level = LEVELS[row.metric][row.verdict == LOWER]
        what = f"{names[row.campaign_id]}: {figure_name(row)} is {row.verdict}."
        if level in ("bad", "warning"):
            where = "Its review shows where: in which groups, by which failures, when."
            yield Finding("unusual", level, what, where if by_person[row.campaign_id] else "")
        else:
            yield Finding("unusual", level, what, "See what was done differently, and do it again.")


def _no_final_word(weekly):
    late = weekly.problems.loc[weekly.problems["problem"] == "no outcome after 72 hours", "count"]
    for number in late:
        text = f"{numbers.plural(number, 'message')} of the week's campaigns had no outcome after 72 hours."
        yield Finding("pending", "note", text, "Ask the provider whether callbacks got lost.")


def _ripe(weekly):
    for experiment, arms in weekly.ripe_experiments.groupby("experiment_id", sort=False):
        options = " ".join(f"--campaign {quote(str(campaign))}" for campaign in arms["campaign_id"])
        text = f"The experiment {experiment} is over: {', '.join(arms['label'])}."
        yield Finding("experiment", "note", text, f"Compare them: reportlib run {COMPARISON} {options}")


def _ongoing(weekly):
    for row in weekly.ongoing.itertuples(index=False):
        sent = numbers.plural(row.sent, "message")
        delivered = Rate(row.delivered, row.sent, "sent")
        became = f"{numbers.rate(delivered)} delivered" if row.delivery_measured else f"deliveries {numbers.UNMEASURED}"
        failed = f"{numbers.percent(Rate(row.failed, row.sent, 'sent').estimate)} failed"
        failed = failed if row.failed_measured else f"failures {numbers.UNMEASURED}"
        text = f"Always on: {row.label}, {sent} in week {weekly.week.number}"
        yield Finding("ongoing", "note", f"{text}; {became}, {failed}." if row.sent else f"{text}.")


def _final(weekly):
    for row in weekly.final_verdicts.itertuples(index=False):
        changed = (
            f" In the week in which it finished it was {row.earlier_word}." if row.earlier_word != row.word else ""
        )
        yield Finding("experiment", "note", f"The experiment {row.experiment_id} is final. {row.sentence}{changed}")


def _names(weekly):
    return dict(zip(weekly.campaigns["campaign_id"], weekly.campaigns["label"], strict=True))


def _left(weekly):
    if weekly.left_account:
        people = numbers.plural(weekly.left_account, "person", "people")
        text = f"In week {weekly.week.number} {people} left the account by no campaign's link: no campaign counts them."
        yield Finding("left", "note", text)
