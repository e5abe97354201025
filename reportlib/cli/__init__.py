"""The `reportlib` command: each sub-command asks its room, which is imported only then, and prints the answer."""

import atexit
import gc
import os

import click

from reportlib.cli import brand, connect, data, exports, imports, mapping, plans, reports, start, suite, watch
from reportlib.cli.stops import about_a_name, answering, interrupted, require_working_folder, stopping
from reportlib.errors import ReportError
from reportlib.scratch import sweep
from reportlib.version import __version__

SELDOM = 200_000  # new objects between two looks for garbage: those of a command are mostly imported, and stay


class ReportGroup(click.Group):
    """The one place where a mistake becomes a line on stderr and exit 1, and a stop a line and exit 130."""

    def invoke(self, ctx):
        stop = stopping()
        try:
            return super().invoke(ctx)
        except ReportError as error:
            raise click.ClickException(str(error)) from error
        except KeyboardInterrupt:
            interrupted()
        except Exception as error:
            if stop.came:  # and was made something else of, as DuckDB and some imports do
                interrupted()
            if said := about_a_name(error):
                raise click.ClickException(said) from error
            raise

    def main(self, *arguments, **options):
        with answering():
            return super().main(*arguments, **options)


@click.group(cls=ReportGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="reportlib")
def main():
    """Reports people trust, from a campaign database.

    The database is the one at CAMPAIGN_DATABASE_URL (duckdb:////path/to/file.duckdb, sqlite:////path/to/file.db,
    postgresql+psycopg://user@host/database, parquet:////path/to/folder or hive://host:10000/database); without that,
    the demo. DuckDB takes at most a quarter of the memory, between 600 MB and 8 GB, which
    --jobs share; REPORTLIB_MEMORY=2GB says how much.
    """
    require_working_folder()
    os.environ.pop("PYTHONOPTIMIZE", None)  # of kernels: Altair cannot be imported without its docstrings
    os.umask(os.umask(0o077) & 0o077)  # whatever it keeps from others: we read what we wrote
    sweep()
    gc.set_threshold(SELDOM)
    atexit.register(gc.freeze)  # or Python looks through all that was imported, a quarter of a second, before it ends


for command in (
    start.start,
    data.demo,
    data.demo_live,
    data.load,
    connect.connect,
    imports.import_,
    mapping.map_,
    data.check,
    data.campaigns,
    reports.run,
    reports.weekly,
    watch.watch,
    exports.export,
    plans.plan_test,
    suite.list_reports,
    brand.show_brand,
    suite.new,
    suite.init,
):
    main.add_command(command)
