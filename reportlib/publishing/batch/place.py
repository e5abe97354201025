"""Putting what was made of a report at its page, and keeping its last good one while it fails."""

from pathlib import Path

from reportlib.errors import OutputError
from reportlib.publishing.batch.order import Made, Result, last_good_of
from reportlib.publishing.page.failure import FAILURE_MARK, failure_page
from reportlib.publishing.store.files import read_whole, write_together, write_whole
from reportlib.reports.parameters import Report


def place(made: Made, report: Report, page: Path) -> Result:
    """Write NAME.html at `page`, and beside it NAME.ipynb and, where there are, NAME.pdf and NAME.png; `confirm` is to
    follow.

    A report that failed leaves a page that says why, NAME.json that says so too, and its last good one as
    NAME.last-good.html. Raises OutputError when a file cannot be written.
    """
    if made.failure and page.exists() and not _is_failure(page):
        write_whole(last_good_of(page), _read(page))
    if made.failure:
        for kind in (".pdf", ".png", ".xlsx"):  # of a report that this page now stands for
            page.with_suffix(kind).unlink(missing_ok=True)
    files = {suffix: content for suffix, content in made.files.items() if suffix != ".json" or made.failure}
    write_together({page.with_suffix(suffix): content for suffix, content in files.items()})
    good = last_good_of(page)
    if made.failure:
        asked = {"notebook": report.notebook.stem, "parameter file": report.source, **report.parameters}
        write_whole(page, failure_page(report.title, asked, made.failure, good.name if good.exists() else None))
    else:
        good.unlink(missing_ok=True)
    return Result(report, page, made.seconds, made.failure)


def confirm(made: Made, page: Path):
    """Write NAME.json, which says that all else of the report is there, so that it need not be made again."""
    if not made.failure:
        write_whole(page.with_suffix(".json"), made.files[".json"])


def _is_failure(page):
    return FAILURE_MARK in _read(page).decode(errors="replace")


def _read(page) -> bytes:
    try:
        return read_whole(page)
    except OSError as error:
        raise OutputError(f"the last good report {page} cannot be kept: {error.strerror or error}") from None
