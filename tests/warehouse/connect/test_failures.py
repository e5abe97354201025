"""What goes wrong between two databases: each time one line that says what to do, and the file is as it was."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from reportlib.errors import ReportError, WarehouseError
from reportlib.warehouse.connect.run import connect_platform
from reportlib.warehouse.connect.told import Silent
from tests import mariadb
from tests.postgresql import SERVER_PASSWORD
from tests.warehouse.connect.population import population
from tests.warehouse.connect.test_listmonk import fill


@pytest.fixture(scope="module")
def listmonk(postgresql_server):
    """A filled listmonk that nobody changes: its name, and its address."""
    with postgresql_server.connect(autocommit=True) as connection:
        connection.execute("CREATE DATABASE unchanged")
    with postgresql_server.connect("unchanged") as connection:
        fill(connection, population())
    yield postgresql_server.address("unchanged")
    with postgresql_server.connect(autocommit=True) as connection:
        connection.execute("DROP DATABASE unchanged WITH (FORCE)")


def refused(folder, source, name="listmonk", **options) -> str:
    """The one line with which it is refused, without a password; no file is left by it."""
    before = sorted(folder.iterdir())
    with pytest.raises(ReportError) as error:
        connect_platform(name, source, f"duckdb:///{folder / 'campaigns.duckdb'}", **options)
    assert sorted(folder.iterdir()) == before
    said = str(error.value)
    assert "\n" not in said
    assert SERVER_PASSWORD not in said
    assert mariadb.OWNER_PASSWORD not in said
    return said


def test_a_wrong_address(listmonk, tmp_path):
    assert "looks like postgresql://" in refused(tmp_path, "listmonk")
    assert "port is not a number" in refused(tmp_path, "postgresql://me@host:port/x")
    assert "does not answer: check host and port" in refused(tmp_path, "postgresql://me@127.0.0.1:1/x")
    assert "does not answer: check host and port" in refused(tmp_path, "mysql://me@127.0.0.1:1/x", "mautic")
    assert "no such database" in refused(tmp_path, listmonk.replace("/unchanged", "/nowhere"))
    assert "there is no database at /nowhere.db" in refused(tmp_path, "sqlite:////nowhere.db")
    assert "there is no folder /nowhere" in refused(tmp_path, "parquet:////nowhere")


def test_a_folder_of_files(tmp_path, monkeypatch):
    folder = tmp_path / "braze"
    (folder / "file:" / "load").mkdir(parents=True)  # which is no scheme of a URL
    file = folder / "file:" / "load" / "assignments.parquet"
    duckdb.sql(f"COPY (SELECT 1 AS one) TO '{file}' (FORMAT parquet)")
    monkeypatch.chdir(folder)
    assert "there is no Braze" in refused(tmp_path, "parquet://", "braze")
    for schema in ("x.csv.gz", "a\udcffb"):
        assert "there is no Braze" in refused(tmp_path, f"parquet:///{folder}", "braze", schema=schema)
    with pytest.raises(WarehouseError, match="--to names a DuckDB file"):
        connect_platform("braze", "parquet://", "http://[::1")
    file.write_text("x")
    assert "a file of parquet" in refused(tmp_path, "parquet://", "braze")


def test_a_wrong_password(listmonk, mariadb_server, tmp_path):
    assert "refuses this user or password" in refused(tmp_path, listmonk.replace("s3cret", "wrong"))
    assert "refuses this user or password" in refused(
        tmp_path, mariadb_server.address("mysql", password="wrong"), "mautic"
    )


def test_missing_tables_and_another_platform(listmonk, tmp_path):
    said = refused(tmp_path, listmonk, "odoo")
    assert said.startswith("there is no Odoo at ")
    assert "lacks mailing_" in said
    assert "did you mean 'listmonk'" in refused(tmp_path, listmonk, "listmonks")


def test_another_versions_columns(postgresql_server, postgresql_url, tmp_path):
    with postgresql_server.connect(postgresql_url.rsplit("/", 1)[1]) as connection:
        fill(connection, population())
        connection.execute("ALTER TABLE campaign_views DROP COLUMN id")
        connection.commit()
    said = refused(tmp_path, postgresql_url)
    assert "has no column campaign_views.id: listmonk" in said


def test_no_right_to_read_one_table(listmonk, postgresql_server, tmp_path):
    with postgresql_server.connect("unchanged", autocommit=True) as connection:
        connection.execute(
            "CREATE ROLE reader LOGIN PASSWORD 'r'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"
        )
        reader = listmonk.replace(listmonk.split("//")[1].split("@127")[0], "reader:r")
        try:
            summary = connect_platform("listmonk", reader, f"duckdb:///{tmp_path / 'a.duckdb'}")
            assert summary.there["messages"]
            connection.execute("REVOKE SELECT ON link_clicks FROM reader")
            said = refused(tmp_path, reader)
        finally:
            connection.execute("DROP OWNED BY reader; DROP ROLE reader")
    assert "may not read all of listmonk" in said
    assert "link_clicks" in said


def test_an_empty_platform(postgresql_server, postgresql_url, tmp_path):
    with postgresql_server.connect(postgresql_url.rsplit("/", 1)[1]) as connection:
        fill(connection, population())
        connection.execute("DELETE FROM campaigns")
        connection.commit()
    assert "has sent no campaign yet" in refused(tmp_path, postgresql_url)


def test_a_source_that_is_written_while_it_is_read_is_read_of_one_moment(postgresql_server, postgresql_url, tmp_path):
    with postgresql_server.connect(postgresql_url.rsplit("/", 1)[1], autocommit=True) as connection:
        fill(connection, population())

        class Meddler(Silent):
            def begins(self, table, number, tables):
                if table == "campaign_views":  # nobody waits for us, and we do not see it
                    connection.execute("SET lock_timeout = '2s'")
                    connection.execute("DELETE FROM campaign_views; UPDATE subscribers SET attribs = '{}'")

        summary = connect_platform("listmonk", postgresql_url, f"duckdb:///{tmp_path / 'a.duckdb'}", progress=Meddler())
    opened = sum(len(mail.opened) for campaign in population().campaigns for mail in campaign.mails)
    with duckdb.connect(str(tmp_path / "a.duckdb"), read_only=True) as database:
        assert database.execute("SELECT count(*) FROM events WHERE kind = 'opened'").fetchone() == (opened,)
    assert summary.there["contact_attributes"]


def test_a_table_that_goes_while_it_is_read(postgresql_server, postgresql_url, tmp_path):
    with postgresql_server.connect(postgresql_url.rsplit("/", 1)[1], autocommit=True) as connection:
        fill(connection, population())

        class Meddler(Silent):
            def begins(self, table, number, tables):
                if table == "bounces":
                    connection.execute("ALTER TABLE bounces RENAME TO gone")

        assert "went while it was read: call again" in refused(tmp_path, postgresql_url, progress=Meddler())


def test_it_writes_only_where_it_may(listmonk, tmp_path):
    (tmp_path / "in").mkdir()
    assert "--to names a DuckDB file" in said_of(listmonk, "sqlite:////tmp/x.db")
    assert "there is no folder" in said_of(listmonk, f"duckdb:///{tmp_path}/nowhere/x.duckdb")
    other = tmp_path / "in" / "others.duckdb"
    with duckdb.connect(str(other)) as database:
        database.execute("CREATE TABLE messages (id INTEGER)")
    assert "did not come from here" in said_of(listmonk, f"duckdb:///{other}")
    to = f"duckdb:///{tmp_path / 'in' / 'mine.duckdb'}"
    connect_platform("listmonk", listmonk, to)
    with pytest.raises(ReportError, match="name another file with --to"):
        connect_platform("listmonk", listmonk.replace("127.0.0.1", "localhost"), to)


def said_of(source, to):
    with pytest.raises(ReportError) as error:
        connect_platform("listmonk", source, to)
    return str(error.value)


def test_killed_at_any_moment_it_is_as_before_and_the_next_call_completes_it(listmonk, tmp_path):
    path = tmp_path / "campaigns.duckdb"
    command = [Path(sys.executable).with_name("reportlib"), "connect", "listmonk", "--from", listmonk]
    command += ["--to", f"duckdb:///{path}", "--full"]
    began = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    took = time.monotonic() - began
    with duckdb.connect(str(path)) as database:  # so that it can be told which of the two is there
        database.execute("UPDATE campaigns SET name = 'before'")
        before = counted(database)
    for share in (0.7, 0.9):
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(took * share)
        running.send_signal(signal.SIGKILL)
        running.wait()
        with duckdb.connect(str(path)) as database:
            names = {name for (name,) in database.execute("SELECT name FROM campaigns").fetchall()}
            assert counted(database) == before
            assert "before" not in names or names == {"before"}
    subprocess.run(command, check=True, capture_output=True)
    with duckdb.connect(str(path)) as database:
        assert counted(database) == before
        assert not database.execute("SELECT * FROM campaigns WHERE name = 'before'").fetchall()


def counted(database):
    return {
        table: database.execute(f"SELECT count(*), sum(hash(t)) FROM {table} t").fetchone()
        for table in ("messages", "events", "contacts", "contact_attributes", "segment_members")
    }


def test_the_command_shows_no_password(listmonk, tmp_path):
    command = [Path(sys.executable).with_name("reportlib"), "connect", "listmonk", "--to"]
    command += [f"duckdb:///{tmp_path / 'x.duckdb'}"]
    environment = {**os.environ, "CAMPAIGN_SOURCE_URL": listmonk}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    assert "Next: export CAMPAIGN_DATABASE_URL=duckdb:///" in done.stdout
    assert "Not measured: delivery" in done.stdout
    for secret in (SERVER_PASSWORD, listmonk.split("//")[1].split("@127")[0], "hidden-smtp-password"):
        assert secret not in done.stdout + done.stderr
        assert secret.encode() not in (tmp_path / "x.duckdb").read_bytes()
