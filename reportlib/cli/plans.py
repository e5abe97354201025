"""Commands that plan a test: how many people it takes, and who gets what."""

from pathlib import Path

import click

from reportlib.cli.terminal import plain, print_table
from reportlib.errors import InvalidParameters


@click.group("plan-test", invoke_without_command=True)
@click.option("--rate", type=float, help="The rate it starts from, a fraction.  [default: the account's own]")
@click.option("--lift", type=float, default=0.1, show_default=True, help="To be found, relative to the rate.")
@click.option("--arms", type=int, default=2, show_default=True, help="How many versions.")
@click.option("--account", metavar="ID", help="Whose rates, spread and sizes of campaigns.")
@click.option("--metric", default="clicked", show_default=True, help="What is to be compared.")
@click.option("--people", type=int, help="In all, that a test could have.  [default: the account's usual campaign]")
@click.pass_context
def plan_test(context, rate, lift, arms, account, metric, people):
    """How many people a test takes: four times in five it finds the lift, and one time in twenty a false one.

    Without --rate, from what the account's campaigns of half a year did, each channel by itself.
    """
    if context.invoked_subcommand:
        return
    from reportlib import metrics, open_warehouse

    asked = rate is None or account is not None
    warehouse = open_warehouse() if asked else None
    frame = metrics.plan_test(warehouse, account, rate, lift, arms, metric, people).astype(object)
    if frame.empty:
        raise InvalidParameters(f"no campaign of half a year has a rate of {metric}: give one, such as --rate 0.04")
    frame = frame.where(frame.notna(), None)
    rows = [
        (
            plain(row.channel),
            f"{100 * row.rate:.2f} %",
            f"{100 * row.difference:+.2f}".replace("-", "−"),
            _count(row.people_per_arm),
            _count(row.people),
            f"{row.days:g}",
            f"{_points(row.finds)} of {_count(row.usual_people)}",
            _count(row.not_split),
        )
        for row in frame.itertuples(index=False)
    ]
    heads = ("channel", "rate", "points", "people per arm", "in all", "days", "found, of people", "per arm, not split")
    print_table(heads, rows, right=set(heads[1:]))
    for row in frame.itertuples(index=False):
        known = f"learnt from {row.campaigns:,}" if row.campaigns >= 8 else f"assumed, {row.campaigns:,} are known"
        click.echo(f"{plain(row.channel)}: campaigns lie {100 * row.spread:.0f} % apart beyond chance ({known}).")


@plan_test.command("send-time")
@click.option("--slot", "slots", multiple=True, required=True, metavar="'TUE 19'", help="Weekday and hour; repeatable.")
@click.option("--account", metavar="ID", help="Whose people.  [default: the only account]")
@click.option("--channel", default="whatsapp", show_default=True, help="By which they can be reached.")
@click.option("--segment", metavar="ID", help="Only people of this segment.")
@click.option("--people", type=int, help="So many, by lot.  [default: all]")
@click.option("--week", metavar="2026-W50", help="In which it is sent.  [default: the next]")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="The same makes the same split.")
@click.option("--experiment", metavar="NAME", help="What it is called.  [default: send-time-WEEK]")
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True, metavar="FOLDER", help="To write to.")
def send_time(slots, account, channel, segment, people, week, seed, experiment, folder):
    """Write who is written to in which slot, by lot, and what `reportlib load` takes so that reports read the result.

    FOLDER gets split.csv, for whoever sends, and load/, for the database.
    """
    from reportlib import open_warehouse
    from reportlib.metrics.planning.send_time import send_time_test
    from reportlib.publishing.export.send_time_test import LOAD, write_test

    asked = {"segment": segment, "people": people, "seed": seed, "experiment": experiment}
    test = send_time_test(open_warehouse(), slots, account, channel, week, **asked)
    path = write_test(test, folder)
    rows = test.campaigns[["variant", "audience_size", "scheduled_at", "campaign_id"]].itertuples(index=False)
    told = [(plain(slot), f"{size:,}", when, plain(campaign)) for slot, size, when, campaign in rows]
    print_table(("slot", "people", "UTC", "campaign"), told, right={"people"})
    click.echo(f"\nWho gets what is in {path}. Next: reportlib load {folder / LOAD}")


def _count(value):
    return "–" if value is None else f"{value:,}"


def _points(value):
    return "–" if value is None else f"±{100 * value:.2f}"
