"""A folder of Parquet files as a database: which files are which table, of which types, and that it is only read."""

import shutil

import duckdb
import pandas as pd
import pytest
from sqlalchemy import select

from reportlib import metrics
from reportlib.errors import WarehouseError
from reportlib.metrics.conformance.sameness import first_difference
from reportlib.publishing.export.messages import write_detailed
from reportlib.warehouse import open_warehouse
from reportlib.warehouse.check.check import check_warehouse
from reportlib.warehouse.contract.tables import TABLES, campaigns, messages
from reportlib.warehouse.fingerprint import data_fingerprints
from tests.in_process import reportlib
from tests.parquet_files import OF_CAMPAIGNS, write_parquet
from tests.small_database import campaign, small_database
from tests.test_documents import fenced


def of_ids(*ids):
    """A database with a campaign of each id: two people, one of whom opened."""
    return small_database(*[campaign(each, audience=2).sent(2).delivered(2, opened=1) for each in ids])


def opened(folder):
    return open_warehouse(f"parquet:///{folder}")


def files_of(folder, name):
    return sorted((folder / name).rglob("*.parquet"))


def rewrite(folder, name, columns):
    """A table's only file with other columns, written by a DuckDB in a zone of its own."""
    (path,) = files_of(folder, name)
    old = folder.parent / f"{name}.old"  # a name that needs no quoting
    path.rename(old)
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'Asia/Kathmandu'")
        database.execute(f"COPY (SELECT {columns} FROM read_parquet('{old}')) TO '{old}.new' (FORMAT parquet)")
    old.with_name(f"{old.name}.new").rename(path)


@pytest.fixture
def folder(tmp_path):
    """Messages and events partitioned by the campaigns 007 and 7, in a folder whose name a glob would misread."""
    (plain := tmp_path / "plain").mkdir()
    write_parquet(of_ids("007", "7"), plain, by_campaign=True)
    return plain.rename(tmp_path / "it's [all] here*")


def test_a_partitioned_id_stays_the_text_it_is_elsewhere(folder):
    found = opened(folder).sql(select(messages.c.campaign_id).distinct().order_by(messages.c.campaign_id))
    assert found["campaign_id"].tolist() == ["007", "7"]
    assert metrics.delivery(opened(folder), "007")["delivered"].tolist() == [2]


@pytest.mark.parametrize(("ids", "of_what"), [((7, 8), int), (("a", "8"), str), (("a b/é🎉%", "o'n"), str)])
def test_ids_are_of_the_kind_they_are_elsewhere(tmp_path, ids, of_what):
    write_parquet(of_ids(*ids), tmp_path, by_campaign=True)
    found = opened(tmp_path).sql(select(messages.c.campaign_id).distinct())["campaign_id"].tolist()
    assert sorted(found) == sorted(ids)
    assert {type(each) for each in found} == {of_what}


@pytest.mark.parametrize(("ids", "expected"), [(("7", "-8", "0"), {7, -8, 0}), (("7", "08"), {"7", "08"})])
def test_an_id_of_which_nothing_else_tells_is_a_number_where_all_are(tmp_path, ids, expected):
    write_parquet(of_ids(*ids), tmp_path, by_campaign=True)
    for name in (name for name, table in TABLES.items() if "campaign_id" in table.c and name not in OF_CAMPAIGNS):
        (tmp_path / name / "rows.parquet").unlink()
    assert set(opened(tmp_path).sql(select(messages.c.campaign_id))["campaign_id"]) == expected


def test_files_and_folders_in_each_way_that_programs_leave_them(folder):
    """TABLE.parquet as a file and as a folder, folders in folders, and what a writer has not finished."""
    (folder / "accounts" / "rows.parquet").rename(folder / "accounts.parquet")
    (folder / "accounts").rmdir()
    (folder / "segments").rename(folder / "segments.parquet")
    (unfinished := folder / "messages" / "_temporary" / "campaign_id=007").mkdir(parents=True)
    (unfinished / "part.parquet").write_bytes(b"PAR1")
    (folder / "messages" / "_SUCCESS").touch()
    (folder / "messages" / ".part.parquet.crc").touch()
    warehouse = opened(folder)
    assert check_warehouse(warehouse).empty
    assert len(warehouse.sql(select(messages.c.message_id))) == 4


def test_what_is_missing_is_said_as_on_other_engines(folder):
    files_of(folder, "segments")[0].unlink()
    rewrite(folder, "contacts", "* EXCLUDE country")
    found = check_warehouse(opened(folder))
    assert found[["table", "problem"]].to_numpy().tolist() == [
        ["contacts", "the column country is missing"],
        ["segments", "the table is missing"],
    ]


def test_a_table_that_is_there_twice_is_nobodys_guess(folder):
    (folder / "messages.parquet").touch()
    with pytest.raises(WarehouseError, match=r"messages and .*messages\.parquet are both there"):
        opened(folder)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(WarehouseError, match=r"there is no database at .*/nowhere: check CAMPAIGN_DATABASE_URL"):
        opened(tmp_path / "nowhere")


def test_new_files_are_seen_when_it_is_opened_again(folder, tmp_path):
    """Not before: the figures of a report agree with each other."""
    before = opened(folder)
    known = data_fingerprints(before)
    (more := tmp_path / "more").mkdir()
    write_parquet(of_ids("007", "8"), more, by_campaign=True)
    (folder / "messages" / "campaign_id=8").mkdir()
    files_of(more, "messages")[-1].rename(folder / "messages" / "campaign_id=8" / "later.parquet")
    assert len(before.sql(select(messages.c.contact_id))) == 4
    assert len(opened(folder).sql(select(messages.c.contact_id))) == 6
    now = data_fingerprints(opened(folder))
    assert now["007"] == known["007"] == data_fingerprints(opened(folder), ["007"])["007"]
    assert "8" in now and "8" not in known


def test_many_read_at_once_what_nobody_can_write(folder):
    one, other = opened(folder), opened(folder)
    with one.engine.connect() as mine, other.engine.connect() as yours:
        assert len(mine.execute(select(campaigns)).all()) == len(yours.execute(select(campaigns)).all()) == 2
        with pytest.raises(Exception, match="Can only delete from base table"):
            mine.exec_driver_sql("DELETE FROM campaigns")


@pytest.mark.parametrize("command", [("load", "."), ("demo",), ("import", "twilio", "-")])
def test_commands_that_write_refuse_in_a_line(folder, command, tmp_path):
    before = sorted(folder.rglob("*"))
    (tmp_path / "accounts.csv").write_text("account_id,name,timezone\na,A,UTC\n")
    words = [str(tmp_path) if word == "." else word for word in command]
    done = reportlib(*words, "--to", f"parquet:///{folder}", database="")
    assert done.returncode == 1
    assert "is a folder of Parquet files, which is only read: write into another database" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(folder.rglob("*")) == before


def test_times_with_a_zone_are_moments(folder):
    """As Spark and pandas write them."""
    rewrite(folder, "campaigns", "* REPLACE (timezone('UTC', started_at) AS started_at)")
    assert check_warehouse(opened(folder)).empty
    assert metrics.campaigns(opened(folder))["started_at"].tolist() == [pd.Timestamp("2026-11-02 09:00", tz="UTC")] * 2


def test_the_memory_and_threads_it_may_take_are_those_of_duckdb(folder, monkeypatch):
    monkeypatch.setenv("REPORTLIB_MEMORY", "300MB")
    monkeypatch.setenv("REPORTLIB_THREADS", "3")
    with opened(folder).engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT current_setting('threads')").scalar() == 3
        assert connection.exec_driver_sql("SELECT current_setting('memory_limit')").scalar() == "286.1 MiB"


def test_the_folder_that_the_docs_make(demo_url, tmp_path):
    """Asked what a review asks first, it answers as the DuckDB file that it was made of."""
    (block,) = [one for one in fenced("engines.md", "sql") if "COPY" in one]
    copy = shutil.copy(demo_url.removeprefix("duckdb:///"), tmp_path / "demo.duckdb")  # another test may have it open
    with duckdb.connect(copy) as database:
        database.execute(block.replace("my-folder", str(tmp_path)))
    folder, file = opened(tmp_path), open_warehouse(demo_url)
    folder.opened_ms = file.opened_ms
    assert not first_difference(metrics.summary(folder, "spring-sale"), metrics.summary(file, "spring-sale"))
    assert not first_difference(metrics.rows_read(folder), metrics.rows_read(file))
    exported = []
    for warehouse in (folder, file):
        write_detailed(warehouse, "spring-sale", tmp_path / "exported.csv")
        exported.append(sorted((tmp_path / "exported.csv").read_text().splitlines()))
    assert exported[0] == exported[1]
