"""The demo's plan: everything that is true of it. The data is drawn from it, tests and docs/demo.md are held to it.

Rates are shares of delivered messages unless said otherwise; local times are in the account's time zone.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Choice:
    """A value and how often it is drawn; None is a missing one. Weights of one attribute add up to 1."""

    value: str | None
    weight: float


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
    provider_code: str
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
    late_callbacks: float = 0.0  # of messages: delivered, but the provider has not said so
    fallback: str | None = None  # the channel of a second message where the first failed
    early_events: int = 0  # opens with a time before their message was sent


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


def _weighted(**weights: float) -> tuple[Choice, ...]:
    return tuple(Choice(value, weight) for value, weight in weights.items())


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


SP, MANAUS, BERLIN = "America/Sao_Paulo", "America/Manaus", "Europe/Berlin"
BR, DE = "acai", "buecher"
WHATSAPP, SMS, EMAIL = _weighted(whatsapp=1.0), _weighted(sms=1.0), _weighted(email=1.0)

ACCOUNTS = (
    Account(
        BR,
        "Loja Açaí São João & Irmãos",
        SP,
        "BRL",
        0.6,
        homes=(
            Home("BR", "pt", SP, "São Paulo", 0.46),
            Home("BR", "pt", SP, "Rio de Janeiro", 0.22),
            Home("BR", "pt", SP, "Florianópolis", 0.12),
            Home("BR", "pt", MANAUS, "Manaus", 0.08),
            Home("BR", "es", SP, "Foz do Iguaçu", 0.015),
            Home("BR", "pt", SP, '=1+1 São "João" d\'El-Rei', 0.005),
            Home("BR", None, None, None, 0.07),
            Home(None, None, None, None, 0.03),
        ),
        carriers=(*_weighted(Vivo=0.38, Claro=0.30, TIM=0.18, Oi=0.08), Choice(None, 0.06)),
        email_domains=(
            Choice("gmail.com", 0.58),
            Choice("hotmail.com", 0.2),
            Choice("uol.com.br", 0.12),
            Choice("grande-empresa.example", 0.04),
            Choice(None, 0.06),
        ),
        channels=(
            Channel("whatsapp", "whatsapp", 0.3125, 0.012, 0.62, 0.07, 0.030, 0.006, 0.0006),
            Channel("sms", "twilio", 0.21, 0.010, 0.0, 0.03, 0.010, 0.005, 0.0),
            Channel("email", "sendgrid", 0.004, 0.004, 0.28, 0.035, 0.0, 0.003, 0.0005),  # replies are not captured
        ),
    ),
    Account(
        DE,
        "Bücherhaus Köln",
        BERLIN,
        "EUR",
        0.4,
        homes=(
            Home("DE", "de", BERLIN, "Köln", 0.45),
            Home("DE", "de", BERLIN, "Berlin", 0.25),
            Home("AT", "de", "Europe/Vienna", "Wien", 0.1),
            Home("CH", "fr", "Europe/Zurich", "Genève", 0.04),
            Home("GB", "en", "Europe/London", "Leeds", 0.02),
            Home("DE", "de", None, None, 0.12),
            Home(None, None, None, None, 0.02),
        ),
        carriers=(*_weighted(Telekom=0.42, Vodafone=0.3, O2=0.2), Choice(None, 0.08)),
        email_domains=(
            Choice("gmail.com", 0.35),
            Choice("gmx.de", 0.3),
            Choice("web.de", 0.18),
            Choice("t-online.de", 0.12),
            Choice("posteo.de", 0.01),
            Choice(None, 0.04),
        ),
        channels=(
            Channel("whatsapp", "whatsapp", 0.1131, 0.010, 0.60, 0.06, 0.025, 0.004, 0.0004),
            Channel("sms", "twilio", 0.0895, 0.008, 0.0, 0.025, 0.006, 0.005, 0.0),
            Channel("email", "ses", 0.0009, 0.003, 0.34, 0.045, 0.008, 0.004, 0.0004),
        ),
    ),
)

SEGMENTS = (
    Segment("regulars", BR, "Clientes fiéis 🍇", 0.45),
    Segment("vip", BR, 'VIP "ouro" d\'Oeste <script>alert(1)</script>', 0.06),
    Segment("lapsed", BR, "Inativos há 90 dias", 0.25),
    Segment("newsletter", DE, "Newsletter-Abonnenten", 0.7),
    Segment("bestsellers", DE, "Krimi-Käufer", 0.3),
    Segment("students", DE, "Studierende", 0.1),
)

ALL_THREE = _weighted(whatsapp=0.5, sms=0.2, email=0.3)
CAMPAIGNS = (
    Campaign("winter-clearance", BR, "Liquidação de inverno", WHATSAPP, _at("2026-07-28T10:00"), 90, 4),
    Campaign("summer-reading", DE, "Sommerlektüre ☀️", EMAIL, _at("2026-07-30T10:00"), 60, 4),
    Campaign(
        "fathers-day", BR, "Dia dos Pais", _weighted(whatsapp=0.7, sms=0.3), _at("2026-08-05T09:30"), 120, 4, appeal=1.1
    ),
    Campaign("app-launch", BR, "Baixe o app", SMS, _at("2026-08-12T11:00"), 45, 3),
    Campaign("evening-test", BR, "Oferta das 19 h", WHATSAPP, _at("2026-08-18T19:00"), 50, 3, segment_id="regulars"),
    Campaign("points-reminder", BR, "Seus pontos “vencem” d'hoje a 30 dias", EMAIL, _at("2026-08-20T10:00"), 40, 4),
    Campaign("back-to-school", DE, "Schulanfang", _weighted(email=0.7, sms=0.3), _at("2026-08-25T09:00"), 100, 4),
    Campaign(
        "newsletter-september",
        DE,
        "Newsletter <script>alert(1)</script> September",
        EMAIL,
        _at("2026-09-03T10:00"),
        75,
        5,
        segment_id="newsletter",
        declared=1.15,
    ),
    Campaign(
        "delivery-notice", BR, "Sua entrega está a caminho", WHATSAPP, _at("2026-09-09T09:00"), 150, 4, fallback="sms"
    ),
    *(
        Campaign(
            f"subject-line-{variant}",
            DE,
            f"Betreffzeile {variant.upper()}",
            EMAIL,
            _at("2026-09-15T10:00"),
            50,
            6,
            experiment_id="subject-line",
            variant=variant.upper(),
            clicked=0.045,
        )
        for variant in "ab"
    ),
    Campaign("spring-sale", BR, "Promoção de primavera 🌸", ALL_THREE, _at("2026-09-22T09:00"), 170, 10, appeal=1.2),
    Campaign("autumn-sms", DE, "Herbstangebot", SMS, _at("2026-09-24T11:00"), 30, 3),
    Campaign("loyalty-move", BR, 'O programa "fidelidade" mudou', ALL_THREE, _at("2026-09-29T08:00"), 780, 8, days=2),
    Campaign(
        "author-evening", DE, "Lesung: 'Der Fluß'", EMAIL, _at("2026-10-01T19:00"), 45, 3, segment_id="newsletter"
    ),
    *(
        Campaign(
            f"coupon-{variant}",
            BR,
            f"Cupom {variant.upper()}",
            WHATSAPP,
            _at("2026-10-06T10:00"),
            55,
            6,
            experiment_id="coupon",
            variant=variant.upper(),
            clicked=clicked,
        )
        for variant, clicked in (("a", 0.04), ("b", 0.055))
    ),
    Campaign("childrens-day", BR, "Dia das Crianças 🧸", WHATSAPP, _at("2026-10-08T11:00"), 55, 4, late_callbacks=0.03),
    Campaign(
        "book-fair",
        DE,
        "Buchmesse",
        _weighted(email=0.6, whatsapp=0.4),
        _at("2026-10-13T10:00"),
        110,
        4,
        early_events=5,
    ),
    Campaign(
        "survey", BR, "=SUM(1+1) pesquisa", EMAIL, _at("2026-10-15T15:00"), 60, 3, segment_id="lapsed", appeal=0.8
    ),
    Campaign("paused-template", BR, "Queima de estoque", WHATSAPP, _at("2026-10-20T10:00"), 15, 1),
    Campaign("clock-change", DE, "Eine Stunde länger lesen", EMAIL, _at("2026-10-25T09:00"), 240, 3),
    Campaign(
        "vip-dinner", BR, "Jantar VIP", WHATSAPP, _at("2026-10-27T18:30"), 10, people=40, segment_id="vip", appeal=1.3
    ),
    Campaign("sms-flash", BR, "Relâmpago", SMS, _at("2026-11-03T17:00"), 30, 3),
    Campaign(
        "storytelling", DE, "Geschichten für Kinder", WHATSAPP, _at("2026-11-05T10:00"), 60, 3, segment_id="bestsellers"
    ),
    Campaign(
        "st-martin",
        DE,
        "Sankt Martin",
        _weighted(sms=0.5, whatsapp=0.5),
        _at("2026-11-10T09:00"),
        90,
        3,
        status="sent",
    ),
    Campaign("points-expiring", BR, "Último dia!", WHATSAPP, _at("2026-11-12T10:00"), 80, 3, status="sent"),
    Campaign(
        "black-friday-preview",
        BR,
        "Prévia da Black Friday 🖤",
        _weighted(whatsapp=0.8, email=0.2),
        _at("2026-11-15T13:00"),
        240,
        5,
        status="sending",
    ),
    Campaign("black-friday", BR, "Black Friday", WHATSAPP, _at("2026-11-27T09:00"), 120, 5, status="scheduled"),
    Campaign("advent-calendar", DE, "Adventskalender", EMAIL, _at("2026-12-01T09:00"), 60, 4, status="draft"),
    Campaign("gift-cards", DE, "Gutscheine", EMAIL, _at("2026-11-02T10:00"), 60, 4, status="cancelled"),
)

FAILURES = (
    *(
        failure
        for account in (BR, DE)
        for failure in (
            Failure(account, "whatsapp", "131026", "Message undeliverable", 0.020),
            Failure(account, "whatsapp", "131049", "Not delivered to maintain healthy ecosystem engagement", 0.012),
            Failure(account, "whatsapp", "131050", "User has stopped marketing messages", 0.006),
            Failure(account, "whatsapp", "131053", "Media upload error", 0.002),
            Failure(account, "sms", "30003", "Unreachable destination handset", 0.018),
            Failure(account, "sms", "30005", "Unknown destination handset", 0.012),
            Failure(account, "sms", "30008", "Unknown error", 0.006),
        )
    ),
    Failure(BR, "sms", "30007", "Message filtered by the carrier", 0.85, carrier="Oi"),
    Failure(BR, "whatsapp", "139901", "Erro não documentado", 0.001),  # in no catalogue
    Failure(BR, "email", "bounce", "550 5.1.1 The email account that you tried to reach does not exist", 0.014),
    Failure(BR, "email", "dropped:Spam Reporting Address", "Spam Reporting Address", 0.003),
    Failure(BR, "email", "4.2.2", "452 4.2.2 The recipient's inbox is out of storage space", 0.005),
    Failure(DE, "email", "Permanent/General", "smtp; 550 5.1.1 user unknown", 0.012),
    Failure(DE, "email", "Transient/MailboxFull", "smtp; 552 5.2.2 mailbox full", 0.006),
    Failure(DE, "email", "5.7.1", "554 5.7.1 Message rejected for policy reasons", 0.004),
    Failure(BR, "whatsapp", "132015", "Template is paused", 1.0, campaign="paused-template"),
)

PLAN = Plan(
    first_day=_at("2026-07-27T00:00"),
    as_of=_at("2026-11-15T18:00"),
    accounts=ACCOUNTS,
    segments=SEGMENTS,
    campaigns=CAMPAIGNS,
    failures=FAILURES,
    attributes={
        "plan": (*_weighted(free=0.72, plus=0.2, pro=0.03), Choice(None, 0.05)),
        "tier": (*_weighted(bronze=0.64, silver=0.21, gold=0.06, platinum=0.006), Choice(None, 0.084)),
    },
    # hours     0    1    2    3    4    5    6    7    8    9   10   11   12   13   14   15   16   17   18   19  20 ...
    hour_multiplier=(
        *(0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.8, 1.0, 1.0, 1.0, 1.0),
        *(0.9, 0.9, 0.9, 0.9, 1.0, 1.1, 1.25, 1.4, 1.25, 1.1, 0.9, 0.7),
    ),
)
