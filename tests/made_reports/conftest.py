"""Reports of the demo made once by the command, and a browser to open them in."""

from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from tests.browser import launched_chromium
from tests.in_process import reportlib

CAMPAIGNS = ("spring-sale", "newsletter-september", "paused-template", "black-friday-preview")
COMPARED = ("coupon-a", "coupon-b")
COMPARISON = f"campaign_comparison-{'-vs-'.join(COMPARED)}"
SEND_TIMES = "send_time_heatmap-all-campaigns"
WEEKLY = "weekly_review-acai-2026-w46"
PARAMETERS = Path(__file__).parents[2] / "parameters" / "post_campaign_review" / "demo.yaml"
LIVE, EXPLORING = "live_monitor-black-friday-preview", "exploring-spring-sale"
IMPACT = "campaign_impact-coupon"
AUDIENCE = "audience_health-acai"
WHAT_WORKS = "what_works-sementes"
OTHERS = sorted(set(PARAMETERS.parents[1].glob("*/demo.yaml")) - {PARAMETERS})


@pytest.fixture(scope="session")
def reports(demo_url, tmp_path_factory):
    """A folder with the reports of CAMPAIGNS and of every other notebook, and index.html."""
    folder = tmp_path_factory.mktemp("reports")
    chosen = [argument for campaign in CAMPAIGNS for argument in ("--campaign", campaign)]
    done = reportlib("run", PARAMETERS, "--output", folder, *chosen, database=demo_url)
    assert done.returncode == 0, done.stderr
    done = reportlib("run", *OTHERS, "--output", folder, database=demo_url)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def comparison_report(reports):
    """The page of the comparison; its JSON lies beside it."""
    return reports / f"{COMPARISON}.html"


@pytest.fixture(scope="session")
def live_report(demo_url, tmp_path_factory):
    """The interactive report of the largest campaign."""
    folder = tmp_path_factory.mktemp("live")
    done = reportlib("run", PARAMETERS, "--output", folder, "--interactive", database=demo_url)
    assert done.returncode == 0, done.stderr
    return folder / "post_campaign_review-spring-sale.html"


@pytest.fixture(scope="package")
def chromium():
    """The browser, while the tests of this folder run."""
    with launched_chromium() as browser:
        yield browser


@pytest.fixture
def opened(chromium):
    """A function that opens a file without any network: the page, what it asked for, and what it complained of."""
    with opening(chromium) as open_page:
        yield open_page


@pytest.fixture(scope="module")
def looked_at(chromium, reports):
    """As `opened`, a report by its name; those who change nothing share the page."""
    with opening(chromium) as open_page:
        yield cache(lambda name, width=1280: open_page(reports / name, width))


@contextmanager
def opening(chromium):
    contexts = []

    def open_page(path, width=1280, **options):
        context = chromium.new_context(viewport={"width": width, "height": 900}, offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.asked, page.complaints = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(path.as_uri())
        return page

    try:
        yield open_page
    finally:
        for context in contexts:
            context.close()
