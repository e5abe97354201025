"""index.html: every report of a folder at a glance."""

from collections import defaultdict
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from reportlib.errors import InvalidParameters, InvalidRecord
from reportlib.metrics.weekly.iso_week import LAST, Week, parse_week
from reportlib.presentation.look import numbers
from reportlib.presentation.look.brand.brand import brand_of, shown_in
from reportlib.presentation.look.display import name_html
from reportlib.presentation.look.finding import SYMBOLS
from reportlib.presentation.look.listing import Cell, Listing
from reportlib.presentation.look.table import table
from reportlib.publishing.page.layout import page
from reportlib.publishing.page.links import WEEKLY, link_pages
from reportlib.publishing.store.files import write_whole
from reportlib.reports.parameters import heading_of
from reportlib.reports.record import Record, read_record


def write_index(folder: Path) -> Path:
    """Write index.html over the reports in the folder, failures first, then each kind, the newest campaign first; and
    over the weekly editions in its folders, the newest first. The pages have their links to each other then, also those
    of the weeks before and after.

    Read from the record beside each report; what is no record is counted in a note.
    """
    if week := _week_of(folder):
        beside = [folder.parent / str(week.previous(ago)) for ago in (1, -1)]
        for one in [one for one in beside if (one / "index.html").exists()]:
            _written(one)
    return _written(folder)


def _written(folder: Path) -> Path:
    held = _read(folder)
    accounts = {record.account_id for _, record in [*held.made, *held.failed]}
    with shown_in(brand_of(accounts.pop() if len(accounts) == 1 else None)):
        return _listed(folder, held)


def _listed(folder, held):
    editions = [found for found in map(_edition, _weeks(folder)) if found]
    listed = _headed("Weekly editions.", ["Week", "What happened", "Reports"], editions, (1, 2)) if editions else ""
    listed += "".join(_table(made) for _, made in sorted(_by_table(held.made).items()))
    troubles = "".join(_failure(name, record) for name, record in held.failed)
    troubles = f'<h2>Not made</h2><ul class="findings">{troubles}</ul>' if troubles else ""
    note = f'<p class="base">{numbers.plural(held.foreign, "file")} here could not be read as a report.</p>'
    body = troubles + (listed or "<p>No report has been made yet.</p>") + note * bool(held.foreign)
    as_of = max((record.data_as_of or "" for _, record in held.made), default="")
    kicker = f"Data as of {numbers.utc(as_of)}" if as_of else ""
    week = _week_of(folder)
    title = week_name(week) if week else "Campaign reports"
    weeks = [_read(folder.parent / str(week.previous(ago))).made for ago in (1, -1)] if week else []
    _link(folder, week, held, weeks)
    above = [("../index.html", "All weeks"), *_weeks_around(week, weeks)] if week else []
    return write_whole(
        folder / "index.html", page(title=title, subtitle=_in_short(held), body=body, kicker=kicker, links=above)
    )


def _in_short(held):
    """How many reports there are, and how many of them want attention."""
    if not held.made and not held.failed:
        return ""
    wanting = sum(record.level in ("bad", "warning") for _, record in held.made) + len(held.failed)
    said = numbers.plural(len(held.made) + len(held.failed), "report")
    return f"{said}, {wanting} of them to look at" if wanting else said


def _link(folder, week, held, weeks):
    """The links of the folder's pages, and of the reviews of the weeks before and after to this one's."""
    above = [("index.html", f"All reports of week {week.number}")] if week else [("index.html", "All reports")]
    above += [("../index.html", "All weeks")] if week else []
    around = [(f"../{one.week}/{at}", one) for made in weeks for at, one in made if one.notebook == WEEKLY and one.week]
    link_pages(folder, [*held.made, *held.failed], around, above)


def _weeks_around(week, weeks):
    names = zip(("Before", "After"), (week.previous(1), week.previous(-1)), weeks, strict=True)
    return [(f"../{one}/index.html", f"{where}: {week_name(one)}") for where, one, made in names if made]


@dataclass
class _Reports:
    """The reports of a folder, each with the name of its page: those made, those that failed; how many files are
    something else."""

    made: list[tuple[str, Record]] = field(default_factory=list)
    failed: list[tuple[str, Record]] = field(default_factory=list)
    foreign: int = 0


def _read(folder) -> _Reports:
    held = _Reports()
    for file in sorted(folder.glob("*.json")):
        try:
            record = read_record(file)
        except InvalidRecord:  # not one of ours, or not whole: it must not keep the others from being listed
            held.foreign += 1
            continue
        (held.failed if record.failure else held.made).append((file.with_suffix(".html").name, record))
    return held


def _by_table(made) -> dict[tuple, list]:
    """The reports of each table, the tables by their place and caption."""
    tables = defaultdict(list)
    for page_name, record in made:
        listing = _listing(record)
        heads = [cell.head for cell in listing.cells]
        tables[listing.place, listing.caption, tuple(heads)].append((str(record.started_at or ""), page_name, listing))
    return tables


def _listing(record) -> Listing:
    """The report's own row, or what every report has to say."""
    if record.listing and record.listing.cells:
        return record.listing
    told = [Cell("Data as of", numbers.day(record.data_as_of))] if record.data_as_of else []
    told += [Cell("What it says", record.sentence)] if record.sentence else []
    kind = record.kind or heading_of(record.notebook)
    return Listing(f"{kind}.", [Cell("Report", record.name, record.subtitle.partition(" · ")[0]), *told])


def _table(made) -> str:
    rows = [_row(page_name, listing) for _, page_name, listing in sorted(made, key=lambda one: one[0], reverse=True)]
    listing = made[0][2]
    texts = [at for at, cell in enumerate(listing.cells) if not cell.is_number]
    return _headed(listing.caption, [cell.head for cell in listing.cells], rows, texts)


def _headed(caption, heads, rows, texts) -> str:
    """A table whose heading is the first sentence of its caption."""
    kind, dot, more = caption.partition(". ")
    return table(more, heads, rows, texts, title=kind + dot.strip()).html


def _row(page_name, listing) -> list[str]:
    first, *others = listing.cells
    beside = f"<small>{name_html(first.beside)}</small>" if first.beside else ""
    return [f'<a href="{escape(page_name)}">{name_html(first.text)}</a>{beside}', *map(_cell, others)]


def _cell(cell) -> str:
    small = f"<small>{escape(cell.beside)}</small>" if cell.beside else ""
    if verdict := cell.verdict:
        symbol = SYMBOLS.get(verdict.level, "")
        small += f'<small class="verdict {escape(verdict.level)}">{symbol} {escape(verdict.words)}</small>'
    return escape(cell.text) + small


def _weeks(folder):
    return sorted((week for week in folder.glob("????-W??/") if _week_of(week)), reverse=True)


def _week_of(folder) -> Week | None:
    """The week whose edition a folder holds; None for another folder."""
    try:
        return parse_week(folder.resolve().name, 0, "UTC") if folder.resolve().name != LAST else None
    except InvalidParameters:
        return None


def _edition(folder) -> list[str] | None:
    """The row of one week's edition; None where nothing was made."""
    held, week = _read(folder), _week_of(folder)
    if week is None or not (held.made or held.failed):
        return None
    failed = f'<small class="verdict bad">{SYMBOLS["bad"]} {len(held.failed)} not made</small>' if held.failed else ""
    period = f"<small>{numbers.days(week.monday, week.sunday)}</small>"
    told = "<br>".join(
        f"{name_html(record.name)}: {escape(record.verdict)}"
        for _, record in held.made
        if record.week and record.verdict
    )
    return [
        f'<a href="{folder.name}/index.html">Week {week.number}</a>{period}',
        told or numbers.NOTHING,
        f"{numbers.plural(len(held.made), 'report')}{failed}",
    ]


def _failure(page_name, record):
    link = f'<a href="{escape(page_name)}">{name_html(record.subject)}</a>'
    return (
        f'<li class="bad"><span class="symbol" aria-hidden="true">{SYMBOLS["bad"]}</span>'
        f"<span>{link} could not be made: {escape(record.failure.message)}</span></li>"
    )


def week_name(week: Week) -> str:
    """ "Week 46, 9–15 Nov 2026"."""
    return f"Week {week.number}, {numbers.days(week.monday, week.sunday)}"
