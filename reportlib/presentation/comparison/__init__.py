"""What the report on a comparison shows."""

from reportlib.presentation.comparison import charts, findings, links, mix, tables
from reportlib.presentation.comparison.head import gaps, headline
from reportlib.presentation.review.costs import side_by_side as side_by_side_costs

__all__ = ["charts", "findings", "gaps", "headline", "links", "mix", "side_by_side_costs", "tables"]
