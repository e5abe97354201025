"""Tables in files under our names: their rows as messages, and as what is told of messages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson

from reportlib.errors import InvalidData, nearest
from reportlib.warehouse.callbacks import told
from reportlib.warehouse.callbacks.message_table.mapping import Mapping, Reader
from reportlib.warehouse.callbacks.message_table.row import CLOCK, DECIMAL, KNOWN_STAYS, PLACE, PROBLEM, parsed
from reportlib.warehouse.callbacks.message_table.sheet import Sheet, open_sheet
from reportlib.warehouse.callbacks.message_table.survey import survey
from reportlib.warehouse.callbacks.message_table.times import readings, rewritten
from reportlib.warehouse.callbacks.model import Unusable, brief
from reportlib.warehouse.source.message_columns import COLUMNS, DERIVED, FIRST_TIMES, TIMES

_OF_EVENTS = ("occurred_at", "event", *TIMES, *FIRST_TIMES)  # of a row that is an event, what is not its message's
_HAS_EVENTS = frozenset(("event", "messageid", "email", "processed"))  # SendGrid's Email Activity, unnamed


@dataclass(frozen=True)
class TableFile:
    """A table in a file, how its rows are read, and those of its columns that are not."""

    sheet: Sheet
    reader: Reader
    ignored: list[str]

    @property
    def path(self) -> Path:
        """Where it is."""
        return self.sheet.path

    @property
    def tells(self) -> bool:
        """Whether there may be rows that tell of messages, and are none."""
        return bool(self.reader.mapping.events or self.reader.mapping.inbound)

    def messages(self) -> Iterator[bytes]:
        """Each row that is a message as JSON under our names, and where it stands; what is wrong with it, if anything.

        Of rows that are events the messages they name, once each. Raises InvalidData for what cannot be read, before
        its first row is handed out.
        """
        known = set()
        for is_told, row in self._rows():
            if not self.reader.mapping.events:
                if not is_told:
                    yield orjson.dumps(row)
                continue
            if is_told or PROBLEM in row or self.reader.kind(row.get("event")) is None:
                continue
            try:
                message = self._message(row)
                key = hash(tuple(message.get(name) for name in ("provider_message_id", "campaign_id", "contact_id")))
                if key not in known:
                    known.add(key)
                    parsed(dict(message))
                    yield orjson.dumps(message)
            except Unusable:
                continue  # `told` says why

    def told(self) -> Iterator[bytes]:
        """Each row that tells of a message, as JSON for `told.callbacks`. Raises as `messages`."""
        for is_inbound, row in self._rows():
            if not (is_inbound or self.reader.mapping.events):
                continue
            if PROBLEM not in row:
                try:
                    row = {PLACE: row[PLACE], **(self._inbound(row) if is_inbound else self._event(row))}
                except Unusable as unusable:
                    row[PROBLEM] = str(unusable)
            yield orjson.dumps(row)

    def left_out(self) -> int:
        """How many rows the mapping leaves out."""
        if not self.reader.mapping.only:
            return 0
        cells = (cells for _, cells, problem in self.sheet.records() if not problem)
        return sum(not self.reader.is_read(dict(zip(self.sheet.names, one, strict=True))) for one in cells)

    def _rows(self):
        """Each row that is read: whether a person wrote it, and the row, with its place."""
        found = survey(self._surveyed(), self.sheet.names, self.reader)
        number, zone = 0, self.reader.mapping.clock
        for number, (line, cells, problem) in enumerate(self.sheet.records(), start=1):
            place = {PLACE: f"{self.path.name} line {line}"}
            if problem:
                yield False, {**place, PROBLEM: problem, "cells": self.sheet.delimiter.join(cells)}
                continue
            named = dict(zip(self.sheet.names, cells, strict=True))
            if not self.reader.is_read(named):
                continue
            row = place | self.reader.row(named)
            for name, form in found.forms.items():
                if name in row:
                    row[name] = rewritten(row[name], form)
            if zone:
                row[CLOCK] = zone
            if self.reader.mapping.decimal:
                row[DECIMAL] = self.reader.mapping.decimal
            if number - 1 in found.refused:
                row[PROBLEM] = found.refused[number - 1]
            yield self.reader.is_inbound(named), row
        if number != found.rows:
            raise InvalidData(f"{self.path} had {found.rows:,} rows and then {number:,}: it changed as it was read")

    def _surveyed(self):
        """The cells of each row that is read, or None, and whether it is a message."""
        mapping = self.reader.mapping
        for _, cells, problem in self.sheet.records(checked=True):
            if problem:
                yield None, False
            elif mapping.only or mapping.inbound:
                named = dict(zip(self.sheet.names, cells, strict=True))
                is_read = self.reader.is_read(named)
                yield cells if is_read else None, not (mapping.events or self.reader.is_inbound(named))
            else:
                yield cells, not mapping.events

    def _message(self, row) -> dict:
        """The message that a row about an event names, of which nothing else is known."""
        message = {name: value for name, value in row.items() if name not in _OF_EVENTS}
        message |= {"provider_message_id": told.message_of(row), "status": "queued", KNOWN_STAYS: "1"}
        message.pop("message_id", None)
        return message

    def _event(self, row) -> dict:
        word = row.get("event")
        kind = self.reader.kind(word)
        if kind is None:
            raise Unusable(f"the event {brief(word)} is not known")
        parsed(self._message(row))
        code = row.get("failure_code") or (word if kind == "failed" else None)
        return {
            **{name: row[name] for name in ("channel", "url", "label", "is_machine") if name in row},
            **{"kind": kind, "message": told.message_of(row), "recipient": row["contact_id"]},
            **{"at_ms": self._moment(row), "code": code, "reason": row.get("failure_reason")},
        }

    def _inbound(self, row) -> dict:
        if not row.get("sender"):
            raise Unusable("has no sender")
        key = row.get("provider_message_id") or row.get("message_id")
        about = {name: row[name] for name in ("channel", "text") if name in row}
        return {"kind": told.INBOUND, "recipient": row["sender"], "at_ms": self._moment(row), "key": key, **about}

    def _moment(self, row) -> int:
        name = self.reader.mapping.clock or row.get("time_zone", "UTC")
        when = next((row[one] for one in ("occurred_at", "sent_at", "queued_at") if row.get(one)), None)
        found = readings(when, ZoneInfo(name))
        if not found:
            raise Unusable("has no time")
        return found[0]


def open_table(path: Path, mapping: Mapping) -> TableFile:
    """The file with its columns. Raises InvalidData where it is no table that the mapping fits."""
    wanted = {name for theirs in mapping.named.values() for name in theirs}
    known = {_plain(name) for name in COLUMNS}

    def is_header(cells):
        return wanted <= set(cells) if wanted else len(known & {_plain(cell) for cell in cells}) > 1

    sheet = open_sheet(path, is_header)
    names = sheet.names
    if not names:
        raise InvalidData(f"{path} is empty: it has no header")
    plain = [_plain(name) for name in names]
    unnamed = () if mapping.is_whole else [name for name in COLUMNS if name not in mapping.named]
    columns = {name: found for name in unnamed if (found := _called(path, name, names, plain))}
    for ours, theirs in mapping.named.items():
        lacking = next((name for name in theirs if name not in names), None)
        if lacking is not None:
            raise InvalidData(f"{path} has no column {lacking!r}{nearest(lacking, names)}")
        columns[ours] = theirs
    for condition in (*mapping.only, *mapping.inbound):
        if condition not in names:
            raise InvalidData(f"{path} has no column {condition!r}{nearest(condition, names)}")
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice:
        raise InvalidData(f"{path} has the column {twice!r} twice: take one out, or rename it")
    if set(plain) >= _HAS_EVENTS and not mapping.events:
        raise InvalidData(
            f"{path} has one row per event, as SendGrid's Email Activity does: import it without detailed"
        )
    if not columns:
        raise InvalidData(f"{path} has none of the columns of a detailed export: name them in a mapping (--mapping)")
    read = {name for theirs in columns.values() for name in theirs} | {*mapping.only, *mapping.inbound}
    left = [name for name in names if name and name not in read and name not in DERIVED]
    ignored = [f"{name!r}{nearest(name, sorted(set(COLUMNS) - set(columns)))}" for name in left]
    return TableFile(sheet, Reader(mapping, columns), ignored)


def _called(path, ours, names, plain) -> tuple[str, ...]:
    """The column that is called as ours is, however it is spelt; none, or one."""
    found = [name for name, spelt in zip(names, plain, strict=True) if spelt == _plain(ours)]
    if len(found) > 1:
        raise InvalidData(f"{path} has the column {ours!r} twice: take one out, or rename it")
    return tuple(found)


def _plain(name: str) -> str:
    """A name without what tools write differently: Opened At, openedAt and opened_at are one."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
