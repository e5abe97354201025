"""What the report on how an audience is shows."""

from reportlib.presentation.audience import charts, delivery, pressure, tables
from reportlib.presentation.audience.head import headline, provenance

__all__ = ["charts", "delivery", "headline", "pressure", "provenance", "tables"]
