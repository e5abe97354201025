"""How people, carriers and providers of the demo behave: the part of its ground truth that every campaign shares.

Shares are of one. A mix is a tuple of (value, share); where the shares leave a rest, the value is missing (None).
"""

from dataclasses import dataclass
from datetime import UTC, datetime

Mix = tuple[tuple[str | None, float], ...]

AS_OF = datetime(2026, 11, 15, 18, tzinfo=UTC)  # nothing has happened after this moment
ASLEEP_HOURS = 7  # nobody reacts before 7 h local time; what would fall there moves to 7–10 h
RESPONSE_DAYS = 14  # whoever reacts does so within this time, plus a night
OPEN_OF_CLICKERS = 0.9  # the rest click without the pixel being loaded
HOUR_ON_OPENS = 0.25  # opens feel a quarter of what the sending hour does to clicks and replies
REPEATS = (0.3, 0.08)  # of those who opened or clicked: again, and a third time

# Clicks and replies by the local hour of sending, relative to 10 h. The best hour is 19 h; most campaigns go at 9–11 h.
HOUR_FACTOR = (
    *(0.60, 0.50, 0.50, 0.50, 0.50, 0.60, 0.75, 0.85),  # 0–7 h
    *(0.90, 0.95, 1.00, 1.00, 1.05, 1.00, 0.95, 1.00),  # 8–15 h
    *(1.10, 1.25, 1.45, 1.60, 1.50, 1.30, 1.00, 0.80),  # 16–23 h
)

PLANS: Mix = (("free", 0.70), ("plus", 0.22), ("pro", 0.08))
PLAN_FACTOR = {"free": 0.85, "plus": 1.25, "pro": 1.625}  # on clicks; its mean over PLANS is 1
TIERS: Mix = (("bronze", 0.50), ("silver", 0.26), ("gold", 0.08), ("platinum", 0.008))

RECEIPTS_OFF = 0.15  # of contacts: WhatsApp read receipts turned off, so that their reads are never reported
MACHINE_OPENERS = 0.35  # of contacts: a mail program that fetches every picture soon after delivery
MACHINE_OPENS = 0.95  # of the e-mails delivered to those
SCANNED = 0.5  # of the e-mails delivered to a COMPANY_DOMAIN: a security gateway follows the link at once
COMPANY_DOMAINS = ("empresa.example", "mittelstand.example")

PROVIDERS = {  # by account and channel: provider, cost of a message, currency
    ("loja-sao-joao", "whatsapp"): ("whatsapp", 0.34, "BRL"),
    ("loja-sao-joao", "sms"): ("twilio", 0.11, "BRL"),
    ("loja-sao-joao", "email"): ("sendgrid", 0.004, "BRL"),
    ("kaufhaus-mueller", "whatsapp"): ("whatsapp", 0.1131, "EUR"),
    ("kaufhaus-mueller", "sms"): ("twilio", 0.0745, "EUR"),
    ("kaufhaus-mueller", "email"): ("mailgun", 0.0009, "EUR"),
}
EMAIL_REPLIES_CAPTURED = {"loja-sao-joao": False, "kaufhaus-mueller": True}

REJECTING_CARRIER = "Brisa Móvel"
REJECTED = 0.85  # of the SMS to its numbers
REJECTION_CODE = "30007"
UNCATALOGUED_CODE = "30999"  # a code that no catalogue has
TEMPLATE_PAUSED_CODE = "132015"
REFUSED_AT_ONCE = ("132015", "131053", "21610")  # refused by the provider when handed over: sent_at stays missing

FAILURE_CODES: dict[str, Mix] = {
    "whatsapp": (("131026", 0.50), ("131049", 0.27), ("131050", 0.10), ("130472", 0.08), ("131053", 0.05)),
    "sms": (("30003", 0.36), ("30005", 0.26), ("30006", 0.10), ("30008", 0.12), ("21610", 0.08), ("30999", 0.08)),
    "email": (("5.1.1", 0.46), ("4.2.2", 0.20), ("5.7.1", 0.14), ("4.4.1", 0.10), ("5.1.10", 0.05), ("5.0.0", 0.05)),
}
FAILURE_REASONS = {
    "131026": "Message undeliverable",
    "131049": "This message was not delivered to maintain healthy ecosystem engagement",
    "131050": "User has stopped marketing messages from this business",
    "130472": "User's number is part of an experiment",
    "131053": "Media upload error",
    "132015": "Template is paused",
    "30003": "Unreachable destination handset",
    "30005": "Unknown destination handset",
    "30006": "Landline or unreachable carrier",
    "30007": "Message filtered",
    "30008": "Unknown error",
    "21610": "Attempt to send to unsubscribed recipient",
    "30999": 'Vendor says "<try again>"',
    "5.1.1": "550 5.1.1 The email account that you tried to reach does not exist",
    "4.2.2": "452 4.2.2 The recipient's inbox is out of storage space",
    "5.7.1": "550 5.7.1 Message refused by policy",
    "4.4.1": "421 4.4.1 Connection timed out",
    "5.1.10": "556 5.1.10 Recipient address has null MX",
    "5.0.0": "550 5.0.0 Rejected",
}


@dataclass(frozen=True)
class Behaviour:
    """What becomes of the messages of one campaign on one channel, sent at 10 h, and after how long (medians)."""

    channel: str
    failed: float  # of messages
    pending: float = 0.0  # of messages: no final word, ever
    unconfirmed: float = 0.0  # of the messages that arrive: the delivery callback is lost
    opened: float = 0.0  # of messages that arrive, by people; WhatsApp: before RECEIPTS_OFF
    clicked: float = 0.0
    replied: float = 0.0
    unsubscribed: float = 0.0
    complained: float = 0.0
    failure_codes: Mix = ()
    delivered_after_ms: int = 4_000
    opened_after_ms: int = 0
    clicked_after_ms: int = 0
    replied_after_ms: int = 1_800_000


WHATSAPP = Behaviour(
    *("whatsapp", 0.035, 0.015),
    **{"opened": 0.72, "clicked": 0.045, "replied": 0.020, "unsubscribed": 0.004},
    failure_codes=FAILURE_CODES["whatsapp"],
    opened_after_ms=600_000,
    clicked_after_ms=1_200_000,
)
SMS = Behaviour(
    *("sms", 0.030, 0.010),
    **{"clicked": 0.025, "replied": 0.008, "unsubscribed": 0.005},
    failure_codes=FAILURE_CODES["sms"],
    delivered_after_ms=6_000,
    clicked_after_ms=900_000,
)
EMAIL = Behaviour(
    *("email", 0.018, 0.002),
    **{"opened": 0.24, "clicked": 0.022, "replied": 0.004, "unsubscribed": 0.003, "complained": 0.0005},
    failure_codes=FAILURE_CODES["email"],
    delivered_after_ms=8_000,
    opened_after_ms=7_200_000,
    clicked_after_ms=10_800_000,
    replied_after_ms=14_400_000,
)
