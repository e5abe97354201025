"""Commands that write figures, messages and people to files."""

import sys
from pathlib import Path

import click

from reportlib.cli.terminal import plain

_excel = click.option("--excel", is_flag=True, help="CSV for a double-click in Excel: with a byte order mark.")


@click.group()
def export():
    """Write figures for a spreadsheet."""


@export.command()
@click.option("--campaign", "chosen", multiple=True, required=True, metavar="ID", help="Which campaign; repeatable.")
@click.option("--to", "path", type=click.Path(path_type=Path), required=True, metavar="FILE.csv", help="File to write.")
@_excel
def summary(chosen, path, excel):
    """One row per campaign and channel, and one for all channels: counts, percentages of a base in the name, cost."""
    from reportlib import metrics, open_warehouse
    from reportlib.publishing.export.summary import write_csv

    frame = metrics.priced_summary(open_warehouse(), list(chosen))
    click.echo(f"{len(frame)} rows in {write_csv(frame, path, excel)}")


@export.command()
@click.option("--campaign", "chosen", multiple=True, required=True, metavar="ID", help="Which campaign; repeatable.")
@click.option("--failed-only", "which", flag_value="failed", help="Only messages that failed.")
@click.option("--retryable", "which", flag_value="retryable", help="Only failures that may pass later, to send again.")
@click.option("--permanent", "which", flag_value="permanent", help="Only failures that will not pass, to clean a list.")
@click.option("--fixable", "which", flag_value="fixable", help="Only failures that you can put right first.")
@click.option("--anonymise", is_flag=True, help="Ids hashed with the secret key in REPORTLIB_ANONYMISE_KEY.")
@click.option("--to", "path", type=click.Path(path_type=Path), required=True, metavar="FILE", help="File to write.")
@_excel
def detailed(chosen, which, anonymise, path, excel):
    """One row per message: its times, why it failed and what to do, its opens, clicks and replies.

    FILE ends in .csv, .csv.gz or .parquet. Times are the account's, as ISO 8601 with its offset. --retryable,
    --permanent and --fixable leave out people whom another message of the campaign reached or may reach, and have a
    row per person.
    """
    from reportlib import open_warehouse
    from reportlib.metrics.people.totals import totals_only
    from reportlib.publishing.export.messages import write_detailed

    def progress(percent):
        click.echo(f"\r{percent:3.0f} %", err=True, nl=False)

    on_terminal, warehouse = sys.stderr.isatty(), open_warehouse()
    rows = write_detailed(warehouse, chosen, path, which or "all", anonymise, progress if on_terminal else None, excel)
    click.echo("\r" * on_terminal + f"{rows:,} rows in {path}")
    if names := totals_only(warehouse, chosen)["name"].tolist():
        click.echo(f"{plain(', '.join(map(str, names)))}: known as totals only, without messages to list")


@export.command()
@click.option("--campaign", "chosen", multiple=True, required=True, metavar="ID", help="Which campaign; repeatable.")
@click.option(
    "--to", "path", type=click.Path(path_type=Path), required=True, metavar="FILE.xlsx", help="File to write."
)
def workbook(chosen, path):
    """An Excel workbook: a sheet per table, one on what the figures mean, and one on where they are from."""
    from reportlib import open_warehouse
    from reportlib.publishing.export.workbook import write_workbook

    click.echo(f"{write_workbook(open_warehouse(), list(chosen), path)} sheets in {path}")


@export.command()
@click.option("--campaign", "chosen", multiple=True, required=True, metavar="ID", help="Which campaign; repeatable.")
@click.option("--metric", default="clicked", show_default=True, help="The primary metric; the others are exploratory.")
@click.option("--baseline", metavar="ID", help="Held against it.  [default: variant A, else the oldest]")
@click.option("--age-hours", type=click.IntRange(1, 168), help="Counted up to this age.  [default: the youngest's]")
@click.option(
    "--final-age-hours",
    type=click.IntRange(1, 168),
    default=168,
    show_default=True,
    help="Before this age of everybody's message no verdict is final.",
)
@click.option(
    "--margin",
    type=click.FloatRange(0, 1, True, True),
    help="Smallest difference that matters, a fraction.  [default: 5 % of the rate]",
)
@click.option("--split", type=float, multiple=True, help="Planned share of each campaign, in their order.")
@click.option("--to", "path", type=click.Path(path_type=Path), required=True, metavar="FILE.csv", help="File to write.")
@_excel
def comparison(chosen, metric, baseline, age_hours, final_age_hours, margin, split, path, excel):
    """One row per verdict on these campaigns: the numbers it follows from, what stands beside it, its sentence."""
    from reportlib import metrics, open_warehouse
    from reportlib.metrics.comparison.verdict import verdict_table
    from reportlib.publishing.export.summary import write_csv

    warehouse = open_warehouse()
    compared = metrics.comparable(warehouse, chosen, baseline, age_hours, final_age_hours)
    design = metrics.design(warehouse, compared, split or None)
    verdicts = metrics.compare_campaigns(compared, design, metric, baseline, margin)
    explored = metrics.explore_campaigns(compared, design, metric, baseline)
    frame = verdict_table([*verdicts, *explored])
    click.echo(f"{len(frame)} rows in {write_csv(frame, path, excel)}")


@export.command()
@click.option("--experiment", required=True, metavar="ID", help="Which experiment.")
@click.option(
    "--window-days",
    type=click.FloatRange(0, 366, min_open=True),
    default=7,
    show_default=True,
    help="Outcomes count so long after a person was assigned.",
)
@click.option("--baseline", metavar="ARM", help="Held against it.  [default: the held out, else the first]")
@click.option("--to", "path", type=click.Path(path_type=Path), required=True, metavar="FILE.csv", help="File to write.")
@_excel
def impact(experiment, window_days, baseline, path, excel):
    """What an experiment caused: one row per kind of outcome, measure (people, value) and arm, against the held out."""
    from reportlib import metrics, open_warehouse
    from reportlib.publishing.export.summary import write_csv

    warehouse = open_warehouse()
    trial = metrics.trial(warehouse, experiment, window_days, baseline)
    found = metrics.effects(warehouse, trial)
    click.echo(f"{len(found)} rows in {write_csv(metrics.effect_table(found), path, excel)}")
    for reason in trial.reasons if trial else ():
        click.echo(plain(reason.text))


@export.command()
@click.option("--account", metavar="ID", help="Whose people.  [default: the only account]")
@click.option(
    "--who",
    type=click.Choice(["sleepers", "at-risk", "unreachable", "over-pressed"]),
    required=True,
    help="Which people; docs/audience.md says who they are.",
)
@click.option(
    "--sleeper-days",
    type=click.IntRange(2, 3660),
    default=180,
    show_default=True,
    help="Who sleeps did not react so long.",
)
@click.option(
    "--cap", type=click.IntRange(1, 1000), default=3, show_default=True, help="Over-pressed: more in seven days."
)
@click.option(
    "--with", "addresses", multiple=True, type=click.Choice(["phone", "whatsapp", "email"]), help="This attribute, too."
)
@click.option("--anonymise", is_flag=True, help="Ids hashed with the secret key in REPORTLIB_ANONYMISE_KEY.")
@click.option("--raw", is_flag=True, help="For other tools: no apostrophe before what a spreadsheet would run.")
@click.option("--to", "path", type=click.Path(path_type=Path), required=True, metavar="FILE", help="File to write.")
@_excel
def audience(account, who, sleeper_days, cap, addresses, anonymise, raw, path, excel):
    """People to act on, one row per person and channel: when last written to, when last heard of, why lost.

    FILE ends in .csv, .csv.gz or .parquet. Times are the account's, as ISO 8601 with its offset. No address is in it
    unless --with asks for one.
    """
    from reportlib import open_warehouse
    from reportlib.publishing.export.audience import write_people

    which = {"who": who, "sleeper_days": sleeper_days, "cap": cap}
    chosen = tuple(dict.fromkeys(addresses))
    rows = write_people(open_warehouse(), path, account, anonymise, chosen, raw, excel, **which)
    click.echo(f"{rows:,} rows in {path}")
