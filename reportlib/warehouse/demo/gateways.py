"""What the demo has of machines that nobody flags: a publisher that writes to libraries, some behind mail gateways.

Its provider does not say who clicked. One gateway follows all links of every e-mail at once, one the first link, one
the first after minutes.
"""

from datetime import datetime

from reportlib.warehouse.demo.model import Account, Campaign, Channel, Failure, Home, weighted

PUBLISHER = "verlag"
GATEWAYS = {  # domain: milliseconds after arrival, from and until; the links that it follows
    "verbund-nord.example": (1_000, 20_000, ("", "/neu", "/terms", "/unsubscribe")),
    "schulamt.example": (2_000, 15_000, ("",)),
    "archiv-west.example": (90_000, 600_000, ("",)),
}

ACCOUNTS = (
    Account(
        PUBLISHER,
        "Fachverlag Brücke",
        "Europe/Berlin",
        "EUR",
        0.02,
        homes=(Home("DE", "de", "Europe/Berlin", "Leipzig", 1.0),),
        carriers=weighted(Telekom=1.0),
        email_domains=weighted(
            **{"uni-bibliothek.example": 0.45, "stadtbuecherei.example": 0.25, "gmx.de": 0.1},
            **dict(zip(GATEWAYS, (0.1, 0.05, 0.05), strict=True)),
        ),
        channels=(Channel("email", "postmark", 0.001, 0.004, 0.4, 0.09, 0.0, 0.004, 0.0),),
    ),
)
FAILURES = (Failure(PUBLISHER, "email", "HardBounce", "550 5.1.1 user unknown", 0.01),)
CAMPAIGNS = tuple(
    Campaign(campaign_id, PUBLISHER, name, weighted(email=1.0), datetime.fromisoformat(start), 50, 0.5)
    for campaign_id, name, start in (
        ("spring-list", "Frühjahrsliste", "2026-09-10T10:00"),
        ("journal-offer", "Zeitschriften 2027", "2026-10-08T10:00"),
    )
)

_OURS = f"campaign_id IN ({', '.join(repr(one.campaign_id) for one in CAMPAIGNS)})"
_CLICKS = [
    f"SELECT '{domain}' AS domain, {start} AS start_ms, {end - start} AS span_ms, {at} AS nth, '{page}' AS page"
    for domain, (start, end, pages) in GATEWAYS.items()
    for at, page in enumerate(pages)
]
UNFLAGGED = (
    f"UPDATE events SET is_machine = NULL WHERE {_OURS}",
    f"""
    INSERT INTO events BY NAME
    WITH gateway AS ({" UNION ALL ".join(_CLICKS)})
    SELECT 'e' || substr(message_id, 2) || 'g' || nth AS event_id, message_id, campaign_id, 'clicked' AS kind,
        'https://verlag.example/' || campaign_id || page AS url,
        delivered_at + to_milliseconds(start_ms + (span_ms * u1(draw(message_id, 'gateway')))::BIGINT + 350 * nth)
            AS occurred_at
    FROM messages JOIN contacts USING (contact_id) JOIN gateway ON domain = email_domain
    WHERE {_OURS} AND status = 'delivered' AND u2(draw(message_id, 'gateway')) < 0.97
    """,
)
