"""Commands that make reports."""

import os
import sys
from pathlib import Path

import click

from reportlib.cli.fold import renew_fold
from reportlib.cli.suite import usual_edition, usual_output, work_in_suite_of
from reportlib.cli.terminal import Progress, plain, print_table


def _folder(address):
    from reportlib.publishing.store.object_store import path_at

    return path_at(address)


_output = click.option(
    "--output",
    type=_folder,
    default=usual_output,
    show_default="output, in the suite",
    metavar="DIR",
    help="Folder for the reports; s3://bucket/folder is one in an object store.",
)
_jobs = click.option(
    "--jobs", type=click.IntRange(min=1), default=None, metavar="N", help="How many at once.  [default: one per core]"
)
_pdf = click.option("--pdf", is_flag=True, help="A PDF beside each page.")
_png = click.option("--png", is_flag=True, help="A picture of one screen beside each page.")
_xlsx = click.option("--xlsx", is_flag=True, help="An Excel workbook beside each page: the tables of its campaigns.")
_scheduler = click.option(
    "--scheduler", metavar="ADDRESS", help="The Dask cluster that makes them, tcp://host:8786, instead of this machine."
)
_cold = click.option("--cold", is_flag=True, help="Start each report's Python afresh instead of forking it.")


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@_output
@click.option("--campaign", "chosen", multiple=True, metavar="ID", help="Instead of the file's campaign; repeatable.")
@click.option("--finished", is_flag=True, help="Instead of the file's campaign, each that has finished sending.")
@click.option("--notebook", help="The notebook of the files, where their folder is not named for it: a name or a path.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A parameter, instead of the file's.")
@click.option("--interactive", is_flag=True, help="Charts that can be explored; such files hold a script.")
@_pdf
@_png
@_xlsx
@_jobs
@_cold
@_scheduler
def run(files, output, chosen, finished, notebook, settings, interactive, pdf, png, xlsx, jobs, cold, scheduler):
    """Make the report of each of FILES: one HTML page, the executed notebook and its record as JSON.

    A file of parameters is of the notebook its folder is named for; a notebook has the parameters it declares.

    Every parameter of every file is checked first. A report that fails leaves a page that says why, the others still
    run, and the exit code is 1.
    """
    from reportlib.publishing.batch.in_kernel import forking

    at_once, progress = _at_once(jobs, scheduler), Progress()
    work_in_suite_of(files[0])
    with forking(progress.says, cold or bool(scheduler)) as template:  # which imports while this process does, too
        from reportlib import metrics, open_warehouse
        from reportlib.publishing.batch.order import Making
        from reportlib.publishing.batch.run import run_reports
        from reportlib.reports.parameters import read_reports
        from reportlib.reports.settings import read_settings

        warehouse = open_warehouse()
        campaigns = [*chosen, *(metrics.finished_campaigns(warehouse) if finished else [])]
        instead = read_settings(settings)
        given = campaigns if chosen or finished else None
        reports = read_reports(list(files), warehouse, notebook, given, instead)
        warehouse.engine.dispose()
        is_cold = cold if scheduler else template is None
        how = Making(interactive, pdf, at_once, cold=is_cold, scheduler=scheduler, png=png)
        results = run_reports(reports, output, how, progress, template)
    if xlsx:
        from reportlib.publishing.batch.workbooks import add_workbooks

        add_workbooks([result.page for result in results], progress.says)
    click.echo(output.resolve() / "index.html")
    sys.exit(1 if any(result.failure for result in results) else 0)


@click.command()
@click.argument("edition", type=click.Path(path_type=Path), required=False)
@click.option(
    "--week", default="last", show_default=True, metavar="2026-W46", help="ISO week; last: the last that is over."
)
@_output
@_jobs
@_pdf
@_png
@_xlsx
@_cold
@_scheduler
@click.option("--plan", "only_plan", is_flag=True, help="Only say what would be made and mailed, and why.")
@click.option("--force", is_flag=True, help="Make every report, also those whose data and code have not changed.")
@click.option("--mail", is_flag=True, help="Mail what the edition says, each mail once.")
@click.option("--notify", is_flag=True, help="Tell the chats that the edition names, each of each report once.")
@click.option("--dry-run", is_flag=True, help="With --mail, --notify: write to DIR/WEEK/mail and /chat, send nothing.")
@click.option("--resend", is_flag=True, help="With --mail, --notify: also what was sent before, or may have been.")
def weekly(
    edition, week, output, jobs, pdf, png, xlsx, cold, scheduler, only_plan, force, mail, notify, dry_run, resend
):
    """Make the week's reports as the EDITION file says, in DIR/WEEK, mail them and tell chats of them.

    EDITION is the suite's parameters/weekly.yaml where none is named. A report is made when it is new, failed before,
    or its notebook, code, parameters or data changed. A run that was killed is finished by the next. The exit code is 0
    when every report was made and all that was to be sent handed over.
    """
    from reportlib.publishing.batch.order import Making
    from reportlib.publishing.weekly.edition import read_edition
    from reportlib.publishing.weekly.run import Posting, plan_edition, run_weekly

    at_once = _at_once(jobs, scheduler)
    if edition:
        work_in_suite_of(edition)
    if (dry_run or resend) and not (mail or notify):
        raise click.UsageError("--dry-run and --resend go with --mail or --notify")
    edition = edition or usual_edition()
    declared = read_edition(edition)
    if mail and declared.mail is None:
        raise click.UsageError(f"{edition} says nothing of mail: see docs/mail.md")
    if notify and declared.notify is None:
        raise click.UsageError(f"{edition} has no `notify:`: see docs/chats.md")
    if only_plan:
        _print_plan(plan_edition(declared, edition, week, output, force), declared)
        return
    wants_pdf = pdf or declared.pdf or (mail and declared.mails("pdf"))
    wants_png = png or declared.png or notify
    how = Making(False, wants_pdf, at_once, declared.time_limit_s, cold, scheduler, wants_png)
    posting = Posting(mail, notify, dry_run, resend)
    wants_xlsx = xlsx or declared.xlsx or (mail and declared.mails("xlsx"))
    renew_fold()
    is_well = run_weekly(declared, edition, week, output, how, force, posting, Progress(), wants_xlsx)
    click.echo(output.resolve() / "index.html")
    sys.exit(0 if is_well else 1)


def _at_once(jobs, scheduler) -> int:
    if jobs and scheduler:
        raise click.UsageError("--jobs is for this machine: how many a cluster makes at once its workers' threads say")
    return jobs or os.cpu_count() or 1


def _print_plan(plan, edition):
    about = [mailing.about for mailing in edition.mail.mailings] if edition.mail else []
    rows = [(plain(step.page.stem), step.decision, str(about.count(step.report.notebook.stem))) for step in plan.steps]
    print_table(("report", str(plan.week), "mails"), rows, right={"mails"})
