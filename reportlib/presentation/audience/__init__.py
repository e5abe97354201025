"""What the report on how an audience is shows."""

from typing import TYPE_CHECKING

from reportlib.errors import suggesting
from reportlib.presentation.audience import charts, delivery, pressure, tables
from reportlib.presentation.audience.head import headline, provenance

__all__ = ["charts", "delivery", "headline", "pressure", "provenance", "tables"]

if not TYPE_CHECKING:  # which would let any name pass, as would editors
    __getattr__ = suggesting(__name__)
