"""What to do after a campaign: at most three things, each with what it would gain and the list behind it."""

from shlex import quote

import pandas as pd

from reportlib.definitions import CHANNEL_NAMES as WITHIN_A_SENTENCE
from reportlib.metrics import Rate
from reportlib.presentation.look import numbers
from reportlib.presentation.look.first_screen import Action

MESSAGE = {"whatsapp": "WhatsApp message", "sms": "SMS", "email": "e-mail"}
UNKNOWN = "how many it reaches is not known yet"
LONGEST_TITLE = 64  # characters of a failure's title, in a sentence
ALMOST_ALL = 0.8  # of the failures: they may be named after the group they are in


def actions(about: pd.Series, ledger: pd.DataFrame, failed, patterns, back) -> list[Action]:
    """What to do, what gains most first, from a campaign's row, `delivery`, `failures`, `failure_patterns` and
    `recoverable`."""
    row = ledger.iloc[0]
    if about["status"] == "sending":
        return [Action("Look again when sending is over", "Every figure here will change.")] if row["sent"] else []
    mending = about_failures(failed, patterns, back, [about["campaign_id"]])
    unsent = [] if about["status"] == "cancelled" else _not_sent(row)
    return [*unsent, *mending, *ask_provider(row)]


def about_failures(failed, patterns, back, campaign_ids) -> list[Action]:
    """What to do about the failures of these campaigns, what gains most first."""
    ranked = [*_put_right(failed, patterns, back, campaign_ids), *_send_again(failed, back, campaign_ids)]
    ranked += _take_off(failed, campaign_ids)
    return [action for _, action in sorted(ranked, key=lambda one: one[0], reverse=True)]


def won_back(back: pd.DataFrame) -> float:
    """How many people a further message would reach, about, of `recoverable`; NaN where nothing is known of any."""
    return back["expected"].sum(min_count=1)


def _put_right(failed, patterns, back, campaign_ids):
    """(gain, action) per channel for what the sender can change."""
    for row in back[back["permanence"] == "fixable"].itertuples(index=False):
        of_channel = failed[(failed["channel"] == row.channel) & (failed["permanence"] == "fixable")]
        first = of_channel.iloc[0]
        group = _where(patterns, first, row.failed)
        at = f" for {group.group}" if group is not None else ""
        if group is not None:
            there = Rate(int(group.failed), int(group.sent), "sent")
            rest = Rate(int(group.rest_failed), int(group.rest_sent), "sent")
            why = f"{_short(first['title'])}: {numbers.about(there.estimate)} of {numbers.count(there.base)} there, "
            why += f"{numbers.about(rest.estimate)} elsewhere."
        else:
            why = f"{_short(first['title'])}."
        text = f"Fix the {MESSAGE[row.channel]}{at}, resend to {numbers.count(row.failed)}"
        why = f"{why} {_first_clause(first['advice'])}"
        yield (
            _gained(row.expected),
            Action(text, why.strip(), _reached(row.expected), _command(campaign_ids, "fixable")),
        )


def _where(patterns, failure, people):
    """The group that almost all of these failures are in; None where there is none."""
    if patterns is None:
        return None
    same = patterns[patterns["concentrated"] & (patterns["channel"] == failure["channel"])]
    same = same[(same["title"] == failure["title"]) & (same["failed"] >= ALMOST_ALL * people)]
    return next(same.sort_values("low", ascending=False).itertuples(index=False), None)


def _send_again(failed, back, campaign_ids):
    passing = back[back["permanence"] == "transient"]
    if passing.empty:
        return
    gain = passing["expected"].sum(min_count=1)
    text = f"Resend to {numbers.count(passing['failed'].sum())} whose failure may pass"
    why = f"{_titles(failed, 'transient')}: wait a day."
    yield _gained(gain), Action(text, why, _reached(gain), _command(campaign_ids, "retryable"))


def _take_off(failed, campaign_ids):
    lasting = failed[failed["permanence"] == "permanent"]
    if lasting.empty:
        return
    people, channels = (
        int(lasting["failed"].sum()),
        [name for name in WITHIN_A_SENTENCE if name in set(lasting["channel"])],
    )
    where = WITHIN_A_SENTENCE[channels[0]] if len(channels) == 1 else "these channels"
    fewer = f"{numbers.plural(people, 'failure')} fewer next time"
    yield (
        people / 2,
        Action(
            f"Take {numbers.count(people)} people off {where}",
            f"{_titles(failed, 'permanent')}.",
            fewer,
            _command(campaign_ids, "permanent"),
        ),
    )


def _short(title):
    words = title.partition(" (")[0].partition(": ")[0]
    return words if len(words) <= LONGEST_TITLE else f"{words[:LONGEST_TITLE].rpartition(' ')[0]}…"


def _first_clause(advice):
    return f"{advice.partition(';')[0].rstrip('.')}." if advice else ""


def _not_sent(row):
    if row["not_sent"]:
        share = numbers.percent(row["not_sent"] / row["audience"])
        text = f"Find out why {_people(row['not_sent'])} were not sent anything"
        yield Action(text, f"{share} of the audience: suppressed, or still queued.")


def ask_provider(row) -> list[Action]:
    """What to do about the people of a ledger's row that nothing is known of."""
    if not row["pending"] or not (row["delivery_measured"] and row["failed_measured"]):
        return []
    share = numbers.percent(row["pending"] / row["audience"])
    text = f"Ask the provider about {numbers.count(row['pending'])} without an outcome"
    return [Action(text, f"{share} of the audience; callbacks may have got lost.")]


def _titles(failed, permanence):
    """The most frequent of these reasons, and how many there are beside it."""
    titles = failed.loc[failed["permanence"] == permanence, "title"].drop_duplicates().tolist()
    more = f", and {numbers.plural(len(titles) - 1, 'other reason')}" if len(titles) > 1 else ""
    return f"{_short(titles[0])}{more}"


def _command(campaign_ids, which):
    options = " ".join(f"--campaign {quote(str(campaign))}" for campaign in campaign_ids)
    return f"reportlib export detailed {options} --{which} --to {which}.csv"


def _gained(expected):
    return -1.0 if pd.isna(expected) else float(expected)


def _reached(expected):
    return UNKNOWN if pd.isna(expected) else f"≈ +{numbers.count(round(expected))} reached"


def _people(number):
    return numbers.plural(number, "person", "people")
