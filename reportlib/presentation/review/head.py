"""The head and the foot of a report: its findings with the figures for machines, and where it all came from."""

import pandas as pd

from reportlib import metrics
from reportlib.metrics.people.measured import RECEIPT
from reportlib.metrics.people.rates import BASE_WORDS
from reportlib.metrics.people.summary import ALL_CHANNELS, BASE, COUNTS, PEOPLE, RATES, TOTALS
from reportlib.presentation.look import feeds, numbers
from reportlib.presentation.look.brand.brand import brand
from reportlib.presentation.look.display import Display
from reportlib.presentation.look.finding import (
    AT_LEAST,
    CHANNEL_NAMES,
    Verdict,
    clicked_verdict,
    failed_verdict,
    reached_verdict,
)
from reportlib.presentation.look.first_screen import FirstScreen
from reportlib.presentation.look.head import head, iso, records
from reportlib.presentation.look.listing import Cell, isolated, listed
from reportlib.presentation.review.findings import against_goal
from reportlib.warehouse import Warehouse


def headline(warehouse: Warehouse, campaign, first: FirstScreen) -> Display:
    """One campaign's first screen as the head of its report.

    Besides HTML and text it carries, as REPORT_MIME, what a page, an index or a mail needs to know of the report:
    title, subtitle, language, the campaign, its figures (rows of `metrics.summary`), the `totals` of all channels, the
    cards, the findings, and in a few words the verdict.
    """
    row = metrics.select_campaigns(warehouse, campaign).iloc[0]
    figures = metrics.summary(warehouse, campaign)
    total = figures[figures["channel"] == ALL_CHANNELS]
    zone = row["timezone"]
    people = numbers.plural(int(total["audience"].iloc[0]), "person", "people")
    used = [channel for channel in figures["channel"] if channel in CHANNEL_NAMES]
    channels = [CHANNEL_NAMES[channel] for channel in used]
    total = total.assign(channels="+".join(used))
    as_of = metrics.data_as_of(warehouse)
    missing = bool(metrics.receipts(warehouse, campaign)["missing"].any())
    started = "not started" if pd.isna(row["started_at"]) else numbers.date(row["started_at"], zone)
    subtitle = " · ".join([started, ", ".join(channels) or "no channel yet", people])
    about = {
        "title": str(row["name"]),
        "subtitle": subtitle,
        "campaign_id": str(row["campaign_id"]),
        "campaign_name": str(row["name"]),
        "account": str(row["account"]),
        "timezone": zone,
        "status": row["status"],
        "channels": channels,
        "used": "+".join(used),
        "started_at": iso(row["started_at"]),
        "data_as_of": iso(as_of),
        "verdict": in_few_words(total.iloc[0], row["status"], missing),
        "receipts_missing": missing,
        "table": None,
        "figures": records(figures),
        "totals": totals(total),
    }
    ended = feeds.ended(metrics.freshness(warehouse, campaign), zone)
    return head(about | {"listing": listing(about)}, first, ended)


def in_few_words(row: pd.Series, status: str, receipts_missing: bool = False) -> str:
    """How the delivery of a ledger's row, which has its `channels`, went, short enough for a mail's subject: "96.1 %
    delivered, at the goal"."""
    if not row["audience"]:
        return "no audience"
    if not row["sent"]:
        return "nothing sent yet"
    if status == "sending":
        return f"still sending, {numbers.count(row['sent'])} of {numbers.count(row['audience'])} are out"
    if status == "cancelled":
        return f"cancelled after {numbers.count(row['sent'])} of {numbers.count(row['audience'])}"
    lost = metrics.Rate(0 if pd.isna(row["failed"]) else int(row["failed"]), int(row["audience"]), "audience")
    if lost.count and failed_verdict(lost, row["channels"]).level in ("bad", "warning"):
        return f"{numbers.percent(lost.estimate)} failed, to be investigated"
    if pd.isna(row["delivered_pct_of_audience"]):
        return "delivery not measured"
    reached = metrics.Rate(int(row["delivered"]), int(row["audience"]), "audience")
    estimate = numbers.percent(reached.estimate, brand().goals(row["channels"]).delivered)
    if reached_verdict(reached, receipts_missing, row["channels"]) is AT_LEAST:
        return f"at least {estimate} delivered, receipts are missing"
    return f"{estimate} delivered, {against_goal(reached, row['channels'])}"


def listing(about: dict) -> dict:
    """How an index lists the review that says this of itself."""
    total = next(row for row in about["figures"] if row["channel"] == ALL_CHANNELS)
    sending = about["status"] == "sending"
    return listed(
        "The newest campaign first. Delivered and failed in percent of the audience.",
        2,
        Cell("Campaign", about["campaign_name"], f"{isolated(about['account'])} · {', '.join(about['channels'])}"),
        Cell("Started", numbers.day(about["started_at"])),
        Cell("Audience", numbers.count(total["audience"]), is_number=True),
        *delivered_and_failed(
            total,
            about.get("used", ""),
            ("still sending", "so far") if sending else None,
            about.get("receipts_missing"),
        ),
        _clicked(total, about.get("used", ""), sending),
    )


def _clicked(total: dict, channels: str, sending: bool) -> Cell:
    share, base = total["clicked_pct_of_delivered"], total.get("engagement_base", total["delivered"])
    if share is None and base:  # records of before have but the delivered
        return Cell("Clicked", numbers.UNMEASURED, is_number=True)
    percent = numbers.percent(None if share is None else share / 100)
    of = BASE_WORDS[total.get("engagement_base_name", RECEIPT)]
    verdict = None
    if share is not None and not sending:
        verdict = clicked_verdict(metrics.Rate(round(share / 100 * base), base, of), channels)
    return Cell("Clicked", percent, f"of {numbers.count(base)} {of}", verdict=verdict, is_number=True)


def delivered_and_failed(
    total: dict,
    channels: str,
    so_far: tuple[str, str] | None = None,
    receipts_missing: bool | None = None,
) -> list[Cell]:
    """The cells of an index on what was delivered and what failed on these channels: judged unless `so_far` has words,
    or it is not measured, or not whole since receipts are missing."""
    told = total["delivered"] is not None
    reached, lost = (metrics.Rate(total[name] or 0, total["audience"], "audience") for name in ("delivered", "failed"))
    judged_here = reached_verdict(reached, bool(receipts_missing), channels), failed_verdict(lost, channels)
    waiting, until_now = so_far or judged_here
    return [
        judged("Delivered", reached, waiting) if told else Cell("Delivered", numbers.UNMEASURED, is_number=True),
        judged("Failed", lost, until_now)
        if total["failed"] is not None
        else Cell("Failed", numbers.UNMEASURED, is_number=True),
    ]


def judged(name: str, rate: metrics.Rate, verdict: Verdict | str) -> Cell:
    """A rate in an index, with its verdict or, where it has none, the words in its stead."""
    said = {"beside": verdict} if isinstance(verdict, str) else {"verdict": verdict}
    return Cell(name, numbers.percent(rate.estimate), is_number=True, **said)


def totals(total: pd.DataFrame) -> dict:
    """The numeric columns of a one-row `metrics.summary` as JSON has them."""
    return records(total[[*COUNTS, *RATES, *PEOPLE, *TOTALS, *BASE]])[0]
