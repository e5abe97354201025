"""A campaign that is sending, in a PostgreSQL that can be stopped, and the monitor of it in a real JupyterLab."""

import json
import os
import re
import time
from datetime import UTC, datetime, timedelta

import nbformat
import pytest
from jupyter_client import BlockingKernelClient
from sqlalchemy import create_engine

from tests import PROJECT
from tests.browser import launched_chromium
from tests.jupyterlab import running_jupyterlab
from tests.postgresql import MISSING, programs, running_postgresql
from tests.small_database import SmallDatabase, fill

PLENTY = 90_000  # milliseconds; a busy machine starts a kernel slowly
MESSAGES, SETTLED = 900, 150
SMALL = 40
FAST_S = 0.1


@pytest.fixture(scope="module")
def server():
    if not programs():
        pytest.skip(MISSING)
    with running_postgresql() as found:
        yield found


@pytest.fixture(scope="module")
def database(server):
    """A function that runs a statement, of a campaign "big" that is sending, and another, "small"."""
    engine = create_engine(server.address())
    fill(engine, _sending())
    engine.dispose()

    def run(statement, *values):
        with server.connect() as connection:
            return connection.execute(statement, values)

    return run


def _sending() -> SmallDatabase:
    now = datetime.now(UTC)
    database = SmallDatabase(opened_at=now)
    database.account("acme", "Europe/Berlin")
    for name, people, settled in (("big", MESSAGES, SETTLED), ("small", SMALL, SMALL // 2)):
        began = now - timedelta(minutes=8)
        titles = {"big": "Sale <b>for</b> all", "small": "Newsletter for few"}
        database.campaign(name, status="sending", start=began, audience=people, **{"name": titles[name]})
        for number in range(people):
            at = began + timedelta(seconds=number * 400 / people)
            database.contact(f"{name}{number}")
            columns = {"message_id": f"{name}{number:04}", "channel": "sms", "provider": "twilio"}
            database.message(name, f"{name}{number}", "delivered" if number < settled else "sent", at=at, **columns)
    return database


class Watched:
    """The notebook as it is open in the browser, and the kernel behind it."""

    def __init__(self, page, home, lab):
        self.page, self.elsewhere, self._home = page, [], home
        ours = (lab, lab.replace("http", "ws"), "data:", "blob:")
        page.on("request", lambda request: None if request.url.startswith(ours) else self.elsewhere.append(request.url))
        page.goto(f"{lab}lab/tree/live_monitor.ipynb?token=t&reset", timeout=PLENTY)
        page.locator(".jp-NotebookPanel-toolbar").get_by_text("ipykernel").wait_for(timeout=PLENTY)
        self._command("^Run$", "runmenu:run-all")
        self.screen = page.locator(".reportlib-live")
        page.locator(".reportlib-live figure svg").first.wait_for(timeout=PLENTY)
        page.get_by_text("To make it again").wait_for(timeout=PLENTY)  # the last output
        (found,) = home.rglob("kernel-*.json")
        self._kernel = BlockingKernelClient(connection_file=str(found))
        self._kernel.load_connection_file()
        self._kernel.start_channels()
        self.browser = page.context.new_cdp_session(page)

    def ask(self, expression):
        """What the kernel says to an expression, beside the monitor."""
        wanted = {"value": f"__import__('json').dumps({expression})"}
        reply = self._kernel.execute("", silent=True, user_expressions=wanted, reply=True, timeout=60)
        found = reply["content"]["user_expressions"]["value"]
        assert found["status"] == "ok", found
        return json.loads(found["data"]["text/plain"][1:-1])

    def looks(self) -> int:
        return self.ask("__import__('reportlib.presentation.live.widget', fromlist=['x'])._current.looks")

    def wait_for_looks(self, wanted: int):
        """Until there were so many; there has to be a new one within five minutes."""
        before, give_up = 0, time.monotonic() + 300
        while (seen := self.looks()) < wanted:
            if seen > before:
                before, give_up = seen, time.monotonic() + 300
            assert time.monotonic() < give_up, f"{seen} looks of {wanted}"
            time.sleep(0.5)

    def memory(self) -> dict[str, float]:
        """MB of the kernel and of the browser's heap, nodes of the page, and bytes of the saved notebook."""
        self.browser.send("HeapProfiler.collectGarbage")
        heap = self.browser.send("Runtime.getHeapUsage")["usedSize"]
        pages = self.ask("int(open('/proc/self/statm').read().split()[1])")
        self.page.locator(".jp-Toolbar [data-command='docmanager:save']").click()
        time.sleep(0.5)
        return {
            "kernel": pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
            "browser": heap / 1e6,
            "nodes": self.browser.send("Memory.getDOMCounters")["nodes"],
            "notebook": (self._home / "notebooks" / "live_monitor.ipynb").stat().st_size,
        }

    def every(self, seconds: str):
        self.screen.locator("select").first.select_option(label=seconds)

    def count(self, card: str) -> str:
        return self.screen.locator(f".card.{card} .count").first.inner_text().partition("\n")[0]

    def _command(self, menu, command):
        self.page.locator(".lm-MenuBar-itemLabel", has_text=re.compile(menu)).click()
        self.page.locator(f"[data-command='{command}']").first.click()


@pytest.fixture(scope="module")
def watched(server, database, tmp_path_factory):
    """The monitor of "big", looking every FAST_S."""
    home = tmp_path_factory.mktemp("lab")
    (home / "notebooks").mkdir()
    notebook = nbformat.read(PROJECT / "notebooks" / "live_monitor.ipynb", as_version=4)
    (parameters,) = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    parameters.source = f'campaign, interval_s, timezone = "big", {FAST_S}, None'
    nbformat.write(notebook, home / "notebooks" / "live_monitor.ipynb")
    with running_jupyterlab(home, server.address()) as lab, launched_chromium() as chromium:
        tall = {"width": 1300, "height": 9000}  # JupyterLab draws what is in sight
        yield Watched(chromium.new_page(viewport=tall), home, lab)
