"""The demo's campaigns: which shows what is in docs/demo.md."""

from datetime import datetime

from reportlib.warehouse.demo.model import Campaign, weighted

BR, DE = "acai", "buecher"  # the accounts


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


WHATSAPP, SMS, EMAIL = weighted(whatsapp=1.0), weighted(sms=1.0), weighted(email=1.0)
ALL_THREE = weighted(whatsapp=0.5, sms=0.2, email=0.3)
CAMPAIGNS = (
    Campaign("winter-clearance", BR, "Liquidação de inverno", WHATSAPP, _at("2026-07-28T10:00"), 90, 4),
    Campaign("summer-reading", DE, "Sommerlektüre ☀️", EMAIL, _at("2026-07-30T10:00"), 60, 4),
    Campaign(
        "fathers-day", BR, "Dia dos Pais", weighted(whatsapp=0.7, sms=0.3), _at("2026-08-05T09:30"), 120, 4, appeal=1.1
    ),
    Campaign("app-launch", BR, "Baixe o app", SMS, _at("2026-08-12T11:00"), 45, 3),
    Campaign("evening-test", BR, "Oferta das 19 h", WHATSAPP, _at("2026-08-18T19:00"), 50, 3, segment_id="regulars"),
    Campaign("points-reminder", BR, "Seus pontos “vencem” d'hoje a 30 dias", EMAIL, _at("2026-08-20T10:00"), 40, 4),
    Campaign("back-to-school", DE, "Schulanfang", weighted(email=0.7, sms=0.3), _at("2026-08-25T09:00"), 100, 4),
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
            5,
            experiment_id="subject-line",
            variant=variant.upper(),
            clicked=0.045,
            attributes=(("subject", subject), ("sender", "Ihre Bücher")),
        )
        for variant, subject in (("a", "Neu im Herbst"), ("b", "Was lesen Sie im Herbst?"))
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
            held_out=held_out,
            attributes=(("coupon", coupon), ("template name", f"cupom_{variant}")),
        )
        for variant, clicked, held_out, coupon in (("a", 0.04, 0.0, "10 %"), ("b", 0.055, 0.2, "R$ 10"))
    ),
    Campaign(
        "childrens-day", BR, "Dia das Crianças 🧸", WHATSAPP, _at("2026-10-08T11:00"), 55, 4, without_receipt=0.03
    ),
    Campaign(
        "book-fair",
        DE,
        "Buchmesse",
        weighted(email=0.6, whatsapp=0.4),
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
        weighted(sms=0.5, whatsapp=0.5),
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
        weighted(whatsapp=0.8, email=0.2),
        _at("2026-11-15T13:00"),
        240,
        5,
        status="sending",
    ),
    Campaign("black-friday", BR, "Black Friday", WHATSAPP, _at("2026-11-27T09:00"), 120, 5, status="scheduled"),
    Campaign("advent-calendar", DE, "Adventskalender", EMAIL, _at("2026-12-01T09:00"), 60, 4, status="draft"),
    Campaign("gift-cards", DE, "Gutscheine", EMAIL, _at("2026-11-02T10:00"), 60, 4, status="cancelled"),
)
IN_TOTALS = (  # behind all others, so that these stay as they are
    Campaign(
        "reading-circle",
        DE,
        "Lesekreis",
        EMAIL,
        _at("2026-10-21T10:00"),
        60,
        3,
        totals=(
            ("audience", 1.0, 1.0),
            ("sent", 0.99, 1.0),
            ("delivered", 0.96, 1.0),
            ("failed", 0.025, 1.0),
            ("opened", 0.33, 1.6),
            ("clicked", 0.044, 1.2),
            ("unsubscribed", 0.004, 1.0),
        ),
    ),
)
