"""`reportlib load`: that a failure changes nothing, and the databases that it can write into."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from reportlib.errors import InvalidData, WarehouseError
from reportlib.warehouse import load
from reportlib.warehouse.load import load_folder
from tests import PROJECT
from tests.warehouse.load.loaded import ACCOUNTS, CAMPAIGNS, MESSAGES, contents, folder


def test_a_failed_load_leaves_what_was_there(tmp_path, database_url):
    load_folder(folder(tmp_path / "good", accounts=ACCOUNTS, campaigns=CAMPAIGNS), database_url)
    before = contents(database_url)
    with pytest.raises(InvalidData):
        load_folder(folder(tmp_path / "bad", accounts="account_id,name,timezone\nnew,N,UTC\nold,O,x\n"), database_url)
    assert contents(database_url) == before


def test_a_target_that_refuses_one_table_keeps_the_others_as_they_were(tmp_path, database_url):
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE messages (message_id INTEGER)")
    engine.dispose()
    with pytest.raises(WarehouseError, match="differ from those `reportlib load` makes"):
        load_folder(folder(tmp_path / "in", accounts=ACCOUNTS, messages=MESSAGES), database_url)
    engine = create_engine(database_url)
    assert inspect(engine).get_table_names() == ["messages"]
    engine.dispose()


@pytest.mark.parametrize("database_url", ["duckdb", "sqlite"], indirect=True)
def test_an_interrupted_load_leaves_no_new_file(tmp_path, database_url, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(load, "stage", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load_folder(folder(tmp_path / "in", accounts=ACCOUNTS), database_url)
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_without_an_address_it_says_where_to_put_it(tmp_path, monkeypatch):
    monkeypatch.delenv("CAMPAIGN_DATABASE_URL", raising=False)
    with pytest.raises(WarehouseError, match="give its address with --to, or set CAMPAIGN_DATABASE_URL"):
        load_folder(folder(tmp_path / "in", accounts=ACCOUNTS))


def test_the_environment_names_the_target(tmp_path, duckdb_url, monkeypatch):
    monkeypatch.setenv("CAMPAIGN_DATABASE_URL", duckdb_url)
    assert load_folder(folder(tmp_path / "in", accounts=ACCOUNTS)).address == duckdb_url


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("duckdb:////nowhere/at/all.duckdb", "there is no folder /nowhere/at"),
        ("duckdb:////proc/campaigns.duckdb", "/proc/campaigns.duckdb"),
        ("duckdb:///:memory:", "has no file"),
        ("sqlite:////nowhere/at/all.db", "there is no folder /nowhere/at"),
        ("sqlite:////proc/campaigns.db", "/proc/campaigns.db may not be used by this user"),
        ("sqlite://", "has no file: what is written there is gone at once; use sqlite:////path"),
        ("mysql://host/db", "mysql is not one of duckdb, postgresql, sqlite"),
        ("campaigns.duckdb", "it looks like duckdb:////path"),
    ],
)
def test_targets_that_cannot_be(tmp_path, address, complaint):
    with pytest.raises(WarehouseError, match=complaint):
        load_folder(folder(tmp_path / "in", accounts=ACCOUNTS), address)


def test_nowhere_to_work(tmp_path, duckdb_url, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(WarehouseError, match=r"nothing was loaded: no room to work in .*gone"):
        load_folder(folder(tmp_path / "in", accounts=ACCOUNTS), duckdb_url)


def test_a_target_that_another_program_writes(tmp_path, duckdb_url):
    file = duckdb_url.removeprefix("duckdb:///")
    hold = f"import duckdb; c = duckdb.connect({file!r}); print('open', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", hold], stdin=-1, stdout=-1, text=True) as other:
        assert other.stdout.readline() == "open\n"
        with pytest.raises(WarehouseError, match="is being written by another program"):
            load_folder(folder(tmp_path / "in", accounts=ACCOUNTS), duckdb_url)
        other.communicate("\n")
    assert Path(file).exists()


def test_sqlite_has_the_documented_indexes_and_knows_how_large_its_tables_are(tmp_path, sqlite_url):
    load_folder(folder(tmp_path / "in", accounts=ACCOUNTS, messages=MESSAGES), sqlite_url)
    engine = create_engine(sqlite_url)
    with engine.connect() as connection:
        made = connection.exec_driver_sql("SELECT sql || ';' FROM sqlite_master WHERE type = 'index'").scalars().all()
        sizes = connection.exec_driver_sql("SELECT stat FROM sqlite_stat1 WHERE tbl = 'messages'").scalars().all()
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    engine.dispose()
    document = (PROJECT / "docs" / "engines.md").read_text(encoding="utf-8")
    assert sorted(made) == sorted(line for line in document.splitlines() if line.startswith("CREATE INDEX"))
    assert {size.split()[0] for size in sizes} == {"2"}
    assert mode == "wal"
