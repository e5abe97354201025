"""Commands about the suite itself: make one, list its reports, begin a new one; and where other commands find it."""

import os
from pathlib import Path

import click

from reportlib.cli.terminal import plain, print_table
from reportlib.suite import OUTPUT, PARAMETERS, SUITE_VARIABLE, suite, suite_of

EDITION = "weekly.yaml"


def work_in_suite_of(file: Path):
    """Let this command and the kernels it starts work in the suite that a file is in, wherever they run."""
    if (found := suite_of(file)) and SUITE_VARIABLE not in os.environ:
        os.environ[SUITE_VARIABLE] = str(found)


def usual_output() -> str:
    """The suite's output, as seen from here; a folder of that name here where there is no suite."""
    found = suite_of(Path.cwd())
    return OUTPUT if found is None else _from_here(found / OUTPUT)


def usual_edition() -> Path:
    """The suite's edition, as seen from here."""
    return Path(_from_here(suite() / PARAMETERS / EDITION))


def _from_here(path) -> str:
    return os.path.relpath(path)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
def init(folder):
    """Make a suite in FOLDER (here, where none is named): the notebooks and the parameters, to be changed as you like.

    What is there already stays as it is.
    """
    from reportlib.reports.beginning import make_suite

    made = make_suite(folder)
    click.echo(f"{folder.resolve()} is a suite: {len(made)} files made")
    there = "" if folder.resolve() == Path.cwd() else f"cd {plain(folder)} && "
    click.echo(f"Next: {there}reportlib demo && reportlib run parameters/exploring/demo.yaml")


@click.command()
@click.argument("name")
@click.option("--like", metavar="REPORT", help="A copy of this report's notebook, instead of a short one.")
def new(name, like):
    """Begin a report of your own: a notebook NAME.ipynb and a file with its parameters, which run at once."""
    from reportlib.reports.beginning import new_report

    notebook, parameters = (_from_here(path) for path in new_report(name, like))
    click.echo(f"{notebook}\n{parameters}\nNext: reportlib run {parameters}, and open the notebook in JupyterLab")


@click.command("reports")
def list_reports():
    """List the reports that there are, each with its parameters: kind, default, and what it is."""
    from reportlib.errors import InvalidParameters
    from reportlib.reports.catalogue import declaration_of, notebooks

    folder = suite()
    click.echo(f"In {folder}\n")
    for _, (notebook, *_) in sorted(notebooks(folder).items()):
        try:
            report = declaration_of(notebook)
        except InvalidParameters as error:
            click.echo(f"{plain(notebook.stem)}: no report: {plain(error)}\n")
            continue
        click.echo(f"{plain(report.name)}: {plain(report.title)}; in an edition for each: {report.for_each}")
        rows = [
            (f"  {one.name}", one.written or type(one.default).__name__, plain(repr(one.default)), plain(one.says))
            for one in report.parameters.values()
        ]
        if rows:
            print_table(("  parameter", "kind", "default", ""), rows)
        click.echo()
