"""Reports on this machine: kernels are kept busy while pages are made, in a process that may die of one."""

import json
import subprocess
import sys
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event, Lock

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from reportlib.presentation.look.palette import CHART_MIME
from reportlib.publishing.batch import local
from reportlib.publishing.batch.local import made_in_threads
from reportlib.publishing.batch.order import Making, Order
from reportlib.publishing.batch.report import published
from reportlib.publishing.batch.run_notebook import Executed
from reportlib.publishing.page import chart_svg, process
from reportlib.publishing.page.pages import draw_ahead, pages_of
from reportlib.publishing.page.process import PageProcess
from reportlib.reports.parameters import Report

LONGEST_S = 30


@pytest.fixture
def halves(monkeypatch):
    """How many notebooks ran at most at once, filled by runs whose first page waits for the second notebook."""
    running, most, lock, begun = 0, [0], Lock(), {"one": Event(), "two": Event()}

    def executed(order, stop, template, shown):
        nonlocal running
        with lock:
            running += 1
            most[0] = max(most[0], running)
        begun[order].set()
        begun["two" if order == "one" else "one"].wait(0.2)  # long enough to meet the other, were it let in
        with lock:
            running -= 1
        return order

    def published(order, run, pages):
        assert run == order
        assert all(event.wait(LONGEST_S) for event in begun.values())
        return f"page {order}"

    monkeypatch.setattr(local, "executed", executed)
    monkeypatch.setattr(local, "published", published)
    return most


def test_a_page_is_drawn_while_the_next_notebook_runs(halves):
    made = made_in_threads({1: "one", 2: "two"}, Making(jobs=1, cold=True), pytest.fail)
    assert dict(made) == {1: "page one", 2: "page two"}
    assert halves == [1]


ABORTS = {"calculate": "'a\\u0000b'", "as": "a"}  # of which the engine dies, whatever was made harmless before
HANGS = {"calculate": f"test(/^(x+)+$/, '{'x' * 40}y')", "as": "a"}


def of_chart(*transforms, campaign="a"):
    """An order for a report, with the run of a notebook that shows a chart transformed so."""
    encoding = {"y": {"field": "a", "type": "nominal"}, "x": {"field": "b", "type": "quantitative"}}
    data = {"values": [{"a": "one", "b": 1}]}
    chart = {"data": data, "transform": list(transforms), "mark": "bar", "encoding": encoding}
    notebook = new_notebook(cells=[new_code_cell("", outputs=[new_output("display_data", {CHART_MIME: chart})])])
    report = Report(Path("review.ipynb"), {"campaign": campaign}, Path("a.yaml"), campaign)
    return Order(report, Making(), b"", {}), Executed(notebook, "{}", None, 1.5), chart


def test_a_page_that_ends_its_process_costs_no_other():
    order, run, chart = of_chart(ABORTS)
    innocent, its_run, its_chart = of_chart()
    with closing(PageProcess().start()) as pages:
        pages.draw_ahead(chart)
        pages.draw_ahead(its_chart)
        assert b"<svg" in published(innocent, its_run, pages.pages_of).files[".html"]
        failed = published(order, run, pages.pages_of)
        assert (failed.failure.name, list(failed.files)) == ("PagesDied", [".ipynb", ".json"])
        assert published(innocent, its_run, pages.pages_of).failure is None


@pytest.mark.slow
def test_a_page_that_does_not_end_is_ended_and_costs_no_other(monkeypatch):
    monkeypatch.setattr(process, "PAGE_LIMIT_S", 4)
    order, run, chart = of_chart(HANGS)
    innocent, its_run, _ = of_chart()
    with closing(PageProcess().start()) as pages:
        pages.draw_ahead(chart)
        for _ in range(200):
            pages.draw_ahead({"description": "x" * 10_000})  # more than its pipe holds: no notebook waits
        assert published(innocent, its_run, pages.pages_of).failure is None
        failure = published(order, run, pages.pages_of).failure
    assert (failure.name, failure.place) == ("TimeLimit", "the page")
    assert "not drawn within 4 s" in failure.message


def test_an_end_does_not_wait_for_a_page():
    order, run, _ = of_chart(HANGS)
    pages = PageProcess().start()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(published, order, run, pages.pages_of)
        while not pages._lock.locked():
            time.sleep(0.01)
        time.sleep(0.5)
        pages.close()
        assert isinstance(waiting.exception(), CancelledError)  # and not that its time was over
    assert pages._process is None


@pytest.mark.slow
def test_a_page_process_ends_with_an_owner_that_is_killed():
    """In the midst of a drawing, when it would hear of nothing; and as it waits."""
    for transform in (HANGS, {"filter": "true"}):
        _, _, chart = of_chart(transform)
        owner = subprocess.Popen([sys.executable, "-c", OWNER, json.dumps(chart)], stdout=subprocess.PIPE)
        pages = psutil.Process(int(owner.stdout.readline()))
        time.sleep(3)
        owner.kill()
        owner.communicate()
        assert not psutil.wait_procs([pages], timeout=60)[1]


OWNER = """
import json, sys, time
from reportlib.publishing.page.process import PageProcess
pages = PageProcess().start()
print(pages._process.pid, flush=True)
pages.draw_ahead(json.loads(sys.argv[1]))
time.sleep(100)
"""


def test_a_chart_drawn_ahead_is_the_chart_of_its_page():
    """In whatever order a kernel says what is in it; a saved notebook has it sorted."""
    chart = {"mark": "bar", "data": {"values": [{"a": 1}]}, "encoding": {"x": {"field": "a", "type": "quantitative"}}}
    output = new_output("display_data", {CHART_MIME: chart})
    notebook = new_notebook(cells=[new_code_cell("", outputs=[output])])
    with closing(PageProcess().start()) as pages:
        pages.draw_ahead({"mark": "no such"})  # told with its page, if at all
        pages.draw_ahead(chart)
        assert pages.pages_of(notebook, Making()) == pages_of(notebook, Making())
    draw_ahead(chart)
    drawn = chart_svg._svg.cache_info().misses
    pages_of(nbformat.reads(nbformat.writes(notebook), as_version=4), Making())
    assert chart_svg._svg.cache_info().misses == drawn
