"""The first screen of a report: for somebody who has 20 seconds.

In this order: the verdict in a sentence or two, coloured by the worst that holds; its cards; at most three things to
do, each with what it would gain; what of it to believe.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from html import escape

from reportlib.presentation.look.cards import Card
from reportlib.presentation.look.display import Display
from reportlib.presentation.look.finding import SYMBOLS, Finding
from reportlib.presentation.look.table import cards_html, cards_text

MOST_ACTIONS, MOST_CARDS = 3, 4
LONGEST_NAME = 60  # characters of a name in a sentence, on a card and in an action
NOTHING_TO_DO = "Nothing needs doing."


@dataclass(frozen=True)
class Action:
    """One thing to do: what, why, what it would gain ("≈ +215 reached"), and the command with the list behind it."""

    text: str
    why: str = ""
    gain: str = ""
    command: str = ""


@dataclass(frozen=True)
class FirstScreen:
    """What a reader sees before scrolling, in plain text: a verdict with its cause in `advice`, four cards, three
    actions at most, and what to believe."""

    verdict: Finding
    cards: list[Card] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    believe: str = ""


def short_name(name: str) -> str:
    """A name, cut where it would fill the screen alone; the page's title has it whole."""
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME].rstrip()}…"


def with_short_names(text: str, names: Iterable[str]) -> str:
    """A sentence with these names of it cut, the longest first, since one may begin another."""
    for name in sorted(set(names), key=len, reverse=True):
        text = text.replace(name, short_name(name)) if len(name) > LONGEST_NAME else text
    return text


def with_names_cut(first: FirstScreen, names: Iterable[str]) -> FirstScreen:
    """A first screen with these names cut in what it says and in what is to be done."""
    names = list(names)
    text, advice = (with_short_names(one, names) for one in (first.verdict.text, first.verdict.advice))
    actions = [replace(one, text=with_short_names(one.text, names)) for one in first.actions]
    return replace(first, verdict=replace(first.verdict, text=text, advice=advice), actions=actions)


def shown(first: FirstScreen) -> Display:
    """The first screen as a page, a notebook and a terminal show it."""
    verdict, cards, actions = first.verdict, first.cards[:MOST_CARDS], first.actions[:MOST_ACTIONS]
    cause = f"<p>{escape(verdict.advice)}</p>" if verdict.advice else ""
    html = (
        f'<div class="first"><h2 class="unseen">In short</h2><div class="outcome {verdict.level}"><p class="said">'
        f'<span class="symbol" aria-hidden="true">{SYMBOLS[verdict.level]}</span> '
        f"{escape(verdict.text)}</p>{cause}</div>"
        f"{cards_html(cards, 'at-a-glance') if cards else ''}{_to_do(actions)}{_believe(first.believe)}</div>"
    )
    lines = [f"{SYMBOLS[verdict.level]} {verdict.text}", verdict.advice, cards_text(cards)]
    lines += [
        f"{at}. {' '.join(filter(None, [one.text, one.why, one.gain, one.command]))}" for at, one in _numbered(actions)
    ]
    lines += [f"What to believe: {first.believe}" if first.believe else ""]
    return Display(html, "\n".join(filter(None, lines)))


def _to_do(actions):
    if not actions:
        return f'<p class="nothing-to-do">{NOTHING_TO_DO}</p>'
    return f'<h2 class="to-do">What to do</h2><ol class="actions">{"".join(map(_action, actions))}</ol>'


def _action(one):
    why = f" <span>{escape(one.why)}</span>" if one.why else ""
    gain = f'<span class="gain">{escape(one.gain)}</span>' if one.gain else ""
    command = f"<details><summary>Command</summary><code>{escape(one.command)}</code></details>" if one.command else ""
    effect = f'<div class="effect">{gain}{command}</div>' if gain or command else ""
    return f"<li><div><b>{escape(one.text)}</b>{why}{effect}</div></li>"


def _believe(text):
    return f'<p class="believe"><b>What to believe:</b> {escape(text)}</p>' if text else ""


def _numbered(actions):
    return enumerate(actions, 1)
