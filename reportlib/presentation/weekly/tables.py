"""A week as cards and tables: its campaigns, each against the account's history, and what was restated."""

from html import escape

import pandas as pd

from reportlib.metrics import WeeklyFigures
from reportlib.metrics.people.rates import BASE_WORDS
from reportlib.metrics.people.summary import ALL_CHANNELS
from reportlib.metrics.weekly.against_history import JUDGED, ordinary
from reportlib.metrics.weekly.restatements import restatements
from reportlib.presentation.look import cards, numbers
from reportlib.presentation.look.cards import Card
from reportlib.presentation.look.display import Display, name_html
from reportlib.presentation.look.drawing.sparkline import sparkline
from reportlib.presentation.look.finding import CHANNEL_NAMES, Verdict
from reportlib.presentation.look.table import shown_cards, table
from reportlib.presentation.look.usual import UNUSUAL, campaign_verdict, symbol
from reportlib.presentation.review import first_cards as review_cards
from reportlib.presentation.review.actions import won_back

EMPTY = Display('<p class="empty">Nothing was sent.</p>', "Nothing was sent.")
NOTHING = Display("", "")  # where another cell says why
HEADS = ["Campaign", "Audience", "Delivered, of audience", "Failed, of audience", "Clicked"]
HEADS += ["Against its history"]


def first_cards(weekly: WeeklyFigures) -> list[Card]:
    """Reached, clicked and failed of the week, each with whether that is usual, and who can be won back."""
    row, last = weekly.ledger.iloc[0], weekly.trends[weekly.trends["week"] == str(weekly.week)]
    won = won_back(weekly.recoverable)
    of = f"of {numbers.count(row['failed'])}" if row["failed_measured"] or row["failed"] else "no failure is known"
    return [
        review_cards.reached(row, last, weekly.receipts),
        review_cards.clicked(weekly.by_channel, last),
        review_cards.failed(row, last),
        Card("Can be won back", numbers.NOTHING if pd.isna(won) else f"≈ {numbers.count(round(won))}", of),
    ]


def cards_of_week(weekly: WeeklyFigures) -> Display:
    """The cards, or that nothing was sent."""
    if weekly.campaigns.empty:
        return EMPTY
    return shown_cards(
        cards.delivery(weekly.ledger, receipts_missing=bool(weekly.without_receipts)), cards.base(weekly.ledger)
    )


def campaigns(weekly: WeeklyFigures) -> Display:
    """Every campaign of the week, a row each: its figures to date, its click rate among earlier ones, its verdict."""
    if weekly.campaigns.empty:
        return NOTHING
    rows = [
        [
            f"{name_html(row.label)}<small>{_started(row, weekly.zone)}</small>",
            numbers.count(total.audience),
            _at_least(row, weekly) + _of_audience(total, "delivered"),
            _of_audience(total, "failed"),
            "".join(_clicked(part, weekly) for part in parts) or numbers.NOTHING,
            verdict_html(campaign_verdict(_verdicts(weekly, row.campaign_id))),
        ]
        for row, total, parts in _each(weekly)
    ]
    caption = (
        "Figures to date. Small pictures: click rates of earlier campaigns, all at the same age; large: this one; "
        "band: expected."
    )
    return table(caption, HEADS, rows, texts=(4, 5))


def plain_campaigns(weekly: WeeklyFigures) -> dict | None:
    """The table of `campaigns` in plain text, for a mail; None where nothing was sent."""
    if weekly.campaigns.empty:
        return None
    rows = [
        [
            row.label,
            numbers.count(total.audience),
            _at_least(row, weekly) + _share(total.delivered, total.audience),
            _share(total.failed, total.audience),
            "; ".join(f"{CHANNEL_NAMES[part.channel]} {_percent(part.clicked_pct_of_delivered)}" for part in parts)
            or numbers.NOTHING,
            campaign_verdict(_verdicts(weekly, row.campaign_id)).words,
        ]
        for row, total, parts in _each(weekly)
    ]
    return {"caption": "Every campaign of the week, figures to date", "heads": [*HEADS[:-1], "Verdict"], "rows": rows}


def restated(weekly: WeeklyFigures) -> Display:
    """The figures of each campaign that changed since the earlier review; nothing where there is none, or no change."""
    changed = restatements(weekly.snapshot, weekly.earlier.snapshot) if weekly.earlier else weekly.snapshot.head(0)
    changed = changed[changed["channel"] == ALL_CHANNELS]
    if changed.empty:
        return NOTHING
    rows = [
        [
            name_html(row.campaign_name),
            escape(row.figure.capitalize()),
            numbers.count(row.before),
            numbers.count(row.now),
            numbers.change(row.change_pct),
        ]
        for row in changed.itertuples(index=False)
    ]
    caption = "People, all channels of a campaign together."
    return table(caption, ["Campaign", "Figure", "Reported", "Now", "Change"], rows, texts=(1,))


def _each(weekly):
    """Each campaign's row, its total and its channels' rows of `summary`."""
    for row in weekly.campaigns.itertuples(index=False):
        own = list(weekly.figures[weekly.figures["campaign_id"] == row.campaign_id].itertuples(index=False))
        yield row, own[-1], own[:-1]


def _verdicts(weekly, campaign_id):
    return weekly.verdicts[weekly.verdicts["campaign_id"] == campaign_id]


def _started(row, zone):
    if pd.isna(row.started_at):
        return f"finished {numbers.moment(row.finished_at, zone)}"
    return numbers.moment(row.started_at, zone)


def _at_least(row, weekly):
    return "≥ " if row.campaign_id in weekly.without_receipts else ""


def _of_audience(total, name):
    people = getattr(total, name)
    if pd.isna(people):
        return numbers.UNMEASURED
    estimate = numbers.percent(people / total.audience if total.audience else None)
    return f"{estimate}<small>{numbers.count(people)}</small>"


def _clicked(part, weekly):
    """A channel's click rate to date, over the picture of its history."""
    percent = part.clicked_pct_of_delivered
    if pd.isna(part.clicked) or (pd.isna(percent) and part.engagement_base):
        return f'<div class="history">{CHANNEL_NAMES[part.channel]} {numbers.UNMEASURED}</div>'
    of = f"of {numbers.count(part.engagement_base)} {BASE_WORDS[part.engagement_base_name]}"
    said = f"{CHANNEL_NAMES[part.channel]} <b>{_percent(percent)}</b> <small>{of}</small>"
    return f'<div class="history">{said}{_picture(part, weekly)}</div>'


def _picture(part, weekly):
    past = ordinary(weekly.history[weekly.history["channel"] == part.channel], weekly.week).sort_values("finished_at")
    past = past[past["clicked_in_base"].notna()]
    earlier = (past["clicked_in_base"].astype("int64") / past["engagement_base"]).tolist()
    rows = _verdicts(weekly, part.campaign_id)
    rows = rows[(rows["channel"] == part.channel) & (rows["metric"] == "clicked")]
    if rows.empty:
        return ""
    asked = rows.iloc[0]
    now = asked["rate"] if asked["old_enough"] and asked["base"] else None
    usual = (asked["low"], asked["high"]) if asked["verdict"] in JUDGED else None
    before = f"Clicked on {CHANNEL_NAMES[part.channel]}, {numbers.plural(len(earlier), 'earlier campaign')}"
    if earlier:
        before += f", {numbers.percent(min(earlier))} to {numbers.percent(max(earlier))}"
    words = f"{before}; {asked['label']}: {numbers.percent(now)}, {asked['verdict']}"
    return sparkline(earlier, now, usual, words, asked["verdict"] in UNUSUAL)


def _share(people, base):
    return numbers.UNMEASURED if pd.isna(people) else numbers.percent(people / base if base else None)


def _percent(number):
    return numbers.percent(None if pd.isna(number) else number / 100)


def verdict_html(one: Verdict) -> str:
    return f'<span class="verdict {one.level}"><span aria-hidden="true">{symbol(one)}</span> {escape(one.words)}</span>'
