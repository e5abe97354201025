"""What a comparison says of campaigns is what their week, their index and their mail say of them."""

import numpy as np
import pandas as pd
import pytest

from reportlib import metrics
from reportlib.presentation.comparison import findings, head
from reportlib.presentation.look.display import REPORT_MIME
from reportlib.publishing.mail.content import report_subject
from reportlib.reports.record import Record
from tests import few
from tests.metrics.comparison import traps

PEOPLE = 3_000


def people(lift=1.0):
    """Two arms of campaigns at 10 %, b better by this."""
    generator = np.random.default_rng(11)
    both = [
        traps.arms(generator, name, people=PEOPLE, rate=0.1 * times).assign(country="BR")
        for name, times in (("a", 1), ("b", lift))
    ]
    return pd.concat(both, ignore_index=True).assign(contact_id=[f"p{number}" for number in range(2 * PEOPLE)])


def unsent(lift):
    """b's idle people never had a message."""
    known = people(lift)
    return known.drop(index=known.index[(known["campaign_id"] == "b") & known["click_h"].isna()][:600])


@pytest.mark.parametrize(
    ("made", "word", "cause", "is_final"),
    few(
        [
            (lambda: traps.warehouse(people(1.5)), "higher", "good", True),
            (lambda: traps.warehouse(unsent(1.0)), "stopped", "warning", True),
            (lambda: traps.warehouse(people()), "not distinguishable", "good", True),
            (lambda: traps.warehouse(people(1.15), at_hours=72), "not distinguishable", "good", False),
            (lambda: traps.warehouse(people(1.15), experiment=None), "not distinguishable", "warning", None),
        ],
        2,
    ),
    ids=["fair win", "trap", "fair null", "not final", "not randomised"],
)
def test_all_say_the_same_word(made, word, cause, is_final):
    warehouse = made()
    told = traps.Told(warehouse, breakdowns=())
    assert told.first.word == word
    changed = metrics.differences(told.frame, told.design)
    assert findings.put_down_to(told.design, changed).level == cause
    assert (findings.level(told.first) == "good") == (word == "higher")

    week = metrics.parse_week("2026-W46", warehouse.opened_ms, "UTC")  # a week after the start
    weekly = metrics.final_verdicts(warehouse, "acme", week)
    assert weekly["sentence"].tolist() == ([str(told.first)] if is_final else [])
    assert weekly["word"].tolist() == ([word] if is_final else [])
    started = metrics.parse_week("2026-W45", warehouse.opened_ms, "UTC")
    assert metrics.final_verdicts(warehouse, "acme", started).empty
    review = metrics.campaign_verdicts(warehouse, "b")
    history = metrics.campaign_history(warehouse, metrics.campaigns_by_week(warehouse, "acme", started, 26))
    of_week = metrics.week_verdicts(history, started)
    mine = of_week[of_week["campaign_id"] == "b"]["verdict"].tolist()
    assert mine
    assert review["verdict"].tolist()[: len(mine)] == mine

    comparability = metrics.comparability(changed, told.design)
    shown = head.headline(warehouse, told.frame, told.verdicts, [], changed, comparability, told.design)
    record = Record(notebook="campaign_comparison", subject="a and b", **shown.also[REPORT_MIME])
    in_short = told.first.in_short.split()  # whose percentages are not broken on a page
    assert record.listing.cells[2].text.split() == in_short
    assert report_subject(record).partition(": ")[2].split()[:8] == in_short[:8]
