"""What the demo has of sources that do not tell all: two small accounts, in a file of their own.

The hiking club mails over its own server, which confirms no delivery. The waterworks track nobody's opens; receipts of
one of their SMS campaigns were lost, and one campaign was cancelled half-way.
"""

from datetime import datetime

from reportlib.warehouse.demo.model import Account, Campaign, Channel, Choice, Failure, Home, weighted

CLUB, WATER = "clube", "wasserwerk"

ACCOUNTS = (
    Account(
        CLUB,
        "Clube de Trilhas Serra & Mar",
        "America/Sao_Paulo",
        "BRL",
        0.02,
        homes=(
            Home("BR", "pt", "America/Sao_Paulo", "Petrópolis", 0.7),
            Home("BR", "pt", "America/Sao_Paulo", "Teresópolis", 0.3),
        ),
        carriers=(Choice(None, 1.0),),
        email_domains=weighted(**{"gmail.com": 0.7, "uol.com.br": 0.3}),
        channels=(Channel("email", "smtp", 0.0, 0.0, 0.25, 0.06, 0.0, 0.004, 0.0),),
    ),
    Account(
        WATER,
        "Wasserwerk Aachen",
        "Europe/Berlin",
        "EUR",
        0.02,
        homes=(Home("DE", "de", "Europe/Berlin", "Aachen", 1.0),),
        carriers=weighted(Telekom=0.5, Vodafone=0.3, O2=0.2),
        email_domains=weighted(**{"gmx.de": 0.4, "web.de": 0.3, "t-online.de": 0.3}),
        channels=(
            Channel("sms", "twilio", 0.0895, 0.008, 0.0, 0.05, 0.006, 0.002, 0.0),
            Channel("email", "ses", 0.0009, 0.003, 0.0, 0.045, 0.0, 0.002, 0.0004),
        ),
    ),
)

FAILURES = (
    Failure(CLUB, "email", "bounce", "550 5.1.1 no such user", 0.02),  # one code, two meanings
    Failure(CLUB, "email", "bounce", "452 4.2.2 mailbox full", 0.01),
    Failure(WATER, "sms", "30003", "Unreachable destination handset", 0.018),
    Failure(WATER, "sms", "30005", "Unknown destination handset", 0.012),
    Failure(WATER, "email", "Permanent/General", "smtp; 550 5.1.1 user unknown", 0.012),
    Failure(WATER, "email", "Transient/MailboxFull", "smtp; 552 5.2.2 mailbox full", 0.006),
)


def _campaign(campaign_id, account_id, name, channel, start, **others) -> Campaign:
    at = datetime.fromisoformat(start)
    return Campaign(campaign_id, account_id, name, weighted(**{channel: 1.0}), at, 40, 0.4, **others)


CAMPAIGNS = (
    _campaign("meter-reading", WATER, "Zähler ablesen", "sms", "2026-09-16T10:00"),
    _campaign("water-report", WATER, "Wasserbericht", "email", "2026-09-30T10:00"),
    _campaign("trail-letter", CLUB, "Carta das trilhas", "email", "2026-10-07T10:00", without_receipt=1.0),
    _campaign("main-repair", WATER, "Rohrarbeiten", "sms", "2026-10-14T10:00", without_receipt=0.3),
    _campaign("new-prices", WATER, "Neue Preise", "email", "2026-10-21T10:00", status="cancelled", cancelled_at=0.5),
)
