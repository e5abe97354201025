"""The weekly edition, from its file to the mailbox: what changed is made, and what was mailed is not mailed again."""

from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from reportlib.code_version import code_version
from reportlib.errors import DatabaseUnavailable, ReportError
from reportlib.metrics.weekly.iso_week import Week
from reportlib.publishing.batch.order import Making, Result
from reportlib.publishing.batch.retries import with_retries
from reportlib.publishing.batch.run import Watch, make_reports, named
from reportlib.publishing.page.index import write_index
from reportlib.publishing.page.letters import tell_of_boxes
from reportlib.publishing.page.pages import picture_of
from reportlib.publishing.page.pdf import report_pdf
from reportlib.publishing.page.process import NotDrawn, PageProcess
from reportlib.publishing.store.files import append_lines, without_unfinished, write_whole
from reportlib.publishing.store.lock import alone_in
from reportlib.publishing.weekly.changes import unchanged_since, what_changed
from reportlib.publishing.weekly.edition import Edition, edition_week, planned
from reportlib.publishing.weekly.posting import Posting, post, post_that_there_is_none, require_addresses
from reportlib.publishing.weekly.renaming import take_over
from reportlib.reports.parameters import Report
from reportlib.warehouse import open_warehouse

RUNS = "runs.jsonl"


@dataclass(frozen=True)
class Step:
    """One report of an edition and its page: unchanged since a moment (ISO 8601), or due for a reason."""

    report: Report
    page: Path
    unchanged_since: str | None
    reason: str

    @property
    def decision(self) -> str:
        return f"unchanged since {self.unchanged_since}" if self.unchanged_since else f"to be made: {self.reason}"


@dataclass(frozen=True)
class Plan:
    """The reports of one week, and the folder they go to."""

    week: Week
    folder: Path
    steps: list[Step]

    @property
    def due(self) -> list[Step]:
        return [step for step in self.steps if step.unchanged_since is None]


def plan_edition(edition: Edition, file: Path, week: str, output: Path, force: bool = False) -> Plan:
    """What an edition means in this week, held against what is there; with `force` every report is due.

    A database that cannot be reached is asked again, a few times. Raises InvalidParameters, WarehouseError.
    """

    def plan():
        try:
            return _planned_now(edition, file, week, output, force)
        except DatabaseUnavailable as error:
            return error

    found = with_retries(plan, lambda outcome: isinstance(outcome, DatabaseUnavailable), Future())
    if isinstance(found, DatabaseUnavailable):
        raise found
    return found


def run_weekly(
    edition: Edition,
    file: Path,
    week: str,
    output: Path,
    how: Making,
    force: bool = False,
    posting: Posting | None = None,
    watch: Watch | None = None,
    xlsx: bool = False,
) -> bool:
    """Make what is due of the edition in output/WEEK, the index of the week and of all weeks, and post the mails.

    Whether all is well: every report made, every mail handed over. What ran is added to output/runs.jsonl. A run that
    was killed is finished by the next. With `xlsx` each report has a workbook beside it. Raises FolderInUse while
    another run has the folder, and what `plan_edition` does, after those who are to be told of failures were.
    """
    watch = watch or Watch()
    require_addresses(edition, posting, output)
    with alone_in(output):
        try:
            plan = plan_edition(edition, file, week, output, force)
        except ReportError as error:
            post_that_there_is_none(edition, week, output, posting, error, watch.says)
            raise
        without_unfinished(output)
        without_unfinished(plan.folder)
        plan = _with_names_of_now(plan, force)
        results = _make(plan, how, output, watch)
        write_index(plan.folder)
        write_index(output)
        if xlsx:
            _add_workbooks(plan, results, watch)
        made = {step.page.stem: step.report for step in plan.steps}
        is_posted = post(edition, plan.week, plan.folder, made, results, posting, watch.says)
        return is_posted and not any(result.failure for result in results)


def _planned_now(edition, file, week, output, force) -> Plan:
    warehouse = open_warehouse()
    try:
        when = edition_week(week, warehouse, edition)
        reports = named(planned(edition, file, warehouse, when, output))
    finally:
        warehouse.engine.dispose()
    folder = output / str(when)
    return Plan(when, folder, [_step(folder, name, report, force) for name, report in reports.items()])


def _with_names_of_now(plan, force) -> Plan:
    """The plan on a folder whose reports have the names that they have in it."""
    reports = {step.page.stem: step.report for step in plan.steps}
    take_over(plan.folder, reports)
    return Plan(plan.week, plan.folder, [_step(plan.folder, name, report, force) for name, report in reports.items()])


def _step(folder, name, report, force) -> Step:
    page = folder / f"{name}.html"
    since = unchanged_since(report, page)
    if since:
        return Step(report, page, None, "forced") if force else Step(report, page, since, "")
    return Step(report, page, None, what_changed(report, page))


def _make(plan, how, output, watch) -> list[Result]:
    for step in plan.steps:
        watch.says(f"{step.page.name}  {step.decision}")
    results = []
    with closing(make_reports({step.page: step.report for step in plan.due}, how, watch)) as made:
        for result in made:
            append_lines(output / RUNS, [_record(plan, result)])
            results.append(result)
    unchanged = [step.page for step in plan.steps if step.unchanged_since]
    drawn = {".pdf": _pdf if how.pdf else None, ".png": _png if how.png else None}
    missing = [
        (page.with_suffix(kind), draw)
        for kind, draw in drawn.items()
        for page in unchanged
        if draw and not page.with_suffix(kind).exists()
    ]
    _add(missing, watch)
    return results


def _add(missing, watch):
    """What is missing beside pages that were made when nobody asked for it."""
    with closing(PageProcess()) as drawing:
        for file, draw in missing:
            try:
                write_whole(file, draw(file, drawing))
                if file.suffix == ".pdf":
                    html = file.with_suffix(".html").read_text(encoding="utf-8")
                    tell_of_boxes(html, file.name, watch.says)
            except NotDrawn as error:
                watch.says(f"{file.stem}.html: there is no {file.suffix[1:].upper()}: {error}")


def _pdf(file, drawing) -> bytes:
    return drawing.ask(report_pdf, file.with_suffix(".html").read_text(encoding="utf-8"))


def _png(file, drawing) -> bytes:
    return drawing.ask(picture_of, file.with_suffix(".ipynb").read_text(encoding="utf-8"))


def _add_workbooks(plan, results, watch):
    """A workbook beside each page that was made now, or has none."""
    from reportlib.publishing.batch.workbooks import add_workbooks

    made = {result.page for result in results}
    pages = [step.page for step in plan.steps]
    add_workbooks([one for one in pages if one in made or not one.with_suffix(".xlsx").exists()], watch.says)


def _record(plan, result) -> dict:
    reason = next(step.reason for step in plan.steps if step.page == result.page)
    failure = result.failure
    return {
        "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "week": str(plan.week),
        "report": result.page.stem,
        "notebook": result.report.notebook.stem,
        "parameters": result.report.parameters,
        "reason": reason,
        "result": "failed" if failure else "made",
        "failure": failure and failure.sentence,
        "seconds": round(result.seconds, 2),
        "code_version": code_version(),
    }
