"""A report's files beside each other: all of one making, also where there is no room for them."""

import resource
import signal
from contextlib import contextmanager
from pathlib import Path

import pytest

from reportlib.errors import OutputError
from reportlib.publishing.batch.order import Made
from reportlib.publishing.batch.place import place
from reportlib.reports.parameters import Report


@contextmanager
def room_for(size):
    """No file can be larger than this: the system refuses to write on, as on a full disk."""
    before, ignored = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def made(mark, page_size=10):
    return Made({".ipynb": mark, ".html": mark * page_size, ".json": b"{}"}, 1.0)


@pytest.mark.parametrize("is_new", [True, False])
def test_a_disk_that_is_full_leaves_no_notebook_without_its_page(tmp_path, is_new):
    report = Report(Path("review.ipynb"), {}, Path("a.yaml"), "a")
    page = tmp_path / "review-a.html"
    if not is_new:
        place(made(b"1"), report, page)
    with room_for(100_000), pytest.raises(OutputError, match=r"review-a.html cannot be written: File too large"):
        place(made(b"2", 200_000), report, page)
    left = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert left == ({} if is_new else {"review-a.ipynb": b"1", "review-a.html": b"1" * 10})
    place(made(b"3"), report, page)
    assert {file.read_bytes()[:1] for file in tmp_path.iterdir()} == {b"3"}
