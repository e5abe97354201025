"""What a chat is told, in its own form: verdict, cards, picture, what to do, a link; every text as text, whatever is
in it.

Forms that know a plain text are given one (Slack's plain_text, Teams' TextRun); where there is only marked-up text,
what would be markup, a mention or a link is escaped.
"""

import base64
import json
import re
from dataclasses import dataclass, replace
from html import escape

from reportlib.presentation.look.palette import COLOURS
from reportlib.publishing.mail.content import Content, Figure, Said
from reportlib.publishing.page.picture import few_colours

TEAMS_LIMIT = 27_000  # bytes of a message to Teams, which takes 28 KB
CARD, CARD_TYPE = "http://adaptivecards.io/schemas/adaptive-card.json", "application/vnd.microsoft.card.adaptive"
_SMALLER = ((32, 900), (24, 700), (12, 520))  # colours and pixels of a picture within a message
_FINDINGS = 3
_APART = "\u200b"  # seen by nobody, and the end of what would be a mention or a link
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-!|>~])")
_TEAMS = {"good": "Good", "warning": "Warning", "bad": "Attention"}


@dataclass(frozen=True)
class Picture:
    """A report on one screen: PNG, what it shows, and where the chat's own servers can fetch it, if anywhere."""

    png: bytes
    shows: str
    url: str | None = None


def payload_of(kind: str, content: Content, picture: Picture | None = None) -> dict:
    """The message to a chat of this kind, one of `settings.NAMES`, as its webhook takes it."""
    title = content.title or content.kicker or "Report"
    return _FORMS[kind](replace(content, title=title, findings=content.findings[:_FINDINGS]), picture)


def headline(content: Content) -> str:
    """The whole on one line: "Weekly review · Loja Açaí: 41,200 people were reached"."""
    said = content.findings[0].text if content.findings else ""
    return ": ".join(filter(None, [" · ".join(filter(None, [content.kicker, content.title])), said]))


def _about(content: Content) -> str:
    return " · ".join(filter(None, [content.kicker, content.account, content.subtitle]))


def _said(said: Said) -> str:
    return " ".join(filter(None, [said.symbol, said.text, said.advice]))


def _figure(figure: Figure) -> list[str]:
    judged = f"{figure.verdict.symbol} {figure.verdict.text}" if figure.verdict else ""
    return [one for one in (figure.count, figure.share, judged or figure.beside) if one]


def _to_do(content: Content) -> list[str]:
    gains = [f" ({one.gain})" if one.gain else "" for one in content.actions]
    return [f"{at}. {one.text}{gain}" for at, (one, gain) in enumerate(zip(content.actions, gains, strict=True), 1)]


def _notes(content: Content) -> list[str]:
    return [one for one in (content.believe, *content.notes, content.footer) if one]


def _slack(content: Content, picture) -> dict:
    def plain(text, longest):  # Slack decodes &amp; &lt; &gt; in any text
        cut = text[:longest]
        while len(found := escape(cut, quote=False)) > longest:
            cut = cut[: -max(1, (len(found) - longest) // 5)]
        return {"type": "plain_text", "text": found, "emoji": False}

    blocks: list[dict] = [{"type": "header", "text": plain(content.title, 150)}]
    if about := _about(content):
        blocks.append({"type": "context", "elements": [plain(about, 1_000)]})
    blocks += [{"type": "section", "text": plain(_said(one), 3_000)} for one in content.findings]
    if cards := content.cards:
        blocks.append({"type": "section", "fields": [plain("\n".join([c.label, *_figure(c)]), 2_000) for c in cards]})
    if picture and picture.url:
        blocks.append({"type": "image", "image_url": picture.url, "alt_text": picture.shows[:1_000]})
    if content.actions:
        blocks.append({"type": "section", "text": plain("\n".join(["What to do", *_to_do(content)]), 3_000)})
    if notes := _notes(content):
        blocks.append({"type": "context", "elements": [plain(one, 1_000) for one in notes]})
    if content.link:
        button = {"type": "button", "text": plain(content.link_words, 75), "url": content.link[:3_000]}
        blocks.append({"type": "actions", "elements": [button]})
    return {"text": escape(headline(content), quote=False)[:3_000], "blocks": blocks}


def _teams(content: Content, picture) -> dict:
    """With the picture by its address, or within the message where it fits, smaller if need be."""
    if picture and picture.url:
        return _teams_card(content, picture.url, picture.shows)
    for colours, width in _SMALLER if picture else ():
        data = base64.b64encode(few_colours(picture.png, colours, width)).decode()
        message = _teams_card(content, f"data:image/png;base64,{data}", picture.shows)
        if len(json.dumps(message, ensure_ascii=False).encode(errors="replace")) <= TEAMS_LIMIT:
            return message
    return _teams_card(content, None)


def _teams_card(content: Content, picture_url, shows="") -> dict:
    def text(words, **look):
        run = {"type": "TextRun", "text": _uncomputed(words), **look}
        return {"type": "RichTextBlock", "inlines": [run]}

    body: list[dict] = [text(content.title, size="Large", weight="Bolder")]
    body += [text(about, isSubtle=True)] if (about := _about(content)) else []
    body += [text(_said(one), color=_TEAMS.get(one.level, "Default")) for one in content.findings]
    for first in range(0, len(content.cards), 3):
        columns = [
            {
                "type": "Column",
                "width": "stretch",
                "items": [text(card.label, isSubtle=True), *(text(one) for one in _figure(card))],
            }
            for card in content.cards[first : first + 3]
        ]
        body.append({"type": "ColumnSet", "columns": columns})
    if picture_url:
        body.append({"type": "Image", "url": picture_url, "altText": _uncomputed(shows), "size": "Stretch"})
    if content.actions:
        body += [text("What to do", weight="Bolder"), *map(text, _to_do(content))]
    body += [text(one, isSubtle=True, size="Small") for one in _notes(content)]
    actions = [{"type": "Action.OpenUrl", "title": content.link_words, "url": content.link}] if content.link else []
    card: dict = {"$schema": CARD, "type": "AdaptiveCard", "version": "1.4", "body": body, "actions": actions}
    card |= {"fallbackText": _uncomputed(headline(content)), "msteams": {"width": "Full"}}
    return {"type": "message", "attachments": [{"contentType": CARD_TYPE, "contentUrl": None, "content": card}]}


def _uncomputed(text) -> str:
    """Without what a card computes: {{DATE(…)}}."""
    return text.replace("{{", f"{{{_APART}{{")


def _google_chat(content: Content, picture) -> dict:
    def paragraph(*lines):
        return {"textParagraph": {"text": "<br>".join(_html(one) for one in lines)}}

    widgets: list[dict] = [{"decoratedText": {"text": _html(content.title), "wrapText": True}}]
    widgets += [paragraph(about)] if (about := _about(content)) else []
    widgets += [paragraph(_said(one)) for one in content.findings]
    for card in content.cards:
        words = _html(" · ".join(_figure(card)))
        widgets.append({"decoratedText": {"topLabel": _html(card.label), "text": words, "wrapText": True}})
    if picture and picture.url:
        widgets.append({"image": {"imageUrl": picture.url, "altText": picture.shows}})
    widgets += [paragraph("What to do", *_to_do(content))] if content.actions else []
    widgets += [paragraph(*notes)] if (notes := _notes(content)) else []
    if content.link:
        button = {"text": _html(content.link_words), "onClick": {"openLink": {"url": content.link}}}
        widgets.append({"buttonList": {"buttons": [button]}})
    return {"cardsV2": [{"cardId": "report", "card": {"sections": [{"widgets": widgets}]}}]}


def _html(text) -> str:
    """Without what Google Chat reads as markup, a link or a mention."""
    return _unlinked(escape(text, quote=False))


def _mattermost(content: Content, picture) -> dict:
    fields = [
        {"title": _markdown(card.label), "value": _markdown(" · ".join(_figure(card))), "short": True}
        for card in content.cards
    ]
    parts = [[_about(content)], [_said(one) for one in content.findings], _to_do(content)]
    level = content.findings[0].level if content.findings else ""
    attachment = {
        "fallback": _markdown(headline(content)),
        "color": COLOURS.get(level, COLOURS["note"]),
        "title": _markdown(content.title),
        "text": "\n\n".join("\n".join(map(_markdown, part)) for part in parts if any(part)),
        "fields": fields,
        "footer": _markdown(" ".join(_notes(content))),
    }
    attachment |= {"title_link": content.link} if content.link else {}
    attachment |= {"image_url": picture.url} if picture and picture.url else {}
    return {"attachments": [attachment]}


def _markdown(text) -> str:
    """Without what Mattermost reads as markup, a mention or a link."""
    return _unlinked(_MARKDOWN.sub(r"\\\1", text).replace("@", f"@{_APART}"))


def _unlinked(text) -> str:
    return text.replace("://", f":{_APART}//").replace("www.", f"www{_APART}.")


def _webhook(content: Content, picture) -> dict:
    """A message for a program: its fields are those of a mail, plain texts."""
    told = {
        "version": 1,
        "kind": content.kicker,
        "title": content.title,
        "account": content.account,
        "subtitle": content.subtitle,
        "findings": [{"level": one.level, "text": one.text, "advice": one.advice} for one in content.findings],
        "cards": [
            {"label": one.label, "count": one.count, "share": one.share, "verdict": one.verdict and one.verdict.text}
            for one in content.cards
        ],
        "actions": [{"text": one.text, "why": one.why, "gain": one.gain} for one in content.actions],
        "believe": content.believe,
        "link": content.link,
    }
    shown = picture and {"shows": picture.shows, "png_base64": base64.b64encode(picture.png).decode()}
    return told | {"picture": shown}


_FORMS = {
    "slack": _slack,
    "teams": _teams,
    "google_chat": _google_chat,
    "mattermost": _mattermost,
    "webhook": _webhook,
}
