"""A server that has the contract's tables: copied, the same rows and figures as where they came from."""

import pandas as pd
import pytest
from sqlalchemy import text

from reportlib.metrics import summary
from reportlib.presentation.look.head import provenance
from reportlib.warehouse import open_warehouse
from reportlib.warehouse.connect.listing import platform
from reportlib.warehouse.connect.run import connect_platform
from reportlib.warehouse.connection import connect
from reportlib.warehouse.contract.tables import TABLES
from reportlib.warehouse.demo import make_demo
from reportlib.warehouse.fingerprint import data_fingerprints
from reportlib.warehouse.local_copy import copy_to_duckdb
from tests.warehouse.connect.agreement import connected

# Of a campaign that is months older than the latest: a value restated, one that came late, a message and an event gone.
CHANGES = (
    "UPDATE messages SET cost = 7 WHERE message_id = (SELECT min(message_id) FROM messages WHERE campaign_id = '{0}')",
    "INSERT INTO messages (message_id, campaign_id, contact_id, channel, status, sent_at) SELECT 'late', campaign_id, "
    "contact_id, channel, 'sent', sent_at FROM messages WHERE message_id = "
    "(SELECT min(message_id) FROM messages WHERE campaign_id = '{0}')",
    "DELETE FROM messages WHERE campaign_id = '{0}' AND status = 'failed'",
    "DELETE FROM events WHERE event_id = (SELECT min(event_id) FROM events WHERE campaign_id = '{0}')",
)


@pytest.fixture
def served(request, database_url):
    """The address of a demo, on each engine in turn."""
    make_demo(database_url, 2_000)
    return database_url


def test_all_that_the_contract_has_is_read():
    read = {extract.name: {*extract.types} for extract in platform("contract").extracts}
    assert read == {name: {*table.columns.keys()} for name, table in TABLES.items()}


def test_a_copy_says_what_its_source_says_and_reads_what_has_changed(served, tmp_path):
    (tmp_path / "to").mkdir()
    there = open_warehouse(served)
    expected = summary(there).drop(columns="data_as_of")
    campaign = expected["campaign_id"].iloc[-1]
    there.engine.dispose()
    for again in (False, True):
        warehouse, said = connected("contract", served, tmp_path / "to", timezone="")
        pd.testing.assert_frame_equal(summary(warehouse).drop(columns="data_as_of"), expected)
        assert f", a copy of {there.address}, read " in provenance(warehouse, [campaign], "a.yaml").text
        warehouse.engine.dispose()
        assert bool(said.came["messages"]) != again
    write(served, *[change.format(campaign) for change in CHANGES])
    said = assert_same(served, tmp_path)
    assert 0 < said.came["messages"] < said.there["messages"] / 10


def test_a_column_that_the_source_has_got_since_is_read_of_all_rows(served, tmp_path):
    (tmp_path / "to").mkdir()
    write(served, "ALTER TABLE messages DROP COLUMN category")
    connected("contract", served, tmp_path / "to", timezone="")[0].engine.dispose()
    write(served, "ALTER TABLE messages ADD COLUMN category VARCHAR", "UPDATE messages SET category = 'marketing'")
    assert_same(served, tmp_path)


def test_of_a_mariadb_what_has_changed_is_read_too(mariadb_server, mariadb_database, tmp_path):
    with mariadb_server.connect(mariadb_database) as connection, connection.cursor() as cursor:
        for extract in platform("contract").extracts:
            kinds = {"BIGINT": "BIGINT", "DOUBLE": "DOUBLE", "TIMESTAMP": "DATETIME(3)", "BOOLEAN": "BOOLEAN"}
            columns = (f"{name} {kinds.get(kind, 'VARCHAR(99)')}" for name, kind in extract.types.items())
            cursor.execute(f"CREATE TABLE {extract.table} ({', '.join(columns)})")
        cursor.execute("INSERT INTO accounts VALUES ('a', 'A', 'UTC')")
        for campaign in ("one", "two"):
            cursor.execute(
                f"INSERT INTO campaigns (campaign_id, account_id, name, status) "
                f"VALUES ('{campaign}', 'a', 'A', 'completed')"
            )
            cursor.execute(f"INSERT INTO contacts (contact_id, account_id) VALUES ('{campaign}', 'a')")
            cursor.execute(
                "INSERT INTO messages (message_id, campaign_id, contact_id, channel, status, sent_at) "
                f"VALUES ('{campaign}', '{campaign}', '{campaign}', 'sms', 'sent', '2026-01-02 03:04:05')"
            )
        source = mariadb_server.address(mariadb_database)
        for change, came in ((), 2), ((), 0), (("UPDATE messages SET cost = 2 WHERE message_id = 'one'",), 1):
            for statement in change:
                cursor.execute(statement)
            warehouse, said = connected("contract", source, tmp_path, timezone="")
            assert said.came["messages"] == came
            costs = warehouse.sql("SELECT cost FROM messages ORDER BY message_id")["cost"]
            warehouse.engine.dispose()
        assert costs.to_list()[0] == 2
        assert costs.isna().to_list()[1]


def write(address, *statements):
    engine = connect(address)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def assert_same(source, folder):
    """A call more, after which the copy has the rows of its source, all of them and no others."""
    said = connect_platform("contract", source, f"duckdb:///{folder / 'to' / 'campaigns.duckdb'}")
    there = open_warehouse(source)
    whole = copy_to_duckdb(there, folder / "whole.duckdb", 10_000)
    warehouse = open_warehouse(said.address)
    assert data_fingerprints(warehouse) == data_fingerprints(whole)
    for one in (warehouse, there, whole):
        one.engine.dispose()
    return said
