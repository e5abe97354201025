"""What limits the figures at hand: each caveat only where it applies."""

import pandas as pd

from reportlib.definitions import CHANNEL_NAMES as WITHIN_A_SENTENCE, CHANNELS, EVENTS
from reportlib.metrics import base_words
from reportlib.metrics.people.totals import SOURCE
from reportlib.metrics.selection.grouping import UNKNOWN
from reportlib.presentation.look import numbers
from reportlib.presentation.look.cards import NEVER_REPORTED
from reportlib.presentation.look.finding import CHANNEL_NAMES, Finding
from reportlib.presentation.review.clicks import click_range
from reportlib.warehouse.source.message_columns import ENGAGEMENT

WORDS = {"delivered": "receipts", "failed": "failures"} | {kind: columns.number for kind, columns in ENGAGEMENT.items()}
WHO_TELLS = {kind: one.channels for kind, one in EVENTS.items()}
NOTHING_FOR_GOOD = "Nothing yet for good: every figure here will change until sending is over."
SMALL_SAMPLE = 1000  # delivered; the platform's own guideline


def review(
    ledger: pd.DataFrame,
    by_channel: pd.DataFrame,
    problems: pd.DataFrame,
    campaign: pd.Series,
    told: pd.DataFrame,
    receipts: pd.DataFrame,
) -> list[Finding]:
    """The caveats of one campaign, from `delivery`, `breakdown(by="channel")`, `data_problems`, its row, `measured`,
    `receipts`."""
    return [
        *_still_sending(campaign),
        *_small_sample(by_channel),
        *_channel_limits(by_channel),
        *not_measured(told),
        *missing_receipts(receipts),
        *_ledger(ledger),
        *_totals(told),
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


def believe(ledger: pd.DataFrame, by_channel: pd.DataFrame, status: str, receipts: pd.DataFrame) -> str:
    """What of the first screen may be believed, and what not, in a few sentences."""
    row, reached = ledger.iloc[0], by_channel[by_channel["engagement_base"] > 0]
    if status == "sending":
        return NOTHING_FOR_GOOD
    if not row["sent"]:
        return "There is nothing to believe yet."
    said = _firm(row, reached, receipts)
    if doubt := click_range(reached):
        low, high = (numbers.percent(one.estimate) for one in doubt)
        said.append(f"Between {low} and {high} of {numbers.count(doubt[0].base)} clicked: some may be machines.")
    limits = "; ".join(_open_limit(one) for one in reached.itertuples(index=False))
    said += [f"{limits[:1].upper()}{limits[1:]}."] if limits else []
    if not row["by_person"]:
        said.append("Where totals only are known, nobody can check them.")
    if row["delivery_measured"] and not row["failed_measured"]:
        said.append("Failures are not measured: who has no receipt may have failed.")
    if row["pending"] and row["delivery_measured"] and row["failed_measured"]:
        share = numbers.percent(row["pending"] / row["audience"])
        people = numbers.plural(row["pending"], "person", "people")
        said.append(f"For {people} ({share} of the audience) {NEVER_REPORTED}.")
    people = row["delivered"] if row["delivery_measured"] else row["sent"] - row["failed"]
    if 0 < people < SMALL_SAMPLE:
        unheard_of = "did not fail" if row["failed_measured"] else "were sent to"
        what = "were reached" if row["delivery_measured"] else unheard_of
        said.append(f"Only {numbers.count(people)} {what}: read no trend into small differences.")
    return " ".join(said)


def _firm(row, reached, receipts):
    """Which of delivery and clicks are firm, and which are not measured."""
    clicks = reached["clicked_in_base"].notna().all()
    if row["delivery_measured"] and (lost := missing_receipts(receipts)):
        return [lost[0].text, "Delivery is at least what is shown."]
    if row["delivery_measured"] and not len(reached):
        return ["Delivery is firm; nobody was there to click."]
    if row["delivery_measured"]:
        if clicks and click_range(reached):
            return ["Delivery is firm."]
        return ["Delivery and clicks are firm." if clicks else "Delivery is firm; clicks are not measured."]
    if clicks and click_range(reached):
        return ["Delivery is not measured."]
    return ["Clicks are firm; delivery is not measured." if clicks else "Neither delivery nor clicks are measured."]


OPEN_LIMITS = {
    "whatsapp": "WhatsApp reads ({opened} of {base}) are a minimum",
    "email": "e-mail opens ({opened} of {base}) include machines, {human}",
    "sms": "SMS cannot tell who opened",
}


def _open_limit(row):
    told = (row.opened_in_base, row.opened_human_in_base)
    if row.channel in WHO_TELLS["opened"] and pd.isna(told[0]):
        return f"{WITHIN_A_SENTENCE[row.channel]} opens are not measured"
    base = row.engagement_base
    opened, people = (numbers.about(None if pd.isna(people) else people / base) for people in told)
    human = "how many nobody tells" if pd.isna(told[1]) else f"people alone are {people}"
    return OPEN_LIMITS[row.channel].format(opened=opened, human=human, base=numbers.count(base))


def whatsapp_reads() -> Finding:
    """What a WhatsApp read cannot tell."""
    text = "WhatsApp reads are a lower bound: people who switched read receipts off are counted as not having read."
    return Finding("whatsapp", "note", text)


def email_opens(mail: pd.DataFrame, flagged: str = "") -> Finding:
    """What an opened e-mail cannot tell, and whether clicks can, in these rows of `breakdown`; `flagged` is a sentence,
    and a blank, on the machine opens at hand."""
    firmer = "Replies are firmer ground."
    if mail["clicked_in_base"].notna().any():
        in_doubt = click_range(mail[mail["clicked_in_base"].notna()])
        firmer = "Replies and clicks are firmer ground: clicks that a machine made are left out."
        firmer = "Replies are firmer ground; clicks are not, since some may be machines'." if in_doubt else firmer
    text = (
        "E-mail opens are uncertain both ways: mail programs that load pictures by themselves add opens, blocked "
        f"pictures hide them. {flagged}{firmer}"
    )
    return Finding("email", "note", text)


def _still_sending(campaign):
    if campaign["status"] == "sending":
        yield Finding("sending", "warning", "The campaign is still sending: every figure here will change.")


def not_measured(told: pd.DataFrame) -> list[Finding]:
    """What no source of these campaigns tells, and from how many campaigns it is known what they do: `measured`."""
    found = []
    for (channel, provider), rows in told.groupby(["channel", "provider"], sort=False):
        possible = rows[[channel in WHO_TELLS.get(what, CHANNELS) for what in rows["what"]]]
        silent = possible[~possible["is_measured"]]
        heard = possible[possible["is_measured"] & (possible["declared"] | (possible["seen"] > 0))]
        source = f"{CHANNEL_NAMES[channel]} by {provider}" if provider != UNKNOWN else CHANNEL_NAMES[channel]
        source = f"{CHANNEL_NAMES[channel]}, known as totals only" if provider == SOURCE else source
        if len(silent):
            what = ", ".join(WORDS[name] for name in silent["what"])
            found.append(Finding("not measured", "note", f"{source}: {what}: not measured, which is not zero."))
        if len(heard):
            found.append(Finding("measured", "note", f"{source}, {'; '.join(map(_evidence, heard.itertuples()))}."))
    return found


def missing_receipts(receipts: pd.DataFrame, names: dict | None = None) -> list[Finding]:
    """Where receipts are missing, of `metrics.receipts`; `names` has what campaigns are called, where that is told."""
    found = []
    for row in receipts[receipts["missing"]].itertuples(index=False):
        provider = "" if row.provider == UNKNOWN else f" by {row.provider}"
        of = f" of {names[row.campaign_id]}" if names else ""
        share = numbers.about(row.without / row.sent)
        text = f"Receipts are missing for {CHANNEL_NAMES[row.channel]}{provider}{of}, lost or late: {share} of "
        text += f"{numbers.plural(row.sent, 'person', 'people')} sent to have none"
        text += "" if pd.isna(row.usual) else f" (usually {numbers.about(row.usual)})"
        if row.responded_without:
            text += f", {numbers.count(row.responded_without)} of the {numbers.count(row.responded)} who {row.response}"
            text += " among them" if row.responded_without < row.responded else ""
        found.append(Finding("receipts", "warning", f"{text}."))
    return found


def _evidence(row):
    if row.declared:
        return f"{WORDS[row.what]}: declared"
    way = "given for" if row.provider == SOURCE else "seen in"
    return f"{WORDS[row.what]}: {way} {row.seen} of {numbers.plural(row.campaigns, 'campaign')}"


def _small_sample(by_channel):
    small = by_channel[(by_channel["engagement_base"] > 0) & (by_channel["engagement_base"] < SMALL_SAMPLE)]
    if len(small):
        which = ", ".join(
            f"{CHANNEL_NAMES[row.channel]} ({numbers.count(row.engagement_base)})"
            for row in small.itertuples(index=False)
        )
        yield Finding(
            "sample",
            "warning",
            f"Fewer than 1,000 {base_words(small)}: {which}. The intervals are wide; do not read a trend into a "
            "difference.",
        )


def _channel_limits(by_channel):
    used = by_channel[by_channel["engagement_base"] > 0].set_index("channel")
    tracked = used[used["opened"].notna()]
    if "whatsapp" in tracked.index:
        yield whatsapp_reads()
    if "email" in tracked.index:
        mail = tracked.loc["email"]
        machine = mail["opened_total"] - mail["opened_human_total"] if mail["by_person"] else 0
        flagged = (
            f"{numbers.count(machine)} of {numbers.plural(mail['opened_total'], 'open')} were a machine's. "
            if machine
            else ""
        )
        yield email_opens(used.loc[["email"]], flagged)
    if "sms" in used.index:
        yield Finding("sms", "note", "SMS has no read receipts: whether it was opened cannot be known.")


def _totals(told):
    in_totals = told["provider"] == SOURCE
    if in_totals.any():
        known = "Known as totals only" if in_totals.all() else "In part known as totals only"
        text = f"{known}: they count as their source counts, be it the clicks of machines; people of several channels "
        yield Finding("totals", "note", f"{text}are added up.")


def _ledger(ledger):
    row = ledger.iloc[0]
    if row["delivered_implied"] and row["delivery_measured"]:
        yield Finding(
            "implied",
            "note",
            f"{numbers.count(row['delivered_implied'])} of the delivered are known only because they opened, clicked "
            "or replied; the provider's callback has not come. No rate of what people did has them in its base.",
        )
