"""A message to Teams: an Adaptive Card, whose TextRun knows no markup (https://adaptivecards.io/explorer)."""

import base64
import json

from reportlib.publishing.chat import texts
from reportlib.publishing.chat.texts import APART, Picture
from reportlib.publishing.mail.content import Content
from reportlib.publishing.page.picture import few_colours

LIMIT = 27_000  # bytes of a message: Teams takes 28 KB
_SCHEMA, _TYPE = "http://adaptivecards.io/schemas/adaptive-card.json", "application/vnd.microsoft.card.adaptive"
_SMALLER = ((32, 900), (24, 700), (12, 520))  # colours and pixels of a picture within a message
_COLOURS = {"good": "Good", "warning": "Warning", "bad": "Attention"}


def message(content: Content, picture: Picture | None) -> dict:
    """With the picture by its address, or within the message where it fits, smaller if need be."""
    if picture is None:
        return _holding(content, None)
    if picture.url:
        return _holding(content, picture.url, picture.shows)
    for colours, width in _SMALLER:
        data = base64.b64encode(few_colours(picture.png, colours, width)).decode()
        whole = _holding(content, f"data:image/png;base64,{data}", picture.shows)
        if len(json.dumps(whole, ensure_ascii=False).encode(errors="replace")) <= LIMIT:
            return whole
    return _holding(content, None)


def _holding(content: Content, picture_url, shows="") -> dict:
    body: list[dict] = [_text(content.title, size="Large", weight="Bolder")]
    body += [_text(about, isSubtle=True)] if (about := texts.about(content)) else []
    body += [_text(texts.sentence(one), color=_COLOURS.get(one.level, "Default")) for one in content.findings]
    for first in range(0, len(content.cards), 3):
        columns = [
            {
                "type": "Column",
                "width": "stretch",
                "items": [_text(card.label, isSubtle=True), *map(_text, texts.figures(card))],
            }
            for card in content.cards[first : first + 3]
        ]
        body.append({"type": "ColumnSet", "columns": columns})
    if picture_url:
        body.append({"type": "Image", "url": picture_url, "altText": _uncomputed(shows), "size": "Stretch"})
    if content.actions:
        body += [_text("What to do", weight="Bolder"), *map(_text, texts.to_do(content))]
    body += [_text(one, isSubtle=True, size="Small") for one in texts.notes(content)]
    actions = [{"type": "Action.OpenUrl", "title": content.link_words, "url": content.link}] if content.link else []
    card: dict = {"$schema": _SCHEMA, "type": "AdaptiveCard", "version": "1.4", "body": body, "actions": actions}
    card |= {"fallbackText": _uncomputed(texts.headline(content)), "msteams": {"width": "Full"}}
    return {"type": "message", "attachments": [{"contentType": _TYPE, "contentUrl": None, "content": card}]}


def _text(words, **look) -> dict:
    run = {"type": "TextRun", "text": _uncomputed(words), **look}
    return {"type": "RichTextBlock", "inlines": [run]}


def _uncomputed(text) -> str:
    """Without what a card computes: {{DATE(…)}}."""
    return text.replace("{{", f"{{{APART}{{")
