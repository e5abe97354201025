"""What the report on what messages caused shows."""

from typing import TYPE_CHECKING

from reportlib.errors import suggesting
from reportlib.presentation.impact import charts, tables
from reportlib.presentation.impact.head import headline, provenance

__all__ = ["charts", "headline", "provenance", "tables"]

if not TYPE_CHECKING:  # which would let any name pass, as would editors
    __getattr__ = suggesting(__name__)
