"""A role that can only read, as docs/postgresql.md makes it: all reports as that role, and its password nowhere."""

import re
import threading
from datetime import timedelta

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege, ReadOnlySqlTransaction
from sqlalchemy import create_engine, make_url

from reportlib.publishing.store.passwords import without_password
from reportlib.warehouse import open_warehouse
from reportlib.warehouse.check.check import check_warehouse
from tests import PROJECT, conftest, in_process
from tests.postgresql import SERVER_PASSWORD
from tests.small_database import START, campaign, fill, small_database

ROLE = "reportlib_reader"
WRITTEN = ("s3cret", "p@ss", "p%40ss", "word@")  # what the password is known by, escaped or not
TABLES, TEMPORARY, VIEWS, INDEXES = re.findall(
    r"^```sql\n(.*?)^```", (PROJECT / "docs" / "postgresql.md").read_text(), re.DOTALL | re.MULTILINE
)


@pytest.fixture
def owner(postgresql_url):
    """The connection of the database's owner; two campaigns finished in week 45, of which c1 cannot be reported."""
    finished = {"completed_at": START + timedelta(hours=2)}
    campaigns = [campaign(name, audience=30, **finished).sent(28).delivered(25, opened=9) for name in ("c0", "c1")]
    database = small_database(*campaigns)
    database.message("c1", "c1/0", channel="fax")
    engine = create_engine(postgresql_url)
    fill(engine, database)
    engine.dispose()
    with psycopg.connect(postgresql_url.replace("+psycopg", ""), autocommit=True) as connection:
        yield connection


@pytest.fixture
def reader(owner, postgresql_url):
    """The address of the role, without its password."""
    name = make_url(postgresql_url).database
    for statement in (TABLES + TEMPORARY).replace("DATABASE campaigns", f"DATABASE {name}").split(";\n"):
        owner.execute(statement)
    owner.execute(f"ALTER ROLE {ROLE} PASSWORD '{SERVER_PASSWORD}'")
    yield re.sub("//.*@", f"//{ROLE}@", postgresql_url)
    owner.execute(f"DROP OWNED BY {ROLE}")
    owner.execute(f"DROP ROLE {ROLE}")


@pytest.fixture
def run(reader):
    """A function that runs a command as the role, which says its password in the address, or by an environment; and
    all that was printed. What reads the environment and what starts kernels is a process of its own."""
    printed = []

    def run(*words, **environment):
        in_address = ROLE if environment else f"{ROLE}:s3cret%20p%40ss%2Fword"
        called = conftest if environment or words[0] == "weekly" else in_process
        done = called.reportlib(*words, database=reader.replace(f"{ROLE}@", f"{in_address}@"), **environment)
        printed.append(done.stdout + done.stderr)
        return done

    return run, printed


@pytest.fixture
def asking(owner):
    """The names under which the role's connections are known to the server while a test runs."""
    names, over = set(), threading.Event()

    def watch():
        while not over.wait(0.05):
            found = owner.execute("SELECT application_name FROM pg_stat_activity WHERE usename = %s", [ROLE])
            names.update(name for (name,) in found)

    watching = threading.Thread(target=watch)
    watching.start()
    yield names
    over.set()
    watching.join()


@pytest.mark.slow
def test_every_command_that_reads_works_as_the_role_and_none_shows_its_password(run, asking, reader, tmp_path):
    run, printed = run
    out, edition, secrets = tmp_path / "out", tmp_path / "weekly.yaml", tmp_path / "pgpass"
    edition.write_text("reports: {post_campaign_review: {breakdowns: [country]}}")
    secrets.write_text(f"*:*:*:{ROLE}:{SERVER_PASSWORD}")
    secrets.chmod(0o600)
    weekly = ("weekly", edition, "--week", "2026-W45", "--output", out)

    checked = run("check")
    assert (checked.returncode, "channel is outside its vocabulary" in checked.stdout) == (1, True), checked.stderr
    assert "c0" in run("campaigns", PGPASSWORD=SERVER_PASSWORD).stdout
    summary = run("export", "summary", "--campaign", "c0", "--to", out / "summary.csv", PGPASSFILE=str(secrets))
    detailed = run("export", "detailed", "--campaign", "c0", "--to", out / "detailed.csv")
    assert (summary.returncode, detailed.returncode) == (0, 0), printed
    assert run(*weekly, "--plan").stdout.count("it is new") == 2
    assert run(*weekly).returncode == 1
    week = out / "2026-W45"
    assert "This report could not be made" in (week / "post_campaign_review-c1.html").read_text()
    assert '"failure"' not in (week / "post_campaign_review-c0.json").read_text()
    assert {"reportlib weekly", "reportlib post_campaign_review"} <= asking

    files = [file for file in out.rglob("*") if file.is_file()]
    assert {".html", ".ipynb", ".json", ".jsonl", ".csv"} <= {file.suffix for file in files}
    told = {str(file): file.read_text() for file in files} | {"what was printed": "".join(printed)}
    assert [name for name, text in told.items() for written in WRITTEN if written in text] == []


def test_the_role_can_do_nothing_else(reader):
    address = reader.replace("+psycopg", "")
    with psycopg.connect(address, password=SERVER_PASSWORD, autocommit=True) as connection:
        with pytest.raises(ReadOnlySqlTransaction):
            connection.execute("DELETE FROM events")
        connection.execute("SET default_transaction_read_only = off")
        for statement in ("DELETE FROM events", "CREATE TEMP TABLE t (x int)", "CREATE TABLE t (x int)"):
            with pytest.raises(InsufficientPrivilege):
                connection.execute(statement)


def test_views_alone_are_enough(owner, reader):
    owner.execute(f"REVOKE SELECT ON accounts FROM {ROLE}")
    address = make_url(reader).set(password=SERVER_PASSWORD).render_as_string(hide_password=False)
    assert "permission denied for table accounts" in _refused(address)
    owner.execute(VIEWS)
    warehouse = open_warehouse(address)
    assert "the table is missing" not in set(check_warehouse(warehouse)["problem"])
    warehouse.engine.dispose()


@pytest.mark.parametrize("table", ["assignments", "campaign_attributes", "outcomes"])
def test_a_table_that_may_be_missing_and_may_not_be_read_is_told(owner, reader, table):
    owner.execute(f"REVOKE SELECT ON {table} FROM {ROLE}")
    address = make_url(reader).set(password=SERVER_PASSWORD).render_as_string(hide_password=False)
    assert f"permission denied for table {table}); docs/postgresql.md has what to grant" in _refused(address)


def _refused(address) -> str:
    warehouse = open_warehouse(address)
    try:
        with pytest.raises(Exception, match="may not be used by this user") as error:
            check_warehouse(warehouse)
        return str(error.value)
    finally:
        warehouse.engine.dispose()


@pytest.mark.parametrize(
    ("address", "variable"),
    [
        ("postgresql+psycopg://reader:s3cret%20%22p%40ss@h/d", None),
        ("postgresql+psycopg://reader@h/d?sslpassword=s3cret+%22p%40ss", None),
        ("postgresql+psycopg://reader@h/d", 's3cret "p@ss'),
    ],
)
def test_a_password_is_taken_out_however_it_is_escaped(address, variable, monkeypatch):
    monkeypatch.setenv("CAMPAIGN_DATABASE_URL", address)
    monkeypatch.setenv("PGPASSWORD", variable or "")
    for written in (r's3cret "p@ss', "s3cret%20%22p%40ss", r"s3cret \"p@ss"):
        assert without_password(f"as {written} is") == "as *** is"
