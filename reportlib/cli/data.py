"""Commands that bring data in, and say what there is."""

import sys

import click

from reportlib.cli.fold import keep_fold_of
from reportlib.cli.terminal import local, plain, print_line, print_table
from reportlib.scratch import scratch_folder


@click.command()
@click.option("--to", "url", metavar="URL", help="Database to make it in.  [default: output/demo.duckdb]")
@click.option("--messages", type=click.IntRange(min=1), default=200_000, show_default=True, help="How many, about.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same demo.")
def demo(url, messages, seed):
    """Make the demo database, in the stead of the one that is there."""
    from reportlib.warehouse.connection import demo_address, shown
    from reportlib.warehouse.demo import make_demo

    rows = make_demo(url or demo_address(), messages, seed)
    keep_fold_of(url or demo_address())
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
    nothing. Times are ISO 8601, UTC where they have no offset; an empty cell is a missing value, and so
    are the words NULL, \\N, nan and None.
    """
    from reportlib.warehouse.load import load_folder

    summary = load_folder(folder, url)
    keep_fold_of(url)
    rows = [(t.name, plain(t.file), *(f"{n:,}" for n in (t.rows, t.added, t.replaced))) for t in summary.tables]
    print_table(("table", "file", "rows", "added", "replaced"), rows, right={"rows", "added", "replaced"})
    for note in summary.ignored:
        click.echo(f"Ignored {plain(note)}", err=True)
    for note in summary.emptied:
        click.echo(f"Taken as empty: {plain(note)}", err=True)
    click.echo(f"\nLoaded into {summary.address}\nNext: reportlib check")


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
    from reportlib.metrics.people.fold.reading import fits, is_there
    from reportlib.warehouse import open_warehouse
    from reportlib.warehouse.check.check import check_warehouse

    warehouse = open_warehouse()
    problems = check_warehouse(warehouse)
    for found in problems.itertuples():
        click.echo(f"{found.severity:<6}  {found.table}: {found.problem} ({found.count:,})")
        click.echo(f"        {plain(found.explanation)}" + (f" E.g. {plain(found.examples)}" * bool(found.examples)))
    if is_there(warehouse):
        state = "fits" if fits(warehouse) else "does not fit any more: the next `load` or `weekly` makes it anew"
        click.echo(f"What happened to each message is kept, and {state}")
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
