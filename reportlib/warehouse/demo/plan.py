"""The demo's plan: everything that is true of it. The data is drawn from it, tests and docs/demo.md are held to it.

Rates are shares of delivered messages unless said otherwise; local times are in the account's time zone.
"""

from datetime import datetime

from reportlib.warehouse.demo import gateways, last_week, priced, tested, untold
from reportlib.warehouse.demo.campaigns import BR, CAMPAIGNS, DE, IN_TOTALS
from reportlib.warehouse.demo.model import Account, Channel, Choice, Failure, Home, Plan, Segment, weighted

SP, MANAUS, BERLIN = "America/Sao_Paulo", "America/Manaus", "Europe/Berlin"

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
        carriers=(*weighted(Vivo=0.38, Claro=0.30, TIM=0.18, Oi=0.08), Choice(None, 0.06)),
        email_domains=(
            Choice("gmail.com", 0.58),
            Choice("hotmail.com", 0.2),
            Choice("uol.com.br", 0.12),
            Choice("grande-empresa.example", 0.04),
            Choice(None, 0.06),
        ),
        channels=(
            Channel("whatsapp", "whatsapp", 0.3125, 0.012, 0.62, 0.07, 0.030, 0.006, 0.0),
            Channel("sms", "twilio", 0.21, 0.010, 0.0, 0.03, 0.010, 0.005, 0.0),
            Channel("email", "mailgun", 0.004, 0.004, 0.28, 0.035, 0.0, 0.003, 0.0005),  # replies are not captured
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
        carriers=(*weighted(Telekom=0.42, Vodafone=0.3, O2=0.2), Choice(None, 0.08)),
        email_domains=(
            Choice("gmail.com", 0.35),
            Choice("gmx.de", 0.3),
            Choice("web.de", 0.18),
            Choice("t-online.de", 0.12),
            Choice("posteo.de", 0.01),
            Choice(None, 0.04),
        ),
        channels=(
            Channel("whatsapp", "whatsapp", 0.1131, 0.010, 0.60, 0.06, 0.025, 0.004, 0.0),
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
    Failure(BR, "email", "reason:bounce", "550 5.1.1 The email account that you tried to reach does not exist", 0.014),
    Failure(BR, "email", "code:607", "Not delivering to a user who marked your messages as spam", 0.003),
    Failure(BR, "email", "reason:old", "452 4.2.2 The recipient's inbox is out of storage space", 0.005),
    Failure(DE, "email", "Permanent/General", "smtp; 550 5.1.1 user unknown", 0.012),
    Failure(DE, "email", "Transient/MailboxFull", "smtp; 552 5.2.2 mailbox full", 0.006),
    Failure(DE, "email", "Transient/ContentRejected", "smtp; 554 5.7.1 Rejected for policy reasons", 0.004),
    Failure(BR, "whatsapp", "132015", "Template is paused", 1.0, campaign="paused-template"),
)

PLAN = Plan(
    first_day=datetime.fromisoformat("2026-07-27T00:00"),
    as_of=datetime.fromisoformat("2026-11-15T18:00"),
    accounts=(*ACCOUNTS, *untold.ACCOUNTS, *priced.ACCOUNTS, *gateways.ACCOUNTS, *tested.ACCOUNTS),
    segments=SEGMENTS,
    campaigns=(
        *CAMPAIGNS,
        *untold.CAMPAIGNS,
        *last_week.CAMPAIGNS,
        *priced.CAMPAIGNS,
        *IN_TOTALS,
        *gateways.CAMPAIGNS,
        *tested.CAMPAIGNS,
    ),
    failures=(*FAILURES, *untold.FAILURES, *last_week.FAILURES, *priced.FAILURES, *gateways.FAILURES, *tested.FAILURES),
    attributes={
        "plan": (*weighted(free=0.72, plus=0.2, pro=0.03), Choice(None, 0.05)),
        "tier": (*weighted(bronze=0.64, silver=0.21, gold=0.06, platinum=0.006), Choice(None, 0.084)),
    },
    # hours     0    1    2    3    4    5    6    7    8    9   10   11   12   13   14   15   16   17   18   19  20 ...
    hour_multiplier=(
        *(0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.8, 1.0, 1.0, 1.0, 1.0),
        *(0.9, 0.9, 0.9, 0.9, 1.0, 1.1, 1.25, 1.4, 1.25, 1.1, 0.9, 0.7),
    ),
)
