"""What the words mean, once: the one list of metrics, which every room reads and every list of metrics follows from.

A new kind of event is one entry here: its `event` with `columns`, and the metric that counts the people who did it.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

CHANNELS = ("whatsapp", "sms", "email")
CHANNEL_NAMES = {"whatsapp": "WhatsApp", "sms": "SMS", "email": "e-mail"}  # as written within a sentence


class EventColumns(NamedTuple):
    """A kind of event in the table of one row per message: the columns of the first, their number, machines' number."""

    first: str
    number: str
    by_machines: str | None = None


@dataclass(frozen=True)
class Definition:
    """One metric: `numerator` ÷ each of `bases` (columns of the metrics' frames), both counted in `unit`.

    `machine` says what becomes of machine activity, flagged by the provider or told by `metrics.people.machines`;
    `channels` are those that can report the metric at all; `pooled` whether channels may be taken together in one
    rate; `limits` is what a reader must know about a channel's figure; `compared` whether campaigns are compared by
    it, and `lower_is_better` how.

    A metric of people who acted counts those with an `event` of this kind, in the column of its name; its rates are of
    engagement_base, and NAME_in_base has those of them in it. `columns` stand where the metric is that of
    the kind itself; `proves_delivery` tells that nobody can do it without having the message, and `summed` that the
    events are counted too, as NAME_total.
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
    limits: dict[str, str] = field(default_factory=dict)
    compared: bool = True
    lower_is_better: bool = False
    event: str | None = None
    columns: EventColumns | None = None
    proves_delivery: bool = False
    summed: bool = False

    @property
    def people_only(self) -> bool:
        """Whether what a machine did is left out."""
        return self.machine == "left out"

    def counted_of(self, base: str) -> str:
        """The column of those whom a rate of this base counts: of an audience all who did it, within any other base."""
        return self.name if self.event and base == "audience" else self.numerator

    def rate_allowed(self, channels) -> bool:
        """Whether a rate may be given for a group with these channels: all report it, and may be taken together."""
        return bool(channels) and set(channels) <= set(self.channels) and (self.pooled or len(set(channels)) == 1)


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
        compared=False,
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
        lower_is_better=True,
    ),
    Definition(
        "pending",
        "Pending",
        "pending",
        ("audience",),
        "People whose message was handed over, with no outcome yet.",
        compared=False,
    ),
    Definition(
        "not_sent",
        "Not sent",
        "not_sent",
        ("audience",),
        "People of the audience whose message was not handed over: queued or suppressed.",
        compared=False,
    ),
    Definition(
        "opened",
        "Opened",
        "opened_in_base",
        ("engagement_base", "audience"),
        "People who opened at least once. E-mail: the tracking picture was loaded; WhatsApp: a read receipt came back.",
        machine="included",
        channels=("whatsapp", "email"),
        pooled=False,
        limits=_OPEN_LIMITS,
        event="opened",
        columns=EventColumns("opened_at", "opens", "opens_by_machines"),
        proves_delivery=True,
        summed=True,
    ),
    Definition(
        "opened_human",
        "Opened by people",
        "opened_human_in_base",
        ("engagement_base", "audience"),
        "People with at least one open that is no machine's, by the provider's flag and by the rules for e-mail.",
        machine="left out",
        channels=("whatsapp", "email"),
        pooled=False,
        limits=_OPEN_LIMITS,
        event="opened",
        proves_delivery=True,
        summed=True,
    ),
    Definition(
        "clicked",
        "Clicked",
        "clicked_in_base",
        ("engagement_base", "audience"),
        "People who followed a link to content or tapped a button at least once; neither machines nor unsure clicks.",
        machine="left out",
        event="clicked",
        columns=EventColumns("clicked_at", "clicks", "clicks_by_machines"),
        proves_delivery=True,
        summed=True,
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
        compared=False,
    ),
    Definition(
        "replied",
        "Replied",
        "replied_in_base",
        ("engagement_base", "audience"),
        "People who wrote back at least once; automatic replies and opt-out words are not replies.",
        machine="left out",
        limits={"email": "not measured where replies are not captured"},
        event="replied",
        columns=EventColumns("replied_at", "replies"),
        proves_delivery=True,
        summed=True,
    ),
    Definition(
        "unsubscribed",
        "Unsubscribed",
        "unsubscribed_in_base",
        ("engagement_base",),
        "People who asked for no more messages.",
        lower_is_better=True,
        event="unsubscribed",
        columns=EventColumns("unsubscribed_at", "unsubscribes"),
    ),
    Definition(
        "complained",
        "Complained",
        "complained_in_base",
        ("engagement_base",),
        "People who reported the message as spam.",
        lower_is_better=True,
        event="complained",
        columns=EventColumns("complained_at", "complaints"),
    ),
)

_BY_NAME = {definition.name: definition for definition in DEFINITIONS}
ACTED = {one.name: one for one in DEFINITIONS if one.event}  # what people do, by the name of the metric
TOTALS = tuple(f"{name}_total" for name, one in ACTED.items() if one.summed)  # how often they did it
RESPONSES = tuple(name for name, one in ACTED.items() if one.proves_delivery)  # whoever did so has the message
ENGAGEMENT = tuple(one.name for one in DEFINITIONS if one.event or one.bases == ("opened_or_clicked",))
COMPARED = tuple(one.name for one in DEFINITIONS if one.compared)
GUARDRAILS = tuple(one.name for one in DEFINITIONS if one.compared and one.lower_is_better)
EVENTS = {one.event: one for one in DEFINITIONS if one.event and one.columns}  # the metric of each kind of event
EVENT_KINDS = tuple(EVENTS)
IMPLY_DELIVERY = tuple(kind for kind, one in EVENTS.items() if one.proves_delivery)


def definition(name: str) -> Definition:
    """The definition of one metric; KeyError for a name that is none.

    Example
    -------
    >>> metrics.definition("clicked").bases
    ('engagement_base', 'audience')
    """
    return _BY_NAME[name]


def base_word(base: str) -> str:
    """What a base is called: "audience", "opened or clicked"; that of engagement "delivered" where receipts come in."""
    return "delivered" if base == "engagement_base" else base.replace("_", " ")


def counted(base_name: str) -> str:
    """What one counts of a base: "1,000 people" of an audience, else "1,000 delivered"."""
    return "people" if base_name == "audience" else base_name


def as_markdown() -> str:
    """The table of docs/definitions.md, a row for each metric."""
    channels = {one.name: "all" if one.channels == CHANNELS else ", ".join(one.channels) for one in DEFINITIONS}
    rows = [
        [one.label, ", ".join(map(base_word, one.bases)), one.meaning, one.machine, channels[one.name]]
        for one in DEFINITIONS
    ]
    heads = ["figure", "of", "what it counts", "machines", "channels"]
    return "\n".join(f"| {' | '.join(row)} |" for row in [heads, *rows]).replace("\n", f"\n|{'---|' * len(heads)}\n", 1)
