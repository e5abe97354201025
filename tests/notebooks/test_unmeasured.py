"""Of what no source measures no report says that it did not happen, gives a rate, or judges."""

import re
from datetime import timedelta

import pytest

from tests.notebooks.cells import NAMES, outputs, text_of
from tests.small_database import START, SmallDatabase, fill, in_memory_engine

WEEKS, PEOPLE = 14, 48
CAMPAIGN = f"week {WEEKS - 1}"
ASKED = {
    "audience_health": {"account": "acme"},
    "campaign_comparison": {"campaigns": ["week 12", CAMPAIGN], "breakdowns": ["channel", "country"]},
    "campaign_impact": {"experiment": None},
    "exploring": {"campaign": CAMPAIGN},
    "live_monitor": {"campaign": CAMPAIGN},
    "post_campaign_review": {"campaign": CAMPAIGN, "breakdowns": ["country", "carrier"]},
    "send_time_heatmap": {},
    "weekly_review": {"account": "acme", "week": "2026-W45"},
}
DENIED = r"nobody (has (opened|clicked|responded)|was reached|failed|opened|clicked|replied)"
DENIED += r"|nothing (failed|was sent|has been delivered)"
JUDGED = r"(below|above|at|at the|the) (the )?95|healthy|investigat|than usual|usual for you|\bas usual\b"
RATED = r"(delivered|reached|opened|clicked|replied|unsubscribed)[^.;\n|]{0,12}\b\d+(\.\d+)?\s?%(?! interval)"


@pytest.fixture(scope="module")
def unmeasured():
    """Fourteen campaigns on three channels, handed over and never heard of again."""
    database = SmallDatabase()
    database.account("acme")
    for week in range(WEEKS):
        at = START - timedelta(weeks=WEEKS - 1 - week)
        database.campaign(f"week {week}", start=at, completed_at=at, audience=PEOPLE, template_id=f"t{week}")
        for number in range(PEOPLE):
            database.contact(f"p{number}", country="DE" if number % 2 else "BR", carrier="X")
            row = {"channel": ("email", "sms", "whatsapp")[number % 3], "provider": "own"}
            database.message(f"week {week}", f"p{number}", "sent", at=at, **row)
    return fill(in_memory_engine(), database)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_denied_judged_or_rated(unmeasured, name):
    said = [text_of(output) for output in outputs(name, unmeasured, **ASKED[name])]
    said = [text for text in said if "The words of this report" not in text and "What it counts" not in text]
    assert any("not measured" in text for text in said) or name in ("campaign_impact", "send_time_heatmap")
    for text in said:
        for wrong in (DENIED, JUDGED, RATED):
            found = re.search(wrong, text, re.IGNORECASE)
            assert not found, text[max(0, found.start() - 80) : found.end() + 80]
