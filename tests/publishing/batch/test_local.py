"""Reports on this machine: kernels are kept busy while pages are made, in a process that may die of one."""

from contextlib import closing
from threading import Event, Lock

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from reportlib.presentation.look.palette import CHART_MIME
from reportlib.publishing.batch import local
from reportlib.publishing.batch.local import made_in_threads
from reportlib.publishing.batch.order import Making, Order
from reportlib.publishing.batch.page_process import PageProcess
from reportlib.publishing.batch.pages import draw_ahead, pages_of
from reportlib.publishing.batch.report import published
from reportlib.publishing.kernel.run_notebook import Executed
from reportlib.publishing.page import chart_svg
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


def test_a_page_that_ends_its_process_costs_no_other(tmp_path):
    report = Report(tmp_path / "review.ipynb", "a", tmp_path / "a.yaml", {}, {})
    order, run = Order(report, Making(), b"", {}), Executed(new_notebook(), "{}", None, 1.5)
    with closing(PageProcess()) as pages:
        pages._process.kill()
        pages.draw_ahead({"mark": "bar"})
        failed = published(order, run, pages.pages_of)
        assert (failed.failure.name, list(failed.files)) == ("PagesDied", [".ipynb", ".json"])
        assert b"<title>" in published(order, run, pages.pages_of).files[".html"]
        pages._process.stdin.close()  # as when its owner is gone
        assert pages._process.wait(30) == 0


def test_a_chart_drawn_ahead_is_the_chart_of_its_page():
    """In whatever order a kernel says what is in it; a saved notebook has it sorted."""
    chart = {"mark": "bar", "data": {"values": [{"a": 1}]}, "encoding": {"x": {"field": "a", "type": "quantitative"}}}
    output = new_output("display_data", {CHART_MIME: chart})
    notebook = new_notebook(cells=[new_code_cell("", outputs=[output])])
    with closing(PageProcess()) as pages:
        pages.draw_ahead({"mark": "no such"})  # told with its page, if at all
        pages.draw_ahead(chart)
        assert pages.pages_of(notebook, Making()) == pages_of(notebook, Making())
    draw_ahead(chart)
    drawn = chart_svg._svg.cache_info().misses
    pages_of(nbformat.reads(nbformat.writes(notebook), as_version=4), Making())
    assert chart_svg._svg.cache_info().misses == drawn
