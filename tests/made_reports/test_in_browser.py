"""Reports as a stakeholder opens them: offline, on a desktop, a phone, in print and in the dark."""

import csv
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

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

PAGES = [*[f"post_campaign_review-{campaign}.html" for campaign in CAMPAIGNS], "index.html"]
PAGES += [f"{name}.html" for name in (COMPARISON, SEND_TIMES, WEEKLY, LIVE, EXPLORING, IMPACT, AUDIENCE, WHAT_WORKS)]
CHARTS = {
    PAGES[0]: 2,
    f"{COMPARISON}.html": 2,
    f"{SEND_TIMES}.html": 2,
    f"{WEEKLY}.html": 2,
    f"{IMPACT}.html": 2,
    f"{AUDIENCE}.html": 4,
    f"{WHAT_WORKS}.html": 1,
}  # of one report of each kind, not folded, at least
AT_EDGES = (639, 640, 641, 799, 800)  # where the style changes
SHORT = [*CHARTS, f"{LIVE}.html"]  # with a first screen, and no longer than it may be
WIDTHS = {"desktop": 1280, "phone": 390}
IN_CI = (PAGES[0], "index.html")  # one of each kind; axe takes seconds for each
FURTHER = {*PAGES} - {*IN_CI}
MOST_WORDS = [1300, 900, 980, 900, 600, 1260, 1000, 480]  # of SHORT, before anything is unfolded


def some_slow(cases, is_slow):
    return [pytest.param(*case, marks=[pytest.mark.slow] if is_slow(*case) else []) for case in cases]


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_asked_of_any_host_and_nothing_complains(reports, looked_at, name):
    page = looked_at(name)
    page.wait_for_load_state("networkidle")
    assert page.asked == [(reports / name).as_uri()]
    assert page.complaints == []


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        *some_slow([(name, WIDTHS["desktop"], "light") for name in PAGES], lambda name, *_: name in FURTHER),
        *some_slow([(name, WIDTHS["phone"], "dark") for name in PAGES], lambda name, *_: name != "index.html"),
    ],
)
def test_axe_finds_no_violation(reports, opened, name, width, scheme):
    page = opened(reports / name, width, color_scheme=scheme)
    for details in page.query_selector_all("details"):
        details.evaluate("element => element.open = true")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("name", some_slow([(name,) for name in PAGES], FURTHER.__contains__))
def test_nothing_is_wider_than_the_page_at_any_width(reports, opened, name):
    page = opened(reports / name)
    for is_open, widths in ((False, range(320, 1401, 108)), (True, range(356, 1401, 216))):
        page.evaluate("open => document.querySelectorAll('details').forEach(one => one.open = open)", is_open)
        for width in (*widths, *AT_EDGES):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (width, is_open)


@pytest.mark.parametrize("name", SHORT)
def test_a_phone_shows_the_verdict_at_once_and_what_to_do_on_the_first_screen(looked_at, name):
    page = looked_at(name, WIDTHS["phone"])
    verdict, first = (page.locator(one).first.bounding_box() for one in (".outcome", ".first"))
    assert verdict["y"] <= 200
    assert first["y"] + first["height"] <= 1000
    if page.locator("ol.actions li").count():
        assert page.locator("ol.actions li").first.bounding_box()["y"] <= 700


@pytest.mark.parametrize(("name", "most"), list(zip(SHORT, MOST_WORDS, strict=True)))
def test_a_page_says_it_in_few_words(looked_at, name, most):
    assert len(looked_at(name).locator("body").inner_text().split()) <= most


@pytest.mark.parametrize(("width", "longest"), [(1280, 5500), (390, 9000)])
@pytest.mark.parametrize("name", SHORT)
def test_a_page_is_no_longer_than_it_may_be(looked_at, name, width, longest):
    assert looked_at(name, width).evaluate("document.documentElement.scrollHeight") <= longest


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("name", few(CHARTS, 2))
def test_without_javascript_each_chart_is_drawn_once_and_large_enough(reports, opened, name, width):
    page = opened(reports / name, width, java_script_enabled=False)
    charts = page.locator("main > figure")
    assert charts.count() >= CHARTS[name]
    for at in range(charts.count()):
        visible = [svg for svg in charts.nth(at).locator("svg").all() if svg.is_visible()]
        assert len(visible) == 1
        assert visible[0].bounding_box()["width"] >= 0.9 * min(width - 32, 836)


@pytest.mark.parametrize("name", CHARTS)
def test_labels_of_charts_stay_within_their_drawing(looked_at, name):
    script = """() => [...document.querySelectorAll("figure :is(.wide, .phone) svg")].flatMap((svg) => {
        const frame = svg.getBoundingClientRect();
        return [...svg.querySelectorAll("text")].filter((text) => {
            const box = text.getBoundingClientRect();
            return box.width && (box.left < frame.left - 2 || box.right > frame.right + 2);
        }).map((text) => text.textContent);
    })"""
    assert {width: looked_at(name, width).evaluate(script) for width in WIDTHS.values()} == {1280: [], 390: []}


@pytest.mark.parametrize("name", few(CHARTS, 2))
def test_a_dark_page_has_no_light_ink_on_light_ground(reports, opened, name):
    page = opened(reports / name, color_scheme="dark")
    inks = page.evaluate(
        "[...new Set([...document.querySelectorAll('figure .wide svg text')].map(one => getComputedStyle(one).fill))]"
    )
    assert set(inks) <= {"rgb(167, 180, 192)", "rgb(232, 237, 242)"}


@pytest.mark.parametrize("name", few(CHARTS, 2))
def test_print_leaves_out_what_paper_cannot_use(reports, opened, name):
    page = opened(reports / name)
    page.emulate_media(media="print")
    for element in ("nav", "details", ".skip"):
        assert not page.locator(element).first.is_visible()
    for folded in page.locator("main details.folded > :not(summary, details)").all():
        assert folded.is_visible()
    assert page.locator("figure .wide svg").first.is_visible()
    assert len(page.pdf(format="A4")) > 20_000


@pytest.mark.parametrize("name", PAGES[:-1])
def test_links_and_folds_are_rows_that_a_finger_meets(looked_at, name):
    page = looked_at(name, WIDTHS["phone"])
    for row in page.locator("footer a, main > details > summary, nav summary").all():
        assert row.bounding_box()["height"] >= 44, row.inner_text()


@pytest.mark.parametrize("media", [{"contrast": "more"}, {"forced_colors": "active"}, {"reduced_motion": "reduce"}])
def test_a_page_follows_what_the_reader_has_set(reports, opened, media):
    page = opened(reports / PAGES[0])
    page.emulate_media(**media)
    shown = page.evaluate(
        """() => ({
            border: getComputedStyle(document.querySelector('.outcome')).borderTopWidth,
            scroll: getComputedStyle(document.documentElement).scrollBehavior,
            symbol: getComputedStyle(document.querySelector('.symbol')).borderTopStyle,
        })"""
    )
    if "contrast" in media:
        assert shown["border"] == "2px"
    if "forced_colors" in media:
        assert shown["symbol"] == "solid"
    assert (shown["scroll"] == "auto") == ("reduced_motion" in media)


def test_names_are_text_and_the_title_is_the_campaign(looked_at):
    page = looked_at("post_campaign_review-newsletter-september.html")
    assert page.title() == "Newsletter <script>alert(1)</script> September · Post-campaign review · Bücherhaus Köln"
    assert page.locator("h1").count() == 1
    assert page.locator("script").count() == 0
    assert page.locator("html").get_attribute("lang") == "en"


@pytest.mark.parametrize("name", few(CHARTS, 2))
def test_contents_lead_to_their_sections(reports, opened, name):
    page = opened(reports / name)
    page.locator("nav summary").click()
    for link in page.locator("header nav a").all():
        target = page.locator(link.get_attribute("href"))
        assert target.inner_text() == link.inner_text()


def test_the_index_leads_to_each_report(looked_at):
    page = looked_at("index.html")
    assert page.locator("footer").count() == 0  # nothing is above it
    links = page.locator("main a")
    assert {link.get_attribute("href") for link in links.all()} == set(PAGES) - {"index.html"}
    assert "still sending" in page.locator("tr", has_text="Black Friday").first.inner_text()


def test_an_interactive_report_comes_alive_without_a_request(live_report, opened):
    page = opened(live_report, color_scheme="dark")
    page.wait_for_function("document.querySelectorAll('.vega-embed svg').length >= 2", timeout=20_000)
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save as PNG").first.click()
    with Image.open(saving.value.path()) as picture:
        assert picture.convert("RGBA").getpixel((1, 1)) == (255, 255, 255, 255)  # letters are dark there
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save as CSV").first.click()
    with saving.value.path().open(encoding="utf-8-sig", newline="") as saved:
        cells = [cell.strip() for cell in page.locator("figure table").first.locator("th, td").all_text_contents()]
        assert [cell for row in csv.reader(saved) for cell in row if row] == cells
    page.locator(".vega-embed .mark-rect path").first.hover()
    page.wait_for_selector("#vg-tooltip-element.visible", timeout=10_000)
    assert page.locator(".drawing").count() == 0
    assert page.asked == [live_report.as_uri()]
    assert page.complaints == []
    leaked = page.evaluate("['vega', 'vegaLite', 'lodashDebounce'].filter((name) => name in window)")
    assert leaked == []


def test_an_interactive_report_keeps_its_drawings_without_javascript(live_report, opened):
    page = opened(live_report, java_script_enabled=False)
    assert page.locator("figure .drawing svg").count() >= 2


@pytest.mark.parametrize("name", PAGES)
def test_the_default_file_is_small_and_holds_no_script(reports, name):
    html = (reports / name).read_text()
    assert len(html.encode()) <= 220_000
    assert "<script" not in html
    assert "default-src 'none'" in html
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", html)


def test_the_interactive_file_is_small_and_holds_one_bundle(live_report):
    html = live_report.read_text()
    assert len(html.encode()) <= 700_000
    assert html.count('class="bundle"') == 1
