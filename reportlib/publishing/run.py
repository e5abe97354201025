"""Making reports: each notebook run, turned into a page, and handed over whole."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import nbformat

from reportlib.errors import OutputError
from reportlib.publishing.execution import Failure, execute
from reportlib.publishing.failure_page import failure_page
from reportlib.publishing.files import file_name, require_folder, write_whole
from reportlib.publishing.html import report_html, report_payload
from reportlib.publishing.index import write_index
from reportlib.publishing.parameters import Report
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

    For each: NAME.ipynb, NAME.json and, last, NAME.html. A failed report's page says why; its last good one is kept
    as NAME.last-good.html. Raises OutputError when the folder cannot be written.
    """
    require_folder(output)
    results = []
    try:
        for report in reports:
            results.append(_made(report, output, interactive))
            on_result(results[-1])
    finally:
        write_index(output)
    return results


def _made(report, output, interactive):
    began = time.monotonic()
    notebook, failure = execute(report.notebook, report.parameters)
    page = output / f"{_name(report)}.html"
    about = {
        **(report_payload(notebook) if notebook else {}),
        "notebook": report.notebook.stem,
        "parameters": report.parameters,
        "code_version": code_version(),
        "generated_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "duration_s": round(time.monotonic() - began, 2),
    }
    if notebook:
        write_whole(page.with_suffix(".ipynb"), nbformat.writes(notebook))
    if failure:
        _keep_last_good(page)
        _write_failure(page, report, about, failure)
    else:
        html = report_html(notebook, interactive=interactive)
        write_whole(page.with_suffix(".json"), json.dumps(about, ensure_ascii=False, indent=1))
        write_whole(page, html)
        _last_good(page).unlink(missing_ok=True)
    return Result(report, page, time.monotonic() - began, failure)


def _name(report):
    return f"{report.notebook.stem}-{file_name(report.parameters['campaign'])}"


def _last_good(page):
    return page.with_suffix(".last-good.html")


def _keep_last_good(page):
    """Set the page aside, unless it is itself the page of a failure."""
    about = page.with_suffix(".json")
    try:
        if page.exists() and "failure" not in json.loads(about.read_text(encoding="utf-8")):
            page.replace(_last_good(page))
    except (OSError, ValueError) as error:
        raise OutputError(f"the last good report cannot be kept: {error}") from None


def _write_failure(page, report, about, failure):
    good = _last_good(page).name if _last_good(page).exists() else None
    title = f"{report.notebook.stem.replace('_', ' ').capitalize()}: {report.parameters['campaign']}"
    told = {**about, "failure": {"name": failure.name, "message": failure.message}}
    write_whole(page.with_suffix(".json"), json.dumps(told, ensure_ascii=False, indent=1))
    asked = {"notebook": report.notebook.stem, "parameter file": report.source, **about["parameters"]}
    write_whole(page, failure_page(title, asked, failure, good))
