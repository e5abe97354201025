"""What a campaign's frames say: its first screen, in plain sentences."""

import pandas as pd

from reportlib.definitions import CHANNEL_NAMES as WITHIN_A_SENTENCE
from reportlib.metrics import Rate
from reportlib.presentation.look import numbers
from reportlib.presentation.look.brand.brand import brand
from reportlib.presentation.look.cards import NO_FAILURE_YET, NO_RECEIPT_YET
from reportlib.presentation.look.finding import (
    AT_LEAST,
    Finding,
    delivered_verdict,
    failed_verdict,
    reached_verdict,
    worst,
)
from reportlib.presentation.look.first_screen import FirstScreen
from reportlib.presentation.review.actions import actions, won_back
from reportlib.presentation.review.caveats import believe
from reportlib.presentation.review.first_cards import first_cards, with_outcome

JUST_BELOW = 0.01  # of the goal


def first_screen(
    about: pd.Series,
    ledger: pd.DataFrame,
    by_channel: pd.DataFrame,
    failed: pd.DataFrame,
    patterns: pd.DataFrame,
    back: pd.DataFrame,
    usual: pd.DataFrame,
    receipts: pd.DataFrame,
) -> FirstScreen:
    """One campaign's first screen, from its row, `delivery`, `breakdown(by="channel")`, `failures`, `failure_patterns`,
    `recoverable`, `campaign_verdicts` and `receipts`."""
    said, status = verdict(ledger, about["status"], receipts), about["status"]
    cause = " ".join([*_cause(ledger, failed, patterns), *_with_won_back(ledger, back, status)])
    return FirstScreen(
        Finding(said.topic, said.level, said.text, " ".join(filter(None, (said.advice, cause)))),
        first_cards(ledger, by_channel, back, usual, status, receipts),
        actions(about, ledger, failed, patterns, back),
        believe(ledger, by_channel, status, receipts),
    )


def verdict(ledger: pd.DataFrame, status: str, receipts: pd.DataFrame | None = None) -> Finding:
    """How many were reached, against the goal, as bad as the worst that holds; while sending nothing is judged, and
    where `receipts` are missing only the failures are."""
    row = ledger.iloc[0]
    if row["audience"] == 0:
        return Finding("delivery", "warning", "This campaign has no audience: no contact was ever given a message.")
    if row["sent"] == 0:
        return Finding(
            "delivery", "warning", f"Nothing was sent yet to the {_people(row['audience'])} of the audience."
        )
    if status == "sending":
        return _settled(row)
    if row["failed"] == row["sent"] or (row["delivery_measured"] and not row["delivered"]):
        return Finding("delivery", "bad", f"Nobody was reached: none of {_people(row['audience'])} has the message.")
    found = _of_audience(row, receipts is not None and receipts["missing"].any())
    if status != "cancelled":
        return found
    after = f"Cancelled after {numbers.count(row['sent'])} of {_people(row['audience'])} were sent to."
    return Finding("delivery", worst([found.level, "warning"]), f"{after} {found.text}")


def _of_audience(row, receipts_are_missing):
    lost, channels = Rate(int(row["failed"]), int(row["audience"]), "audience"), row["channels"]
    of_failures = worst(
        ["note", *[level for level in [failed_verdict(lost, channels).level] if level in ("bad", "warning")]]
    )
    if not row["delivery_measured"]:
        left = _people(row["sent"] - row["failed"])
        who = "were sent to and did not fail" if row["failed_measured"] else "were sent to"
        text = f"Not measured: whether the {left} who {who} have the message."
        why = "No receipts came in for all of them." if row["by_person"] else "The totals do not say."
        return Finding("delivery", of_failures, f"{text} {why}")
    reached = Rate(int(row["delivered"]), int(row["audience"]), "audience")
    judged = reached_verdict(reached, receipts_are_missing, channels)
    level = worst(one.level for one in (judged, failed_verdict(lost, channels)))
    estimate = numbers.percent(reached.estimate, brand().goals(channels).delivered)
    if judged is AT_LEAST:
        text = f"Reached at least {estimate} of {_people(row['audience'])}: receipts are missing, lost or late."
        return Finding("delivery", worst([of_failures, "warning"]), text)
    text = f"Reached {estimate} of {_people(row['audience'])}, {against_goal(reached, channels)}."
    return Finding("delivery", level, text)


def against_goal(reached: Rate, channels: str = "") -> str:
    """ "just below the 95 % goal" of a rate that has a base."""
    goal = brand().goals(channels).delivered
    line = f"{numbers.line(goal)} goal"
    words = delivered_verdict(reached, channels).words.removesuffix(line).removesuffix("the ") + f"the {line}"
    below = 0.0 if reached.estimate is None else goal - reached.estimate
    return f"just {words}" if words.startswith("below") and below < JUST_BELOW else words


def _cause(ledger, failed, patterns):
    """Where the failures come from: the group that they are surest to be concentrated in, else the first reason."""
    total, audience = int(failed["failed"].sum()), int(ledger.iloc[0]["audience"])
    if not total or not audience:
        return
    surest = patterns[patterns["concentrated"]].sort_values("excess", ascending=False, kind="stable")
    for row in surest.head(1).itertuples(index=False):
        share = numbers.about(row.failed / total)
        there = numbers.about(row.failed / row.sent)
        where = f"{row.dimension.replace('_', ' ').removesuffix(' id')} {row.group}"
        yield (
            f"{share} of the {numbers.plural(total, 'failure')} are at {where}: {there} of "
            f"{numbers.count(row.sent)} on {WITHIN_A_SENTENCE[row.channel]}."
        )
        return
    if failed_verdict(Rate(total, audience, "audience"), ledger.iloc[0]["channels"]).level != "good":
        first = failed.iloc[0]
        of = numbers.plural(total, "failure")
        yield f"Most frequent: {first['title']}, {numbers.count(first['failed'])} of {of}."


def _with_won_back(ledger, back, status):
    row, gain = ledger.iloc[0], won_back(back)
    if status == "sending" or not row["delivery_measured"] or pd.isna(gain) or round(gain) < 1:
        return
    now, then = (numbers.percent(people / row["audience"]) for people in (row["delivered"], row["delivered"] + gain))
    yield f"Won back, it would be {then} instead of {now}."


def _settled(row) -> Finding:
    out = f"Still sending: {numbers.count(row['sent'])} of {_people(row['audience'])} are out"
    if not row["delivery_measured"]:
        return Finding("delivery", "note", f"{out}; {NO_RECEIPT_YET}.")
    settled = with_outcome(row)
    if not settled.base:
        return Finding("delivery", "note", f"{out}, none with an outcome yet.")
    reached = f"of {numbers.count(settled.base)} with an outcome {numbers.percent(settled.estimate)} were reached"
    if not row["failed_measured"]:
        reached = f"{_people(settled.count)} reached so far, {NO_FAILURE_YET}"
    return Finding("delivery", "note", f"{out}; {reached}.")


def _people(number) -> str:
    return numbers.plural(number, "person", "people")
