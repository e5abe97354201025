"""What the review of one campaign shows."""

from reportlib.presentation.review import costs, failure_tables, links, opt_outs
from reportlib.presentation.review.head import headline

__all__ = ["costs", "failure_tables", "headline", "links", "opt_outs"]
