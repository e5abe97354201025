"""How answers look on a terminal: tables, times, and texts that cannot harm it."""

import sys
from functools import lru_cache
from unicodedata import east_asian_width
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

REASONS_SHOWN = 10
ZERO_WIDTH_JOINER = "\u200d"  # not printable by itself, but part of many emoji


def print_import(summary, what="callbacks", advice="; once its messages are loaded: reportlib import --retry"):
    """What an import did, and why some of it was rejected."""
    counts = [(name, f"{getattr(summary, name):,}") for name in ("read", "imported", "duplicates", "rejected")]
    print_table((what, ""), counts, right={""})
    for reason, count in summary.reasons.most_common(REASONS_SHOWN):
        places = summary.places.get(reason, [])
        more = ", …" if len(places) < count else ""
        where = f": {', '.join(map(plain, places))}{more}" if places else ""
        click.echo(f"Rejected: {plain(reason)} ({count:,}){where}", err=True)
    if (others := len(summary.reasons) - REASONS_SHOWN) > 0:
        rest = sum(count for _, count in summary.reasons.most_common()[REASONS_SHOWN:])
        click.echo(f"Rejected for {others:,} more reasons: {rest:,}", err=True)
    if summary.messages:
        click.echo(f"The rows are events of {summary.messages:,} messages that were not known")
    if summary.left_out:
        click.echo(f"Left out by the mapping: {summary.left_out:,} rows")
    for note in summary.ignored:
        click.echo(f"Ignored {plain(note)}", err=True)
    click.echo(f"\nImported into {summary.address}")
    if summary.rejected and advice:
        click.echo(f"What was rejected is in rejected_events{advice}")


def print_progress(summary):
    """What an import that goes on has done so far, in one line on stderr."""
    counts = f"{summary.imported:,} imported, {summary.duplicates:,} known, {summary.rejected:,} rejected"
    click.echo(counts, err=True)


def print_line(text):
    """A line on stderr, where what goes on is told."""
    click.echo(plain(text), err=True)


class Progress:
    """What a run of reports tells: a line per report, on a terminal above a bar of how many are done."""

    def __init__(self):
        self.bar, self.done = None, 0

    def begins(self, total: int):
        """So many reports will be made."""
        from tqdm import tqdm

        self.bar = tqdm(total=total, disable=None, file=sys.stderr, leave=False, bar_format="{l_bar}{bar}| {n}/{total}")

    def says(self, text: str):
        """Something worth a line."""
        if self.bar is None:
            print_line(text)
        else:
            self.bar.write(plain(text), file=sys.stderr)

    def ends(self, result):
        """One report is made, or failed."""
        self.bar.update()
        self.done += 1
        word = f"FAILED: {result.failure.sentence}" if result.failure else "made"
        self.says(f"{self.done}/{self.bar.total}  {result.page.name}  {result.seconds:.1f} s  {word}")
        if self.done == self.bar.total:
            self.bar.close()


def local(moment, timezone) -> str:
    """A UTC moment as the account's clock showed it; marked UTC where the zone is unknown."""
    zone = _zone(timezone)
    if moment is None:
        return "–"
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M %Z}" if zone else f"{moment:%Y-%m-%d %H:%M} UTC"


@lru_cache
def _zone(name) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        return None


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
