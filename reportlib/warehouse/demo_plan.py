"""The plan of the demo: its accounts, contacts, segments and campaigns. With demo_behaviour.py, its ground truth."""

from dataclasses import dataclass

from reportlib.warehouse.demo_behaviour import (
    REJECTING_CARRIER,
    Behaviour,
    Mix,
)


@dataclass(frozen=True)
class Segment:
    segment_id: str
    name: str
    share: float  # of the account's contacts, each segment independent of the others


@dataclass(frozen=True)
class Account:
    account_id: str
    name: str
    timezone: str
    segments: tuple[Segment, ...]
    countries: Mix
    languages: Mix
    carriers: Mix
    email_domains: Mix
    timezones: Mix
    cities: Mix
    preferences: Mix  # the channel on which a contact gets a campaign that uses several


@dataclass(frozen=True)
class Window:
    """Messages go out evenly over `minutes`, from a local time on."""

    starts: str
    minutes: int


@dataclass(frozen=True)
class Campaign:
    """A campaign as planned; `weight` says how many contacts it targets in relation to others, `people` how many."""

    campaign_id: str
    account_id: str
    name: str
    windows: tuple[Window, ...]
    behaviours: tuple[Behaviour, ...] = ()  # one per channel; with several, the first takes who prefers none of them
    weight: float = 3.0
    people: int | None = None
    status: str = "completed"
    segment_id: str | None = None
    experiment_id: str | None = None
    variant: str | None = None
    suppressed: float = 0.0  # of the messaged contacts, who were targeted besides but never given a message
    fallback: Behaviour | None = None  # a second message to those whom the first failed to reach
    unsent_audience: int | None = None  # declared by a campaign that has not sent anything


BRAZIL, GERMANY = "loja-sao-joao", "kaufhaus-mueller"

ACCOUNTS = (
    Account(
        BRAZIL,
        "Loja São João ☀️",
        "America/Sao_Paulo",
        segments=(
            Segment("br-recent", "Compraram há menos de 30 dias", 0.55),
            Segment("br-lapsed", "Inativos <script>alert('segmento')</script>", 0.30),
            Segment("br-vip", 'VIP "Coração" ⭐', 0.12),
        ),
        countries=(("BR", 0.97), ("PT", 0.03)),
        languages=(("pt-BR", 0.93), ("es", 0.03)),
        carriers=(("Tucano", 0.36), ("Ipê Celular", 0.28), (REJECTING_CARRIER, 0.15), ("Rede Sul", 0.14)),
        email_domains=(("gmail.com", 0.52), ("uol.com.br", 0.12), ("icloud.com", 0.11), ("empresa.example", 0.08)),
        timezones=(("America/Sao_Paulo", 0.82), ("America/Manaus", 0.08), ("America/Noronha", 0.01)),
        cities=(
            *(("São Paulo", 0.38), ("Rio de Janeiro", 0.19), ("Belo Horizonte", 0.11), ("Brasília", 0.08)),
            *(("Ribeirão Preto", 0.06), ("Florianópolis", 0.05), ("Sant'Ana do Livramento", 0.006)),
            *(("<script>alert('cidade')</script>", 0.003), ("=1+1", 0.002)),
        ),
        preferences=(("whatsapp", 0.60), ("sms", 0.15), ("email", 0.25)),
    ),
    Account(
        GERMANY,
        "Kaufhaus Müller & Söhne",
        "Europe/Berlin",
        segments=(
            Segment("de-newsletter", "Newsletter-Abonnenten", 0.70),
            Segment("de-west", "Rhein & Ruhr („West“)", 0.30),
            Segment("de-vip", '=HYPERLINK("http://evil.example","Stammkunden")', 0.10),
        ),
        countries=(("DE", 0.82), ("AT", 0.11), ("CH", 0.07)),
        languages=(("de", 0.88), ("en", 0.06), ("tr", 0.03)),
        carriers=(("Rheinfunk", 0.41), ("Nordnetz", 0.33), ("E&S Mobil", 0.18)),
        email_domains=(("gmail.com", 0.30), ("gmx.de", 0.24), ("web.de", 0.18), ("mittelstand.example", 0.15)),
        timezones=(("Europe/Berlin", 0.80), ("Europe/Vienna", 0.09), ("Europe/Zurich", 0.05)),
        cities=(
            *(("Berlin", 0.27), ("München", 0.19), ("Köln", 0.16), ("Düsseldorf", 0.10), ("Wien", 0.09)),
            *(("Zürich", 0.05), ("Bad Königshofen", 0.004), ('O"Brien <b>Siedlung</b>', 0.003)),
        ),
        preferences=(("whatsapp", 0.25), ("sms", 0.15), ("email", 0.60)),
    ),
)


def _campaign(campaign_id, name, starts, minutes, *behaviours, **more):
    return Campaign(campaign_id, name=name, windows=(Window(starts, minutes),), behaviours=behaviours, **more)


PLAN: tuple[Campaign, ...] = ()
