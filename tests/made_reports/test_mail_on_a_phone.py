"""The mail of a report as a phone shows it: what it says first, and where."""

import pytest

from reportlib.publishing.mail.content import report_content
from reportlib.publishing.mail.made_report import read_made
from reportlib.publishing.mail.message import _html
from tests import few
from tests.made_reports.conftest import (
    AUDIENCE,
    CAMPAIGNS,
    COMPARISON,
    IMPACT,
    LIVE,
    SEND_TIMES,
    WEEKLY,
    WHAT_WORKS,
)

MAILED = [f"post_campaign_review-{CAMPAIGNS[0]}", COMPARISON, SEND_TIMES, WEEKLY, LIVE, IMPACT, AUDIENCE, WHAT_WORKS]
SCREEN, FIRST = 844, 700  # pixels high: of a phone 390 wide, and of what a mail program leaves of it


@pytest.mark.parametrize("name", few(MAILED, 3))
def test_the_first_screen_of_a_phone_has_all_that_is_said_first(reports, opened, tmp_path, name):
    content = report_content(read_made(reports, name), "2026-W46", [], "https://reports.example.com")
    file = tmp_path / "mail.html"
    file.write_text(_html(content, [], None)[0], encoding="utf-8")
    page = opened(file, 390)
    verdict, button, believe = (page.locator(one).first.bounding_box() for one in (".lead", ".button", ".believe"))
    assert verdict["y"] <= 200
    assert button["y"] + button["height"] <= FIRST and button["height"] >= 44
    assert believe["y"] + believe["height"] <= FIRST
    assert len(file.read_bytes()) <= 100_000
    for width in (320, 390, 700):
        page.set_viewport_size({"width": width, "height": SCREEN})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
