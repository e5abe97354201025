"""Tables mutated at random: rows in = rows used + rows refused, each named; nobody is merged, nothing is doubled."""

import csv
import gzip
import io
import os
import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from reportlib.errors import InvalidData
from reportlib.warehouse.callbacks.tables.importing import import_detailed
from tests.warehouse.callbacks.imported import contents, rows

COLUMNS = ["campaign_id", "contact_id", "channel", "provider", "provider_message_id", "message_id", "status"]
COLUMNS += ["sent_at", "delivered_at", "opened_at", "opens", "clicks", "cost", "failure_reason"]
FORMS = [
    lambda at: at.isoformat(),
    lambda at: f"{at:%Y-%m-%d %H:%M:%S}",
    lambda at: str(int(at.timestamp())),
    lambda at: str(int(at.timestamp() * 1000)),
    lambda at: str((at.replace(tzinfo=None) - datetime(1899, 12, 30)) / timedelta(days=1)),
    lambda at: f"{at:%Y%m%d%H%M%S}",
    lambda at: f"{at:%m/%d/%Y %I:%M %p}",
    lambda at: f"{at:%b %d, %Y %H:%M:%S}",
]
CELLS = [
    "",
    "None",
    "5.5119E+12",
    "1e999",
    "nan",
    "-3",
    "a\x00b",
    '"',
    "' OR",
    "\u2028",
    "=1+1",
    "x" * 3_000,
    "2",
    "😀",
]
SEEDS = 1_000 if os.environ.get("HYPOTHESIS_PROFILE") == "explore" else 16


def a_table(chance) -> list[list[str]]:
    """A header and rows of one message each, to a person of its own."""
    form, start = chance.choice(FORMS), datetime(2026, 3, 20, 9, tzinfo=UTC)
    table = [list(COLUMNS)]
    for number in range(chance.randint(1, 12)):
        sent = start + timedelta(days=number, minutes=number)
        opens = chance.choice(["", "0", "3"])
        cells = ["spring", f"person{number}", chance.choice(["sms", "email"]), "x", f"p{number}", f"m{number}", "sent"]
        cells += [
            form(sent),
            form(sent + timedelta(minutes=1)),
            form(sent + timedelta(hours=1)) if opens == "3" else "",
        ]
        table.append(
            [*cells, opens, chance.choice(["", "2"]), chance.choice(["", "-0.01", "0.02"]), "no, “such” number"]
        )
    return table


def mutate(table, chance) -> set[str]:
    """Change a table in some ways; what was done."""
    done = set()
    for _ in range(chance.randint(0, 3)):
        width, kind = len(table[0]), chance.choice(["drop", "twice", "order", "cell", "ids", "same", "again", "short"])
        place, line = chance.randrange(width), chance.choice(table[1:])
        done.add(kind)
        match kind:
            case "drop" if width > 2:
                for cells in table:
                    del cells[place : place + 1]
            case "twice":
                for cells in table:
                    cells.append(cells[place % len(cells)] if cells else "")
            case "order":
                order = chance.sample(range(width), width)
                if all(len(cells) == width for cells in table):
                    table[:] = [[cells[at] for at in order] for cells in table]
            case "cell" if line:
                line[place % len(line)] = chance.choice(CELLS)
            case "ids":
                for cells in table[1:]:
                    if place < len(cells):
                        cells[place] = chance.choice(["", "1", "None", cells[place]])
            case "same":
                line[:] = list(table[1])
            case "again":
                table.append(list(line))
            case "short" if line:
                del line[-1]
    return done


def written(table, chance) -> tuple[bytes, int]:
    """The table as a file, and how many of its lines are rows."""
    text = io.StringIO()
    quoting = chance.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    csv.writer(text, delimiter=chance.choice(",;\t|"), quoting=quoting).writerows(table)
    encoding = chance.choice(["utf-8", "utf-8-sig", "utf-16", "latin-1"])
    content = text.getvalue().encode(encoding, errors="replace")
    return gzip.compress(content) if chance.random() < 0.2 else content, sum(1 for cells in table[1:] if cells)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_rows_in_are_rows_used_and_rows_refused(sqlite_url, tmp_path, seed):
    chance = random.Random(seed)
    table = a_table(chance)
    done = mutate(table, chance)
    content, count = written(table, chance)
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    try:
        summary = import_detailed([str(path)], sqlite_url)
    except InvalidData as error:
        assert str(path) in str(error)
        assert done & {"twice", "drop"} or "UTF-8" in str(error) or "none of the columns" in str(error)
        return
    assert summary.read == count == summary.imported + summary.duplicates + summary.rejected
    assert summary.rejected == sum(summary.reasons.values()) == len(rows(sqlite_url, "rejected_events", "event_key"))
    assert set(summary.places) == set(summary.reasons)
    assert all("table.csv line " in place for places in summary.places.values() for place in places)
    messages = rows(sqlite_url, "messages", "message_id", "contact_id")
    assert len(messages) == summary.imported
    names = table[0]
    if "contact_id" in names:
        people = Counter(cells[names.index("contact_id")] for cells in table[1:] if len(cells) == len(names))
        told = Counter(who for _, who in messages)
        assert all(told[who] <= people[who.replace("�", "\x00")] for who in told)
    if not done:
        assert (summary.imported, summary.rejected) == (count, 0)
        opens = sum(int(cells[names.index("opens")] or 0) for cells in table[1:])
        clicks = sum(int(cells[names.index("clicks")] or 0) for cells in table[1:])
        events = rows(sqlite_url, "events", "kind", "occurred_at")
        assert Counter(kind for kind, _ in events) == Counter(opened=opens, clicked=clicks)
        assert all((at is None) == (kind == "clicked") for kind, at in events)
        sent = [at for (at,) in rows(sqlite_url, "messages", "sent_at")]
        assert sorted(at.replace(second=0) for at in sent) == [
            datetime(2026, 3, 20, 9) + timedelta(days=n, minutes=n) for n in range(count)
        ]
    before = contents(sqlite_url)
    again = import_detailed([str(path)], sqlite_url)
    assert (again.read, again.imported, again.rejected) == (summary.read, 0, summary.rejected)
    assert contents(sqlite_url) == before
