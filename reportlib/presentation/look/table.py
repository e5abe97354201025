"""The tables, cards and lists of every report: cells are HTML already, every name escaped."""

import re
from collections.abc import Sequence
from html import escape, unescape

from reportlib.definitions import base_word
from reportlib.metrics import DEFINITIONS, Rate
from reportlib.presentation.look import numbers
from reportlib.presentation.look.cards import Card
from reportlib.presentation.look.display import Display, name_html
from reportlib.presentation.look.drawing.rate_picture import gauge
from reportlib.presentation.look.finding import SYMBOLS, Finding

UNMEASURED = f'<span class="unmeasured">{numbers.UNMEASURED}</span>'
THIN_GROUP = 100  # people delivered; below it an interval spans several points at any usual rate


DIMENSION_NAMES = {"email_domain": "E-mail domain", "timezone": "Time zone", "campaign_id": "Campaign"}


def dimension_name(name: str) -> str:
    """A name of `by=` as a reader knows it: "attribute:plan" is "Plan"."""
    plain = name.removeprefix("attribute:")
    return DIMENSION_NAMES.get(name, plain[:1].upper() + plain[1:].replace("_", " "))


def shown_cards(chosen: list[Card], base: str, further: Sequence[Card] = ()) -> Display:
    """Cards beside each other, `further` ones in a row of their own, and under them a sentence on their base."""
    html = cards_html(chosen) + (cards_html(further, "beside") if further else "")
    return Display(f'{html}<p class="base">{escape(base)}</p>', f"{base}\n{cards_text((*chosen, *further))}")


def cards_html(chosen: Sequence[Card], kind: str = "") -> str:
    """Cards in a row; `kind` is one more class of it."""
    return f'<div class="{f"cards {kind}".strip()}">{"".join(map(_card, chosen))}</div>'


def cards_text(chosen: Sequence[Card]) -> str:
    """A line for each card."""
    return "\n".join(map(_card_text, chosen))


def notes(found: list[Finding]) -> Display:
    """Findings or caveats as a list; the level is told by symbol and word order, not by colour alone.

    Example
    -------
    >>> print(tables.notes([Finding("delivery", "warning", "Reached 94 % of 17,699 people.")]).text)
    ! Reached 94 % of 17,699 people.
    """
    if not found:
        return Display('<p class="empty">None.</p>', "None.")
    items = "".join(
        f'<li class="{one.level}"><span class="symbol" aria-hidden="true">{SYMBOLS[one.level]}</span>'
        f"<span>{escape(one.text)}{f' <em>{escape(one.advice)}</em>' if one.advice else ''}</span></li>"
        for one in found
    )
    text = "\n".join(f"{SYMBOLS[one.level]} {one.text} {one.advice}".rstrip() for one in found)
    return Display(f'<ul class="findings">{items}</ul>', text)


def definitions(names=None) -> Display:
    """What the figures mean, from the registry; all of them, or those named.

    Example
    -------
    >>> tables.definitions(["clicked"]).text.splitlines()[0]
    'Counted in people, to date'
    """
    chosen = [one for one in DEFINITIONS if names is None or one.name in names]
    rows = [
        [
            escape(one.label),
            escape(one.meaning),
            escape(", ".join(map(base_word, one.bases))),
            escape(one.machine),
        ]
        for one in chosen
    ]
    return table("Counted in people, to date", ["Figure", "What it counts", "% of", "Machines"], rows, texts=(1, 2, 3))


def words(meanings: dict) -> Display:
    """What the words of a report mean, one row each.

    Example
    -------
    >>> print(tables.words({"told apart": "its interval leaves zero out"}).text)
    The words of this report
    told apart  its interval leaves zero out
    """
    rows = [[f'<span class="tag unknown">{escape(word)}</span>', escape(told)] for word, told in meanings.items()]
    return table("The words of this report", ["Word", "Meaning"], rows, texts=(1,))


def facts(pairs: dict, caption: str) -> Display:
    """Names and values, one row each.

    Example
    -------
    >>> print(tables.facts({"Rows": 12}, "What was read").text)
    What was read
    Rows  12
    """
    return table(caption, ["", ""], [[escape(str(k)), name_html(v)] for k, v in pairs.items()], texts=(1,), head=False)


def _card(card):
    kind = re.sub("[^a-z]+", "-", card.label.split(",")[0].lower())
    parts = [
        f"<h3>{escape(card.label)}</h3>",
        f'<p class="count">{escape(card.count)} <span class="share">{escape(card.share)}</span></p>',
    ]
    parts += [_gauge(card), *map(_judged, filter(None, (card.verdict, card.usual)))]
    parts += [f'<p class="beside">{escape(card.beside)}</p>' if card.beside else ""]
    return f'<div class="card {kind}">{"".join(parts)}</div>'


def _judged(verdict):
    symbol = f'<span aria-hidden="true">{SYMBOLS[verdict.level]}</span> ' if verdict.level != "note" else ""
    return f'<p class="verdict {verdict.level}">{symbol}{escape(verdict.words)}</p>'


def _gauge(card):
    one = card.gauge
    if one is None:
        return ""
    usual = (one.low, one.high) if one.low is not None and one.high is not None else None
    words = [f"{card.label} {numbers.percent(one.value)}"]
    words += [f"usual {numbers.interval(*usual)}{numbers.THIN_SPACE}%"] if usual else []
    words += [f"goal {numbers.percent(one.goal)}"] if one.goal is not None else []
    return gauge(one.value, usual, one.goal, "; ".join(words))


def _card_text(card):
    said = "".join(f"; {one.words}" for one in (card.verdict, card.usual) if one)
    beside = f"; {card.beside}" if card.beside else ""
    return f"{card.label}: {card.count} ({card.share}{said}){beside}"


def rate_cell(rate: Rate) -> str:
    """The HTML of a rate with its interval, count and base."""
    if rate.estimate is None:
        return numbers.NOTHING
    within = numbers.interval(rate.low, rate.high)
    of = f"{numbers.count(rate.count)} of {numbers.count(rate.base)}"
    return f"{numbers.percent(rate.estimate)} <small>({within})</small> <small>{of}</small>"


def table(caption: str, heads: list[str], rows: list[list[str]], texts=(), head=True, title: str = "") -> Display:
    """A table of cells that are HTML already; columns other than the first and `texts` are numbers, set right. On a
    phone each row is a block. A `title` is a heading of the page, above the caption.

    Example
    -------
    >>> print(tables.table("Clicks", ["Channel", "People"], [["SMS", "124"]]).text)
    Clicks
    SMS  124
    """
    return _table("stacked", caption, heads, rows, texts, head, title)


def grid(caption: str, heads: list[str], rows: list[list[str]]) -> Display:
    """A table of few short cells, HTML already, that stays a table on a phone."""
    return _table("grid", caption, heads, rows)


def _table(layout, caption, heads, rows, texts=(), head=True, title=""):
    kinds = ["text" if at == 0 or at in texts else "number" for at in range(len(heads))]
    top = "".join(
        f'<th scope="col" class="{kind}">{escape(label)}</th>' if label else "<td></td>"
        for kind, label in zip(kinds, heads, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<th scope="row">{cell}</th>'
            if at == 0
            else f'<td class="{kinds[at]}" data-label="{escape(heads[at])}"><span>{cell}</span></td>'
            for at, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    thead = f"<thead><tr>{top}</tr></thead>" if head else ""
    above = f"<h2>{escape(title)}</h2>" if title else ""
    html = f'<table class="{layout}"><caption>{above}{escape(caption)}</caption>{thead}<tbody>{body}</tbody></table>'
    told = f"{title} {caption}".strip()
    return Display(html, "\n".join([told, *["  ".join(_plain(cell) for cell in row) for row in rows]]))


def _plain(cell):
    """The words of a cell, without its tags."""
    return unescape(re.sub(r"<[^>]*>", " ", cell)).strip()
