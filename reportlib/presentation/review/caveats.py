"""What limits the figures at hand: each caveat only where it applies."""

import pandas as pd

from reportlib.presentation.look import numbers
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


def whatsapp_reads() -> Finding:
    """What a WhatsApp read cannot tell."""
    text = "WhatsApp reads are a lower bound: people who switched read receipts off are counted as not having read."
    return Finding("whatsapp", "note", text)


def email_opens(flagged: str = "") -> Finding:
    """What an opened e-mail cannot tell; `flagged` is a sentence, and a blank, on the machine opens at hand."""
    text = (
        "E-mail opens are uncertain both ways: mail programs that load pictures by themselves add opens, blocked "
        f"pictures hide them. {flagged}Clicks and replies are firmer ground."
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
