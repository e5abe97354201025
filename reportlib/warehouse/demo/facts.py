"""What the demo's campaigns said, as `campaign_attributes` have it: none of it changes what people do."""

OFFER, NEWS, SERVICE = "offer", "news", "service"
CATEGORIES = {
    OFFER: "winter-clearance fathers-day evening-test spring-sale coupon-a coupon-b paused-template sms-flash "
    "points-expiring free-shipping black-friday-preview back-to-school autumn-sms st-martin",
    NEWS: "app-launch loyalty-move childrens-day vip-dinner cooking-tips summer-reading newsletter-september "
    "subject-line-a subject-line-b author-evening book-fair clock-change storytelling",
    SERVICE: "points-reminder delivery-notice survey holiday-hours",
}
ACAI, BOOKS, SHOP = "Loja Açaí", "Ihre Bücher", "Bücherhaus Köln"
MAILS = {  # subject and sender; those of the subject line experiment stand with it
    "points-reminder": ("Seus pontos vencem em 30 dias", ACAI),
    "spring-sale": ("A primavera chegou: até 40 % de desconto 🌸", ACAI),
    "loyalty-move": ("O programa de fidelidade mudou. E os seus pontos?", ACAI),
    "survey": ("Dois minutos para nos contar o que acha?", ACAI),
    "cooking-tips": ("Três receitas com açaí", ACAI),
    "holiday-hours": ("Horário do feriado", ACAI),
    "summer-reading": ("Sommerlektüre für den Strand ☀️", BOOKS),
    "back-to-school": ("Schulanfang: alles auf einer Liste", SHOP),
    "newsletter-september": ("Neu im September", BOOKS),
    "author-evening": ("Lesung am Donnerstag: Der Fluß", SHOP),
    "book-fair": ("Was lesen Sie zur Buchmesse?", BOOKS),
    "clock-change": ("Eine Stunde länger lesen", BOOKS),
}
EXPERIMENTS = {  # what was asked, and what was decided where anybody wrote it down
    "coupon": {"question": "Which coupon brings more clicks: 10 % or R$ 10?", "decision": "R$ 10 from now on"},
    "subject-line": {"question": "Is a question in the subject clicked more often?"},
}


def facts_of(campaign) -> dict[str, str]:
    """The attributes of a Campaign of the plan, by name."""
    category = next((name for name, ids in CATEGORIES.items() if campaign.campaign_id in ids.split()), None)
    mail = dict(zip(("subject", "sender"), MAILS.get(campaign.campaign_id, ()), strict=False))
    asked = EXPERIMENTS.get(campaign.experiment_id, {})
    return ({"category": category} if category else {}) | mail | asked | dict(campaign.attributes)
