"""What the review of one campaign shows."""

from reportlib.presentation.review import costs, failure_tables, links
from reportlib.presentation.review.head import headline

__all__ = ["costs", "failure_tables", "headline", "links"]
