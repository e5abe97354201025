"""What is said in the place of what only messages could tell."""

from html import escape

import pandas as pd

from reportlib.metrics.comparison.reasons import listed
from reportlib.presentation.look.display import Display


def known_as_totals(frame: pd.DataFrame) -> str:
    """Which campaigns the frame lacks since nothing but totals is known of them, as a sentence; "" where none."""
    names = frame.attrs.get("totals_only", [])
    return f"{listed(names)}: known as totals only, and only messages could tell this." if names else ""


def nothing(frame: pd.DataFrame, said: str) -> Display:
    """What is said of a frame without rows, or why it has none."""
    text = known_as_totals(frame) or said
    return Display(f'<p class="empty">{escape(text)}</p>', text)
