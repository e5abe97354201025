"""The colours and short names of campaigns in the charts of a comparison."""

from reportlib.presentation.look.palette import HEAT, MUTED, PERMANENCE, STATUS

BASELINE, OTHERS = MUTED, STATUS["not sent"]
CAMPAIGN_COLOURS = (STATUS["delivered"], STATUS["failed"], STATUS["pending"], PERMANENCE["permanent"], HEAT[1])
MOST_LETTERS = 24  # of a name that stands in a drawing, where a phone has room for no more


def in_few_letters(name: str) -> str:
    """A name, cut where a drawing would have to be made smaller for it."""
    return name if len(name) <= MOST_LETTERS else f"{name[:MOST_LETTERS].rstrip()}…"
