"""Charts of a comparison."""

from typing import TYPE_CHECKING

from reportlib.errors import suggesting
from reportlib.presentation.comparison.charts.by_age import response_by_age
from reportlib.presentation.comparison.charts.by_campaign import differences, rates

__all__ = ["differences", "rates", "response_by_age"]

if not TYPE_CHECKING:  # which would let any name pass, as would editors
    __getattr__ = suggesting(__name__)
