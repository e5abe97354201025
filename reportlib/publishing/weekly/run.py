"""The weekly edition, from its file to the mailbox: what changed is made, and what was mailed is not mailed again."""

from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from reportlib.errors import DatabaseUnavailable, OutputError, ReportError
from reportlib.metrics.weekly.iso_week import Week, parse_week
from reportlib.publishing.batch.order import Making, Result, last_good_of
from reportlib.publishing.batch.retries import with_retries
from reportlib.publishing.batch.run import Watch, make_reports, named
from reportlib.publishing.mail.ledger import Ledger
from reportlib.publishing.page.index import write_index
from reportlib.publishing.page.letters import tell_of_boxes
from reportlib.publishing.page.pdf import report_pdf
from reportlib.publishing.page.process import NotDrawn, PageProcess
from reportlib.publishing.store.files import append_lines, require_folder, without_unfinished, write_whole
from reportlib.publishing.store.lock import alone_in
from reportlib.publishing.store.object_store import is_store
from reportlib.publishing.weekly.changes import unchanged_since, what_changed
from reportlib.publishing.weekly.edition import Edition, edition_week, planned
from reportlib.publishing.weekly.renaming import take_over
from reportlib.reports.parameters import Report
from reportlib.version import code_version
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


@dataclass(frozen=True)
class Posting:
    """Whether mails are only written to files, and whether what was mailed before is mailed again."""

    dry_run: bool = False
    resend: bool = False


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
) -> bool:
    """Make what is due of the edition in output/WEEK, the index of the week and of all weeks, and post the mails.

    Whether all is well: every report made, every mail handed over. What ran is added to output/runs.jsonl. A run that
    was killed is finished by the next. Raises FolderInUse while another run has the folder, and what `plan_edition`
    does, after those who are to be told of failures were.
    """
    watch = watch or Watch()
    _require_mail_server(edition, posting, output)
    with alone_in(output):
        try:
            plan = plan_edition(edition, file, week, output, force)
        except ReportError as error:
            _post_that_there_is_none(edition, week, output, posting, error, watch)
            raise
        without_unfinished(output)
        without_unfinished(plan.folder)
        plan = _with_names_of_now(plan, force)
        results = _make(plan, how, output, watch)
        write_index(plan.folder)
        write_index(output)
        is_posted = _post(edition, plan, results, posting, watch)
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
    if how.pdf:
        _add_pdfs([step.page for step in plan.steps if step.unchanged_since], watch)
    return results


def _add_pdfs(pages, watch):
    """A PDF beside each of these pages that has none: they were made when none was asked for."""
    with closing(PageProcess()) as drawing:
        for page in [page for page in pages if not page.with_suffix(".pdf").exists()]:
            try:
                html = page.read_text(encoding="utf-8")
                write_whole(page.with_suffix(".pdf"), drawing.ask(report_pdf, html))
                tell_of_boxes(html, f"{page.stem}.pdf", watch.says)
            except NotDrawn as error:
                watch.says(f"{page.name}: there is no PDF: {error}")


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


def _post(edition, plan, results, posting, watch) -> bool:
    failed = {result.page: result for result in results if result.failure}
    made = [step.page.stem for step in plan.steps if step.page not in failed]
    first_name = Ledger(plan.folder).first_name  # or a digest that was sent would be sent again
    told = [
        (first_name(page.stem), result.report.title, result.failure.name, result.failure.sentence, _last_good(page))
        for page, result in failed.items()
    ]
    return _send(edition, plan.week, plan.folder, made, told, posting, watch)


def _last_good(page) -> Path | None:
    return last_good_of(page) if last_good_of(page).exists() else None


def _post_that_there_is_none(edition, week, output, posting, error, watch):
    when = parse_week(week, pd.Timestamp.now(UTC), "UTC")
    folder = require_folder(output / str(when))
    told = ("edition", f"The edition of {when}", type(error).__name__, str(error), None)
    _send(edition, when, folder, [], [told], posting, watch)


def _require_mail_server(edition, posting, output):
    """Raise MailError for a setting that is missing, OutputError where mails could go out twice, before anything is
    made."""
    if posting and edition.mail and not posting.dry_run:
        if is_store(output):
            raise OutputError(
                f"{output}: no mail is sent from an object store, where a run that was out of reach for a while could "
                "send it twice; make the edition in a folder, and copy that"
            )
        from reportlib.publishing.mail.smtp import sender_of, server_from_environment

        server_from_environment()
        sender_of(edition.mail)


def _send(edition, week, folder, made, failed, posting, watch) -> bool:
    """Whether every mail that was due was handed over."""
    if posting is None or edition.mail is None:
        return True
    from reportlib.publishing.mail.send import FailedReport, send_mails  # seldom wanted, and slow to import

    told = [FailedReport(*one) for one in failed]
    return send_mails(folder, str(week), edition.mail, made, told, posting.dry_run, posting.resend, watch.says).ok
