"""What a campaign cost, per person reached and per person who did something, and what was paid for nothing."""

from html import escape

import pandas as pd

from reportlib.presentation.look import numbers
from reportlib.presentation.look.cards import Card
from reportlib.presentation.look.display import Display, name_html, one_below_the_other
from reportlib.presentation.look.finding import CHANNEL_NAMES
from reportlib.presentation.look.folds import folded
from reportlib.presentation.look.table import cards_html, cards_text, grid, table

PER = {"sent": "Per sent", "delivered": "Per delivered", "clicked": "Per click", "replied": "Per reply"}
WASTED = {
    "known": "to addresses known to fail for good",
    "twice": "to people who had had one",
    "failed": "that failed",
}
NOTHING_TOLD = (
    "No provider tells a cost of these messages, and no rate card has one: parameters/rates.yaml is the place for it."
)


def costs(by_channel: pd.DataFrame, counts: pd.DataFrame, by_group: dict, waste: pd.DataFrame, limit: dict) -> Display:
    """Cards of what a campaign cost in all, and by channel; folded by what else its price depends on, and the waste.

    `by_channel` is `metrics.costs(by="channel")`, `counts` `breakdown(by="channel")`, `by_group` further `costs` by
    the name of their grouping, `waste` and `limit` `metrics.waste` and `metrics.marketing_limit`.
    """
    if by_channel["cost"].isna().all():
        parts = [Display(f'<p class="empty">{NOTHING_TOLD}</p>', NOTHING_TOLD)]
    else:
        parts = [_cards(by_channel, counts), _by_channel(by_channel, counts)]
        further = [_by(name, frame) for name, frame in by_group.items() if frame[name].nunique() > 1]
        if further:
            html = "".join(one.html for one in further)
            parts.append(Display(folded("By what else the price depends on", html), "\n".join(o.text for o in further)))
    parts += wasted(waste, limit)
    return one_below_the_other(parts)


def side_by_side(by_campaign: pd.DataFrame, counts: pd.DataFrame, labels: dict) -> Display:
    """What campaigns cost beside what people did: `metrics.costs` and `metrics.breakdown` by campaign_id, and the
    label of each campaign."""
    if by_campaign["cost"].isna().all():
        return Display(f'<p class="empty">{NOTHING_TOLD}</p>', NOTHING_TOLD)
    rows = []
    for campaign, label in labels.items():
        own, people = by_campaign[by_campaign["campaign_id"] == campaign], _people(counts, "campaign_id", campaign)
        rows.append([name_html(label), escape(_total(own)), *[escape(_per(own, people[name])) for name in PER]])
    return table("Cost of what was handed over, and per person", ["Campaign", "Cost", *PER.values()], rows)


def money(amount, currency: str) -> str:
    """ "1,234.50 EUR"; of small amounts as many digits as tell something: "0.0009 EUR"."""
    if amount is None or pd.isna(amount):
        return numbers.NOTHING
    places = 2 if amount == 0 or amount >= 1 else 4 if amount >= 0.001 else 6
    return f"{numbers.decimal(amount, places)}{numbers.THIN_SPACE}{str(currency)[:12]}"


def wasted(waste: pd.DataFrame, limit: dict) -> list[Display]:
    """What was paid for nothing, and whom Meta's limit kept from a message; each only where there is any."""
    return [*_waste(waste), *_limit(limit)]


def _cards(by_channel, counts):
    people = {name: _sum(counts, name) for name in PER}
    told = [Card("Cost", _total(by_channel), _of_messages(by_channel))]
    shares = {"delivered": "delivered", "clicked": "who clicked", "replied": "who replied"}
    for name, who in shares.items():
        if people[name] is not None:
            said = _per(by_channel, people[name])
            told.append(Card(PER[name], said, f"{numbers.count(people[name])} {who}"))
    return Display(cards_html(told), cards_text(told))


def _of_messages(frame):
    said = f"of {numbers.plural(int(frame['messages'].sum()), 'message')}"
    rated, unpriced = int(frame["rated"].sum()), int(frame["unpriced"].sum())
    said += f", {numbers.count(rated)} by the rate card" if rated else ""
    return said + (f", {numbers.count(unpriced)} without a price are not in it" if unpriced else "")


def _by_channel(by_channel, counts):
    rows = []
    for channel, own in by_channel.groupby("channel", sort=False):
        people = _people(counts, "channel", channel)
        rows.append([CHANNEL_NAMES[channel], escape(_total(own)), *[escape(_per(own, people[name])) for name in PER]])
    return table("By channel, per person; currencies are not added", ["", "Cost", *PER.values()], rows)


def _by(name, frame):
    rows = [
        [name_html(group), numbers.count(own["messages"].sum()), escape(_total(own))]
        for group, own in frame.groupby(name, sort=False)
    ]
    return grid(f"By {name}, messages handed over", ["", "Messages", "Cost"], rows)


def _waste(waste):
    found = []
    for what, own in waste.groupby("what", sort=False):
        paid, count = own["cost"].sum() > 0, int(own["messages"].sum())
        if paid or what != "failed":
            found.append(f"{numbers.plural(count, 'message')} {WASTED[what]}: {_total(own) if paid else 'at no cost'}")
    if not found:
        return []
    items = "".join(f"<li>{escape(one)}.</li>" for one in found)
    return [Display(f'<p class="base">Wasted</p><ul class="limits">{items}</ul>', "\n".join(["Wasted", *found]))]


def _limit(limit):
    if not limit["people"]:
        return []
    said = (
        f"Meta's limit of marketing per person (131049) stopped {numbers.plural(limit['people'], 'message')}; "
        f"{numbers.count(limit['by_sms'])} of these people got an SMS before: an SMS may reach them instead."
    )
    return [Display(f'<p class="base">{escape(said)}</p>', said)]


def _total(frame):
    """The amounts of each currency, one behind the other."""
    return " + ".join(money(cost, currency) for currency, cost in _amounts(frame)) or numbers.NOTHING


def _per(frame, people):
    if people is None:
        return numbers.UNMEASURED
    return " + ".join(money(cost / people, currency) for currency, cost in _amounts(frame) if people) or numbers.NOTHING


def _amounts(frame):
    return frame.dropna(subset="cost").groupby("currency", sort=True)["cost"].sum().items()


def _people(counts, key, value) -> dict:
    found = counts[counts[key] == value]
    return {name: _sum(found, name) for name in PER}


def _sum(counts, name):
    """People; None where a channel does not tell it."""
    measured = counts["delivery_measured"].all() if name == "delivered" else counts[name].notna().all()
    return int(counts[name].sum()) if len(counts) and measured else None
