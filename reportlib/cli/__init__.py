"""The `reportlib` command: each sub-command asks its room, which is imported only then, and prints the answer."""

import atexit
import gc
import sys

import click

from reportlib import __version__
from reportlib.cli import connect, data, reports
from reportlib.errors import ReportError

INTERRUPTED = 130  # what a shell gives a program ended by Ctrl-C
SELDOM = 200_000  # new objects between two looks for garbage: those of a command are mostly imported, and stay


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

    The database is the one at CAMPAIGN_DATABASE_URL (duckdb:////path/to/file.duckdb, sqlite:////path/to/file.db,
    postgresql+psycopg://user@host/database, parquet:////path/to/folder or hive://host:10000/database); without that,
    the demo. DuckDB takes 600 MB of memory at most; REPORTLIB_MEMORY=2GB allows it more.
    """
    gc.set_threshold(SELDOM)
    atexit.register(gc.freeze)  # or Python looks through all that was imported, a quarter of a second, before it ends


for command in (
    data.demo,
    data.demo_live,
    data.load,
    connect.connect,
    data.import_,
    data.check,
    data.campaigns,
    reports.run,
    reports.weekly,
    reports.export,
):
    main.add_command(command)
