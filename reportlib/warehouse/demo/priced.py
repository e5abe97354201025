"""What the demo has of costs, links, buttons and reasons to leave; an account of its own tells costs in two currencies.

The guest house has no price for its WhatsApp messages, which a rate card has; its SMS are billed in dollars, those that
fail too, and some people get one twice.
"""

from datetime import datetime

from reportlib.warehouse.demo.model import Account, Campaign, Channel, Failure, Home, weighted

HOUSE = "pousada"

ACCOUNTS = (
    Account(
        HOUSE,
        "Pousada Mar Azul",
        "America/Sao_Paulo",
        "BRL",
        0.02,
        homes=(
            Home("BR", "pt", "America/Sao_Paulo", "Paraty", 0.6),
            Home("PT", "pt", "Europe/Lisbon", "Lisboa", 0.25),
            Home(None, None, None, None, 0.15),
        ),
        carriers=weighted(Vivo=0.5, TIM=0.5),
        email_domains=(
            *weighted(**{"gmail.com": 0.4, "googlemail.com": 0.05, "outlook.com": 0.2, "yahoo.com": 0.1}),
            *weighted(**{"icloud.com": 0.1, "sapo.pt": 0.15}),
        ),
        channels=(
            Channel("whatsapp", "whatsapp", 0.0, 0.01, 0.6, 0.12, 0.03, 0.02, 0.0),
            Channel("sms", "twilio", 0.0079, 0.01, 0.0, 0.05, 0.01, 0.02, 0.0),
            Channel("email", "ses", 0.0005, 0.004, 0.35, 0.12, 0.0, 0.015, 0.01),
        ),
    ),
)

FAILURES = (
    Failure(HOUSE, "whatsapp", "131026", "Message undeliverable", 0.03),
    Failure(HOUSE, "whatsapp", "131049", "Not delivered to maintain healthy ecosystem engagement", 0.06),
    Failure(HOUSE, "sms", "30003", "Unreachable destination handset", 0.03),
    Failure(HOUSE, "sms", "30005", "Unknown destination handset", 0.05),
    Failure(HOUSE, "email", "Permanent/General", "smtp; 550 5.1.1 user unknown", 0.02),
)


def _campaign(campaign_id, name, start, **channels) -> Campaign:
    at = datetime.fromisoformat(start)
    return Campaign(campaign_id, HOUSE, name, weighted(**channels), at, 40, 1.1)


CAMPAIGNS = (
    _campaign("low-season", "Baixa temporada", "2026-09-17T10:00", whatsapp=0.4, sms=0.3, email=0.3),
    _campaign("long-weekend", "Feriadão", "2026-10-09T10:00", whatsapp=0.4, sms=0.3, email=0.3),
)

_PAGES = (
    "https://pousada.example/quartos?id=12&utm_source=news&utm_campaign=' || campaign_id || '",
    "https://pousada.example/quartos?id=7&utm_source=news",
    "https://pousada.example/passeios#barco",
    "https://pousada.example/reservar?token=' || md5(message_id) || '",
)
_OURS = f"campaign_id IN ({', '.join(repr(one.campaign_id) for one in CAMPAIGNS)})"

CHARGES = (
    """
    UPDATE messages SET
        category = CASE WHEN channel = 'whatsapp' THEN
            CASE WHEN campaign_id IN ('delivery-notice', 'loyalty-move') THEN 'utility' ELSE 'marketing' END END,
        billable = CASE WHEN channel = 'whatsapp' THEN status <> 'failed' END,
        parts = CASE WHEN channel = 'sms' THEN 1 + (u1(draw(campaign_id, 'parts')) < 0.3)::INTEGER END
    WHERE status <> 'queued'
    """,
    f"""
    UPDATE messages SET cost = CASE WHEN channel = 'sms' THEN 0.0079 * parts WHEN channel = 'email' THEN 0.0005 END,
        currency = CASE channel WHEN 'sms' THEN 'USD' WHEN 'email' THEN 'BRL' END,
        billable = CASE WHEN channel = 'whatsapp' THEN status <> 'failed' AND u1(draw(message_id, 'window')) >= 0.1 END
    WHERE {_OURS}
    """,
    f"""
    INSERT INTO messages BY NAME
    SELECT * REPLACE (message_id || 'd' AS message_id, provider_message_id || 'd' AS provider_message_id)
    FROM messages WHERE {_OURS} AND channel = 'sms' AND u2(draw(message_id, 'twice')) < 0.04
    """,
)
TOLD = (
    f"""
    UPDATE events SET
        label = CASE WHEN kind = 'clicked' AND channel = 'whatsapp' THEN
            CASE WHEN url LIKE '%/terms' THEN 'Condições' ELSE 'Ver oferta' END END,
        url = CASE WHEN NOT events.{_OURS} OR kind <> 'clicked' THEN url
            WHEN channel <> 'whatsapp' THEN
                CASE (4 * u1(draw(event_id, 'page')))::INTEGER {
        " ".join(f"WHEN {number} THEN '{page}'" for number, page in enumerate(_PAGES))
    } ELSE '{_PAGES[0]}' END END,
        reason = CASE WHEN kind = 'complained' THEN 'abuse'
            WHEN kind = 'unsubscribed' AND channel <> 'email' THEN if(u1(draw(event_id, 'why')) < 0.8, 'PARAR', 'Sair')
            WHEN kind = 'unsubscribed' AND u1(draw(event_id, 'why')) < 0.5 THEN 'UnsubscribeHeader' END
    FROM messages WHERE messages.message_id = events.message_id
    """.replace("campaign_id ||", "events.campaign_id ||").replace("md5(message_id)", "md5(events.message_id)"),
)
