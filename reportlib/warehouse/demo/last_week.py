"""What fills the demo's last week, so that its review has several campaigns to tell of, one of them bad."""

from datetime import datetime

from reportlib.warehouse.demo.campaigns import BR, EMAIL, WHATSAPP
from reportlib.warehouse.demo.model import Campaign, Failure, weighted


def _campaign(campaign_id, name, channels, start) -> Campaign:
    return Campaign(campaign_id, BR, name, channels, datetime.fromisoformat(start), 60, 1.5, status="sent")


CAMPAIGNS = (
    _campaign("cooking-tips", "Três receitas com açaí", EMAIL, "2026-11-09T10:00"),
    _campaign("free-shipping", "Frete grátis até meia-noite", WHATSAPP, "2026-11-11T11:00"),
    _campaign("holiday-hours", "Horário do feriado", weighted(sms=0.6, email=0.4), "2026-11-13T09:30"),
)

FAILURES = (
    Failure(BR, "whatsapp", "132015", "Template is paused", 0.38, campaign="free-shipping"),
    Failure(BR, "whatsapp", "131026", "Message undeliverable", 0.02, campaign="free-shipping"),
)
