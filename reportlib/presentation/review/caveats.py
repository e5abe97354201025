"""What limits the figures at hand: each caveat only where it applies."""

import pandas as pd

from reportlib.presentation.look import numbers
from reportlib.presentation.look.cards import NEVER_REPORTED
from reportlib.presentation.look.finding import CHANNEL_NAMES, Finding

SMALL_SAMPLE = 1000  # delivered; the platform's own guideline


def review(
    ledger: pd.DataFrame, by_channel: pd.DataFrame, problems: pd.DataFrame, campaign: pd.Series
) -> list[Finding]:
    """The caveats of one campaign, from `delivery`, `breakdown(by="channel")`, `data_problems` and its row."""
    return [
        *_still_sending(campaign),
        *_small_sample(by_channel),
        *_channel_limits(by_channel),
        *_ledger(ledger),
        *[
            Finding("data", "warning", f"{row.problem.capitalize()}: {numbers.count(row.count)}. {row.explanation}")
            for row in problems.itertuples(name="Problem")
        ],
        Finding(
            "time",
            "note",
            f"All hours are those of the account's time zone, {campaign['timezone']}; readers and customers elsewhere "
            "live in others.",
        ),
    ]


def believe(ledger: pd.DataFrame, by_channel: pd.DataFrame, status: str) -> str:
    """What of the first screen may be believed, and what not, in a few sentences."""
    row, reached = ledger.iloc[0], by_channel[by_channel["delivered"] > 0]
    if status == "sending":
        return "Nothing yet for good: every figure here will change until sending is over."
    if not row["sent"]:
        return "There is nothing to believe yet."
    said = ["Delivery and clicks are firm."] if len(reached) else ["Delivery is firm; nobody was there to click."]
    limits = "; ".join(_open_limit(one) for one in reached.itertuples(index=False))
    said += [f"{limits[:1].upper()}{limits[1:]}."] if limits else []
    if row["pending"]:
        share = numbers.percent(row["pending"] / row["audience"])
        people = numbers.plural(row["pending"], "person", "people")
        said.append(f"For {people} ({share} of the audience) {NEVER_REPORTED}.")
    if 0 < row["delivered"] < SMALL_SAMPLE:
        said.append(f"Only {numbers.count(row['delivered'])} were reached: read no trend into small differences.")
    return " ".join(said)


OPEN_LIMITS = {
    "whatsapp": "WhatsApp reads ({opened} of {delivered}) are a minimum",
    "email": "e-mail opens ({opened} of {delivered}) include machines, people alone are {human}",
    "sms": "SMS cannot tell who opened",
}


def _open_limit(row):
    opened, human = (
        numbers.about(None if pd.isna(people) else people / row.delivered) for people in (row.opened, row.opened_human)
    )
    return OPEN_LIMITS[row.channel].format(opened=opened, human=human, delivered=numbers.count(row.delivered))


def whatsapp_reads() -> Finding:
    """What a WhatsApp read cannot tell."""
    text = "WhatsApp reads are a lower bound: people who switched read receipts off are counted as not having read."
    return Finding("whatsapp", "note", text)


def email_opens(flagged: str = "") -> Finding:
    """What an opened e-mail cannot tell; `flagged` is a sentence, and a blank, on the machine opens at hand."""
    text = (
        "E-mail opens are uncertain both ways: mail programs that load pictures by themselves add opens, blocked "
        f"pictures hide them. {flagged}Replies are firmer ground, and clicks where those of machines are told apart "
        "and left out."
    )
    return Finding("email", "note", text)


def _still_sending(campaign):
    if campaign["status"] == "sending":
        yield Finding("sending", "warning", "The campaign is still sending: every figure here will change.")


def _small_sample(by_channel):
    small = by_channel[(by_channel["delivered"] > 0) & (by_channel["delivered"] < SMALL_SAMPLE)]
    if len(small):
        which = ", ".join(
            f"{CHANNEL_NAMES[row.channel]} ({numbers.count(row.delivered)})" for row in small.itertuples(index=False)
        )
        yield Finding(
            "sample",
            "warning",
            f"Fewer than 1,000 delivered: {which}. The intervals are wide; do not read a trend into a difference.",
        )


def _channel_limits(by_channel):
    used = set(by_channel.loc[by_channel["delivered"] > 0, "channel"])
    if "whatsapp" in used:
        yield whatsapp_reads()
    if "email" in used:
        mail = by_channel[by_channel["channel"] == "email"].iloc[0]
        machine = mail["opened_total"] - mail["opened_human_total"]
        flagged = (
            f"{numbers.count(machine)} of {numbers.plural(mail['opened_total'], 'open')} were flagged as a machine's. "
            if machine
            else ""
        )
        yield email_opens(flagged)
        if not mail["replies_measured"]:
            yield Finding(
                "replies", "note", "Replies by e-mail are not captured for this account: not measured, not zero."
            )
    if "sms" in used:
        yield Finding("sms", "note", "SMS has no read receipts: whether it was opened cannot be known.")


def _ledger(ledger):
    row = ledger.iloc[0]
    if row["delivered_implied"]:
        yield Finding(
            "implied",
            "note",
            f"{numbers.count(row['delivered_implied'])} of the delivered are known only because they opened, clicked "
            "or replied; the provider's callback has not come.",
        )
