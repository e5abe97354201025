"""Which links people followed and which buttons they tapped, as tables. An address is shown, never linked."""

import pandas as pd

from reportlib.metrics import Rate
from reportlib.metrics.people.measured import EITHER
from reportlib.metrics.people.rates import BASE_WORDS
from reportlib.presentation.look import numbers
from reportlib.presentation.look.display import Display, name_html
from reportlib.presentation.look.finding import CHANNEL_NAMES
from reportlib.presentation.look.folds import folded, the_numbers
from reportlib.presentation.look.table import grid
from reportlib.presentation.look.totals import nothing

TOP = 10
HEADS = ["", "People", "Of who clicked", "Of delivered", "In the first hour"]
BUTTON = "button"


def links(frame: pd.DataFrame, top: int = TOP) -> Display:
    """`metrics.links` of one campaign: a sentence on the most followed; folded the others, the first `top` in a table,
    and the numbers with their intervals."""
    if frame.empty:
        said = "No click has an address or a button that its source tells."
        return nothing(frame, said)
    first = _sentence(frame.iloc[0])
    rows = [_row(row) for row in frame.itertuples(index=False)]
    caption = f"People by what they clicked on; {_clickers(frame)}. Who clicked on two is in both"
    shown = grid(caption, _heads(frame), rows[:top])
    more = numbers.plural(len(rows) - top, "more link") if len(rows) > top else ""
    behind = [_behind(row) for row in frame.itertuples(index=False)]
    heads = ["Link or button", "Channel", "People", "Of who clicked", "In the base", "Of", "95 % interval"]
    table = f"{shown.html}{f'<p>and {more}</p>' if more else ''}{the_numbers('links', heads, behind)}"
    return Display(folded(first, table), "\n".join([first, shown.text, *["  ".join(row) for row in behind]]))


def _sentence(row):
    share = numbers.about(row["people"] / row["clickers"] if row["clickers"] else None)
    what = "tapped" if row["kind"] == BUTTON else "followed"
    of = f"{numbers.count(row['clickers'])} who clicked in {CHANNEL_NAMES[row['channel']]}"
    return f"{share} of the {of} {what} \u2068{row['link']}\u2069"  # isolated: marks in it stay in it


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
