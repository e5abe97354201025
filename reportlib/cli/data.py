"""Commands that bring data in, and say what there is."""

import sys
from pathlib import Path

import click

import reportlib
from reportlib.cli.terminal import local, plain, print_import, print_line, print_progress, print_table
from reportlib.errors import nearest
from reportlib.scratch import scratch_folder

# The modules by their files: to import them takes time that no other command has.
PROVIDER_MODULES = sorted(Path(reportlib.__file__).parent.glob("warehouse/callbacks/providers/[!_]*.py"))


class Percentage(click.ParamType):
    """1%, as 0.01."""

    name = "percentage"

    def convert(self, value, param, ctx):
        """A share between 0 and 1."""
        try:
            share = float(str(value).rstrip("% ")) / 100
        except ValueError:
            share = -1
        if not 0 <= share <= 1:
            self.fail(f"{value!r} is no percentage, as 1% is", param, ctx)
        return share


@click.command()
@click.option("--to", "url", metavar="URL", help="Database to make it in.  [default: output/demo.duckdb]")
@click.option("--messages", type=click.IntRange(min=1), default=200_000, show_default=True, help="How many, about.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same demo.")
def demo(url, messages, seed):
    """Make the demo database, in the stead of the one that is there."""
    from reportlib.warehouse.connection import demo_address, shown
    from reportlib.warehouse.demo import make_demo

    rows = make_demo(url or demo_address(), messages, seed)
    print_table(("table", "rows"), [(name, f"{count:,}") for name, count in rows.items()], right={"rows"})
    click.echo(f"\nThe demo is at {shown(url or demo_address())}")
    use = "set CAMPAIGN_DATABASE_URL to that address (with its password), then: " if url else ""
    click.echo(f"Next: {use}reportlib campaigns")


@click.command("demo-live")
@click.option("--to", "url", metavar="URL", help="SQLite or PostgreSQL.  [default: output/live.db]")
@click.option("--messages", type=click.IntRange(min=200), default=5_000, show_default=True, help="To be sent, at most.")
@click.option("--speed", type=click.FloatRange(min=0.1, max=20), default=1.0, show_default=True, help="Times as fast.")
def demo_live(url, messages, speed):
    """Make the demo with a campaign that is sending now, and feed it for five minutes, to be watched in a notebook.

    Its callbacks come as providers post them and are imported as `reportlib import --follow` does. For a while
    half of WhatsApp fails, deliveries stall, and in the end the campaign completes. Ctrl-C ends it.
    """
    from reportlib.warehouse.connection import ADDRESS_VARIABLE, shown
    from reportlib.warehouse.demo.live import CAMPAIGN, live_address, make_live_demo, run_live_demo

    address = url or live_address()
    click.echo(f"Making the demo at {shown(address)} …")
    make_live_demo(address, messages)
    click.echo(
        f"To watch the campaign {CAMPAIGN}, in another terminal:\n"
        f"  {ADDRESS_VARIABLE}={shown(address)} jupyter lab notebooks/live_monitor.ipynb"
    )
    try:
        run_live_demo(address, messages, speed, click.echo)
    except KeyboardInterrupt:
        click.echo("Stopped; what was told so far is in the database.")


@click.command()
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
    rows = [(t.name, plain(t.file), *(f"{n:,}" for n in (t.rows, t.added, t.replaced))) for t in summary.tables]
    print_table(("table", "file", "rows", "added", "replaced"), rows, right={"rows", "added", "replaced"})
    for note in summary.ignored:
        click.echo(f"Ignored {plain(note)}", err=True)
    click.echo(f"\nLoaded into {summary.address}\nNext: reportlib check")


@click.command("import")
@click.argument("provider", required=False)
@click.argument("files", nargs=-1)
@click.option("--to", "url", metavar="URL", help="Database to import into.  [default: CAMPAIGN_DATABASE_URL]")
@click.option("--follow", is_flag=True, help="Go on reading the FILE as lines are appended, until Ctrl-C.")
@click.option("--mapping", type=click.Path(), metavar="YAML", help="Which columns of another tool's table are ours.")
@click.option("--tolerate", type=Percentage(), default="0%", metavar="PERCENT", help="Rows of a table that may be bad.")
@click.option("--retry", is_flag=True, help="Instead, take up again what was rejected, whosever it is.")
def import_(provider, files, url, follow, mapping, tolerate, retry):
    """Import a PROVIDER's callbacks from FILES: deliveries, failures, opens, clicks, replies.

    PROVIDER is one of {providers}. FILES hold the callbacks as JSON, JSON
    Lines or forms, gzipped or not; a folder stands for all files in it, and - for standard input. The messages must be
    in the database, each with its provider_message_id. Importing twice changes nothing; what cannot be used is kept in
    the table rejected_events, with the reason.

    Or PROVIDER is detailed, and FILES are tables of one row per message, as `reportlib export detailed` writes them:
    the campaigns, contacts and messages in them are added to the database, which may be a new one.

    The exit code is 1 where a row of a table was rejected (or more than --tolerate 1% of them), or less than half of
    the callbacks came in. What came in stays.
    """
    from reportlib.warehouse.callbacks import importing
    from reportlib.warehouse.callbacks.message_table.mapping import read_mapping
    from reportlib.warehouse.callbacks.providers import provider_called

    if retry:
        if provider or follow:
            raise click.UsageError("--retry takes up what was rejected: it goes without PROVIDER, FILES and --follow")
        summaries = importing.retry_rejected(url)
        for summary in summaries:
            print_import(summary)
        if not summaries:
            click.echo("Nothing was rejected before")
        return
    known = (*importing.PROVIDERS, "detailed")
    provider = provider_called(provider or "") or provider
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
        print_import(importing.follow_callbacks(provider, files[0], url, print_progress))
    elif provider == "detailed":
        summary = importing.import_detailed(files, url, read_mapping(mapping) if mapping else None)
        print_import(summary, "rows", ": correct them, and import the file again")
        sys.exit(1 if summary.rejected > tolerate * summary.read else 0)
    else:
        summary = importing.import_callbacks(provider, files, url)
        print_import(summary)
        for file in summary.mostly_refused():
            came_in, read = summary.read_of[file] - summary.refused_of[file], summary.read_of[file]
            click.echo(f"Less than half of {plain(file)} came in: {came_in:,} of {read:,}", err=True)
        sys.exit(1 if summary.mostly_refused() else 0)


if import_.help:  # python -OO leaves none
    import_.help = import_.help.replace("{providers}", ", ".join(module.stem for module in PROVIDER_MODULES))


@click.command()
@click.option("--conformance", is_flag=True, help="Also hold every figure against DuckDB's, of a copy of the data.")
@click.option(
    "--messages",
    type=click.IntRange(min=1),
    default=500_000,
    show_default=True,
    metavar="N",
    help="With --conformance: no database with more is copied.",
)
def check(conformance, messages):
    """Say where the database differs from the source contract; exit 1 when reports would fail or be wrong.

    With --conformance the whole database is copied to a temporary DuckDB file, then each metric is asked of both: the
    exit code is 1 where an answer differs. It is only read, and should not change meanwhile.
    """
    from reportlib.warehouse import open_warehouse
    from reportlib.warehouse.check.check import check_warehouse

    warehouse = open_warehouse()
    problems = check_warehouse(warehouse)
    for found in problems.itertuples():
        click.echo(f"{found.severity:<6}  {found.table}: {found.problem} ({found.count:,})")
        click.echo(f"        {plain(found.explanation)}" + (f" E.g. {plain(found.examples)}" * bool(found.examples)))
    breaking = int((problems["severity"] == "breaks").sum())
    verdict = f": {breaking} × breaks, {len(problems) - breaking} × note" if len(problems) else ""
    click.echo(f"{warehouse.address} {'differs from' if breaking else 'keeps'} the source contract{verdict}")
    if breaking or not conformance:
        sys.exit(1 if breaking else 0)
    sys.exit(0 if _conforms(warehouse, messages) else 1)


def _conforms(warehouse, most_messages) -> bool:
    from reportlib.metrics.conformance.against_duckdb import compare_with_copy
    from reportlib.metrics.conformance.questions import QUESTIONS
    from reportlib.warehouse.local_copy import copy_to_duckdb

    width, total, differing = max(map(len, QUESTIONS)), 0, 0
    with scratch_folder("conformance") as folder:
        print_line("Copying the database to DuckDB …")
        copy = copy_to_duckdb(warehouse, folder / "copy.duckdb", most_messages)
        for found in compare_with_copy(warehouse, copy):
            verdict = f"differs: {plain(found.difference)}" if found.difference else "same"
            click.echo(f"{found.metric:<{width}}  {found.answers:>3} answers  {verdict}")
            total, differing = total + 1, differing + bool(found.difference)
        copy.engine.dispose()
    click.echo(f"{total - differing} of {total} metrics are the same on {warehouse.address} as in DuckDB")
    return not differing


@click.command()
def campaigns():
    """List the campaigns: id, status, channels, audience, start (in the account's time zone) and name."""
    from reportlib import metrics, open_warehouse

    warehouse = open_warehouse()
    listed = metrics.campaigns(warehouse).merge(metrics.channels(warehouse), on="campaign_id", how="left")
    rows = [
        (
            plain(campaign.campaign_id),
            campaign.status,
            plain(campaign.channels, missing="–"),
            f"{campaign.audience_size:,}" if campaign.audience_size is not None else "–",
            local(campaign.started_at, campaign.timezone),
            plain(campaign.name),
        )
        for campaign in listed.astype(object).where(listed.notna(), None).itertuples()
    ]
    print_table(("id", "status", "channels", "audience", "started", "name"), rows, right={"audience"})
