"""The parts of what every chat is told, as plain texts; each chat's form escapes what it would read as markup."""

import re
from dataclasses import dataclass

from reportlib.publishing.mail.content import Content, Figure, Said

APART = "\u200b"  # seen by nobody, and the end of what would be a mention or a link
_ADDRESS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)


@dataclass(frozen=True)
class Picture:
    """A report on one screen: PNG, what it shows, and where the chat's own servers can fetch it, if anywhere."""

    png: bytes
    shows: str
    url: str | None = None


def headline(content: Content) -> str:
    """The whole on one line: "Weekly review · Loja Açaí: 41,200 people were reached"."""
    said = content.findings[0].text if content.findings else ""
    return ": ".join(filter(None, [" · ".join(filter(None, [content.kicker, content.title])), said]))


def about(content: Content) -> str:
    """Whose it is, by the name of its brand, and what it is about."""
    return " · ".join(filter(None, [content.brand.name, content.kicker, content.account, content.subtitle]))


def sentence(said: Said) -> str:
    """A finding with its level as a symbol, and what to do."""
    return " ".join(filter(None, [said.symbol, said.text, said.advice]))


def figures(figure: Figure) -> list[str]:
    """The lines of a card, but for its label."""
    judged = f"{figure.verdict.symbol} {figure.verdict.text}" if figure.verdict else ""
    return [one for one in (figure.count, figure.share, judged or figure.beside) if one]


def to_do(content: Content) -> list[str]:
    """What to do, numbered, each with what it would gain."""
    gains = [f" ({one.gain})" if one.gain else "" for one in content.actions]
    return [f"{at}. {one.text}{gain}" for at, (one, gain) in enumerate(zip(content.actions, gains, strict=True), 1)]


def notes(content: Content) -> list[str]:
    """What to believe, and whom to ask."""
    return [one for one in (content.believe, *content.notes, content.footer, content.brand.contact) if one]


def unlinked(text: str) -> str:
    """The text without what a chat makes a link of by itself."""
    return _ADDRESS.sub(APART, text)
