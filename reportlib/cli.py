"""The `reportlib` command: each sub-command asks its room, which is imported only then, and prints the answer."""

import signal
import sys
from pathlib import Path
from unicodedata import east_asian_width

import click

from reportlib import __version__
from reportlib.errors import ReportError, nearest

REASONS_SHOWN = 10
INTERRUPTED = 130  # what a shell gives a program ended by Ctrl-C
ZERO_WIDTH_JOINER = "\u200d"  # not printable by itself, but part of many emoji


class ReportGroup(click.Group):
    """The one place where a mistake becomes a line on stderr and exit 1, and Ctrl-C a line and exit 130."""

    def invoke(self, ctx):
        try:
            return super().invoke(ctx)
        except ReportError as error:
            raise click.ClickException(str(error)) from error
        except KeyboardInterrupt:
            _interrupted()
        except RuntimeError as error:
            if str(error) != "Query interrupted":  # what DuckDB makes of Ctrl-C
                raise
            _interrupted()


def _interrupted():
    click.echo("Interrupted; what was not finished was undone.", err=True)
    sys.exit(INTERRUPTED)


@click.group(cls=ReportGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="reportlib")
def main():
    """Reports people trust, from a campaign database.

    The database is the one at CAMPAIGN_DATABASE_URL (duckdb:////path/to/file.duckdb or
    postgresql+psycopg://user@host/database); without that, the demo. DuckDB takes 600 MB of memory at most;
    REPORTLIB_MEMORY=2GB allows it more.
    """


@main.command()
@click.option("--to", "url", metavar="URL", help="Database to make it in.  [default: output/demo.duckdb]")
@click.option("--messages", type=click.IntRange(min=1), default=200_000, show_default=True, help="How many, about.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same demo.")
def demo(url, messages, seed):
    """Make the demo database, in the stead of the one that is there."""
    from reportlib.warehouse.connection import demo_address, shown
    from reportlib.warehouse.demo import make_demo

    rows = make_demo(url or demo_address(), messages, seed)
    _print_table(("table", "rows"), [(name, f"{count:,}") for name, count in rows.items()], right={"rows"})
    click.echo(f"\nThe demo is at {shown(url or demo_address())}")
    use = "set CAMPAIGN_DATABASE_URL to that address (with its password), then: " if url else ""
    click.echo(f"Next: {use}reportlib campaigns")


@main.command()
@click.argument("folder", type=click.Path())
@click.option("--to", "url", metavar="URL", help="Database to load into.  [default: CAMPAIGN_DATABASE_URL]")
def load(folder, url):
    """Load a FOLDER of CSV or Parquet files: all of them, or none.

    FOLDER holds any of the contract's tables as campaigns.csv, messages.csv.gz, events.parquet and so on. A row whose
    id is in the database already replaces the row there as a whole; others are added, so that loading twice changes
    nothing. Times are ISO 8601, UTC where they have no offset; an empty cell is a missing value.
    """
    from reportlib.warehouse.load import load_folder

    summary = load_folder(folder, url)
    rows = [(t.name, _plain(t.file), *(f"{n:,}" for n in (t.rows, t.added, t.replaced))) for t in summary.tables]
    _print_table(("table", "file", "rows", "added", "replaced"), rows, right={"rows", "added", "replaced"})
    for note in summary.ignored:
        click.echo(f"Ignored {_plain(note)}", err=True)
    click.echo(f"\nLoaded into {summary.address}\nNext: reportlib check")


@main.command("import")
@click.argument("provider", required=False)
@click.argument("files", nargs=-1)
@click.option("--to", "url", metavar="URL", help="Database to import into.  [default: CAMPAIGN_DATABASE_URL]")
@click.option("--follow", is_flag=True, help="Go on reading the FILE as lines are appended, until Ctrl-C.")
@click.option("--mapping", type=click.Path(), metavar="YAML", help="Which columns of another tool's table are ours.")
@click.option("--retry", is_flag=True, help="Instead, take up again what was rejected, whosever it is.")
def import_(provider, files, url, follow, mapping, retry):
    """Import a PROVIDER's callbacks from FILES: deliveries, failures, opens, clicks, replies.

    PROVIDER is whatsapp, twilio, sendgrid, ses, mailgun, postmark or vonage. FILES hold the callbacks as JSON, JSON
    Lines or forms, gzipped or not; a folder stands for all files in it, and - for standard input. The messages must be
    in the database, each with its provider_message_id. Importing twice changes nothing; what cannot be used is kept in
    the table rejected_events, with the reason.

    Or PROVIDER is detailed, and FILES are tables of one row per message, as `reportlib export detailed` writes them:
    the campaigns, contacts and messages in them are added to the database, which may be a new one.
    """
    from reportlib.warehouse.callbacks import importing
    from reportlib.warehouse.callbacks.detailed_files import Mapping, read_mapping

    if retry:
        if provider or follow:
            raise click.UsageError("--retry takes up what was rejected: it goes without PROVIDER, FILES and --follow")
        summaries = importing.retry_rejected(url)
        for summary in summaries:
            _print_import(summary)
        if not summaries:
            click.echo("Nothing was rejected before")
        return
    known = (*importing.PROVIDERS, "detailed")
    if provider not in known:
        near = nearest(provider or "", known) or f": name one of {', '.join(known)}"
        raise click.UsageError(f"{provider or 'nothing'} is no provider{near}")
    if provider == "detailed" and follow:
        raise click.UsageError("a table of one row per message is not followed")
    if mapping and provider != "detailed":
        raise click.UsageError("--mapping goes with detailed")
    if not files or (follow and len(files) > 1):
        raise click.UsageError(
            "name the one file to follow" if follow else "name a file, a folder, or - for standard input"
        )
    if follow:
        importing.follow_callbacks(provider, files[0], url, lambda summary: click.echo(_in_one_line(summary), err=True))
    if provider == "detailed":
        _print_import(importing.import_detailed(files, url, read_mapping(mapping) if mapping else Mapping()))
    else:
        _print_import(importing.import_callbacks(provider, files, url))


def _print_import(summary):
    counts = [(name, f"{getattr(summary, name):,}") for name in ("read", "imported", "duplicates", "rejected")]
    _print_table(("callbacks", ""), counts, right={""})
    for reason, count in summary.reasons.most_common(REASONS_SHOWN):
        click.echo(f"Rejected: {_plain(reason)} ({count:,})", err=True)
    click.echo(f"\nImported into {summary.address}")
    if summary.rejected:
        click.echo("What was rejected is in rejected_events; once its messages are loaded: reportlib import --retry")


def _in_one_line(summary) -> str:
    return f"{summary.imported:,} imported, {summary.duplicates:,} known, {summary.rejected:,} rejected"


@main.command()
def check():
    """Say where the database differs from the source contract; exit 1 when reports would fail or be wrong."""
    from reportlib.warehouse import open_warehouse
    from reportlib.warehouse.check import check_warehouse

    warehouse = open_warehouse()
    problems = check_warehouse(warehouse)
    for found in problems.itertuples():
        click.echo(f"{found.severity:<6}  {found.table}: {found.problem} ({found.count:,})")
        click.echo(f"        {_plain(found.explanation)}" + (f" E.g. {_plain(found.examples)}" * bool(found.examples)))
    breaking = int((problems["severity"] == "breaks").sum())
    verdict = f": {breaking} × breaks, {len(problems) - breaking} × note" if len(problems) else ""
    click.echo(f"{warehouse.address} {'differs from' if breaking else 'keeps'} the source contract{verdict}")
    sys.exit(1 if breaking else 0)


@main.command()
def campaigns():
    """List the campaigns: id, status, channels, audience, start (in the account's time zone) and name."""
    from reportlib import metrics, open_warehouse

    warehouse = open_warehouse()
    listed = metrics.campaigns(warehouse).merge(metrics.channels(warehouse), on="campaign_id", how="left")
    rows = [
        (
            _plain(campaign.campaign_id),
            campaign.status,
            _plain(campaign.channels, missing="–"),
            f"{campaign.audience_size:,}" if campaign.audience_size is not None else "–",
            _local(campaign.started_at, campaign.timezone),
            _plain(campaign.name),
        )
        for campaign in listed.astype(object).where(listed.notna(), None).itertuples()
    ]
    _print_table(("id", "status", "channels", "audience", "started", "name"), rows, right={"audience"})


@main.command()
@click.argument("parameters", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path("output"),
    show_default=True,
    metavar="DIR",
    help="Folder for the reports.",
)
@click.option("--campaign", "chosen", multiple=True, metavar="ID", help="Instead of the file's campaign; repeatable.")
@click.option("--finished", is_flag=True, help="Instead of the file's campaign, each that has finished sending.")
@click.option("--notebook", help="The notebook of the files, where their folder is not named for it.")
@click.option("--interactive", is_flag=True, help="Charts that can be explored; such files hold a script.")
def run(parameters, output, chosen, finished, notebook, interactive):
    """Make the report of each PARAMETERS file: one HTML page, the executed notebook and its figures as JSON.

    Every parameter of every file is checked first. A report that fails leaves a page that says why, the others still
    run, and the exit code is 1.
    """
    from reportlib import metrics, open_warehouse
    from reportlib.publishing.parameters import read_reports
    from reportlib.publishing.run import run_reports

    warehouse = open_warehouse()
    campaigns = [*chosen, *(metrics.finished_campaigns(warehouse) if finished else [])]
    reports = read_reports(list(parameters), warehouse, notebook, campaigns if chosen or finished else None)
    warehouse.engine.dispose()
    done = []

    def tell(result):
        done.append(result)
        word = f"FAILED: {result.failure.message}" if result.failure else "made"
        click.echo(f"{len(done)}/{len(reports)}  {result.page.name}  {result.seconds:.1f} s  {_plain(word)}", err=True)

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a scheduler's stop is a Ctrl-C: nothing is left behind
    results = run_reports(reports, output, interactive, tell)
    click.echo(output.resolve() / "index.html")
    sys.exit(1 if any(result.failure for result in results) else 0)


@main.group()
def export():
    """Write figures for a spreadsheet."""


@export.command()
@click.option("--campaign", "chosen", multiple=True, required=True, metavar="ID", help="Which campaign; repeatable.")
@click.option("--to", "path", type=click.Path(path_type=Path), required=True, metavar="FILE.csv", help="File to write.")
def summary(chosen, path):
    """One row per campaign and channel, and one for all channels: counts, percentages with their base in the name."""
    from reportlib import metrics, open_warehouse
    from reportlib.publishing.exports import write_csv

    frame = metrics.summary(open_warehouse(), list(chosen))
    click.echo(f"{len(frame)} rows in {write_csv(frame, path)}")


@export.command()
@click.option("--campaign", "chosen", multiple=True, required=True, metavar="ID", help="Which campaign; repeatable.")
@click.option("--failed-only", "which", flag_value="failed", help="Only messages that failed.")
@click.option("--retryable", "which", flag_value="retryable", help="Only failures that may pass later, to send again.")
@click.option("--permanent", "which", flag_value="permanent", help="Only failures that will not pass, to clean a list.")
@click.option("--anonymise", is_flag=True, help="Ids hashed with the secret key in REPORTLIB_ANONYMISE_KEY.")
@click.option("--to", "path", type=click.Path(path_type=Path), required=True, metavar="FILE", help="File to write.")
def detailed(chosen, which, anonymise, path):
    """One row per message: its times, why it failed and what to do, its opens, clicks and replies.

    FILE ends in .csv, .csv.gz or .parquet. Times are the account's, as ISO 8601 with its offset. --retryable and
    --permanent leave out people whom another message of the campaign reached or may reach, and have a row per person.
    """
    from reportlib import open_warehouse
    from reportlib.publishing.detailed import write_detailed

    def progress(percent):
        click.echo(f"\r{percent:3.0f} %", err=True, nl=False)

    on_terminal = sys.stderr.isatty()
    rows = write_detailed(open_warehouse(), chosen, path, which or "all", anonymise, progress if on_terminal else None)
    click.echo("\r" * on_terminal + f"{rows:,} rows in {path}")


@export.command()
@click.option("--campaign", "chosen", multiple=True, required=True, metavar="ID", help="Which campaign; repeatable.")
@click.option("--metric", default="clicked", show_default=True, help="The primary metric; the others are exploratory.")
@click.option("--baseline", metavar="ID", help="Held against it.  [default: variant A, else the oldest]")
@click.option("--age-hours", type=click.IntRange(1, 168), help="Counted up to this age.  [default: the youngest's]")
@click.option("--margin", type=click.FloatRange(0, 1, True, True), help="Smallest difference that matters, a fraction.")
@click.option("--split", type=float, multiple=True, help="Planned share of each campaign, in their order.")
@click.option("--to", "path", type=click.Path(path_type=Path), required=True, metavar="FILE.csv", help="File to write.")
def comparison(chosen, metric, baseline, age_hours, margin, split, path):
    """One row per verdict on these campaigns: the numbers it follows from, what stands beside it, its sentence."""
    from reportlib import metrics, open_warehouse
    from reportlib.metrics.verdicts import verdict_table
    from reportlib.publishing.exports import write_csv

    warehouse = open_warehouse()
    compared, shared = metrics.comparable(warehouse, chosen, baseline, age_hours), metrics.overlap(warehouse, chosen)
    verdicts = metrics.compare_campaigns(compared, shared, metric, baseline, margin, split or None)
    explored = metrics.explore_campaigns(compared, shared, metric, baseline, split or None)
    frame = verdict_table([*verdicts, *explored])
    click.echo(f"{len(frame)} rows in {write_csv(frame, path)}")


def _local(moment, timezone) -> str:
    """A UTC moment as the account's clock showed it; marked UTC where the zone is unknown."""
    from zoneinfo import ZoneInfo, available_timezones

    if moment is None:
        return "–"
    if timezone not in available_timezones():
        return f"{moment:%Y-%m-%d %H:%M} UTC"
    return f"{moment.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M %Z}"


def _print_table(header: tuple, rows: list[tuple], right=frozenset()):
    """Columns as wide as their widest cell, those named in `right` set flush right."""
    lines = [header, *rows]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        padded = []
        for name, cell, width in zip(header, line, widths, strict=True):
            space = " " * (width - _width(cell))
            padded.append(space + cell if name in right else cell + space)
        click.echo("  ".join(padded).rstrip())


def _width(text: str) -> int:
    """Terminal columns, near enough: East Asian characters and emoji take two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _plain(value, missing="") -> str:
    """Text that cannot move the cursor, ring a bell or break the line: control characters as their escapes."""
    text = missing if value is None else str(value)
    return "".join(
        character
        if character.isprintable() or character == ZERO_WIDTH_JOINER
        else character.encode("unicode_escape").decode()
        for character in text
    )
