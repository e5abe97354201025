"""What the report on send times shows."""

from typing import TYPE_CHECKING

from reportlib.errors import suggesting
from reportlib.presentation.send_times import charts, findings, latency_chart, tables
from reportlib.presentation.send_times.head import headline

__all__ = ["charts", "findings", "headline", "latency_chart", "tables"]

if not TYPE_CHECKING:  # which would let any name pass, as would editors
    __getattr__ = suggesting(__name__)
