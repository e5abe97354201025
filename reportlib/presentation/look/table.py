"""The tables, cards and lists of every report: cells are HTML already, every name escaped."""

import re
from collections.abc import Sequence
from html import escape, unescape

from reportlib.metrics import DEFINITIONS, Rate
from reportlib.presentation.look import numbers
from reportlib.presentation.look.cards import Card
from reportlib.presentation.look.display import Display, name_html
from reportlib.presentation.look.finding import SYMBOLS, Finding

THIN_GROUP = 100  # people delivered; below it an interval spans several points at any usual rate


DIMENSION_NAMES = {"email_domain": "E-mail domain", "timezone": "Time zone", "campaign_id": "Campaign"}


def dimension_name(name: str) -> str:
    """A name of `by=` as a reader knows it: "attribute:plan" is "Plan"."""
    plain = name.removeprefix("attribute:")
    return DIMENSION_NAMES.get(name, plain[:1].upper() + plain[1:].replace("_", " "))


def shown_cards(chosen: list[Card], base: str, further: Sequence[Card] = ()) -> Display:
    """Cards beside each other, `further` ones in a row of their own, and under them a sentence on their base."""
    html = f'<div class="cards">{"".join(map(_card, chosen))}</div>'
    html += f'<div class="cards beside">{"".join(map(_card, further))}</div>' if further else ""
    text = "\n".join([base, *map(_card_text, (*chosen, *further))])
    return Display(f'{html}<p class="base">{escape(base)}</p>', text)


def notes(found: list[Finding]) -> Display:
    """Findings or caveats as a list; the level is told by symbol and word order, not by colour alone."""
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
    """What the figures mean, from the registry; all of them, or those named."""
    chosen = [one for one in DEFINITIONS if names is None or one.name in names]
    rows = [
        [
            escape(one.label),
            escape(one.meaning),
            escape(", ".join(b.replace("_", " ") for b in one.bases)),
            escape(one.machine),
        ]
        for one in chosen
    ]
    return table("Counted in people, to date", ["Figure", "What it counts", "% of", "Machines"], rows, texts=(1, 2, 3))


def words(meanings: dict) -> Display:
    """What the words of a report mean, one row each."""
    rows = [[f'<span class="tag unknown">{escape(word)}</span>', escape(told)] for word, told in meanings.items()]
    return table("The words of this report", ["Word", "Meaning"], rows, texts=(1,))


def facts(pairs: dict, caption: str) -> Display:
    """Names and values, one row each."""
    return table(caption, ["", ""], [[escape(str(k)), name_html(v)] for k, v in pairs.items()], texts=(1,), head=False)


def _card(card):
    judged = ""
    if card.verdict:
        symbol = f'<span aria-hidden="true">{SYMBOLS[card.verdict.level]}</span>'
        judged = f'<p class="verdict {card.verdict.level}">{symbol} {escape(card.verdict.words)}</p>'
    kind = card.label.split(",")[0].lower()
    return (
        f'<div class="card {kind}"><h3>{escape(card.label)}</h3><p class="count">{card.count}</p>'
        f'<p class="share">{escape(card.share)}</p>{judged}<p class="beside">{escape(card.beside)}</p></div>'
    )


def _card_text(card):
    said = f"; {card.verdict.words}" if card.verdict else ""
    return f"{card.label}: {card.count} ({card.share}{said}); {card.beside}"


def rate_cell(rate: Rate) -> str:
    """The HTML of a rate with its interval, count and base."""
    if rate.estimate is None:
        return numbers.NOTHING
    within = numbers.interval(rate.low, rate.high)
    of = f"{numbers.count(rate.count)} of {numbers.count(rate.base)}"
    return f"{numbers.percent(rate.estimate)} <small>({within})</small> <small>{of}</small>"


def table(caption: str, heads: list[str], rows: list[list[str]], texts=(), head=True) -> Display:
    """A table of cells that are HTML already; columns other than the first and `texts` are numbers, set right."""
    kinds = ["text" if at == 0 or at in texts else "number" for at in range(len(heads))]
    top = "".join(
        f'<th scope="col" class="{kind}">{escape(label)}</th>' for kind, label in zip(kinds, heads, strict=True)
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
    html = f"<table><caption>{escape(caption)}</caption>{thead}<tbody>{body}</tbody></table>"
    return Display(html, "\n".join([caption, *["  ".join(_plain(cell) for cell in row) for row in rows]]))


def _plain(cell):
    """The words of a cell, without its tags."""
    return unescape(re.sub(r"<[^>]*>", " ", cell)).strip()
