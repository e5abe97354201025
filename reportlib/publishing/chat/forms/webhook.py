"""A message for a program: its fields are those of a mail, plain texts."""

import base64

from reportlib.publishing.chat.texts import Picture
from reportlib.publishing.mail.content import Content


def message(content: Content, picture: Picture | None) -> dict:
    """All of it, of version 1: later versions may have more fields, and keep these."""
    brand = content.brand
    return {
        "version": 1,
        "brand": {"name": brand.name, "accent": brand.accent, "contact": brand.contact},
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
        "picture": picture and {"shows": picture.shows, "png_base64": base64.b64encode(picture.png).decode()},
    }
