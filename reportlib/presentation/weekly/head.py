"""The head and the foot of a weekly review, with what it says for machines."""

from reportlib.metrics import Rate, WeeklyFigures
from reportlib.metrics.people.summary import ALL_CHANNELS, figures_of
from reportlib.presentation.look import feeds, numbers
from reportlib.presentation.look.display import Display
from reportlib.presentation.look.finding import CHANNEL_NAMES, failed_verdict
from reportlib.presentation.look.first_screen import FirstScreen
from reportlib.presentation.look.head import head, iso, origin, records
from reportlib.presentation.look.listing import Cell, listed
from reportlib.presentation.look.usual import UNUSUAL, figure_name, week_verdict
from reportlib.presentation.review.head import delivered_and_failed, totals
from reportlib.presentation.weekly import findings, tables as weekly_tables
from reportlib.presentation.weekly.unusual import unusual_weeks
from reportlib.warehouse import Warehouse


def headline(weekly: WeeklyFigures) -> Display:
    """The week in sentences, as the head of its report.

    Besides HTML and text it carries, as REPORT_MIME, what a page, an index, a mail or the next review needs to know:
    title, subtitle, language, account and week, cards, table and verdict in plain text, `figures` (rows of
    `metrics.summary`), `totals` of the week, the `snapshot` that the next review compares with, and the findings.
    """
    first, week = findings.first_screen(weekly), weekly.week
    about = {
        "title": week_name(weekly),
        "subtitle": subtitle(weekly),
        "account_id": str(weekly.account["account_id"]),
        "account": str(weekly.account["account"]),
        "timezone": weekly.zone,
        "week": str(week),
        "campaign_ids": [str(campaign) for campaign in weekly.campaigns["campaign_id"]],
        "started_at": iso(week.start(weekly.zone)),
        "data_as_of": iso(weekly.data_as_of),
        "verdict": in_few_words(weekly),
        "receipts_missing": bool(weekly.receipts["missing"].any()),
        "table": weekly_tables.plain_campaigns(weekly),
        "totals": totals(figures_of(weekly.ledger)),
        "figures": records(weekly.figures),
        "snapshot": records(weekly.snapshot),
        "findings": [vars(one) for one in findings.restated(weekly)[: weekly.earlier is not None]],
    }
    ended = feeds.ended(weekly.freshness, weekly.zone)
    return head(about | {"listing": listing(about, first, weekly.ledger["channels"].iloc[0])}, first, ended)


def listing(about: dict, first: FirstScreen, channels: str = "") -> dict:
    """How an index lists the weekly review that says this of itself; an old record does not say its `channels`."""
    total = about["totals"]
    nothing = [Cell(name, numbers.NOTHING, is_number=True) for name in ("Delivered", "Failed")]
    return listed(
        "Weekly reviews. Delivered and failed in percent of the audience.",
        1,
        Cell("Account", about["account"], about["title"]),
        Cell("What happened", first.verdict.text),
        *(delivered_and_failed(total, channels, None, about.get("receipts_missing")) if total["audience"] else nothing),
    )


def subtitle(weekly: WeeklyFigures) -> str:
    """How many campaigns, on which channels, to how many people."""
    row = weekly.ledger.iloc[0]
    channels = ", ".join(CHANNEL_NAMES[channel] for channel in weekly.by_channel["channel"])
    people = numbers.plural(int(row["audience"]), "person", "people")
    return " · ".join(filter(None, [numbers.plural(len(weekly.campaigns), "campaign"), channels, people]))


def week_name(weekly: WeeklyFigures) -> str:
    """ "Week 46, 9–15 Nov 2026"."""
    return f"Week {weekly.week.number}, {numbers.days(weekly.week.monday, weekly.week.sunday)}"


def in_few_words(weekly: WeeklyFigures) -> str:
    """The week, short enough for a mail's subject: "3 campaigns, 41,200 reached, as usual"."""
    if weekly.campaigns.empty:
        return "nothing was sent"
    row, unusual = weekly.ledger.iloc[0], weekly.verdicts["verdict"].isin(UNUSUAL).any()
    reached = ("delivered", "reached") if row["delivery_measured"] else ("sent", "sent to")
    sent = f"{numbers.plural(len(weekly.campaigns), 'campaign')}, {numbers.count(row[reached[0]])} {reached[1]}"
    lost = Rate(int(row["failed"]), int(row["audience"]), "audience")
    if not unusual and failed_verdict(lost, row["channels"]).level in ("bad", "warning"):
        return f"{sent}, {numbers.percent(lost.estimate)} failed"
    whole = [] if unusual else unusual_weeks(weekly)
    said = [f"{_of_channel(one)} {one.verdict}" for one in whole] or [week_verdict(weekly.verdicts).words]
    return f"{sent}, {'; '.join(said)}"


def _of_channel(row) -> str:
    return figure_name(row, 1 if row.channel == ALL_CHANNELS else 2)


def provenance(warehouse: Warehouse, weekly: WeeklyFigures, **parameters) -> Display:
    """Where the figures came from, and the command that makes the week's reports anew."""
    asked = {"account": weekly.account["account_id"], "week": weekly.week, "weeks": weekly.weeks, **parameters}
    again = ["reportlib", "weekly", "--week", str(weekly.week)]
    return origin(warehouse, weekly.chosen["campaign_id"].tolist(), [weekly.zone], asked, again)
