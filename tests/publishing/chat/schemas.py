"""What Slack and Teams say that a message may be, as JSON Schema: the part of it that our messages are made of.

Slack's from its reference of blocks and of objects (https://docs.slack.dev/reference/block-kit/blocks), with its
limits; Teams' from the schema of Adaptive Cards 1.4 (http://adaptivecards.io/schemas/adaptive-card.json) and
Microsoft's page on webhooks, which says how a message holds a card. Nothing else is let through.
"""


def _object(required, **properties):
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


def _text(longest):
    return {"type": "string", "minLength": 1, "maxLength": longest}


def _plain(longest):
    return _object("type text", type={"const": "plain_text"}, text=_text(longest), emoji={"type": "boolean"})


def _list(of, most, fewest=1):
    return {"type": "array", "items": of, "minItems": fewest, "maxItems": most}


_URL = {"type": "string", "pattern": "^https?://", "maxLength": 3000}
_BUTTON = _object("type text", type={"const": "button"}, text=_plain(75), url=_URL)
_SECTION = _object("type", type={"const": "section"}, text=_plain(3000), fields=_list(_plain(2000), 10))
SLACK = _object(
    "text blocks",
    text={"type": "string"},
    blocks=_list(
        {
            "oneOf": [
                _object("type text", type={"const": "header"}, text=_plain(150)),
                {**_SECTION, "anyOf": [{"required": ["text"]}, {"required": ["fields"]}]},
                _object("type elements", type={"const": "context"}, elements=_list(_plain(3000), 10)),
                _object("type image_url alt_text", type={"const": "image"}, image_url=_URL, alt_text=_text(2000)),
                _object("type elements", type={"const": "actions"}, elements=_list(_BUTTON, 25)),
            ]
        },
        50,
    ),
)

_RUN = _object(
    "type text",
    type={"const": "TextRun"},
    text={"type": "string"},
    size={"enum": ["Default", "Small", "Medium", "Large", "ExtraLarge"]},
    weight={"enum": ["Default", "Lighter", "Bolder"]},
    color={"enum": ["Default", "Dark", "Light", "Accent", "Good", "Warning", "Attention"]},
    isSubtle={"type": "boolean"},
)
_RICH = _object("type inlines", type={"const": "RichTextBlock"}, inlines=_list(_RUN, 99))
_IMAGE = _object(
    "type url",
    type={"const": "Image"},
    url={"type": "string", "pattern": "^(https?://|data:image/png;base64,)"},
    altText={"type": "string"},
    size={"enum": ["Auto", "Stretch", "Small", "Medium", "Large"]},
)
_COLUMN = _object("type items", type={"const": "Column"}, width={"type": "string"}, items=_list(_RICH, 99))
_COLUMNS = _object("type columns", type={"const": "ColumnSet"}, columns=_list(_COLUMN, 9))
_OPEN = _object("type title url", type={"const": "Action.OpenUrl"}, title=_text(100), url=_URL)
_CARD = _object(
    "type version body",
    **{"$schema": {"const": "http://adaptivecards.io/schemas/adaptive-card.json"}},
    type={"const": "AdaptiveCard"},
    version={"const": "1.4"},
    body=_list({"oneOf": [_RICH, _IMAGE, _COLUMNS]}, 99),
    actions=_list(_OPEN, 6, 0),
    fallbackText={"type": "string"},
    msteams={"type": "object"},
)
_ATTACHMENT = _object(
    "contentType content",
    contentType={"const": "application/vnd.microsoft.card.adaptive"},
    contentUrl={"type": "null"},
    content=_CARD,
)
TEAMS = _object("type attachments", type={"const": "message"}, attachments=_list(_ATTACHMENT, 1))
