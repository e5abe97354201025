"""The fold is read where it fits, and never where it does not; with it and without, all figures are the same."""

import json
import os
import shutil
import time
from datetime import timedelta

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import Connection, create_engine

from reportlib import metrics
from reportlib.metrics.conformance.questions import QUESTIONS, answers
from reportlib.metrics.conformance.sameness import first_difference
from reportlib.metrics.conformance.subject import subject_of
from reportlib.metrics.people.fold.reading import fits
from reportlib.metrics.people.folding import keeping, making
from reportlib.metrics.people.folding.keeping import keep_fold
from reportlib.warehouse import open_warehouse, written
from reportlib.warehouse.load import load_folder
from tests import examples
from tests.in_process import reportlib
from tests.metrics.people.fold.steps import FOREIGN, address, change, is_fitting, wal_of
from tests.random_database import databases
from tests.small_database import fill
from tests.warehouse.callbacks.imported import database_with, status as callback

OF_PEOPLE = ("summary", "breakdowns")
OF_ALL = os.environ.get("HYPOTHESIS_PROFILE") == "explore"
OTHERS = ("delivery_timeline", "failures", "activity", "send_slots", "measured", "machine_clicks", "response_latency")


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("fold") / "campaigns.duckdb"


@settings(max_examples=examples(2), suppress_health_check=list(HealthCheck))
@given(
    databases(),
    st.lists(st.tuples(st.sampled_from(FOREIGN), st.booleans(), st.integers(1, 60)), min_size=1, max_size=2),
    st.sampled_from(OTHERS),
    st.sampled_from((2, 2_500_000)),
)
def test_figures_are_the_same_with_and_without(file, monkeypatch, database, changes, other, portion):
    monkeypatch.setattr(making, "PORTION", portion)
    asked = tuple(QUESTIONS) if OF_ALL else (*OF_PEOPLE, other)
    for one in (file, wal_of(file)):
        one.unlink(missing_ok=True)
    engine = create_engine(address(file))
    opened_ms = fill(engine, database).opened_ms
    engine.dispose()
    check_figures(file, opened_ms, asked)
    for statement, is_checkpointed, killed_at in changes:
        change(file, statement, is_checkpointed)
        keep_until_killed(file, killed_at)
        check_figures(file, opened_ms, asked)


def keep_until_killed(file, statements: int):
    """The fold is kept, but for the last of so many statements: it is as if nobody had begun."""
    done, ask = 0, Connection.exec_driver_sql

    def counted(connection, *arguments):
        nonlocal done
        done += 1
        if done == statements:
            raise OSError("killed")
        return ask(connection, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "exec_driver_sql", counted)
        keep_fold(address(file))


def check_figures(file, opened_ms, asked=OF_PEOPLE):
    """The fold fits once it is kept, and its figures are those of a copy, which has none that fits."""
    keep_fold(address(file))
    copy = file.with_name("copy.duckdb")
    shutil.copy(file, copy)
    kept, plain = (open_warehouse(address(one)) for one in (file, copy))
    kept.opened_ms = plain.opened_ms = opened_ms
    try:
        until_ms = kept.sql("SELECT until_ms FROM reportlib.fold_state")["until_ms"].item()
        assert fits(kept) == (until_ms <= opened_ms + 86_400_000)
        assert not fits(plain)
        if subject := subject_of(plain):
            for name in asked:
                assert not first_difference(answers(kept, subject, name), answers(plain, subject, name), where=name)
            by_provider = [metrics.breakdown(one, None, ("provider", "country")) for one in (kept, plain)]
            assert not first_difference(*by_provider)
    finally:
        kept.engine.dispose()
        plain.engine.dispose()


@pytest.mark.parametrize("is_checkpointed", [True, False])
@pytest.mark.parametrize("twice", [True, False])  # after two changes DuckDB's blocks may be where they were
def test_one_changed_value_is_seen(kept, is_checkpointed, twice):
    for status in ("sent", "delivered")[: 1 + twice]:
        one = "(SELECT min(message_id) FROM messages WHERE status <> 'failed')"
        change(kept, f"UPDATE messages SET status = '{status}' WHERE message_id = {one}", is_checkpointed)
    assert not is_fitting(kept)
    keep_fold(address(kept))
    assert is_fitting(kept)


def test_readers_leave_it_as_it_is(kept):
    with duckdb.connect(str(kept), read_only=True) as database:
        database.execute("SELECT count(*) FROM messages")
    assert is_fitting(kept)


def test_what_is_kept_again_without_a_change_is_left(kept):
    before = parts(kept)
    keep_fold(address(kept))
    assert is_fitting(kept)
    assert parts(kept) == before


def test_only_what_has_changed_is_made_anew(kept):
    with duckdb.connect(str(kept)) as database:
        database.execute("UPDATE reportlib.fold SET flags = -1")
    change(kept, "UPDATE messages SET status = 'queued' WHERE campaign_id = 'b'")
    keep_fold(address(kept))
    with duckdb.connect(str(kept)) as database:
        found = database.execute("SELECT campaign_id, bool_and(flags = -1) FROM reportlib.fold GROUP BY ALL").fetchall()
    assert dict(found) == {"a": True, "b": False}


def test_a_contact_that_changes_leaves_the_campaigns_as_they_are(kept):
    with duckdb.connect(str(kept)) as database:
        database.execute("UPDATE reportlib.fold SET flags = flags + 0")
        before = database.execute("SELECT rowid, * FROM reportlib.fold ORDER BY ALL").fetchall()
    change(kept, "UPDATE contacts SET country = 'XX'")
    keep_fold(address(kept))
    with duckdb.connect(str(kept), read_only=True) as database:
        assert database.execute("SELECT rowid, * FROM reportlib.fold ORDER BY ALL").fetchall() == before
    warehouse = open_warehouse(address(kept))
    assert fits(warehouse)
    assert metrics.breakdowns(warehouse, "a", "country")["group"].tolist() == ["XX"]
    warehouse.engine.dispose()


def test_loads_are_kept_again_and_again(kept, tmp_path):
    with duckdb.connect(str(kept), read_only=True) as database:
        more = "SELECT 'more' || message_id AS message_id, * EXCLUDE (message_id) FROM messages WHERE campaign_id = 'b'"
        database.execute(f"COPY ({more}) TO '{tmp_path / 'messages.csv'}'")
    for _ in range(2):
        assert reportlib("load", tmp_path, database=address(kept)).returncode == 0
        check_figures(kept, int(time.time() * 1000), (*OF_PEOPLE, "failures", "delivery_timeline"))


def with_marks(kept, folder, more="SELECT * REPLACE ('more' || message_id AS message_id) FROM messages"):
    """Mark what is kept, so that it shows what is left, and not made anew; in the folder is more of "b"."""
    with duckdb.connect(str(kept)) as database:
        database.execute("UPDATE reportlib.fold SET flags = -1; UPDATE reportlib.fold_parts SET digest = 0")
        database.execute(f"COPY (FROM ({more}) WHERE campaign_id = 'b') TO '{folder / 'messages.csv'}'")
    stamp_of_state(kept)


def left(kept) -> set:
    """The campaigns that are as they were when they were marked."""
    with duckdb.connect(str(kept), read_only=True) as database:
        return {
            one for (one,) in database.execute("SELECT campaign_id FROM reportlib.fold WHERE flags = -1").fetchall()
        }


def test_what_we_loaded_need_not_be_looked_for(kept, tmp_path, monkeypatch):
    with_marks(kept, tmp_path)
    same_second = kept.stat().st_mtime_ns
    monkeypatch.setattr(written, "past_second", lambda: same_second)
    for said in ("more", "again"):
        (tmp_path / "messages.csv").write_text((tmp_path / "messages.csv").read_text().replace("more", said))
        load_folder(tmp_path, address(kept))
        assert not is_fitting(kept)
    keep_fold(address(kept))
    assert is_fitting(kept)
    assert left(kept) == {"a"}
    before = parts(kept)
    change(kept, "UPDATE reportlib.fold_state SET shape = 'another'")
    keep_fold(address(kept))
    assert [row for row in parts(kept) if "a" not in row] == [row for row in before if "a" not in row]


def test_of_a_row_that_is_replaced_its_campaign_before_is_told_too(kept, tmp_path):
    with_marks(kept, tmp_path, "SELECT * REPLACE ('b' AS campaign_id) FROM messages WHERE campaign_id = 'a' LIMIT 2")
    load_folder(tmp_path, address(kept))
    keep_fold(address(kept))
    assert left(kept) == set()


@pytest.mark.parametrize("when", ["before", "after", "in a wal", "killed"])
def test_where_another_wrote_too_all_is_looked_at(kept, tmp_path, monkeypatch, when):
    with_marks(kept, tmp_path)
    foreign = "UPDATE events SET occurred_at = occurred_at + INTERVAL 1 HOUR WHERE campaign_id = 'a'"
    if when == "before":
        change(kept, foreign)
    with monkeypatch.context() as patch:
        if when == "killed":
            patch.setattr(written.os, "utime", lambda *_, **__: None)
        load_folder(tmp_path, address(kept))
    if when in ("after", "in a wal"):
        change(kept, foreign, when == "after")
    keep_fold(address(kept))
    assert is_fitting(kept)
    assert left(kept) == set()


def test_of_another_making_it_is_ignored_and_made_anew(kept):
    change(kept, "UPDATE reportlib.fold_state SET made_by = 'another version'")
    stamp_of_state(kept)
    assert not is_fitting(kept)
    keep_fold(address(kept))
    assert is_fitting(kept)


def test_what_lies_in_the_future_of_the_reader_is_not_settled(kept):
    early = open_warehouse(address(kept))
    early.opened_ms -= int(timedelta(days=3650).total_seconds() * 1000)
    assert not fits(early)
    early.engine.dispose()


def test_of_a_view_and_of_few_messages_there_is_none(kept, monkeypatch):
    monkeypatch.setattr(keeping, "LEAST", 1_000)
    keep_fold(address(kept))
    assert not is_fitting(kept)
    monkeypatch.setattr(keeping, "LEAST", 0)
    with duckdb.connect(str(kept)) as database:
        database.execute("ALTER TABLE events RENAME TO other; CREATE VIEW events AS FROM other")
    keep_fold(address(kept))
    assert not is_fitting(kept)


def test_it_may_be_dropped(kept):
    change(kept, "DROP SCHEMA reportlib CASCADE")
    assert not is_fitting(kept)


def test_commands_that_write_keep_it_and_check_tells(tmp_path):
    demo, copied, loaded = (tmp_path / f"{name}.duckdb" for name in ("demo", "copied", "loaded"))
    reportlib("demo", "--to", address(demo), "--messages", "1000", database=None)
    for copy in (copied, loaded):  # with another time, so that it may have been changed
        shutil.copy(demo, copy)
    assert "is kept, and fits" in reportlib("check", database=address(demo)).stdout
    assert "is kept, and does not fit" in reportlib("check", database=address(copied)).stdout
    (tmp_path / "accounts.csv").write_text("account_id,name,timezone\nnew,New,UTC\n")
    assert reportlib("load", tmp_path, database=address(loaded)).returncode == 0
    assert is_fitting(loaded)


def test_callbacks_leave_it_to_the_weekly_edition(tmp_path, monkeypatch):
    file = tmp_path / "campaigns.duckdb"
    database_with(address(file), {})
    keep_fold(address(file))
    callbacks = tmp_path / "callbacks.jsonl"
    callbacks.write_text(json.dumps(callback("w1", "delivered")))
    assert reportlib("import", "whatsapp", callbacks, database=address(file)).returncode == 0
    assert not is_fitting(file)
    weekly = []
    monkeypatch.setattr("reportlib.publishing.weekly.run.run_weekly", lambda *_: weekly.append(is_fitting(file)))
    edition = tmp_path / "weekly.yaml"
    edition.write_text("reports: {weekly_review: {}}")
    reportlib("weekly", edition, "--output", tmp_path, database=address(file))
    assert weekly == [True]


def parts(file):
    with duckdb.connect(str(file), read_only=True) as database:
        return database.execute("FROM reportlib.fold_parts ORDER BY ALL").fetchall()


def stamp_of_state(file):
    """Give the file the time that its fold remembers, as if nobody had changed it."""
    with duckdb.connect(str(file), read_only=True) as database:
        stamp = database.execute("SELECT stamp FROM reportlib.fold_state").fetchone()[0]
    os.utime(file, ns=(stamp, stamp))
