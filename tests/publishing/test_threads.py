"""Reports on this machine: kernels are kept busy while pages are made, in a process that may die of one."""

from contextlib import closing
from threading import Event, Lock

import pytest
from nbformat.v4 import new_notebook

from reportlib.publishing import threads
from reportlib.publishing.making import Making, Order
from reportlib.publishing.one_report import Executed
from reportlib.publishing.page_process import PageProcess
from reportlib.publishing.parameters import Report
from reportlib.publishing.threads import made_in_threads

LONGEST_S = 30


@pytest.fixture
def halves(monkeypatch):
    """How many notebooks ran at most at once, filled by runs whose first page waits for the second notebook."""
    running, most, lock, begun = 0, [0], Lock(), {"one": Event(), "two": Event()}

    def executed(order, stop, template):
        nonlocal running
        with lock:
            running += 1
            most[0] = max(most[0], running)
        begun[order].set()
        begun["two" if order == "one" else "one"].wait(0.2)  # long enough to meet the other, were it let in
        with lock:
            running -= 1
        return order

    def published(order, run):
        assert run == order
        assert all(event.wait(LONGEST_S) for event in begun.values())
        return f"page {order}"

    monkeypatch.setattr(threads, "executed", executed)
    monkeypatch.setattr(threads.PageProcess, "published", lambda self, order, run: published(order, run))
    return most


def test_a_page_is_drawn_while_the_next_notebook_runs(halves):
    made = made_in_threads({1: "one", 2: "two"}, Making(jobs=1, cold=True), pytest.fail)
    assert dict(made) == {1: "page one", 2: "page two"}
    assert halves == [1]


def test_a_page_that_ends_its_process_costs_no_other(tmp_path):
    report = Report(tmp_path / "review.ipynb", "a", tmp_path / "a.yaml", {}, {})
    order, run = Order(report, Making(), b"", {}), Executed(new_notebook(), None, 1.5)
    with closing(PageProcess()) as pages:
        pages._process.kill()
        failed = pages.published(order, run)
        assert (failed.failure.name, failed.seconds, list(failed.files)) == ("PagesDied", 1.5, [".json"])
        assert b"<title>" in pages.published(order, run).files[".html"]
        pages._process.stdin.close()  # as when its owner is gone
        assert pages._process.wait(30) == 0
