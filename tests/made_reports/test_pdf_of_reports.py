"""Every demo report as a PDF: small enough for a mail, tagged, and with the figures of its page."""

import json
import re
import shutil
import subprocess

import pytest

from reportlib.publishing.page.pdf import report_pdf
from tests import few
from tests.made_reports.conftest import (
    AUDIENCE,
    CAMPAIGNS,
    COMPARISON,
    EXPLORING,
    IMPACT,
    LIVE,
    SEND_TIMES,
    WEEKLY,
    WHAT_WORKS,
)

REVIEWS = [f"post_campaign_review-{campaign}" for campaign in CAMPAIGNS]
OTHERS = (COMPARISON, SEND_TIMES, WEEKLY, LIVE, AUDIENCE, WHAT_WORKS)
LARGEST_KB = 300
RIGHT = 595 - 28  # points at which a page of A4 ends, less most of its margin


def read(program, pdf, *places):
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed (poppler-utils)")
    done = subprocess.run([program, *places], input=pdf, capture_output=True, check=True)
    return re.sub(r"\s+", " ", done.stdout.decode(errors="replace"))


@pytest.mark.parametrize("name", few([EXPLORING, IMPACT, *OTHERS, *REVIEWS], 2))
def test_pdf_of_a_demo_report(reports, name):
    about = json.loads((reports / f"{name}.json").read_text())
    html = (reports / f"{name}.html").read_text()
    pdf = report_pdf(html)
    assert len(pdf) < LARGEST_KB * 1000
    assert "Tagged: yes" in read("pdfinfo", pdf, "-")
    assert max(map(float, re.findall(r'xMax="([\d.]+)"', read("pdftotext", pdf, "-bbox", "-", "-")))) <= RIGHT
    text = read("pdftotext", pdf, "-", "-")
    assert (about.get("title") or re.search("<h1><bdi>(.*?)</bdi>", html)[1]) in text
    bare = re.sub(r"\s", "", text)  # thin spaces come out as any, or as none
    counts = [re.sub(r"\s+", " ", count).strip() for count in re.findall(r'<p class="count">([^<]*)', html)]
    sentences = " ".join(re.findall(r'<p class="(?:said|believe)">.*?</p>', html, re.DOTALL))
    for figure in [*counts, *re.findall(r"\d+(?:,\d{3})+|\d+\.\d", sentences)]:
        assert re.sub(r"\s", "", figure) in bare, figure
