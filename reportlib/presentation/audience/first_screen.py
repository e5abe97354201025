"""The first screen of a report on an audience: for people who have 20 seconds."""

import shlex

import pandas as pd

from reportlib.presentation.audience.summed import ALL, NOT_ASKED, active, lately, states
from reportlib.presentation.look import numbers
from reportlib.presentation.look.cards import Card
from reportlib.presentation.look.finding import CHANNEL_NAMES, Finding
from reportlib.presentation.look.first_screen import Action, FirstScreen
from reportlib.presentation.review.costs import money

SHRINKING = 0.01  # of a list lost in four weeks beyond those who joined
ASKED_FOR_NO_MORE = ("opted out", "complained")


def first_screen(people, attention, sleepers, still_written, reach, account="", costs=None) -> FirstScreen:
    """How many can be reached and how that changed, who listens, what to do, what to believe; `costs` are those of the
    account by channel, where they are known."""
    if people.empty:
        return FirstScreen(Finding("verdict", "note", "Nobody was written to yet: there is no audience to look at."))
    row, now = lately(people).loc[ALL], states(attention)
    listening = active(now.loc[ALL]) if ALL in now.index else None
    left = still_written[still_written["reason"].isin(ASKED_FOR_NO_MORE)]
    return FirstScreen(
        _verdict(row, listening, left),
        _cards(row, lately(people, 1), listening, reach),
        _to_do(sleepers, still_written, left, account, costs),
        _believe(now),
    )


def _verdict(row, listening, left):
    net = int(row["net"])
    change = "as many as" if net == 0 else f"{numbers.count(abs(net))} {'more' if net > 0 else 'fewer'} than"
    text = f"{numbers.plural(int(row['reachable']), 'person', 'people')} can be reached, {change} four weeks ago"
    reacted = ""
    if listening is not None and listening.base:
        reacted = f"{numbers.about(listening.estimate)} of those whose reactions can be seen reacted in 90 days."
    level = "good" if net >= 0 else "note"
    if net < -SHRINKING * row["before"]:
        level = "warning"
    if len(left):
        count = int(left["messages"].sum())
        wrong = f"{numbers.plural(count, 'message')} in 30 days went to people who had opted out or complained."
        return Finding("verdict", "bad", wrong, f"{text}. {reacted}".strip())
    return Finding("verdict", level, f"{text}.", reacted)


def _cards(row, before, listening, reach):
    on_list = int(row["before"] + row["new"])
    reasons = [("opted out", "opted_out"), ("complained", "complained"), ("failed for good", "failed")]
    lost = ", ".join(f"{numbers.count(row[name])} {word}" for word, name in reasons if row[name])
    share = row["lost"] / on_list if on_list else None
    past = f"{numbers.count(before.loc[ALL, 'lost'])} in the four weeks before" if ALL in before.index else ""
    lost = "; ".join(filter(None, [lost, past]))
    found = [
        Card("Can be reached", numbers.count(row["reachable"]), "",
             f"{numbers.count(row['new'])} joined in four weeks"),
        Card("Lost in four weeks", numbers.count(row["lost"]),
             f"{numbers.percent(share)} of {numbers.count(on_list)}", lost),
    ]  # fmt: skip
    if listening is not None and listening.base:
        of = f"{numbers.percent(listening.estimate)} of {numbers.count(listening.base)}"
        found.append(
            Card("Reacted in 90 days", numbers.count(listening.count), of, "of those whose reactions can be seen")
        )
    else:
        found.append(Card("Reacted in 90 days", numbers.NOTHING, numbers.UNMEASURED))
    there = reach[reach["number"] > 0]
    one, whole = int(there.loc[there["number"] == 1, "people"].sum()), int(there["people"].sum())
    of = f"{numbers.percent(one / whole if whole else None)} of {numbers.count(whole)}"
    return [*found, Card("Only by one channel", numbers.count(one), of, "of those who can be reached")]


def _to_do(sleepers, still_written, left, account, costs):
    found = []
    if len(still_written):
        asked = int(left["messages"].sum())
        why = f"{numbers.count(asked)} of them had asked for no more." if asked else "Their addresses fail for good."
        gain = _saved(still_written.groupby("channel")["messages"].sum(), costs)
        found.append(Action("Stop writing to people who are lost", why, gain, export("unreachable", account)))
    asleep = sleepers[(sleepers["group"] == "sleepers") & (sleepers["messages"] > 0)]
    if len(asleep):
        row = asleep.sort_values("messages").iloc[-1]
        channel = CHANNEL_NAMES[row["channel"]]
        share = numbers.percent(row["reacted"] / row["people"])
        why = (
            f"Of {numbers.count(row['people'])} who slept 30 days ago {share} have reacted since, "
            f"{numbers.count(row['opted_out'] + row['complained'] + row['failed'])} were lost."
        )
        gain = _saved(pd.Series({row["channel"]: row["messages"]}), costs)
        text = f"Ask sleepers on {channel} once whether they want more, and write to them seldom"
        found.append(Action(text, why, gain, export("sleepers", account)))
    return found


def _saved(by_channel: pd.Series, costs) -> str:
    """What messages that are not sent save, in money at what a message of the channel costs where all of that is
    known in one currency."""
    said = f"≈ {numbers.count(by_channel.sum())} messages saved in 30 days"
    known = pd.DataFrame() if costs is None else costs[costs["channel"].isin(by_channel.index)]
    is_whole = set(known.get("channel", ())) == set(by_channel.index) and not known["unpriced"].any()
    if not is_whole or known["currency"].isna().any() or known["currency"].nunique() != 1:
        return said
    each = known.set_index("channel")
    amount = (by_channel * each["cost"] / each["messages"]).sum()
    return f"{said}, ≈ {money(amount, known['currency'].iloc[0])}"


def export(who: str, account) -> str:
    """The command that writes the list behind an action."""
    return shlex.join(
        ["reportlib", "export", "audience", "--account", str(account), "--who", who, "--to", f"{who}.csv"]
    )


def _believe(now):
    said = ["Who was never written to is on no list, and a person on several channels counts once."]
    out = int(now.loc[ALL, [*NOT_ASKED]].sum()) if ALL in now.index else 0
    if out:
        said.append(
            f"Of {numbers.plural(out, 'person', 'people')} nobody can tell whether they react: they are in no share."
        )
    return " ".join(said)
