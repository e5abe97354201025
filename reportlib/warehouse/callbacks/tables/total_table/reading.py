"""What a file of totals says: each total once, or why a row cannot be used."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from reportlib.errors import InvalidData, nearest
from reportlib.warehouse.callbacks.message_table.sheet import open_sheet
from reportlib.warehouse.callbacks.message_table.times import readings, rewritten
from reportlib.warehouse.callbacks.model import Unusable, brief, is_missing
from reportlib.warehouse.callbacks.tables.outcome_table.row import conventions
from reportlib.warehouse.callbacks.tables.total_table import analytics
from reportlib.warehouse.callbacks.tables.total_table.shapes import Shape, shape_of
from reportlib.warehouse.contract.tables import CHANNELS, TOTALLED

DIFFERS = "another row has the same total, and another number"
_THOUSANDS = re.compile(r"\d{1,3}(?:[ ,.'’\u00a0\u202f]\d{3})+")


@dataclass(frozen=True)
class Total:
    """One total of a campaign; people and times are None where they are not known."""

    campaign: str
    name: str
    channel: str
    what: str
    people: int | None
    times: int | None
    started_at: datetime | None
    as_of: datetime | None


@dataclass
class TotalsRead:
    """The totals of a file by campaign, channel and what; how many rows it has, and why some are refused, by line."""

    path: Path
    title: str
    rows: int = 0
    totals: dict[tuple[str, str, str], Total] = field(default_factory=dict)
    refused: dict[int | str, str] = field(default_factory=dict)

    def take(self, total: Total):
        """Raises Unusable where it is there already, and differs."""
        if self.totals.setdefault((total.campaign, total.channel, total.what), total) != total:
            raise Unusable(DIFFERS)


def read_totals(path: Path, zone: ZoneInfo, campaign: str | None = None) -> TotalsRead | None:
    """What the file says; None where it is no file of totals. `campaign` names that of WhatsApp's template analytics.

    Raises InvalidData where it cannot be read.
    """
    if found := analytics.points(path):
        return _of_templates(path, found, campaign)
    sheet = open_sheet(path, lambda cells: shape_of(cells) is not None)
    shape = shape_of(sheet.names)
    if shape is None:
        return None
    twice = next((name for name in sheet.names if name and sheet.names.count(name) > 1), None)
    if twice:
        raise InvalidData(f"{path} has the column {twice!r} twice: take one out, or rename it")
    read, times, rows = TotalsRead(path, shape.title), {}, []
    for line, cells, problem in sheet.records(checked=True):
        rows.append((line, dict(zip(sheet.names, cells, strict=False)), problem))
    for name in (shape.started_at, shape.as_of):
        times[name] = conventions([], [row.get(name, "") for _, row, _ in rows], None, None).times
    for line, row, problem in rows:
        read.rows += 1
        try:
            if problem:
                raise Unusable(problem)
            moments = {name: _moment(row.get(name, ""), of_column, zone) for name, of_column in times.items()}
            for total in list(_totals(shape, row, moments)):  # of a row all, or none
                read.take(total)
        except Unusable as unusable:
            read.refused[line] = str(unusable)
    return read


def _of_templates(path, found, campaign):
    templates = {str(point["template_id"]) for point in found}
    if campaign and len(templates) > 1:
        raise InvalidData(f"{path} is of {len(templates)} templates: --campaign would make one campaign of them")
    read = TotalsRead(path, "WhatsApp template analytics", len(found))
    try:
        for template, first, last, counts in analytics.totals(found):
            name = campaign or template
            for what, (people, times) in counts.items():
                read.take(Total(name, name, "whatsapp", what, people, times, first, last))
    except Unusable as unusable:
        raise InvalidData(f"{path} is no template analytics that can be used: {unusable}") from None
    return read


def _totals(shape: Shape, row, moments):
    campaign = next((row[name].strip() for name in shape.campaign if not is_missing(row.get(name, ""))), None)
    if campaign is None:
        raise Unusable("does not say of which campaign it is")
    channel = shape.fixed_channel or _one_of(row.get(shape.channel, ""), CHANNELS)
    told = row.get(shape.name or "", "")
    about = (campaign, campaign if is_missing(told) else told.strip(), channel)
    when = moments[shape.started_at], moments[shape.as_of]
    names = [_one_of(row.get(shape.what, ""), TOTALLED)] if shape.what else shape.people
    for what in names:
        people, times = (_sum(row, columns.get(what, ())) for columns in (shape.people, shape.times))
        if people is not None or times is not None:
            yield Total(*about, what, people, times, *when)


def _one_of(text, words):
    word = text.strip().lower().replace("-", "")
    if word not in words:
        raise Unusable(f"{brief(text)} is none of {', '.join(words)}{nearest(word, words)}")
    return word


def _sum(row, columns) -> int | None:
    """The sum of these cells; None where all are empty."""
    known = [number for name in columns if (number := _whole(row.get(name, ""))) is not None]
    return sum(known) if known else None


def _whole(text: str) -> int | None:
    digits = text.strip()
    if is_missing(digits):
        return None
    if _THOUSANDS.fullmatch(digits):
        digits = re.sub(r"\D", "", digits)
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 15:
        raise Unusable(f"{brief(text)} is no whole number")
    return int(digits)


def _moment(text, of_column, zone) -> datetime | None:
    if is_missing(text):
        return None
    found = readings(rewritten(text.strip(), of_column), zone)
    return datetime.fromtimestamp(found[0] / 1000, UTC) if found else None
