"""A mapping that is proposed for tables nobody knows, and what would come of it."""

from collections import Counter

import pytest
import yaml
from click.testing import CliRunner

from reportlib.cli import main
from reportlib.errors import InvalidData
from reportlib.warehouse.callbacks.importing import retry_rejected
from reportlib.warehouse.callbacks.message_table.files import open_table
from reportlib.warehouse.callbacks.message_table.mapping import read_mapping
from reportlib.warehouse.callbacks.tables.importing import import_tables
from reportlib.warehouse.callbacks.tables.opening import Said
from reportlib.warehouse.callbacks.tables.proposing.look import look
from reportlib.warehouse.callbacks.tables.proposing.preview import preview
from reportlib.warehouse.callbacks.tables.proposing.propose import propose
from reportlib.warehouse.callbacks.tables.proposing.words import outcome
from tests.warehouse.callbacks.imported import rows
from tests.warehouse.callbacks.tables.unknown_tables import TABLES, written


@pytest.mark.parametrize("name", TABLES)
def test_the_proposal_is_right_for_times_ids_and_statuses(tmp_path, name):
    path, (_, _, parts, says) = written(tmp_path, name), TABLES[name]
    proposal = propose(look(path))
    for part, lines in parts.items():
        found = proposal.parts.get(part)
        assert (found if isinstance(lines, str) else {key: found.get(key) for key in lines}) == lines, part
    (tmp_path / "proposed.yaml").write_text(proposal.yaml())
    mapping = read_mapping(str(tmp_path / "proposed.yaml"))
    seen = preview(open_table(path, Said(campaign="x").of(mapping)))
    assert not seen.reasons
    assert seen.statuses == Counter(says)


@pytest.mark.parametrize("name", ["a row per event, epochs", "a log with what people wrote, days that could be months"])
def test_what_is_previewed_is_what_comes_in(sqlite_url, tmp_path, name):
    path = written(tmp_path, name)
    (tmp_path / "proposed.yaml").write_text(propose(look(path)).yaml())
    table = open_table(path, Said(campaign="x").of(read_mapping(str(tmp_path / "proposed.yaml"))))
    seen, summary = preview(table), import_tables([table], sqlite_url)
    assert (seen.rows, seen.come_in) == (summary.read, summary.imported)
    assert Counter(kind for (kind,) in rows(sqlite_url, "events", "kind")) == Counter(
        {kind: count for kind, count in seen.statuses.items() if kind in ("clicked", "unsubscribed")}
    )
    assert retry_rejected(sqlite_url) == []


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("undelivered", "failed"),
        ("NOT_DELIVERED", "failed"),
        ("delivered", "delivered"),
        ("Soft Bounce", "failed"),
        ("Read", "opened"),
        ("spam report", "complained"),
        ("unsubscribe", "unsubscribed"),
        ("No entregado", "failed"),
        ("não entregue", "failed"),
        ("Lido", "opened"),
        ("solid", None),
        ("already", None),
        ("bewitched", None),
    ],
)
def test_words_for_what_became_of_a_message(word, meant):
    assert outcome(word) == meant


def test_a_file_that_is_no_table_is_a_clear_error(tmp_path):
    (tmp_path / "empty.csv").write_text("\n\n")
    with pytest.raises(InvalidData, match="holds no table"):
        look(tmp_path / "empty.csv")


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.csv").write_text(
        "Phone,Sent at,Status\n+4915112345001,2026-11-02 10:00,delivered\n+4915112345002,2026-11-02 10:00,bewitched\n"
    )


def mapped(*words):
    return CliRunner().invoke(main, ["map", *words])


def test_the_command_shows_proposes_previews_and_writes(table, tmp_path):
    done = mapped("table.csv", "--campaign", "Spring sale")
    assert done.exit_code == 1, done.output  # a row would not come in
    assert "Of 2 rows 1 come in, 1 do not, because\n  'bewitched' is no status (1): table.csv line 3\n" in done.stdout
    assert "Next: reportlib import table.csv --mapping table.yaml --campaign 'Spring sale'" in done.stdout
    written_down = (tmp_path / "table.yaml").read_text()
    assert "# statuses: nobody can tell what these mean: 'bewitched'" in written_down
    assert yaml.safe_load(written_down)["columns"] == {"contact_id": "Phone", "status": "Status", "sent_at": "Sent at"}
    again = mapped("table.csv")
    assert (again.exit_code, "table.yaml is there already" in again.output) == (1, True)
    (tmp_path / "table.yaml").write_text(written_down + "statuses: {bewitched: failed}\n")
    corrected = mapped("table.csv", "--mapping", "table.yaml")
    assert corrected.exit_code == 0, corrected.output
    assert "Of 2 rows 2 come in\nThey say: 1 delivered, 1 failed" in corrected.stdout


def test_what_stands_in_a_table_cannot_break_the_answer(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    header, first = 'Phone,"Mo\x1b[31mod\n# x: 1",Status', "+4915112345001,\x1b[2J,deliv\x07ered"
    (tmp_path / "x.csv").write_text(f"{header}\n{first}\n+4915112345002,,failed\n")
    done = mapped("x.csv")
    assert done.exit_code == 1, done.output  # nobody knows the word
    assert "\x1b" not in done.output
    assert "\x07" not in done.output
    assert set(yaml.safe_load((tmp_path / "x.yaml").read_text())) == {"columns", "fixed"}
