"""What the review of one campaign shows."""

from reportlib.presentation.review import failure_tables, links
from reportlib.presentation.review.head import headline

__all__ = ["failure_tables", "headline", "links"]
