"""`reportlib check --conformance`: a user's database against DuckDB's copy of it."""

from uuid import UUID

import pytest
from sqlalchemy import create_engine, select

from reportlib.errors import WarehouseError
from reportlib.metrics.conformance.against_duckdb import compare_with_copy
from reportlib.metrics.conformance.questions import QUESTIONS
from reportlib.warehouse import open_warehouse
from reportlib.warehouse.contract.tables import TABLES
from reportlib.warehouse.local_copy import copy_to_duckdb
from tests.conformance.conftest import kind_of, opened
from tests.in_process import reportlib
from tests.small_database import campaign, fill, small_database


def two_campaigns():
    database = small_database(
        campaign("spring", audience=4).sent(4, cost=0.1, currency="EUR").delivered(3, opened=2, clicked=1).failed(1),
        campaign("o'Neill 🎉", audience=3).sent(2, channel="sms").delivered(1, replied=1).queued(1),
    )
    database.account("empty")
    return database


@pytest.fixture
def sqlite(sqlite_url):
    opened(sqlite_url, two_campaigns()).engine.dispose()
    return sqlite_url


@pytest.mark.slow
def test_a_database_that_conforms(sqlite):
    done = reportlib("check", "--conformance", database=sqlite)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines[-len(QUESTIONS) - 1 : -1]] == list(QUESTIONS)
    assert lines[-1] == f"{len(QUESTIONS)} of {len(QUESTIONS)} metrics are the same on {sqlite} as in DuckDB"


def test_a_figure_that_differs_is_named(sqlite, tmp_path, monkeypatch):
    path = tmp_path / "copy.duckdb"
    copy_to_duckdb(open_warehouse(sqlite), path, 100).engine.dispose()
    engine = create_engine(f"duckdb:///{path}")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE messages SET status = 'failed' WHERE message_id = 'm4'")
        connection.exec_driver_sql("UPDATE campaigns SET name = 'Frühling' WHERE campaign_id = 'spring'")
    engine.dispose()
    warehouse, copy = open_warehouse(sqlite), open_warehouse(f"duckdb:///{path}")
    copy.opened_ms = warehouse.opened_ms
    for name in QUESTIONS.keys() - {"accounts", "campaigns"}:
        monkeypatch.delitem(QUESTIONS, name)
    found = {one.metric: one.difference for one in compare_with_copy(warehouse, copy)}
    assert found["campaigns"] == "campaigns[0].name[1] is Campaign spring instead of Frühling"
    assert not found["accounts"]


def test_what_breaks_the_contract_is_said_before(sqlite):
    engine = create_engine(sqlite)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE segments")
    engine.dispose()
    done = reportlib("check", "--conformance", database=sqlite)
    assert done.returncode == 1
    assert "segments: the table is missing" in done.stdout
    assert "Copying" not in done.stderr


def test_no_more_is_copied_than_was_said(sqlite):
    done = reportlib("check", "--conformance", "--messages", 5, database=sqlite)
    assert done.returncode == 1
    assert "has 7 messages, and at most 5 would be copied: allow more with --messages" in done.stderr


def test_without_a_campaign_that_was_sent_there_is_nothing_to_ask(sqlite_url, tmp_path):
    database = small_database()
    database.campaign("later", status="scheduled", start=None)
    warehouse = opened(sqlite_url, database)
    copy = copy_to_duckdb(warehouse, tmp_path / "copy.duckdb", 100)
    with pytest.raises(WarehouseError, match="no campaign that is sending, sent or completed"):
        next(compare_with_copy(warehouse, copy))


@pytest.mark.parametrize("kind", ["integers", "letters beyond ASCII"])
def test_the_copy_has_every_row(everywhere, new_address, kind, tmp_path):
    (one,) = (one for one in everywhere if kind_of(one.database) == kind)
    warehouse = opened(new_address("sqlite"), one.database)
    copy = copy_to_duckdb(warehouse, tmp_path / "copy.duckdb", 100)
    for table in TABLES.values():
        rows = select(*table.columns).order_by(*table.columns)
        assert copy.sql(rows).equals(one.reference.sql(rows)), table.name


def test_ids_of_a_kind_of_their_own_are_copied_as_they_are(postgresql_url, tmp_path):
    engine = create_engine(postgresql_url)
    fill(engine, small_database(campaign("a", audience=1).sent(1)))
    campaign_id = UUID("0a0a0a0a-0000-4000-8000-00000000000a")
    with engine.begin() as connection:
        for table in ("campaigns", "messages", "events"):
            connection.exec_driver_sql(f"ALTER TABLE {table} ALTER campaign_id TYPE uuid USING '{campaign_id}'::uuid")
    engine.dispose()
    copy = copy_to_duckdb(open_warehouse(postgresql_url), tmp_path / "copy.duckdb", 100)
    assert copy.sql(select(TABLES["messages"].c.campaign_id))["campaign_id"].tolist() == [campaign_id]
