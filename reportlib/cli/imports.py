"""The command that imports what providers tell, and downloaded files."""

import sys
from pathlib import Path

import click

import reportlib
from reportlib.cli.fold import fold_kept
from reportlib.cli.terminal import plain, print_import, print_progress
from reportlib.errors import nearest

# The modules by their files: to import them takes time that no other command has.
_CALLBACKS = Path(reportlib.__file__).parent / "warehouse" / "callbacks"
PROVIDER_MODULES = sorted(_CALLBACKS.glob("providers/[!_]*.py"))
DOWNLOAD_MODULES = sorted(_CALLBACKS.glob("tables/downloads/[!_]*.py"))


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


@click.command("import", context_settings={"max_content_width": 110})
@click.argument("provider", required=False, metavar="[PROVIDER]")
@click.argument("files", nargs=-1, metavar="FILES...")
@click.option("--to", "url", metavar="URL", help="Database to import into.  [default: CAMPAIGN_DATABASE_URL]")
@click.option("--campaign", metavar="NAME", help="Of which campaign rows are that do not say it.")
@click.option("--campaign-column", metavar="COLUMN", help="The column of a download that says the campaign.")
@click.option("--sent-at", metavar="TIME", help="When messages were sent whose rows do not say it.")
@click.option("--timezone", metavar="ZONE", help="The account's, e.g. Europe/Berlin.  [default: UTC]")
@click.option("--account", metavar="NAME", help="Whose messages the rows are, if they do not say it.")
@click.option("--kind", metavar="WORD", help="What the rows of outcomes are, if they do not say it.  [default: order]")
@click.option("--mapping", type=click.Path(), metavar="YAML", help="Which columns of another tool's table are ours.")
@click.option("--tolerate", type=Percentage(), default="0%", metavar="PERCENT", help="Rows of a table that may be bad.")
@click.option("--follow", is_flag=True, help="Go on reading the FILE as lines are appended, until Ctrl-C.")
@click.option("--retry", is_flag=True, help="Instead, take up again what was rejected, whosever it is.")
def import_(provider, files, url, follow, mapping, tolerate, retry, **said):
    """Import downloaded FILES (CSV, gzipped or not, or Excel), or a PROVIDER's callbacks from FILES.

    A download is known by its header: {downloads}.
    So are totals: a row for each campaign, our table campaign_totals, Mailchimp's campaigns, WhatsApp's template
    analytics as JSON.
    Of any other table --mapping says what its columns are. The campaigns, contacts and messages in it are added to the
    database, which may be a new one.

    PROVIDER is one of {providers}. FILES hold the callbacks as JSON, JSON
    Lines or forms, gzipped or not; a folder stands for all files in it, and - for standard input. The messages must be
    in the database, each with its provider_message_id. Or it is detailed, and FILES are tables with our own columns; or
    outcomes, and FILES are tables of orders (or of another --kind) of contacts that the database has.

    Importing twice changes nothing; what cannot be used is kept in the table rejected_events, with the reason. The exit
    code is 1 where a row of a table was rejected (or more than --tolerate 1% of them), or less than half of the
    callbacks came in. What came in stays.
    """
    from reportlib.warehouse.callbacks import importing
    from reportlib.warehouse.callbacks.providers import PROVIDERS, provider_called

    if retry:
        if provider or follow:
            raise click.UsageError("--retry takes up what was rejected: it goes without PROVIDER, FILES and --follow")
        summaries = importing.retry_rejected(url)
        for summary in summaries:
            print_import(summary)
        if not summaries:
            click.echo("Nothing was rejected before")
        return
    if provider == "outcomes":
        with fold_kept(url):
            _import_outcomes(files, url, mapping, tolerate, said)
        return
    if said.pop("kind"):
        raise click.UsageError("--kind goes with outcomes")
    known = (*PROVIDERS, "detailed", "outcomes")
    provider = provider_called(provider or "") or provider
    if provider and provider not in known and (Path(provider).suffix or Path(provider).is_file()):
        provider, files = "detailed" if mapping else None, (provider, *files)
    elif provider not in known:
        near = nearest(provider or "", known) or f": name one of {', '.join(known)}, or a file"
        raise click.UsageError(f"{provider or 'nothing'} is no provider{near}")
    of_table = provider in (None, "detailed")
    if of_table and follow:
        raise click.UsageError("a table is not followed")
    if mapping and not of_table:
        raise click.UsageError("--mapping goes with tables, not with a provider's callbacks")
    if any(said.values()) and not of_table:
        raise click.UsageError(f"--{next(name for name in said if said[name]).replace('_', '-')} goes with tables")
    if not files or (follow and len(files) > 1):
        raise click.UsageError(
            "name the one file to follow" if follow else "name a file, a folder, or - for standard input"
        )
    if follow:
        print_import(importing.follow_callbacks(provider, files[0], url, print_progress))
    elif of_table:
        with fold_kept(url):
            _import_tables(provider, files, url, mapping, tolerate, said)
    else:
        summary = importing.import_callbacks(provider, files, url)
        print_import(summary)
        for file in summary.mostly_refused():
            came_in, read = summary.read_of[file] - summary.refused_of[file], summary.read_of[file]
            click.echo(f"Less than half of {plain(file)} came in: {came_in:,} of {read:,}", err=True)
        sys.exit(1 if summary.mostly_refused() else 0)


def _import_outcomes(files, url, mapping, tolerate, said):
    from reportlib.warehouse.callbacks.message_table.mapping import read_mapping
    from reportlib.warehouse.callbacks.tables.outcome_table.columns import CALLED
    from reportlib.warehouse.callbacks.tables.outcome_table.importing import import_outcomes

    if other := next((name for name, value in said.items() if value and name not in ("kind", "timezone")), None):
        raise click.UsageError(f"--{other.replace('_', '-')} does not go with outcomes")
    if not files:
        raise click.UsageError("name a file of outcomes")
    mapped = read_mapping(mapping, tuple(CALLED)) if mapping else None
    summary = import_outcomes(files, url, mapped, said["kind"] or "order", said["timezone"])
    print_import(summary, "rows", "")
    sys.exit(1 if summary.rejected > tolerate * summary.read else 0)


def _import_tables(provider, files, url, mapping, tolerate, said):
    from reportlib.warehouse.callbacks.message_table.mapping import read_mapping
    from reportlib.warehouse.callbacks.tables.downloads import DOWNLOADS
    from reportlib.warehouse.callbacks.tables.importing import import_detailed, import_tables
    from reportlib.warehouse.callbacks.tables.opening import Said, open_download

    if not provider and (totals := _of_totals(files, said)):
        _import_totals(totals, files, url, tolerate, said)
    if provider:
        summary = import_detailed(files, url, read_mapping(mapping) if mapping else None, Said(**said))
    else:
        opened = [open_download(Path(file), Said(**said)) for file in files]
        for name, table in opened:
            click.echo(f"{plain(table.path)}: {DOWNLOADS[name].TITLE.replace('`', '')}", err=True)
        summary = import_tables([table for _, table in opened], url)
    print_import(summary, "rows", ": correct them, and import the file again")
    sys.exit(1 if summary.rejected > tolerate * summary.read else 0)


def _of_totals(files, said):
    """Those of the files that are of totals, as they were read."""
    from reportlib.warehouse.callbacks.message_table.times import zone_called
    from reportlib.warehouse.callbacks.tables.total_table.reading import read_totals

    read = [read_totals(Path(file), zone_called(said["timezone"]), said["campaign"]) for file in files]
    return [one for one in read if one]


def _import_totals(read, files, url, tolerate, said):
    from reportlib.warehouse.callbacks.tables.total_table.importing import import_totals

    if len(read) < len(files):
        raise click.UsageError("files of totals are imported by themselves: leave the others for another call")
    for one in read:
        click.echo(f"{plain(one.path)}: {one.title.replace('`', '')}", err=True)
    summary = import_totals(read, url, said["account"], said["timezone"])
    print_import(summary, "totals", "")
    sys.exit(1 if summary.rejected > tolerate * summary.read else 0)


def _listed(modules) -> str:
    return ", ".join(module.stem for module in modules)


if import_.help:  # python -OO leaves none
    import_.help = import_.help.replace("{providers}", _listed(PROVIDER_MODULES)).replace(
        "{downloads}", _listed(DOWNLOAD_MODULES)
    )
