"""A message to Google Chat: a card of version 2 (https://developers.google.com/workspace/chat/api/reference/rest/v1/cards)."""

from html import escape

from reportlib.presentation.look.brand.accent import tones
from reportlib.publishing.chat import texts
from reportlib.publishing.chat.texts import Picture, unlinked
from reportlib.publishing.mail.content import Content


def message(content: Content, picture: Picture | None) -> dict:
    """The card; its button in the accent of the brand."""
    widgets: list[dict] = [{"decoratedText": {"text": _html(content.title), "wrapText": True}}]
    widgets += [_paragraph(about)] if (about := texts.about(content)) else []
    widgets += [_paragraph(texts.sentence(one)) for one in content.findings]
    for card in content.cards:
        words = _html(" · ".join(texts.figures(card)))
        widgets.append({"decoratedText": {"topLabel": _html(card.label), "text": words, "wrapText": True}})
    if picture and picture.url:
        widgets.append({"image": {"imageUrl": picture.url, "altText": picture.shows}})
    widgets += [_paragraph("What to do", *texts.to_do(content))] if content.actions else []
    widgets += [_paragraph(*notes)] if (notes := texts.notes(content)) else []
    if content.link:
        button = {"text": _html(content.link_words), "onClick": {"openLink": {"url": content.link}}}
        widgets.append({"buttonList": {"buttons": [button | _coloured(content.brand.accent)]}})
    return {"cardsV2": [{"cardId": "report", "card": {"sections": [{"widgets": widgets}]}}]}


def _paragraph(*lines) -> dict:
    return {"textParagraph": {"text": "<br>".join(_html(one) for one in lines)}}


def _coloured(accent: str | None) -> dict:
    if accent is None:
        return {}
    shade = tones(accent)[0]
    parts = zip(("red", "green", "blue"), (1, 3, 5), strict=True)
    return {"color": {name: round(int(shade[at : at + 2], 16) / 255, 3) for name, at in parts}}


def _html(text) -> str:
    """Without what Google Chat reads as markup, a link or a mention."""
    return unlinked(escape(text, quote=False))
