"""Links told: nothing of a hostile address runs, leads anywhere or tells a secret, in the review and the comparison."""

import pytest

from reportlib import metrics
from reportlib.presentation.comparison import links as compared_links
from reportlib.presentation.review.links import links
from tests.metrics.links.test_links import HOSTILE
from tests.presentation.conftest import HOSTILE as MARKUP
from tests.small_database import SmallDatabase, fill, in_memory_engine


@pytest.fixture(scope="module")
def warehouse():
    database = SmallDatabase()
    database.account("acme")
    for number, campaign in enumerate("aab" * len(HOSTILE)):
        if number < 3 and campaign not in {row["campaign_id"] for row in database.campaigns}:
            database.campaign(campaign)
        database.contact(f"c{number}")
        message = database.message(campaign, f"c{number}")
        database.event(message, "clicked", machine=False, url=HOSTILE[number % len(HOSTILE)].replace("\x00", ""))
    database.event(message, "clicked", machine=False, label=MARKUP)
    return fill(in_memory_engine(), database)


def test_nothing_dangerous_is_shown(warehouse):
    found = metrics.links(warehouse, ["a", "b"])
    shown = [
        links(metrics.links(warehouse, "a")),
        compared_links.links(found, metrics.comparable(warehouse, ["a", "b"])),
    ]
    for one in shown:
        assert not any(
            part in one.html.lower() for part in ("<script", "<img", "href", "javascript:", "hunter2", "eyj")
        )
        assert not any(part in one.html for part in ("\u2066", "ann%40"))
        assert len(one.html) < 20_000
    assert "&lt;script&gt;" in shown[1].html  # a button's label, as it is


def test_what_is_told_has_its_base_and_the_rest_is_folded(warehouse):
    found = metrics.links(warehouse, "a")
    told = links(found, top=2)
    assert told.html.count("<details") == 2  # every link, and in it the numbers
    first = found.iloc[0]
    assert f"{first.clickers} clicked in E-mail" in told.text
    assert f"of the {first.clickers} who clicked in E-mail" in told.text
    assert "No click has" in links(found.head(0)).text
