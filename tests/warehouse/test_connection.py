"""Opening a database: each way it can fail has a line that says what to do, and none shows a password."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, select
from sqlalchemy.exc import DBAPIError

from reportlib.errors import DatabaseUnavailable, WarehouseError
from reportlib.warehouse import open_warehouse
from reportlib.warehouse.connection import connect, shown
from reportlib.warehouse.contract.tables import accounts, campaigns, metadata
from tests.postgresql import SERVER_PASSWORD


def refusal(url) -> str:
    """What is said, in one line, when this is opened and asked for its campaigns."""
    with pytest.raises(WarehouseError) as error:
        open_warehouse(url).sql(select(campaigns.c.campaign_id))
    assert "\n" not in str(error.value)
    return str(error.value)


def test_no_demo_yet(tmp_path, monkeypatch):
    monkeypatch.delenv("CAMPAIGN_DATABASE_URL", raising=False)
    monkeypatch.setenv("REPORTLIB_SUITE", str(tmp_path))
    assert f"there is no database at {tmp_path / 'output' / 'demo.duckdb'}: `reportlib demo` makes it" in refusal(None)


def test_no_file_there(duckdb_url):
    assert "check CAMPAIGN_DATABASE_URL" in refusal(duckdb_url)


def test_a_file_that_is_no_database(tmp_path):
    (tmp_path / "notes.txt").write_text("campaign ideas" * 1000)
    assert "not a valid DuckDB database file" in refusal(f"duckdb:///{tmp_path}/notes.txt")


def test_a_file_that_is_no_sqlite_database(tmp_path):
    (tmp_path / "notes.txt").write_text("campaign ideas" * 1000)
    assert "does not answer (file is not a database)" in refusal(f"sqlite:///{tmp_path}/notes.txt")


def test_no_sqlite_file_there(sqlite_url):
    assert "check CAMPAIGN_DATABASE_URL" in refusal(sqlite_url)
    assert not Path(make_url(sqlite_url).database).exists()


def test_a_folder_is_no_sqlite_file(tmp_path):
    assert "may not be used by this user" in refusal(f"sqlite:///{tmp_path}")


def test_sqlite_is_read_while_it_is_written(sqlite_url):
    writing = connect(sqlite_url)
    metadata.create_all(writing)
    warehouse = open_warehouse(sqlite_url)
    with writing.begin() as connection:
        connection.execute(accounts.insert().values(account_id="a", name="A", timezone="UTC"))
        assert warehouse.sql(select(accounts.c.name)).empty  # as it was before
    assert open_warehouse(sqlite_url).sql(select(accounts.c.name))["name"].tolist() == ["A"]
    with warehouse.engine.connect() as reading, writing.begin() as connection:
        assert reading.execute(select(accounts.c.name)).scalar() == "A"
        connection.execute(accounts.delete())  # nor does who reads keep who writes waiting
        assert reading.execute(select(accounts.c.name)).scalar() == "A"
    writing.dispose()
    warehouse.engine.dispose()


def test_a_sqlite_file_that_another_program_locks(sqlite_url, monkeypatch):
    monkeypatch.setattr("reportlib.warehouse.engines.sqlite._PATIENCE_S", 0.1)
    with closing(sqlite3.connect(make_url(sqlite_url).database, isolation_level=None)) as other:
        other.execute("CREATE TABLE t (x)")
        other.execute("BEGIN EXCLUSIVE")  # not written ahead: nobody may read
        with pytest.raises(DatabaseUnavailable, match="is being written by another program; try again"):
            open_warehouse(sqlite_url)


def test_the_environment_names_the_database(duckdb_url, monkeypatch):
    engine = create_engine(duckdb_url)
    metadata.create_all(engine)
    engine.dispose()
    monkeypatch.setenv("CAMPAIGN_DATABASE_URL", duckdb_url)
    warehouse = open_warehouse()
    assert warehouse.address == duckdb_url
    assert warehouse.sql(select(campaigns.c.campaign_id)).empty


def test_reading_cannot_write(database_url):
    engine = create_engine(database_url)
    metadata.create_all(engine)
    engine.dispose()
    warehouse = open_warehouse(database_url)
    with pytest.raises(DBAPIError, match=r"read-?only"), warehouse.engine.begin() as connection:
        connection.execute(campaigns.delete())
    warehouse.engine.dispose()


def test_missing_tables(database_url):
    engine = create_engine(database_url)
    engine.connect().close()
    engine.dispose()
    message = refusal(database_url)
    assert "campaigns" in message and "`reportlib check` lists what is missing" in message


def test_a_wrong_password(postgresql_url):
    wrong = make_url(postgresql_url).set(password="tr0ub4dor&3").render_as_string(hide_password=False)
    message = refusal(wrong)
    assert "refuses this user or password; check CAMPAIGN_DATABASE_URL" in message
    assert "tr0ub4dor" not in message


def test_no_password(postgresql_url):
    assert "refuses this user or password" in refusal(str(make_url(postgresql_url).set(password=None)))


def test_no_such_database(postgresql_url):
    message = refusal(make_url(postgresql_url).set(database="nope").render_as_string(hide_password=False))
    assert message.startswith("there is no database at postgresql+psycopg://analyst:***@127.0.0.1")
    assert "s3cret" not in message


def test_no_server(postgresql_url):
    message = refusal(make_url(postgresql_url).set(port=1).render_as_string(hide_password=False))
    assert "does not answer" in message
    assert "s3cret" not in message


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+psycopg://analyst:s3cret p@ss/word@127.0.0.1/db",  # not escaped
        "postgresql+psycopg://analyst:s3cret@127.0.0.1:port/db",
        "postgresql+psycopg:/analyst:s3cret@127.0.0.1/db",
        "postgresql+nosuchdriver://analyst:s3cret@127.0.0.1/db",
        "postgresql+pg8000://analyst:s3cret@127.0.0.1/db",
        "mysql://analyst:s3cret@127.0.0.1/db",
        "postgresql+psycopg://analyst@127.0.0.1:1/db?password=s3cret",
        "s3cret",
    ],
)
def test_no_error_shows_a_password(address):
    assert not re.search("s3cret|p@ss|word@", refusal(address))


def test_an_address_is_shown_without_its_passwords():
    assert shown("postgresql://a:b%40c@h/d") == "postgresql://a:***@h/d"
    assert shown("postgresql://a@h/d?password=b&sslmode=require") == "postgresql://a@h/d?sslmode=require"


def test_a_warehouse_prints_without_its_password(postgresql_url):
    warehouse = open_warehouse(postgresql_url)
    assert "***" in repr(warehouse)
    assert SERVER_PASSWORD not in repr(warehouse) and "s3cret" not in repr(warehouse)
    warehouse.engine.dispose()
