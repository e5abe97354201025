"""The first five minutes: a few questions, the commands that the answers mean, and the first page."""

import os
import shlex
import sys
from pathlib import Path

import click

from reportlib.cli.terminal import plain
from reportlib.errors import NoSuite, ReportError
from reportlib.suite import NOTEBOOKS, suite

USUAL = "duckdb:///campaigns.duckdb"
SOURCE_VARIABLE = "CAMPAIGN_SOURCE_URL"
KINDS = {
    "platform": "a platform that keeps its own database (listmonk, Odoo, Mautic, …)",
    "files": "files that I downloaded",
    "folder": "a folder with tables as docs/source_contract.md has them",
    "demo": "nothing yet: the demo",
}


@click.command()
@click.option("--what", type=click.Choice(list(KINDS)), help="What there is.")
@click.option("--platform", metavar="NAME", help="Which platform; `reportlib connect` lists them.")
@click.option("--from", "source", metavar="URL", help="The platform's database.  [default: CAMPAIGN_SOURCE_URL]")
@click.option("--file", "files", multiple=True, metavar="FILE", help="A downloaded file; repeatable.")
@click.option("--mapping", metavar="YAML", help="What the columns of the files are, where they are not known.")
@click.option("--folder", metavar="FOLDER", help="The folder with the tables.")
@click.option("--campaign", metavar="NAME", help="Of which campaign rows are that do not say it.")
@click.option("--sent-at", metavar="TIME", help="When messages were sent whose rows do not say it.")
@click.option("--tolerate", metavar="PERCENT", help="How many rows of the files may be bad, e.g. 1%.")
@click.option("--timezone", metavar="ZONE", help="The account's, e.g. Europe/Berlin.")
@click.option("--to", "address", metavar="URL", help=f"The campaign database.  [default: {USUAL}]")
@click.option("--review", metavar="ID", help="The campaign of the first page.  [default: the latest]")
@click.pass_context
def start(context, what, address, review, **told):
    """From what you have to the first page: ask what that is, bring it in, check it, and make a review.

    Every question is an option too: with all of them it asks nothing. Each command that it runs is printed, to be run
    again, or in cron.
    """
    from reportlib.warehouse.connection import ADDRESS_VARIABLE, demo_address, shown

    steps = _Steps(context.find_root().command)
    what = _asked(what or _told_kind(told), "--what", _choices(KINDS), type=click.Choice(list(KINDS)))
    address = address or (None if what == "demo" else USUAL)
    _BRINGING[what](steps, told, address)
    if address is None:
        address = demo_address()
    os.environ[ADDRESS_VARIABLE] = address
    steps.note(f"export {ADDRESS_VARIABLE}={shlex.quote(shown(address))}")
    steps.run("check")
    steps.run("campaigns", is_repeated=False)
    notebook = _notebook(steps)
    steps.run("run", notebook, "--campaign", review or _campaign())
    click.echo("\nThat page lists the review: open it. To bring what is new and make it again, as in cron:\n")
    for line in steps.lines:
        click.echo(f"  {line}")


def _platform(steps, told, address):
    from reportlib.warehouse.connect.listing import names
    from reportlib.warehouse.connection import shown

    name = _asked(told["platform"], "--platform", f"Which platform? {', '.join(names())}")
    source = told["source"] or os.environ.get(SOURCE_VARIABLE)
    source = _asked(source, "--from", "The address of its database, like postgresql://reader@host/listmonk")
    os.environ[SOURCE_VARIABLE] = source
    steps.note(f"export {SOURCE_VARIABLE}={shlex.quote(shown(source))}")
    steps.run("connect", name, "--to", address, *_zone(told))


def _files(steps, told, address):
    from reportlib.warehouse.callbacks.tables.opening import unsaid

    files = told["files"] or _asked(None, "--file", "Which files?", value_proc=shlex.split)
    lacking = set() if told["mapping"] else {name for file in files for name in unsaid(Path(file))}
    options = ["--mapping", told["mapping"]] if told["mapping"] else []
    for name, question in (("campaign", "Of which campaign are they?"), ("sent_at", "When was it sent?")):
        option = f"--{name.replace('_', '-')}"
        if value := told[name] or (name in lacking and _asked(None, option, question)):
            options += [option, value]
    options += ["--tolerate", told["tolerate"]] if told["tolerate"] else []
    steps.run("import", *files, "--to", address, *options, *_zone(told))


def _folder(steps, told, address):
    steps.run("load", _asked(told["folder"], "--folder", "Which folder?"), "--to", address)


def _demo(steps, _, address):
    steps.run("demo", *(("--to", address) if address else ()))


_BRINGING = {"platform": _platform, "files": _files, "folder": _folder, "demo": _demo}


class _Steps:
    """The commands that are run, as they would be typed."""

    def __init__(self, group):
        self._group, self.lines = group, []

    def note(self, line: str, is_repeated: bool = True):
        """A line of a shell that belongs to the commands, and is among those of cron where it is to be repeated."""
        click.echo(f"\n$ {plain(line)}")
        self.lines += [plain(line)] * is_repeated

    def run(self, name: str, *arguments: str, is_repeated: bool = True):
        """Print a command and run it; where it fails, this one does."""
        self.note(shlex.join(["reportlib", name, *arguments]), is_repeated)
        try:
            self._group.commands[name].main(list(arguments), f"reportlib {name}", standalone_mode=False)
        except SystemExit as ended:
            if not ended.code:
                return
            click.echo(f"\nThat ended with {ended.code}: it says above why.", err=True)
            if not (sys.stdin.isatty() and click.confirm("Go on all the same?")):
                raise


def _notebook(steps) -> str:
    """The review's notebook: in the suite at hand, or in one that is made here."""
    try:
        found = suite()
    except NoSuite:
        steps.run("init", is_repeated=False)
        found = Path.cwd()
    return os.path.relpath(found / NOTEBOOKS / "post_campaign_review.ipynb")


def _told_kind(told) -> str | None:
    return next((kind for kind in ("platform", "files", "folder") if told[kind]), None)


def _zone(told) -> tuple[str, ...]:
    zone = told["timezone"]
    if zone is None and sys.stdin.isatty():
        zone = click.prompt("The account's time zone, like Europe/Berlin", default="UTC")
    return ("--timezone", zone) if zone and zone != "UTC" else ()


def _campaign() -> str:
    """The latest campaign that is over, or one that is chosen among them."""
    from reportlib import metrics, open_warehouse

    warehouse = open_warehouse()
    finished = metrics.finished_campaigns(warehouse)
    if not finished:
        raise ReportError(f"{warehouse.address} has no campaign that has finished sending: nothing to review yet")
    latest = str(finished[0])
    warehouse.engine.dispose()
    return click.prompt("Which campaign first?", default=latest) if sys.stdin.isatty() else latest


def _choices(kinds) -> str:
    lines = [f"  {name:<10}{meaning}" for name, meaning in kinds.items()]
    return "\n".join(["What do you have?", *lines, "Your answer"])


def _asked(value, option, question, **how):
    """The option's value, or the answer. Raises UsageError where nobody answers."""
    if value:
        return value
    try:
        return click.prompt(question, **how)
    except click.Abort:
        raise click.UsageError(f"nobody answered {question.splitlines()[0]!r}: say it with {option}") from None
