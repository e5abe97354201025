"""Making one report: its notebook run and turned into a page; what comes of it is handed back, and nothing written."""

import json
import secrets
import tempfile
import time
import traceback
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

import nbformat
from nbformat import NotebookNode

from reportlib.publishing.execution import execute
from reportlib.publishing.forked_kernels import Template
from reportlib.publishing.making import Failure, Made, Order
from reportlib.publishing.parameters import Report
from reportlib.publishing.passwords import without_password
from reportlib.publishing.payload import report_payload
from reportlib.publishing.pdf import report_pdf
from reportlib.publishing.retries import with_retries
from reportlib.version import code_version

_converting = Lock()  # one page at a time: the drawing of charts has one engine, and Python runs one thread at once


@dataclass(frozen=True)
class Executed:
    """A report's notebook as far as it ran, why it failed if it did, and how many seconds that took."""

    notebook: NotebookNode | None
    failure: Failure | None
    seconds: float


def make_report(order: Order, stop: Future, template: Template | None = None) -> Made:
    """The files .ipynb, .html, where asked .pdf, and .json of a report; without a page where it failed.

    Its kernel is forked from the template, where there is one. While the database cannot be reached it is tried again,
    a few times. Raises CancelledError once `stop` is done.
    """
    return published(order, executed(order, stop, template))


def executed(order: Order, stop: Future, template: Template | None = None) -> Executed:
    """The first half of `make_report`, which waits for a kernel: its notebook run."""
    began = time.monotonic()
    notebook, failure = with_retries(
        lambda: _executed(order, stop, template),
        lambda outcome: outcome[1] is not None and outcome[1].name == "DatabaseUnavailable",
        stop,
    )
    return Executed(notebook, failure, time.monotonic() - began)


def published(order: Order, run: Executed) -> Made:
    """The second half of `make_report`, which works in this process: the files, the page drawn."""
    files, failure, seconds = {}, run.failure, run.seconds
    if run.notebook:
        files[".ipynb"] = nbformat.writes(run.notebook).encode()
    if failure is None:
        with _converting:
            began = time.monotonic()
            pages, failure = _converted(run.notebook, order.how)
            files |= pages
            seconds += time.monotonic() - began
    files[".json"] = _about(order.report, report_payload(run.notebook) if run.notebook else {}, seconds, failure)
    return Made(files, seconds, failure)


def get_ready():
    """Import what pages are made with, and start the engine that draws charts: half a second of a first report, for
    which there is time while its notebook runs."""
    from reportlib.publishing.html import warm_up

    warm_up()


def not_made(order: Order, failure: Failure, seconds: float) -> Made:
    """What there is to write of a report that somebody was to make and did not."""
    return Made({".json": _about(order.report, {}, seconds, failure)}, seconds, failure)


def _executed(order, stop, template):
    """The notebook run on files of its own in a private folder, and why it failed if it did; both name the files that
    were asked for."""
    report = order.report
    with tempfile.TemporaryDirectory(prefix="reportlib-") as private:
        path = Path(private) / report.notebook.name
        path.write_bytes(order.notebook)
        files = {name: Path(private) / f"{name}-{secrets.token_hex(4)}" for name in order.files}
        for name, content in order.files.items():
            files[name].write_bytes(content)
        parameters = report.parameters | {name: str(file) for name, file in files.items()}
        notebook, failure = execute(path, parameters, order.how.limit_s, stop, template)
    if notebook:
        notebook.metadata.setdefault("papermill", {})["input_path"] = str(report.notebook)
    return _naming({str(file): report.parameters[name] for name, file in files.items()}, notebook, failure)


def _naming(names, notebook, failure):
    """The notebook and the failure with each path of a private file as what was asked for."""
    for private, asked in names.items():
        if notebook:
            text = nbformat.writes(notebook).replace(private, json.dumps(asked, ensure_ascii=False)[1:-1])
            notebook = nbformat.reads(text, as_version=4)
        if failure:
            told = {name: getattr(failure, name).replace(private, asked) for name in ("message", "details")}
            failure = replace(failure, **told)
    return notebook, failure


def _converted(notebook, how):
    """The page of an executed notebook and its PDF, or why there is none: a chart that cannot be drawn must not stop
    the others."""
    from reportlib.publishing.html import report_html  # so late that no kernel waits for it

    try:
        html = report_html(notebook, interactive=how.interactive)
        pages = {".html": html.encode()}
        if how.pdf:
            pages[".pdf"] = report_pdf(report_html(notebook) if how.interactive else html)
        return pages, None
    except Exception as error:
        details = without_password(traceback.format_exc())
        return {}, Failure(type(error).__name__, without_password(str(error)), "the page", details=details)


def _about(report: Report, payload: dict, seconds: float, failure: Failure | None) -> bytes:
    """What is known of a report, as the JSON beside its page holds it."""
    about = {
        **payload,
        "notebook": report.notebook.stem,
        "subject": report.subject,
        "parameters": report.parameters,
        "made_from": report.made_from,
        "code_version": code_version(),
        "generated_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "duration_s": round(seconds, 2),
    }
    if failure:
        about["failure"] = {"name": failure.name, "message": failure.sentence}
    return json.dumps(about, ensure_ascii=False, indent=1).encode()
