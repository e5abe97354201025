"""The colours of campaigns in the charts of a comparison."""

from reportlib.presentation.look.palette import HEAT, MUTED, PERMANENCE, STATUS

BASELINE, OTHERS = MUTED, STATUS["not sent"]
CAMPAIGN_COLOURS = (STATUS["delivered"], STATUS["failed"], STATUS["pending"], PERMANENCE["permanent"], HEAT[1])
