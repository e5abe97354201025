"""What the demo's plan is made of. Rates are shares of delivered messages unless said otherwise."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Choice:
    """A value and how often it is drawn; None is a missing one. Weights of one attribute add up to 1."""

    value: str | None
    weight: float


@dataclass(frozen=True)
class Campaign:
    """A campaign: `share` is its part of all messages, `people` a number instead.

    Sending starts at `start` and takes `minutes` on each of `days`. `appeal` multiplies every response rate and
    `clicked` stands for the channels' click rate. `declared` times the people messaged is the audience_size.
    """

    campaign_id: str
    account_id: str
    name: str
    channels: tuple[Choice, ...]
    start: datetime
    minutes: int
    share: float = 0.0
    people: int | None = None
    days: int = 1
    status: str = "completed"
    segment_id: str | None = None
    experiment_id: str | None = None
    variant: str | None = None
    appeal: float = 1.0
    clicked: float | None = None
    declared: float = 1.0
    held_out: float = 0.0  # of the people messaged: as many more were assigned to nothing
    attributes: tuple[tuple[str, str], ...] = ()
    without_receipt: float = 0.0  # of messages: delivered, but the provider has not said so
    cancelled_at: float = 0.0  # of its minutes, where it was cancelled: nothing was sent from then on
    fallback: str | None = None  # the channel of a second message where the first failed
    early_events: int = 0  # opens with a time before their message was sent
    totals: tuple[tuple[str, float, float], ...] = ()  # known as no more: what, its share of the people, times of each

    @property
    def is_sent(self) -> bool:
        """Whether there are messages of it that were handed over."""
        return (
            not self.totals
            and self.status not in ("draft", "scheduled")
            and (self.status != "cancelled" or self.cancelled_at > 0)
        )


def weighted(**weights: float) -> tuple[Choice, ...]:
    return tuple(Choice(value, weight) for value, weight in weights.items())


@dataclass(frozen=True)
class Home:
    """Where contacts live; the columns go together."""

    country: str | None
    language: str | None
    timezone: str | None
    city: str | None
    weight: float


@dataclass(frozen=True)
class Channel:
    """How an account's messages on one channel fare, where the campaign says nothing else.

    `pending` is a share of messages: never heard of again. The other rates are for a message sent at an hour whose
    multiplier is 1. `opened` includes people whose app reports no opens; it is 0 where the channel knows none.
    """

    channel: str
    provider: str
    cost: float
    pending: float
    opened: float
    clicked: float
    replied: float
    unsubscribed: float
    complained: float


@dataclass(frozen=True)
class Failure:
    """A share of the messages of a channel that fails for this reason; `carrier` adds, `campaign` replaces."""

    account_id: str
    channel: str
    code: str
    reason: str
    rate: float
    carrier: str | None = None
    campaign: str | None = None


@dataclass(frozen=True)
class Account:
    account_id: str
    name: str
    timezone: str
    currency: str
    share: float  # of all contacts
    homes: tuple[Home, ...]
    carriers: tuple[Choice, ...]
    email_domains: tuple[Choice, ...]
    channels: tuple[Channel, ...]


@dataclass(frozen=True)
class Segment:
    """`share` of the account's contacts, drawn apart from the other segments, so that segments overlap."""

    segment_id: str
    account_id: str
    name: str
    share: float


@dataclass(frozen=True)
class Plan:
    first_day: datetime  # a Monday; 16 whole weeks
    as_of: datetime  # UTC; nothing has happened after it
    accounts: tuple[Account, ...]
    segments: tuple[Segment, ...]
    campaigns: tuple[Campaign, ...]
    failures: tuple[Failure, ...]
    attributes: dict[str, tuple[Choice, ...]]  # besides `city`, which comes with the home
    hour_multiplier: tuple[float, ...]  # of response rates, by the contact's local hour of sending
    delay_tail: float = 0.8  # Lomax exponent of every delay: heavy, its mean is that of its cap
    open_delay: tuple[int, int] = (40, 30_000)  # minutes: scale, cap
    click_delay: tuple[int, int] = (8, 20_000)  # after the open
    reply_delay: tuple[int, int] = (60, 20_000)
    delivery_delay: tuple[float, int] = (0.07, 2_880)
    machine_delay: tuple[int, int] = (1, 30)
    reopened: float = 0.35  # of those who opened; a third of them open a third time
    clicked_again: float = 0.15
    receipts_off: float = 0.18  # of contacts: WhatsApp never says that they read
    machine_readers: float = 0.30  # of contacts: their mail client opens every e-mail
    scanned_domain: str = "grande-empresa.example"  # whose link scanner clicks every e-mail
    contacts_per_message: float = 0.25
