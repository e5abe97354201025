"""The notebooks as analysts meet them: a real JupyterLab in a real Chromium, without any other host."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from reportlib.publishing.parameters import NOTEBOOKS

PLENTY = 90_000  # milliseconds; a busy machine starts a kernel slowly


@pytest.fixture(scope="session")
def lab(demo_url, tmp_path_factory):
    """The address of a JupyterLab on copies of the notebooks."""
    home = tmp_path_factory.mktemp("lab")
    shutil.copytree(NOTEBOOKS, home / "notebooks")
    command = [Path(sys.executable).with_name("jupyter"), "lab", "--no-browser", "--allow-root", "--port=0"]
    options = [f"--notebook-dir={home / 'notebooks'}", "--IdentityProvider.token=t", "--ServerApp.port_retries=0"]
    environment = {**os.environ, "CAMPAIGN_DATABASE_URL": demo_url, "HOME": str(home)}
    log = home / "log"
    with log.open("w") as said, subprocess.Popen([*command, *options], env=environment, stderr=said) as server:
        try:
            yield _address(server, log)
        finally:
            server.terminate()


def _address(server, log):
    while server.poll() is None:
        if found := re.search(r"http://(localhost|127\.0\.0\.1):\d+/", log.read_text()):
            return found[0]
    raise AssertionError(log.read_text())


@pytest.mark.parametrize("notebook", sorted(path.name for path in NOTEBOOKS.glob("*.ipynb")))
def test_every_chart_is_drawn(lab, chromium, notebook):
    cells = nbformat.read(NOTEBOOKS / notebook, as_version=4).cells
    expected = sum(cell.cell_type == "code" and bool(re.search(r"(charts|heatmaps)\.", cell.source)) for cell in cells)
    assert expected
    page = chromium.new_page(viewport={"width": 1400, "height": 9000})  # tall: JupyterLab draws what is in sight
    elsewhere = []
    page.on("request", lambda request: None if request.url.startswith((lab, "data:", "blob:")) else elsewhere.append(1))
    page.goto(f"{lab}lab/tree/{notebook}?token=t&reset", timeout=PLENTY)
    page.locator(".jp-NotebookPanel-toolbar").get_by_text("ipykernel").wait_for(timeout=PLENTY)
    page.locator(".lm-MenuBar-itemLabel", has_text=re.compile("^Run$")).click()
    page.locator("[data-command='runmenu:run-all']").click()
    drawn = page.locator(".jp-OutputArea-output .marks")
    drawn.nth(expected - 1).wait_for(timeout=PLENTY)
    page.get_by_text("To make it again").wait_for(timeout=PLENTY)  # the last output
    assert drawn.count() == expected
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    assert not elsewhere
    page.close()
