"""What the frames say, in sentences with their uncertainty."""

from shlex import quote

import pandas as pd

from reportlib.metrics import Rate, definition
from reportlib.presentation.look import numbers
from reportlib.presentation.look.finding import CHANNEL_NAMES, Finding, delivered_verdict, failed_verdict


def review(ledger: pd.DataFrame, by_channel: pd.DataFrame, failed: pd.DataFrame, status: str) -> list[Finding]:
    """The headline of one campaign, from `delivery`, `breakdown(by="channel")`, `failures` and its status."""
    return [*delivery(ledger, status), *engagement(by_channel), *failures(failed)]


def delivery(ledger: pd.DataFrame, status: str) -> list[Finding]:
    """How many were reached, against the thresholds; of a campaign still sending only what is settled is judged."""
    row = ledger.iloc[0]
    if row["audience"] == 0:
        return [Finding("delivery", "warning", "This campaign has no audience: no contact was ever given a message.")]
    if row["sent"] == 0:
        return [
            Finding("delivery", "warning", f"Nothing was sent yet to the {_people(row['audience'])} of the audience.")
        ]
    if status == "sending":
        return [_settled(row)]
    reached = Rate(row["delivered"], row["audience"], "audience")
    verdict = delivered_verdict(reached)
    if row["delivered"] == 0:
        return [Finding("delivery", "bad", f"Nobody was reached: none of {_people(row['audience'])} has the message.")]
    found = [
        Finding(
            "delivery",
            verdict.level,
            f"{_people(row['delivered'])} of {numbers.count(row['audience'])} were reached: "
            f"{_percent(reached)} of the audience; {verdict.words}.",
        )
    ]
    lost = Rate(row["failed"], row["audience"], "audience")
    if failed_verdict(lost).level == "bad":
        found.append(
            Finding(
                "failed",
                "bad",
                f"{_percent(lost)} of the audience failed; {failed_verdict(lost).words}.",
                "See “What failed, and what to do”.",
            )
        )
    if row["not_sent"]:
        left_out = Rate(row["not_sent"], row["audience"], "audience")
        said = f"{_people(row['not_sent'])}, {_percent(left_out)} of the audience, were not sent anything"
        found.append(Finding("not sent", "note", f"{said}: suppressed, or still queued."))
    if row["pending"]:
        waiting = Rate(row["pending"], row["audience"], "audience")
        found.append(Finding("pending", "note", f"{_percent(waiting)} of the audience have no final word yet."))
    return found


def engagement(by_channel: pd.DataFrame) -> list[Finding]:
    """What people did, a sentence per channel, with what the channel cannot tell."""
    return [
        Finding("engagement", "note", f"{CHANNEL_NAMES[row['channel']]}: {_did(row)}.")
        for _, row in by_channel.iterrows()
        if row["delivered"] > 0
    ]


def failures(failed: pd.DataFrame) -> list[Finding]:
    """What to do about the failures, by whether sending again can help."""
    total = failed["failed"].sum()
    if not total:
        return []
    advice = {
        "permanent": "do not send to them again on this channel",
        "transient": "a later attempt may pass",
        "fixable": "change what the provider objects to, then send again",
        "unknown": "the code does not say whether sending again helps",
    }
    shares = failed.groupby("permanence")["failed"].sum().sort_values(ascending=False)
    parts = [f"{numbers.count(n)} {kind} ({advice[kind]})" for kind, n in shares.items()]
    first = failed.iloc[0]
    most = Rate(first["failed"], total, "failed")
    return [
        Finding(
            "failures",
            "note",
            f"Of {numbers.plural(total, 'failure')}, {'; '.join(parts)}. The most frequent: {first['title']}, "
            f"{_percent(most)} of failed.",
            first["advice"],
        )
    ]


def failure_patterns(patterns: pd.DataFrame, top: int = 2) -> list[Finding]:
    """For the failures that hit most people beyond the others' rate, the group they are surest to be concentrated in.

    From `metrics.failure_patterns`; one failure often shows in several groups, since a carrier is in one country.
    """
    surest = patterns[patterns["concentrated"]].sort_values("low", ascending=False, kind="stable")
    once = surest.drop_duplicates(["channel", "provider", "code"]).sort_values("excess", ascending=False, kind="stable")
    return [
        Finding(
            "failure pattern",
            "warning",
            f"{row.title} is concentrated in {row.dimension.replace('_', ' ').removesuffix(' id')} {row.group}: "
            f"{_percent(Rate(row.failed, row.sent, 'sent'))} of {numbers.count(row.sent)} sent there, "
            f"{numbers.percent(row.rest_failed / row.rest_sent)} of the {numbers.count(row.rest_sent)} others.",
            row.advice,
        )
        for row in once.head(top).itertuples(index=False)
    ]


def next_steps(failed: pd.DataFrame, recoverable: pd.DataFrame, campaign_id) -> list[Finding]:
    """What can be had back, and the lists to do it with, from `failures` and `metrics.recoverable` of one campaign."""
    found = [_recoverable(row) for row in recoverable.itertuples(index=False)]
    people = failed.groupby("permanence")["failed"].sum()
    for permanence, what in (("transient", "to send to again"), ("permanent", "to take off the list")):
        if permanence in people:
            option = "--retryable" if permanence == "transient" else "--permanent"
            command = f"reportlib export detailed --campaign {quote(str(campaign_id))} {option} --to people.csv"
            text = f"The {_people(people[permanence])} {what}, one per row: {command}"
            found.append(Finding("next steps", "note", text))
    return found


def _recoverable(row) -> Finding:
    who = f"{CHANNEL_NAMES[row.channel]}: {_people(row.failed)} failed for reasons that"
    if row.permanence == "transient":
        who, evidence = f"{who} may pass", "after such a failure the next message reached"
    else:
        who, evidence = f"{who} you can change", "of the others with a final word the campaign reached"
    if pd.isna(row.expected):
        known = numbers.plural(row.tried, "case")
        return Finding("recoverable", "note", f"{who}; how many could be reached now is not known, from {known}.")
    about, low, high = (numbers.count(round(people)) for people in (row.expected, row.low, row.high))
    rate = _percent(Rate(row.reached, row.tried, "tried"))
    text = f"{who}: sent again, about {about} of them ({low} to {high}) would be reached; {evidence} {rate} of "
    return Finding("recoverable", "note", f"{text}{numbers.count(row.tried)}.")


def _settled(row) -> Finding:
    settled = Rate(row["delivered"], row["delivered"] + row["failed"], "settled")
    out = f"Still sending: {numbers.count(row['sent'])} of {_people(row['audience'])} are out"
    if not settled.base:
        return Finding("delivery", "note", f"{out}, none of them settled yet.")
    return Finding("delivery", "note", f"{out}; of those settled, {_percent(settled)} were delivered.")


def _did(row) -> str:
    parts = []
    if definition("opened").rate_allowed([row["channel"]]):
        at_least = "at least " if row["channel"] == "whatsapp" else ""
        opened = Rate(row["opened"], row["delivered"], "delivered")
        human = Rate(row["opened_human"], row["delivered"], "delivered")
        word = "read" if row["channel"] == "whatsapp" else "opened"
        parts.append(f"{at_least}{_percent(opened)} of {numbers.count(row['delivered'])} delivered {word}")
        if row["opened_human"] != row["opened"]:
            parts[-1] += f" (without machine opens {_percent(human)})"
    clicked = Rate(row["clicked"], row["delivered"], "delivered")
    base = "" if parts else f" of {numbers.count(row['delivered'])} delivered"
    parts.append(f"{_percent(clicked)}{base} clicked" if row["clicked"] else f"nobody{base} clicked")
    if not pd.isna(row["replied"]):
        replied = Rate(row["replied"], row["delivered"], "delivered")
        parts.append(f"{_percent(replied)} replied" if row["replied"] else "nobody replied")
    return ", ".join(parts)


def _percent(rate: Rate) -> str:
    return f"{numbers.percent(rate.estimate)} ({numbers.interval(rate.low, rate.high)})"


def _people(number) -> str:
    return numbers.plural(number, "person", "people")
