"""How answers look on a terminal: tables, times, and texts that cannot harm it."""

from unicodedata import east_asian_width

import click

REASONS_SHOWN = 10
ZERO_WIDTH_JOINER = "\u200d"  # not printable by itself, but part of many emoji


def print_import(summary):
    """What an import did, and why some of it was rejected."""
    counts = [(name, f"{getattr(summary, name):,}") for name in ("read", "imported", "duplicates", "rejected")]
    print_table(("callbacks", ""), counts, right={""})
    for reason, count in summary.reasons.most_common(REASONS_SHOWN):
        click.echo(f"Rejected: {plain(reason)} ({count:,})", err=True)
    click.echo(f"\nImported into {summary.address}")
    if summary.rejected:
        click.echo("What was rejected is in rejected_events; once its messages are loaded: reportlib import --retry")


def print_progress(summary):
    """What an import that goes on has done so far, in one line on stderr."""
    counts = f"{summary.imported:,} imported, {summary.duplicates:,} known, {summary.rejected:,} rejected"
    click.echo(counts, err=True)


def local(moment, timezone) -> str:
    """A UTC moment as the account's clock showed it; marked UTC where the zone is unknown."""
    from zoneinfo import ZoneInfo, available_timezones

    if moment is None:
        return "–"
    if timezone not in available_timezones():
        return f"{moment:%Y-%m-%d %H:%M} UTC"
    return f"{moment.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M %Z}"


def print_table(header: tuple, rows: list[tuple], right=frozenset()):
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


def plain(value, missing="") -> str:
    """Text that cannot move the cursor, ring a bell or break the line: control characters as their escapes."""
    text = missing if value is None else str(value)
    return "".join(
        character
        if character.isprintable() or character == ZERO_WIDTH_JOINER
        else character.encode("unicode_escape").decode()
        for character in text
    )
