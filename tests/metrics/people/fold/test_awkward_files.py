"""The fold of files that others write into, of clocks that jump, and of disks without room."""

import os
import resource
import signal
import time

import duckdb
import pytest

from reportlib.metrics.people.folding import keeping, making
from reportlib.metrics.people.folding.keeping import keep_fold
from tests.metrics.people.fold.contents import figures_differ
from tests.metrics.people.fold.steps import Clock, address, change, is_fitting, wal_of

FIGURES = ("summary", "breakdowns", "delivery_timeline")
THERE = "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'reportlib'"
OF_B = "(SELECT min(message_id) FROM messages WHERE campaign_id = 'b')"
OF_A = "event_id = (SELECT min(event_id) FROM events WHERE campaign_id = 'a' AND kind = 'clicked')"


def test_an_event_that_was_of_a_message_of_another_campaign_leaves_nothing_there(kept):
    change(kept, f"CREATE TABLE before AS SELECT event_id, message_id FROM events WHERE {OF_A}")
    change(kept, f"UPDATE events SET message_id = {OF_B} WHERE {OF_A}")
    keep_fold(address(kept))
    assert not figures_differ(kept, FIGURES)
    change(kept, "UPDATE events SET message_id = before.message_id FROM before WHERE before.event_id = events.event_id")
    keep_fold(address(kept))
    assert is_fitting(kept) and not figures_differ(kept, FIGURES)
    with duckdb.connect(str(kept), read_only=True) as database:
        assert database.execute("SELECT count(*) FROM reportlib.events").fetchall() == [(0,)]


def test_of_a_message_that_is_in_an_earlier_part_than_before_the_events_stay(kept, monkeypatch):
    monkeypatch.setattr(making, "PORTION", 1)
    change(kept, "UPDATE events SET is_machine = NULL, url = 'https://shop.example/a'")
    keep_fold(address(kept))
    for table in ("events", "messages"):
        change(kept, f"UPDATE {table} SET campaign_id = 'a' WHERE message_id = {OF_B}")
    keep_fold(address(kept))
    with duckdb.connect(str(kept), read_only=True) as database:
        numbers = [database.execute(f"SELECT count(*) FROM {one}").fetchone() for one in ("events", "reportlib.events")]
    assert numbers[0] == numbers[1]


def test_what_a_clock_that_was_ahead_has_settled_is_made_anew(kept):
    change(kept, "UPDATE events SET occurred_at = occurred_at + INTERVAL 300 DAYS")
    with Clock(time.time() + 400 * 86_400):
        keep_fold(address(kept))
    assert not is_fitting(kept)
    change(kept, "UPDATE messages SET provider = 'another' WHERE campaign_id = 'b'")
    keep_fold(address(kept))
    assert is_fitting(kept) and not figures_differ(kept, FIGURES)


@pytest.mark.parametrize("least", [0, 1_000])
@pytest.mark.parametrize("has_fold", [True, False])
def test_tables_of_others_in_its_schema_stay(kept, monkeypatch, least, has_fold):
    if not has_fold:
        change(kept, "DROP SCHEMA reportlib CASCADE; CREATE SCHEMA reportlib")
    change(kept, "CREATE TABLE reportlib.notes AS SELECT 1 AS note")
    monkeypatch.setattr(keeping, "LEAST", least)
    keep_fold(address(kept))
    with duckdb.connect(str(kept), read_only=True) as database:
        assert ("notes",) in database.execute(THERE).fetchall()
    assert not is_fitting(kept)


def test_where_the_disk_has_no_room_the_rows_stay_and_the_next_time_makes_it(kept, capfd):
    change(kept, "DROP SCHEMA reportlib CASCADE; UPDATE messages SET provider = 'another'")
    child = os.fork()
    if not child:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        most = kept.stat().st_size // 2
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        code = 1
        try:
            keep_fold(address(kept))
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    assert wal_of(kept).exists() and not is_fitting(kept)
    assert "Traceback" not in capfd.readouterr().err
    keep_fold(address(kept))
    assert is_fitting(kept) and not figures_differ(kept, FIGURES)
