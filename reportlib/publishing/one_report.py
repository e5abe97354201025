"""Making one report: its notebook run, turned into a page, and handed over whole."""

import json
import time
import traceback
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

import nbformat

from reportlib.errors import OutputError
from reportlib.publishing.execution import execute
from reportlib.publishing.failure_page import FAILURE_MARK, failure_page
from reportlib.publishing.files import write_whole
from reportlib.publishing.forked_kernels import Template
from reportlib.publishing.html import report_html, report_payload
from reportlib.publishing.making import Failure, Making, Result, last_good_of
from reportlib.publishing.parameters import Report
from reportlib.publishing.passwords import without_password
from reportlib.publishing.pdf import report_pdf
from reportlib.publishing.retries import with_retries
from reportlib.version import code_version

_converting = Lock()  # one page at a time: the drawing of charts has one engine, and Python runs one thread at once


def make_report(report: Report, page: Path, how: Making, stop: Future, template: Template | None = None) -> Result:
    """Make NAME.html at `page`, and beside it NAME.ipynb, NAME.json and, where asked, NAME.pdf.

    Its kernel is forked from the template, where there is one. While the database cannot be reached it is tried again,
    a few times. A report that fails leaves a page that says why, and its last good one as NAME.last-good.html. Raises
    CancelledError once `stop` is done, OutputError when a file cannot be written.
    """
    began = time.monotonic()
    notebook, failure = with_retries(
        lambda: execute(report.notebook, report.parameters, how.limit_s, stop, template),
        lambda outcome: outcome[1] is not None and outcome[1].name == "DatabaseUnavailable",
        stop,
    )
    html = pdf = None
    if failure is None:
        with _converting:
            html, pdf, failure = _converted(notebook, how)
    about = {
        **(report_payload(notebook) if notebook else {}),
        "notebook": report.notebook.stem,
        "subject": report.subject,
        "parameters": report.parameters,
        "made_from": report.made_from,
        "code_version": code_version(),
        "generated_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "duration_s": round(time.monotonic() - began, 2),
    }
    if notebook:
        write_whole(page.with_suffix(".ipynb"), nbformat.writes(notebook))
    if failure:
        _write_failure(page, report, about, failure)
    else:
        write_whole(page, html)
        if pdf:
            write_whole(page.with_suffix(".pdf"), pdf)
        write_whole(page.with_suffix(".json"), as_json(about))  # last: it says that the others are there
        last_good_of(page).unlink(missing_ok=True)
    return Result(report, page, time.monotonic() - began, failure)


def as_json(about: dict) -> str:
    """What is known of a report, as the file beside it holds it."""
    return json.dumps(about, ensure_ascii=False, indent=1)


def _converted(notebook, how):
    """The page of an executed notebook and its PDF, or why there is none: a chart that cannot be drawn must not stop
    the others."""
    try:
        html = report_html(notebook, interactive=how.interactive)
        return html, report_pdf(report_html(notebook) if how.interactive else html) if how.pdf else None, None
    except Exception as error:
        details = without_password(traceback.format_exc())
        return None, None, Failure(type(error).__name__, without_password(str(error)), "the page", details=details)


def _write_failure(page, report, about, failure):
    if page.exists() and not _is_failure(page):
        _set_aside(page)
    page.with_suffix(".pdf").unlink(missing_ok=True)  # of a report that this page now stands for
    good = last_good_of(page)
    told = {**about, "failure": {"name": failure.name, "message": failure.sentence}}
    write_whole(page.with_suffix(".json"), as_json(told))
    asked = {"notebook": report.notebook.stem, "parameter file": report.source, **report.parameters}
    write_whole(page, failure_page(report.title, asked, failure, good.name if good.exists() else None))


def _is_failure(page):
    return FAILURE_MARK in page.read_text(encoding="utf-8", errors="replace")


def _set_aside(page):
    try:
        page.replace(last_good_of(page))
    except OSError as error:
        raise OutputError(f"the last good report {page} cannot be kept: {error.strerror or error}") from None
