"""What the words mean, once: reports, exports and sentences read this registry."""

from dataclasses import dataclass

from reportlib.warehouse.contract.tables import CHANNELS


@dataclass(frozen=True)
class Definition:
    """One metric: `numerator` ÷ each of `bases` (columns of the metrics' frames), both counted in `unit`.

    `machine` says what becomes of machine activity flagged by the provider; `channels` are those that can report the
    metric at all; `pooled` whether channels may be taken together in one rate; `limits` is what a reader must know
    about a channel's figure.
    """

    name: str
    label: str
    numerator: str
    bases: tuple[str, ...]
    meaning: str
    unit: str = "people"
    window: str = "to date"
    machine: str = "not applicable"
    channels: tuple[str, ...] = CHANNELS
    pooled: bool = True
    limits: dict[str, str] | None = None

    def rate_allowed(self, channels) -> bool:
        """Whether a rate may be given for a group with these channels: all report it, and may be taken together."""
        return bool(channels) and set(channels) <= set(self.channels) and (self.pooled or len(set(channels)) == 1)


CHANNEL_NAMES = {"whatsapp": "WhatsApp", "sms": "SMS", "email": "e-mail"}  # as written within a sentence

_OPEN_LIMITS = {
    "whatsapp": "at least: people can switch read receipts off",
    "sms": "not supported: SMS has no read receipts",
    "email": "machine opens inflate it, blocked pictures hide opens",
}

DEFINITIONS = (
    Definition(
        "sent",
        "Sent",
        "sent",
        ("audience",),
        "People whose message was handed to the provider, whatever became of it: delivered, failed or pending.",
    ),
    Definition(
        "delivered",
        "Delivered",
        "delivered",
        ("audience", "sent"),
        "People whose message reached them: the provider said so, or they opened, clicked or replied.",
    ),
    Definition(
        "failed",
        "Failed",
        "failed",
        ("audience", "sent"),
        "People whose message was refused or could not be delivered, refusals at once included.",
    ),
    Definition(
        "pending", "Pending", "pending", ("audience",), "People whose message was handed over, with no final word yet."
    ),
    Definition(
        "not_sent",
        "Not sent",
        "not_sent",
        ("audience",),
        "People of the audience whose message was not handed over: queued or suppressed.",
    ),
    Definition(
        "opened",
        "Opened",
        "opened",
        ("delivered", "audience"),
        "People who opened at least once. E-mail: the tracking picture was loaded; WhatsApp: a read receipt came back.",
        machine="included",
        channels=("whatsapp", "email"),
        pooled=False,
        limits=_OPEN_LIMITS,
    ),
    Definition(
        "opened_human",
        "Opened by people",
        "opened_human",
        ("delivered", "audience"),
        "People with at least one open that the provider did not flag as a machine's.",
        machine="left out",
        channels=("whatsapp", "email"),
        pooled=False,
        limits=_OPEN_LIMITS,
    ),
    Definition(
        "clicked",
        "Clicked",
        "clicked",
        ("delivered", "audience"),
        "People who followed a link or tapped a button at least once.",
        machine="left out",
    ),
    Definition(
        "click_to_open",
        "Click-to-open",
        "clicked",
        ("opened_or_clicked",),
        "Of the people who opened or clicked, those who clicked.",
        machine="opens included, clicks left out",
        channels=("whatsapp", "email"),
        pooled=False,
    ),
    Definition(
        "replied",
        "Replied",
        "replied",
        ("delivered", "audience"),
        "People who wrote back at least once; automatic replies and opt-out words are not replies.",
        machine="left out",
        limits={"email": "not measured where replies are not captured"},
    ),
    Definition(
        "unsubscribed", "Unsubscribed", "unsubscribed", ("delivered",), "People who asked for no more messages."
    ),
    Definition("complained", "Complained", "complained", ("delivered",), "People who reported the message as spam."),
)

_BY_NAME = {definition.name: definition for definition in DEFINITIONS}


def definition(name: str) -> Definition:
    """The definition of one metric; KeyError for a name that is none."""
    return _BY_NAME[name]


def counted(base_name: str) -> str:
    """What one counts of a base: "1,000 people" of an audience, else "1,000 delivered"."""
    return "people" if base_name == "audience" else base_name
