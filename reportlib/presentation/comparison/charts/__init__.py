"""Charts of a comparison."""

from reportlib.presentation.comparison.charts.by_age import response_by_age
from reportlib.presentation.comparison.charts.by_campaign import differences, rates

__all__ = ["differences", "rates", "response_by_age"]
