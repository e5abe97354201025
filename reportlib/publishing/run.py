"""Making reports: each notebook run, turned into a page, and handed over whole."""

import json
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import nbformat

from reportlib.errors import OutputError
from reportlib.publishing.execution import Failure, execute
from reportlib.publishing.failure_page import FAILURE_MARK, failure_page
from reportlib.publishing.files import file_name, require_folder, write_whole
from reportlib.publishing.html import report_html, report_payload
from reportlib.publishing.index import write_index
from reportlib.publishing.parameters import Report
from reportlib.publishing.passwords import without_password
from reportlib.version import code_version


@dataclass(frozen=True)
class Result:
    """What became of one report: its page, how long it took, and why it failed if it did."""

    report: Report
    page: Path
    seconds: float
    failure: Failure | None = None


def run_reports(
    reports: list[Report], output: Path, interactive: bool = False, on_result: Callable[[Result], None] = lambda _: None
) -> list[Result]:
    """Make every report in the folder `output`, then its index.html; one that fails does not stop the others.

    For each: NAME.ipynb, NAME.html and NAME.json. A failed report's page says why; its last good one is kept
    as NAME.last-good.html. Raises OutputError when the folder cannot be written.
    """
    require_folder(output)
    results = []
    try:
        for name, report in _named(reports).items():
            results.append(_made(report, output / f"{name}.html", interactive))
            on_result(results[-1])
    finally:
        write_index(output)
    return results


def _named(reports) -> dict[str, Report]:
    """A file name for each report: its notebook and subject; where that is not enough its parameter file, the folder of
    that, and its place among the reports."""
    names = [f"{report.notebook.stem}-{file_name(report.subject)}" for report in reports]
    sources = [report.source.resolve() for report in reports]
    places = map(str, range(1, len(reports) + 1))
    for further in ([source.stem for source in sources], [source.parent.name for source in sources], places):
        names = [
            name if names.count(name) == 1 else f"{name}-{file_name(more)}"
            for name, more in zip(names, further, strict=True)
        ]
    return dict(zip(names, reports, strict=True))


def _made(report, page, interactive):
    began = time.monotonic()
    notebook, failure = execute(report.notebook, report.parameters)
    html = None
    if failure is None:
        html, failure = _converted(notebook, interactive)
    about = {
        **(report_payload(notebook) if notebook else {}),
        "notebook": report.notebook.stem,
        "subject": report.subject,
        "parameters": report.parameters,
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
        write_whole(page.with_suffix(".json"), json.dumps(about, ensure_ascii=False, indent=1))
        _last_good(page).unlink(missing_ok=True)
    return Result(report, page, time.monotonic() - began, failure)


def _converted(notebook, interactive):
    """The page of an executed notebook, or why there is none: a chart that cannot be drawn must not stop the others."""
    try:
        return report_html(notebook, interactive=interactive), None
    except Exception as error:
        details = without_password(traceback.format_exc())
        return None, Failure(type(error).__name__, without_password(str(error)), "the page", details=details)


def _last_good(page):
    return page.with_suffix(".last-good.html")


def _write_failure(page, report, about, failure):
    if page.exists() and not _is_failure(page):
        _set_aside(page)
    good = _last_good(page).name if _last_good(page).exists() else None
    told = {**about, "failure": {"name": failure.name, "message": failure.message}}
    write_whole(page.with_suffix(".json"), json.dumps(told, ensure_ascii=False, indent=1))
    asked = {"notebook": report.notebook.stem, "parameter file": report.source, **report.parameters}
    title = f"{report.notebook.stem.replace('_', ' ').capitalize()}: {report.subject}"
    write_whole(page, failure_page(title, asked, failure, good))


def _is_failure(page):
    return FAILURE_MARK in page.read_text(encoding="utf-8", errors="replace")


def _set_aside(page):
    try:
        page.replace(_last_good(page))
    except OSError as error:
        raise OutputError(f"the last good report {page} cannot be kept: {error.strerror or error}") from None
