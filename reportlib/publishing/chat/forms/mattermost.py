"""A message to Mattermost: an attachment (https://developers.mattermost.com/integrate/reference/message-attachments).

Its text and the values of its fields are Markdown; titles that are links, labels, the author and the footer are shown
as they are, so that an escape would be seen there.
"""

import re

from reportlib.presentation.look.palette import COLOURS
from reportlib.publishing.chat import texts
from reportlib.publishing.chat.texts import APART, Picture, unlinked
from reportlib.publishing.mail.content import Content

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-!|>~])")
_LONGEST_FOOTER = 300  # what is longer is cut


def message(content: Content, picture: Picture | None) -> dict:
    """The attachment, its edge in the colour of the verdict."""
    fields = [
        {"title": _plain(card.label), "value": _markdown(" · ".join(texts.figures(card))), "short": True}
        for card in content.cards
    ]
    notes = texts.notes(content)
    footer = _plain(" ".join(notes))
    parts = [[texts.about(content)], [texts.sentence(one) for one in content.findings]]
    parts += [["What to do", *texts.to_do(content)]] if content.actions else []
    parts += [notes] if len(footer) > _LONGEST_FOOTER else []
    level = content.findings[0].level if content.findings else ""
    attachment = {
        "fallback": _plain(texts.headline(content)),
        "color": COLOURS.get(level, COLOURS["note"]),
        "title": _plain(content.title) if content.link else _markdown(content.title),
        "text": "\n\n".join("\n".join(map(_markdown, part)) for part in parts if any(part)),
        "fields": fields,
    }
    attachment |= {"footer": footer} if footer and len(footer) <= _LONGEST_FOOTER else {}
    attachment |= {"title_link": content.link} if content.link else {}
    attachment |= {"image_url": picture.url} if picture and picture.url else {}
    return {"attachments": [attachment]}


def _plain(text) -> str:
    """Without a mention or a link."""
    return unlinked(text.replace("@", f"@{APART}"))


def _markdown(text) -> str:
    """Without what is read as markup, a mention or a link."""
    return _plain(_MARKDOWN.sub(r"\\\1", text))
