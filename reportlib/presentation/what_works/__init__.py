"""What the report on what an account has learned shows."""

from reportlib.presentation.what_works import charts, tables
from reportlib.presentation.what_works.head import headline, provenance

__all__ = ["charts", "headline", "provenance", "tables"]
