"""The command that proposes a mapping for a table that nobody knows."""

import shlex
import sys
from pathlib import Path

import click

from reportlib.cli.terminal import plain, print_table
from reportlib.errors import OutputError

EXAMPLES, LONGEST_EXAMPLE = 3, 28
REASONS_SHOWN = 12


@click.command("map")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--to", type=click.Path(path_type=Path), metavar="YAML", help="File to write.  [default: FILE's, as .yaml]"
)
@click.option("--mapping", type=click.Path(), metavar="YAML", help="Instead, what comes in with this mapping.")
@click.option("--channel", type=click.Choice(["whatsapp", "sms", "email"]), help="Of all rows, if no column says it.")
@click.option("--campaign", metavar="NAME", help="Of which campaign the rows are, if no column says it.")
@click.option("--sent-at", metavar="TIME", help="When messages were sent, if no column says it.")
@click.option("--timezone", metavar="ZONE", help="The account's, e.g. Europe/Berlin.  [default: UTC]")
def map_(file, to, mapping, channel, **said):
    """Propose what the columns of FILE are, and say what would come in.

    FILE is a table that `reportlib import` does not know by its header. Shows its columns and the words in them, how
    times look, the mapping that they suggest, and how many rows come in with it and why others do not. The mapping is
    written as YAML, to be corrected: see what comes of it with --mapping, then import it.

    The exit code is 1 where not every row would come in.
    """
    from reportlib.warehouse.callbacks.message_table.files import open_table
    from reportlib.warehouse.callbacks.message_table.mapping import read_mapping
    from reportlib.warehouse.callbacks.tables.opening import Said
    from reportlib.warehouse.callbacks.tables.proposing.look import look
    from reportlib.warehouse.callbacks.tables.proposing.preview import preview
    from reportlib.warehouse.callbacks.tables.proposing.propose import propose

    if mapping is None:
        found = look(file)
        to = to or file.with_name(file.name.partition(".")[0] + ".yaml")
        proposal = propose(found, channel)
        print_table(("column", "filled", "different", "holds", "e.g."), [*map(_line, found.columns)], right={"filled"})
        click.echo()
        for line in proposal.yaml().splitlines():
            click.echo(plain(line))
        click.echo()
        _write(to, proposal.yaml())
        click.echo(f"That is in {plain(to)}\n")
        mapping = to
    assumed = Said(**{**said, "campaign": said["campaign"] or "…"})  # what is asked for when it is imported
    seen = preview(open_table(file, assumed.of(read_mapping(str(mapping)))))
    click.echo(seen.sentence)
    for reason, count in seen.reasons.most_common(REASONS_SHOWN):
        click.echo(f"  {plain(reason)} ({count:,}): {plain(seen.places[reason])}")
    click.echo("They say: " + ", ".join(f"{count:,} {what}" for what, count in seen.statuses.most_common()))
    options = [word for name in said if said[name] for word in (f"--{name.replace('_', '-')}", said[name])]
    click.echo(f"\nNext: reportlib import {plain(shlex.join([str(file), '--mapping', str(mapping), *options]))}")
    sys.exit(1 if seen.reasons else 0)


def _line(column) -> tuple[str, ...]:
    examples = [plain(value)[:LONGEST_EXAMPLE] for value, _ in column.values.most_common(EXAMPLES)]
    holds = f"times, {', '.join(sorted(column.forms))}" if column.holds == "times" and column.forms else column.holds
    return plain(column.name), f"{column.filled:,}", f"{len(column.values):,}", holds, ", ".join(examples)


def _write(path, text):
    try:
        with path.open("x", encoding="utf-8") as new:
            new.write(text)
    except FileExistsError:
        raise OutputError(f"{path} is there already: name another with --to, or try it with --mapping") from None
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror})") from None
