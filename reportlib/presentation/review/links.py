"""Which links people followed and which buttons they tapped, as tables. An address is shown, never linked."""

import pandas as pd

from reportlib.metrics import Rate
from reportlib.metrics.people.measured import EITHER
from reportlib.metrics.people.rates import BASE_WORDS
from reportlib.presentation.look import numbers
from reportlib.presentation.look.display import Display, name_html
from reportlib.presentation.look.finding import CHANNEL_NAMES
from reportlib.presentation.look.table import folded, grid, the_numbers

TOP = 5
HEADS = ["", "People", "Of who clicked", "Of delivered", "In the first hour"]
BUTTON = "button"


def links(frame: pd.DataFrame, top: int = TOP) -> Display:
    """`metrics.links` of one campaign: the most followed, the others folded, and the numbers with their intervals."""
    if frame.empty:
        said = "No click has an address or a button that its source tells."
        return Display(f'<p class="empty">{said}</p>', said)
    rows = [_row(row) for row in frame.itertuples(index=False)]
    caption = f"People by what they clicked on; {_clickers(frame)}. Who clicked on two is in both"
    shown = grid(caption, _heads(frame), rows[:top])
    html, text = shown.html, shown.text
    if len(rows) > top:
        rest = grid("The others", _heads(frame), rows[top:])
        html += folded(f"{numbers.plural(len(rows) - top, 'other link')}", rest.html)
        text += f"\n{rest.text}"
    behind = [_behind(row) for row in frame.itertuples(index=False)]
    heads = ["Link or button", "Channel", "People", "Of who clicked", "In the base", "Of", "95 % interval"]
    return Display(html + the_numbers("links", heads, behind), text)


def _heads(frame):
    base = _base(frame)
    return [f"Of {base}" if head == "Of delivered" else head for head in HEADS]


def _base(frame):
    names = frame["engagement_base_name"].unique()
    return BASE_WORDS[names[0] if len(names) == 1 else EITHER]


def _clickers(frame):
    each = frame.drop_duplicates(["campaign_id", "channel"])
    return " and ".join(
        f"{numbers.count(row.clickers)} clicked in {CHANNEL_NAMES[row.channel]}" for row in each.itertuples(index=False)
    )


def _row(row):
    return [
        f"{name_html(row.link)}<small>{CHANNEL_NAMES[row.channel]}{', button' if row.kind == BUTTON else ''}</small>",
        numbers.count(row.people),
        numbers.about(row.people / row.clickers if row.clickers else None),
        numbers.percent(rate_of_base(row).estimate),
        numbers.about(row.first_hour / row.people),
    ]


def rate_of_base(row) -> Rate:
    """How many of those whom rates are of followed the link."""
    return Rate(int(row.in_base), int(row.engagement_base), BASE_WORDS[row.engagement_base_name])


def _behind(row):
    rate = rate_of_base(row)
    return [
        row.link,
        CHANNEL_NAMES[row.channel],
        numbers.count(row.people),
        numbers.count(row.clickers),
        numbers.count(rate.count),
        numbers.count(rate.base),
        numbers.interval(rate.low, rate.high),
    ]
