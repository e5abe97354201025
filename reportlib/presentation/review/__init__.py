"""What the review of one campaign shows."""

from typing import TYPE_CHECKING

from reportlib.errors import suggesting
from reportlib.presentation.review import costs, failure_tables, links, opt_outs
from reportlib.presentation.review.head import headline

__all__ = ["costs", "failure_tables", "headline", "links", "opt_outs"]

if not TYPE_CHECKING:  # which would let any name pass, as would editors
    __getattr__ = suggesting(__name__)
