"""A message to Slack: Block Kit, whose plain_text knows no markup (https://docs.slack.dev/reference/block-kit)."""

from html import escape

from reportlib.publishing.chat import texts
from reportlib.publishing.chat.texts import Picture
from reportlib.publishing.mail.content import Content


def message(content: Content, picture: Picture | None) -> dict:
    """The blocks, and a line for where they are not shown."""
    blocks: list[dict] = [{"type": "header", "text": _plain(content.title, 150)}]
    if about := texts.about(content):
        blocks.append({"type": "context", "elements": [_plain(about, 1_000)]})
    blocks += [{"type": "section", "text": _plain(texts.sentence(one), 3_000)} for one in content.findings]
    if cards := content.cards:
        fields = [_plain("\n".join([card.label, *texts.figures(card)]), 2_000) for card in cards]
        blocks.append({"type": "section", "fields": fields})
    if picture and picture.url:
        blocks.append({"type": "image", "image_url": picture.url, "alt_text": picture.shows[:1_000]})
    if content.actions:
        blocks.append({"type": "section", "text": _plain("\n".join(["What to do", *texts.to_do(content)]), 3_000)})
    if notes := texts.notes(content):
        blocks.append({"type": "context", "elements": [_plain(one, 1_000) for one in notes]})
    if content.link:
        button = {"type": "button", "text": _plain(content.link_words, 75), "url": content.link[:3_000]}
        blocks.append({"type": "actions", "elements": [button]})
    return {"text": escape(texts.headline(content), quote=False)[:3_000], "blocks": blocks}


def _plain(text, longest) -> dict:
    """A text as text: Slack decodes &amp; &lt; &gt; in any."""
    cut = text[:longest]
    while len(found := escape(cut, quote=False)) > longest:
        cut = cut[: -max(1, (len(found) - longest) // 5)]
    return {"type": "plain_text", "text": found, "emoji": False}
