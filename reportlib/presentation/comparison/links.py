"""The clicks of the campaigns compared: whose they may be, and the same link in each."""

import pandas as pd

from reportlib.presentation.look import numbers
from reportlib.presentation.look.display import Display, name_html
from reportlib.presentation.look.finding import CHANNEL_NAMES
from reportlib.presentation.look.folds import folded
from reportlib.presentation.look.table import table
from reportlib.presentation.look.totals import nothing
from reportlib.presentation.review.links import BUTTON, rate_of_base

TOP = 8


def links(frame: pd.DataFrame, compared: pd.DataFrame, top: int = TOP) -> Display:
    """`metrics.links` of the campaigns of `metrics.comparable`: a link's rates beside each other, the rest folded.

    A campaign that does not have a link has no share of it: "–".
    """
    if frame.empty:
        said = "No click has an address or a button that its source tells."
        return nothing(frame, said)
    labels = dict(zip(compared["campaign_id"], compared["label"], strict=True))
    found: dict[tuple, dict] = {(row.channel, row.kind, row.link): {} for row in frame.itertuples(index=False)}
    for row in frame.itertuples(index=False):
        found[row.channel, row.kind, row.link][row.campaign_id] = row
    ordered = sorted(found, key=lambda key: (-sum(row.people for row in found[key].values()), key))
    heads = ["", *[str(label) for label in labels.values()]]
    rows = [[_name(*key), *[_cell(found[key].get(campaign)) for campaign in labels]] for key in ordered]
    caption = "People who followed a link, with the 95\u202f% interval, of those whom the campaign's rates are of"
    shown = table(caption, heads, rows[:top])
    html, text = shown.html, shown.text
    if len(rows) > top:
        rest = table("The others", heads, rows[top:])
        html += folded(numbers.plural(len(rows) - top, "other link"), rest.html)
        text += f"\n{rest.text}"
    return Display(html, text)


def clicks(frame: pd.DataFrame) -> Display:
    """How many clicked in the campaigns of `metrics.comparable`: people; with unsure clicks; with machines."""
    heads = ["Campaign", "Clicked", "At most, with unsure", "Machines not told apart", "Of"]
    counted = ("clicked_in_base", "clicked_at_most_in_base", "clicked_by_any_in_base")
    rows = []
    for row in frame.to_dict("records"):
        base = row["engagement_base"]
        shares = [
            numbers.NOTHING if pd.isna(row[name]) or not base else numbers.percent(row[name] / base) for name in counted
        ]
        rows.append([name_html(row["label"]), *shares, numbers.count(base)])
    return table("Clicks by people, with those that may be machines', and with all", heads, rows)


def _name(channel, kind, link):
    return f"{name_html(link)}<small>{CHANNEL_NAMES[channel]}{', button' if kind == BUTTON else ''}</small>"


def _cell(row):
    if row is None:
        return numbers.NOTHING
    rate = rate_of_base(row)
    return f"{numbers.percent(rate.estimate)} <small>({numbers.interval(rate.low, rate.high)})</small>"
