"""The metrics of campaigns side by side, a row each: what tables, charts and exports of a comparison show."""

from dataclasses import dataclass

import pandas as pd

from reportlib.definitions import COMPARED, Definition, base_word
from reportlib.metrics import Rate, base_words, definition
from reportlib.metrics.comparison.arms import Arm
from reportlib.metrics.comparison.campaigns import ASSIGNED, arm, assigned_arm
from reportlib.metrics.comparison.design.design import randomised
from reportlib.metrics.comparison.guards import channels

LEDGER = ("sent", "delivered", "failed")
RATES = tuple(dict.fromkeys((*LEDGER, *COMPARED)))


@dataclass(frozen=True)
class Row:
    """One metric of all campaigns: `rates` of `base` in their order, None where not measured.

    `refusal` is why none is shown, `refused` the same in a few words.
    """

    definition: Definition
    base: str
    rates: tuple[Rate | None, ...]
    refusal: str | None
    refused: str | None

    @property
    def label(self) -> str:
        """ "Clicked, of delivered"."""
        return f"{self.definition.label}, of {self.base}"


def side_by_side_rows(frame: pd.DataFrame) -> list[Row]:
    """The metrics of `metrics.comparable`, a Row each; refused where the campaigns' channels cannot be compared.

    Of an experiment those that are judged of the people assigned have a Row of them before.
    """
    used = frozenset("+".join(frame["channels"]).split("+")) - {""}
    together = Arm("", None, used, 0)
    rows = []
    for metric in RATES:
        one = definition(metric)
        refused = channels(one, together, together) if used and metric not in LEDGER else None
        why = "not comparable across channels" if used & set(one.channels) else "not supported"
        own = base_words(frame) if one.bases[0] == "engagement_base" else base_word(one.bases[0])
        ways = [(own, arm)]
        if randomised(frame) and metric in COMPARED and one.bases[0] != "audience":
            ways.insert(0, (ASSIGNED, assigned_arm))
        for base, counted in ways:
            rates = tuple(counted(row, metric).rate for row in frame.itertuples(index=False))
            rows.append(Row(one, base, rates, refused.text if refused else None, why if refused else None))
    return rows
