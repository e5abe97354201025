"""Records: read back as they were written, refused where they are none."""

import json
import re

import pytest

from reportlib.errors import InvalidRecord
from reportlib.reports.record import VERSION, Record, read_record, record_of, written
from tests import PROJECT

NEITHER = {"usual": None, "gauge": None}
LEAST = {"notebook": "exploring", "subject": "spring-sale"}
FULL = LEAST | {
    "version": VERSION,
    "parameters": {"campaign": 7},
    "made_from": {"data": "0a"},
    "title": "<b>Ação</b> 🌸",
    "started_at": "2026-11-02T09:00:00Z",
    "findings": [{"topic": "week", "level": "good", "text": "All is well.", "advice": ""}],
    "cards": [
        {"label": "Sent", "count": "6", "share": "", "beside": "", "verdict": None, **NEITHER},
        {
            "label": "Lost",
            "count": "0",
            "share": "0 %",
            "beside": "",
            "verdict": {"level": "good", "words": "none"},
            **NEITHER,
        },
    ],
    "table": {"caption": "", "heads": ["a", "b"], "rows": [["x", 1], [None, 2.5]]},
    "totals": {"sent": 6, "opened": None},
    "figures": [{"of its own": [1, 2.5, None]}],
}


@pytest.mark.parametrize("about", [LEAST | {"version": VERSION}, FULL])
def test_a_record_is_read_as_it_was_written_and_nothing_is_added(tmp_path, about):
    file = tmp_path / "x.json"
    file.write_bytes(written(record_of(about)))
    assert json.loads(file.read_text(encoding="utf-8")) == about
    assert read_record(file) == record_of(about)


def test_what_is_written_has_the_version_of_now(tmp_path):
    assert json.loads(written(record_of(LEAST | {"version": 1})))["version"] == VERSION


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"notebook": None}, "notebook: "),
        ({"findings": [{"topic": "a", "level": "note"}]}, r"findings\.0\.text: "),
        ({"cards": [{"label": "Sent"}]}, r"cards\.0\.count: "),
        ({"totals": 7}, "totals: "),
        ({"failure": "x"}, "failure: "),
        ({"listing": {"caption": "a", "cells": [{"head": 1}]}}, r"listing\.cells\.0\.head: "),
    ],
)
def test_the_first_thing_that_is_wrong_is_named(tmp_path, changes, said):
    file = tmp_path / "x.json"
    file.write_text(json.dumps(FULL | changes))
    with pytest.raises(InvalidRecord, match=rf"x\.json is no record of a report, or not whole: {said}"):
        read_record(file)


@pytest.mark.parametrize("content", [b"", b"[]", b"7", b"\xff\xfe", b"{", b"null"])
def test_a_foreign_file_is_none(tmp_path, content):
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(InvalidRecord, match=r"is no JSON|is no record"):
        read_record(tmp_path / "x.json")


def test_the_docs_name_every_field():
    text = (PROJECT / "docs" / "records.md").read_text(encoding="utf-8")
    rows = [row.split("|")[1] for row in text.splitlines() if row.startswith("| `")]
    assert [name for row in rows for name in re.findall(r"`(\w+)`", row)] == list(Record.model_fields)
