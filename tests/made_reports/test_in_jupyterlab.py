"""The notebooks as analysts use them: a real JupyterLab in a real Chromium, without any other host."""

import csv
import re
import shutil
from urllib.parse import unquote

import nbformat
import pytest

from reportlib import metrics, open_warehouse
from reportlib.presentation.look import numbers
from reportlib.warehouse.demo import PLAN
from tests import PROJECT
from tests.jupyterlab import running_jupyterlab
from tests.notebooks.own_report import copy_changed

NOTEBOOKS = PROJECT / "notebooks"
PLENTY = 480_000  # milliseconds; a busy machine starts a kernel slowly
DRAWN = ".jp-OutputArea-output svg.marks"
SHOWN = "a => [...document.querySelectorAll('.jp-RenderedHTML')].some(one => new RegExp(a).test(one.innerText))"
OTHERS = f"before => [...document.querySelectorAll('{DRAWN}')].some(one => !before.includes(one.innerHTML))"
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def lab(demo_url, tmp_path_factory):
    """The address of a JupyterLab on copies of the notebooks, and their folder."""
    home = tmp_path_factory.mktemp("lab")
    shutil.copytree(NOTEBOOKS, home / "notebooks")
    with running_jupyterlab(home, demo_url) as address:
        yield address, home / "notebooks"


def by_keyboard(page):
    """A word into the search, then down the list, which has the chosen campaign first."""
    page.get_by_role("textbox", name="Search").focus()
    page.keyboard.type("dinner")
    reviewed = sum(one.is_sent or bool(one.totals) for one in PLAN.campaigns)
    page.get_by_text(f"1 of {reviewed} campaigns").wait_for(timeout=PLENTY)
    page.locator(".reportlib-pick").get_by_label("Campaign", exact=True).focus()
    page.keyboard.press("ArrowDown")


def by_mouse(page):
    """A campaign of the list."""
    page.locator(".reportlib-pick option", has_text="sms-flash").click()


def by_boxes(page):
    """Two boxes away and two others on; with fewer than two nothing runs."""
    for campaign in ("coupon-a", "coupon-b", "subject-line-a", "subject-line-b"):
        page.locator(".reportlib-pick label", has_text=campaign).click()
        page.get_by_text(re.compile("; [0-2] chosen")).wait_for(timeout=PLENTY)


def by_account(account):
    def choose(page):
        chosen = page.locator(".reportlib-pick").get_by_label("Account", exact=True)
        chosen.select_option(chosen.locator("option", has_text=account).inner_text())

    return choose


def by_experiment(page):
    page.locator(".reportlib-pick").get_by_label("Experiment", exact=True).select_option("\u2068subject-line\u2069")


def delivered(campaign):
    return lambda warehouse: metrics.delivery(warehouse, campaign)["delivered"].iloc[0]


def delivered_by_account(warehouse):
    known = metrics.select_campaigns(warehouse)
    return metrics.send_slots(warehouse, known.loc[known["account_id"] == "acai", "campaign_id"])["delivered"].sum()


def delivered_in_week(warehouse):
    return metrics.weekly_figures(warehouse, "buecher", "2026-W46").ledger["delivered"].iloc[0]


def assigned(warehouse):
    return metrics.trial(warehouse, "subject-line").arms["assigned"].iloc[0]


def reachable(warehouse):
    return metrics.audience_list(warehouse, "buecher").query("channel == 'all'")["reachable"].iloc[-1]


def asked_of(warehouse):
    return metrics.register(warehouse, "buecher")["people"].iloc[0]


USED = {  # what somebody does with the controls of a notebook, and a figure that is there afterwards
    "post_campaign_review": (by_keyboard, delivered("vip-dinner")),
    "campaign_comparison": (by_boxes, delivered("subject-line-b")),
    "campaign_impact": (by_experiment, assigned),
    "audience_health": (by_account("buecher"), reachable),
    "what_works": (by_account("buecher"), asked_of),
    "send_time_heatmap": (by_account("acai"), delivered_by_account),
    "weekly_review": (by_account("buecher"), delivered_in_week),
    "exploring": (by_mouse, delivered("sms-flash")),
}


def test_every_notebook_with_controls_is_used():
    with_controls = {
        path.stem for path in NOTEBOOKS.glob("[a-z]*.ipynb") if "pick()" in path.read_text().replace("\\", "")
    }
    assert with_controls == USED.keys()


@pytest.mark.slow  # tests/live has one in each run
@pytest.mark.parametrize("notebook", USED)
def test_charts_and_tables_are_drawn_and_follow_a_choice(lab, chromium, demo_url, notebook):
    address, folder = lab
    cells = nbformat.read(NOTEBOOKS / f"{notebook}.ipynb", as_version=4).cells
    expected = sum(cell.cell_type == "code" and bool(re.search(r"(charts?|heatmaps)\.", cell.source)) for cell in cells)
    elsewhere = []
    page = _opened(chromium, address, notebook, elsewhere)
    _run_all(page, cells)
    before = _drawings(page, expected)
    _check_menu(page)
    choose, figure = USED[notebook]
    counted = re.compile(rf"(?<![\d,]){numbers.count(figure(open_warehouse(demo_url)))}(?![\d,])")
    assert not counted.search(_outputs(page))
    choose(page)
    page.get_by_text("Up to date.").wait_for(timeout=PLENTY)
    _until(page, SHOWN, counted.pattern)  # JupyterLab draws after the kernel is done
    _until(page, OTHERS, before)
    _drawings(page, expected)
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    assert page.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0
    assert not elsewhere
    page.keyboard.press("Control+s")
    _until(page, "() => !document.querySelector('.jp-mod-dirty')")
    page.close()
    _check_saved(folder / f"{notebook}.ipynb", counted)


@pytest.mark.slow
def test_a_notebook_of_ones_own_is_chosen_by_its_kinds(lab, chromium, demo_url):
    address, folder = lab
    copy_changed(folder, "mine", until="failures")
    page = _opened(chromium, address, "mine")
    _run_all(page, nbformat.read(folder / "mine.ipynb", as_version=4).cells)
    warehouse = open_warehouse(demo_url)
    controls = page.locator(".reportlib-pick")
    by_count, by_code = (_failures(warehouse, "spring-sale", order) for order in (["failed", "code"], "code"))
    assert by_count[:2] != by_code[:2]
    _wait_for_codes(page, by_count[:5])
    controls.get_by_label("Top codes").fill("99")
    controls.get_by_label("Top codes").press("Enter")
    controls.get_by_text("top_codes: should be less than or equal to 50, not 99").wait_for(timeout=PLENTY)
    controls.get_by_label("Top codes").fill("2")
    controls.get_by_label("Top codes").press("Enter")
    _wait_for_codes(page, by_count[:2])
    controls.get_by_label("Order").select_option("code")
    _wait_for_codes(page, by_code[:2])
    by_mouse(page)
    _wait_for_codes(page, _failures(warehouse, "sms-flash", "code")[:2])
    page.get_by_text("All is well: sms-flash").wait_for(timeout=PLENTY)
    kept = controls.locator("code").all_inner_texts()
    assert kept == ["campaign = 'sms-flash'", "top_codes = 2", "order = 'code'"]
    assert page.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0
    page.close()


def _failures(warehouse, campaign, order) -> list[str]:
    return metrics.failures(warehouse, campaign).sort_values(order)["code"].tolist()


def _opened(chromium, address, notebook, elsewhere=None):
    """The notebook in JupyterLab with its kernel; what is asked of other hosts is added to `elsewhere`."""
    page = chromium.new_page(viewport={"width": 1400, "height": 9000})  # tall: JupyterLab draws what is in sight
    heard = [] if elsewhere is None else elsewhere
    page.on("request", lambda asked: None if asked.url.startswith((address, "data:", "blob:")) else heard.append(1))
    page.goto(f"{address}lab/tree/{notebook}.ipynb?token=t&reset", timeout=PLENTY)
    page.locator(".jp-NotebookPanel-toolbar").get_by_text("ipykernel").wait_for(timeout=PLENTY)
    return page


def _run_all(page, cells):
    page.locator(".lm-MenuBar-itemLabel", has_text=re.compile("^Run$")).click()
    page.locator("[data-command='runmenu:run-all']").click()
    code = [cell for cell in cells if cell.cell_type == "code"]
    shown = [at for at, cell in enumerate(code, 1) if not cell.metadata.get("jupyter", {}).get("source_hidden")]
    prompts = "[...document.querySelectorAll('.jp-InputPrompt')].map(one => one.innerText.trim())"
    _until(page, f"() => {prompts}.includes('[{shown[-1]}]:')")  # cells run one after the other; a folded one has none


def _until(page, holds, arg=None):
    """Asked twice a second: at each frame, as is usual, it keeps a core busy that the kernel needs."""
    page.wait_for_function(holds, arg=arg, timeout=PLENTY, polling=500)


def _wait_for_codes(page, codes):
    """Until the last table's second column is these."""
    shown = "[...[...document.querySelectorAll('.jp-RenderedHTML table')].at(-1).tBodies[0].rows]"
    column = f"{shown}.map(row => row.querySelectorAll('td')[1].innerText.trim())"
    _until(page, f"codes => JSON.stringify({column}) === JSON.stringify(codes)", codes)


def _drawings(page, expected) -> list[str]:
    drawn = page.locator(DRAWN)
    drawn.nth(expected - 1).wait_for(timeout=PLENTY)
    assert drawn.count() == expected
    return [one.inner_html() for one in drawn.all()]


def _check_menu(page):
    """The menu of a chart saves it, also as CSV; its source is not offered, where a name would run as a script."""
    chart = page.locator(".jp-RenderedVegaCommon5").first
    chart.locator("summary").evaluate("one => one.click()")
    chart.locator(".vega-actions", has_text="CSV").wait_for(timeout=PLENTY)
    assert chart.locator(".vega-actions a").all_inner_texts() == [f"Save as {kind}" for kind in ("SVG", "PNG", "CSV")]
    saved = unquote(chart.locator(".vega-actions [download$=csv]").get_attribute("href")).partition(",")[2]
    head, *rows = csv.reader(saved.removeprefix("\ufeff").splitlines())
    assert len(head) > 1 and rows and not any(name.startswith("Symbol") for name in head)


def _outputs(page) -> str:
    return "\n".join(page.locator(".jp-RenderedHTML").all_inner_texts())


def _check_saved(path, counted):
    """What was chosen is saved as if it had been run so; of the controls there is a word instead, and no state."""
    saved = nbformat.read(path, as_version=4)
    outputs = {cell.id: cell.outputs for cell in saved.cells if cell.cell_type == "code"}
    assert "widgets" not in saved.metadata
    assert [cell for cell in outputs if any(WIDGET in output.get("data", {}) for output in outputs[cell])] == ["pick"]
    (controls,) = outputs["pick"]
    assert controls.data["text/plain"].startswith("Controls for")
    shown = [output.data.get("text/html", "") for each in outputs.values() for output in each]
    assert any(counted.search(html) for html in shown)


def test_made_reports_have_no_trace_of_the_controls(reports):
    made = [path for path in reports.iterdir() if path.suffix in (".ipynb", ".html", ".json")]
    assert made
    for path in made:
        text = path.read_text()
        assert WIDGET not in text
        assert "reportlib-pick" not in text
    for path in reports.glob("[a-z]*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        assert "widgets" not in notebook.metadata
        assert not any(cell.outputs for cell in notebook.cells if cell.id == "pick")
