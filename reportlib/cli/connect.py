"""The command that copies a platform's own database into a campaign database."""

import sys

import click

from reportlib.cli.fold import keep_fold_of
from reportlib.cli.terminal import plain, print_table


@click.command()
@click.argument("platform", required=False)
@click.option("--from", "source", metavar="URL", help="The platform's database.  [default: CAMPAIGN_SOURCE_URL]")
@click.option("--to", metavar="URL", default="duckdb:///campaigns.duckdb", show_default=True, help="A DuckDB file.")
@click.option("--full", is_flag=True, help="Read all again, so that what was deleted there goes here too.")
@click.option("--timezone", default="", metavar="ZONE", help="The account's, e.g. Europe/Berlin; it is remembered.")
@click.option("--schema", metavar="NAME", help="Where its tables are, if they are found in several.")
@click.option("--prefix", metavar="TEXT", help="What its tables' names begin with, if several do, e.g. wp_2_.")
def connect(platform, source, to, full, timezone, schema, prefix):
    """Copy what a PLATFORM holds into a campaign database, from which all reports are made.

    Without PLATFORM, list those that are known and what each can tell. The platform's database is only read. The first
    call reads all, later ones what has changed since; all of it comes, or nothing does. A password in --from can be
    seen by other users of this machine while it runs: set CAMPAIGN_SOURCE_URL instead.
    """
    from reportlib.warehouse.connect import run
    from reportlib.warehouse.connect.listing import listing

    if not platform:
        print_table(*listing())
        click.echo("\nNext: reportlib connect PLATFORM --from postgresql://reader@host/database")
        return
    options = {"full": full, "timezone": timezone, "schema": schema, "prefix": prefix}
    summary = run.connect_platform(platform, source, to, **options, progress=_Bar())
    keep_fold_of(to)
    _print(summary, to)


class _Bar:
    """On a terminal, which table is read, and how many of its rows so far."""

    bar = None

    def begins(self, table, number, tables):
        from tqdm import tqdm

        self.ends()
        which = f"{number}/{tables} {plain(table)}"
        self.bar = tqdm(desc=which, unit=" rows", disable=None, file=sys.stderr, leave=False)

    def rows(self, count):
        self.bar.update(count)

    def ends(self):
        if self.bar is not None:
            self.bar.close()


def _print(summary, to):
    came = "rows" if summary.is_whole else "came anew"
    lines = [(name, f"{summary.came[name]:,}", f"{rows:,}") for name, rows in summary.there.items() if rows]
    print_table(("table", came, "there are"), lines, right={came, "there are"})
    for heading, counts in (("No place for", summary.no_place), ("Note:", summary.notes)):
        for sentence, count in counts.items():
            if count:
                click.echo(f"{heading} {plain(sentence)} ({count:,})")
    for sentence in summary.not_told:
        click.echo(f"Not measured: {plain(sentence)}")
    if not summary.timezone:
        click.echo(f"{summary.title} keeps no time zone: reports speak UTC. Name one once: --timezone Europe/Berlin")
    where = f"{plain(summary.source)} is in {plain(summary.address)}"
    click.echo(f"\n{plain(summary.title)} from {where} ({summary.seconds:.1f} s)")
    click.echo(f"Next: export CAMPAIGN_DATABASE_URL={plain(to)}, then reportlib campaigns, or reportlib weekly")
