"""Making one report: its notebook run and turned into a page; what comes of it is handed back, and nothing written."""

import json
import secrets
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime

import nbformat
from nbformat import NotebookNode

from reportlib.code_version import code_version
from reportlib.errors import InvalidRecord
from reportlib.publishing.batch.order import Made, Making, Order
from reportlib.publishing.batch.retries import with_retries
from reportlib.publishing.batch.run_notebook import Executed, execute
from reportlib.publishing.failure import Failure
from reportlib.publishing.kernel.fork_client import Template
from reportlib.publishing.page.payload import first_heading, report_payload
from reportlib.reports.parameters import Report
from reportlib.reports.record import VERSION, Record, record_of, written
from reportlib.scratch import scratch_folder

_TRANSIENT = {"DatabaseUnavailable", "KernelNotReady"}  # failures that may be gone a little later
Pages = Callable[[NotebookNode, Making], tuple[dict[str, bytes], Failure | None]]


def make_report(order: Order, stop: Future, pages: Pages, template: Template | None = None) -> Made:
    """The files .ipynb, .html, where asked .pdf and .png, and .json of a report; without a page where it failed.

    `pages` makes its pages. Its kernel is forked from the template, where there is one. While the database cannot be
    reached, or no kernel comes up, it is tried again, a few times. Raises CancelledError once `stop` is done.
    """
    return published(order, executed(order, stop, template), pages)


def executed(
    order: Order, stop: Future, template: Template | None = None, shown: Callable[[dict], None] | None = None
) -> Executed:
    """The first half of `make_report`, which waits for a kernel: its notebook run. `shown` is given the
    specification of each chart that a page shows drawn, as soon as its cell has run."""
    began = time.monotonic()
    run = with_retries(
        lambda: _executed(order, stop, template, shown),
        lambda run: run.failure is not None and run.failure.name in _TRANSIENT,
        stop,
    )
    return replace(run, seconds=time.monotonic() - began)


def published(order: Order, run: Executed, pages: Pages) -> Made:
    """The second half of `make_report`: the files, the pages among them made by `pages`."""
    files, failure, seconds = {}, run.failure, run.seconds
    if run.notebook:
        files[".ipynb"] = run.text.encode()
    if failure is None and run.notebook is not None:
        began = time.monotonic()
        made, failure = pages(run.notebook, order.how)
        files |= made
        seconds += time.monotonic() - began
    try:
        record = _record(order.report, run.notebook, seconds, failure)
    except InvalidRecord as error:
        failure = failure or Failure("InvalidRecord", f"what the notebook says of itself is no record: {error}")
        record = _record(order.report, None, seconds, failure)
    files[".json"] = written(record)
    return Made(files, seconds, failure)


def not_made(order: Order, failure: Failure, seconds: float) -> Made:
    """What there is to write of a report that somebody was to make and did not."""
    return Made({".json": written(_record(order.report, None, seconds, failure))}, seconds, failure)


def _executed(order, stop, template, shown) -> Executed:
    """The notebook run on files of its own in a private folder; what comes of it names those that were asked for."""
    report, shown = order.report, None if order.how.interactive else shown
    with scratch_folder("report") as private:
        path = private / report.notebook.name
        path.write_bytes(order.notebook)
        files = {name: private / f"{name}-{secrets.token_hex(4)}" for name in order.files}
        for name, content in order.files.items():
            files[name].write_bytes(content)
        parameters = report.parameters | {name: str(file) for name, file in files.items()}
        run = execute(path, parameters, order.how.limit_s, stop, template, shown, order.how.sharing)
    for name, file in files.items():
        run = _naming(str(file), report.parameters[name], run)
    return run


def _naming(private, asked, run):
    """What came of a run with each path of a private file as what was asked for."""
    notebook, text, failure = run.notebook, run.text, run.failure
    if notebook:
        text = text.replace(private, json.dumps(asked, ensure_ascii=False)[1:-1])
        notebook = nbformat.reads(text, as_version=4)
    if failure:
        told = {name: getattr(failure, name).replace(private, asked) for name in ("message", "details")}
        failure = replace(failure, **told)
    return replace(run, notebook=notebook, text=text, failure=failure)


def _record(report: Report, notebook: NotebookNode | None, seconds: float, failure: Failure | None) -> Record:
    """What is known of a report. Raises InvalidRecord for what the notebook says of itself and no record can hold."""
    said = {**report_payload(notebook), "kind": first_heading(notebook)} if notebook else {}
    made = {
        "version": VERSION,
        "notebook": report.notebook.stem,
        "subject": report.subject,
        "parameters": report.parameters,
        "made_from": report.made_from,
        "code_version": code_version(),
        "generated_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "duration_s": round(seconds, 2),
    }
    if failure:
        made["failure"] = {"name": failure.name, "message": failure.sentence}
    return record_of(said | made)
