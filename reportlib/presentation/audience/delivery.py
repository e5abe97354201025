"""Where messages do not arrive, and what goes to the same people: the tables of deliverability and overlap."""

from html import escape

import pandas as pd

from reportlib.metrics import Rate
from reportlib.metrics.audience.deliverability import SMALLER
from reportlib.metrics.selection.grouping import UNKNOWN
from reportlib.metrics.weekly.against_history import AS_USUAL, HIGHER
from reportlib.presentation.look import numbers
from reportlib.presentation.look.brand.brand import brand
from reportlib.presentation.look.display import Display, name_html, one_below_the_other
from reportlib.presentation.look.finding import CHANNEL_NAMES, Finding, failed_verdict
from reportlib.presentation.look.table import notes, table
from reportlib.presentation.look.totals import nothing

MOST_TOLD, MOST_ROWS, MOST_PAIRS = 4, 20, 5
COUNTED = {"failed": "Failed", "permanent": "For good", "repeated": "Had failed before", "complained": "Complained"}


def deliverability(found: pd.DataFrame, weeks: pd.DataFrame) -> Display:
    """Whose messages failed far too often, or more often than usual, in the last week that is over; then all.

    `found` is `metrics.failures_against_usual` of the `weeks` of `metrics.deliverability`.
    """
    if found.empty:
        return nothing(found, "Nothing whose failures would be told of was sent in the last week that is over.")
    week = numbers.days(*(weeks.attrs["week"] + pd.Timedelta(days=more) for more in (0, 6)))
    rows = found.to_dict("records")
    findings = [one for row in rows if (one := _finding(row))]
    if not findings:
        limit = numbers.line(brand().goals().failed)
        text = f"No mailbox provider or carrier let more fail than usual, or than {limit}."
        findings = [Finding("delivery", "good", text)]
    counted = [name for name in COUNTED if found[name].notna().any()]
    body = [
        [
            f"{name_html(row['group'])} <small>{escape(CHANNEL_NAMES[row['channel']])}</small>",
            numbers.count(row["sent"]),
            *[_share(row[name], row["sent"]) for name in counted],
            escape(_word(row)),
        ]
        for row in rows[:MOST_ROWS]
    ]
    heads = ["Mailbox or carrier", "Messages", *(COUNTED[name] for name in counted), "Failed, against its weeks"]
    caption = f"Messages of {week}, by who carries them"
    return one_below_the_other([notes(findings[:MOST_TOLD]), table(caption, heads, body, texts=(len(heads) - 1,))])


def overlap(found: pd.DataFrame) -> Display:
    """The pairs of campaigns of the last seven days that most people got both of."""
    if found.empty:
        return nothing(found, "No two campaigns of the last seven days went to the same people.")
    rows = [
        [
            f"{name_html(row.label_a)} and {name_html(row.label_b)}",
            numbers.count(row.shared),
            f"{numbers.percent(row.of_smaller)} of the smaller",
        ]
        for row in found.head(MOST_PAIRS).itertuples()
    ]
    return table("Campaigns of the last seven days to the same people", ["Campaigns", "People", ""], rows, texts=(2,))


def _finding(row) -> Finding | None:
    rate = _failed(row)
    level = failed_verdict(rate, row["channel"]).level
    if level != "bad" and row["verdict"] != HIGHER:
        return None
    of = f"{numbers.percent(rate.estimate)} of {numbers.plural(rate.base, 'message')} failed"
    usual = "" if pd.isna(row["expected"]) else f"; in its weeks before {numbers.percent(row['expected'])}"
    again = f" {numbers.count(row['repeated'])} to people to whom one had failed before." if row["repeated"] else ""
    text = f"{CHANNEL_NAMES[row['channel']]}, {_plain(row)}: {of}, {_word(row)}{usual}.{again}"
    return Finding("delivery", "bad" if level == "bad" else "warning", text)


def _word(row) -> str:
    """The verdict; but a rate far from what is expected is not usual because little is known."""
    rate = _failed(row)
    is_far = rate.low is not None and not rate.low <= row["expected"] <= rate.high
    return "not shown to be unusual" if row["verdict"] == AS_USUAL and is_far else row["verdict"]


def _failed(row) -> Rate:
    return Rate(row["failed"], row["sent"], "messages")


def _plain(row):
    return {UNKNOWN: "carrier unknown", SMALLER: "smaller carriers"}.get(row["group"], row["group"])


def _share(count, base):
    if pd.isna(count):
        return numbers.UNMEASURED
    return f"{numbers.percent(count / base if base else None)} <small>{numbers.count(count)}</small>"
