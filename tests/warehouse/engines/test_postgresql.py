"""PostgreSQL as a report meets it in production: limits, connections that are lost, TLS, and others who write."""

import shutil
import socket
import sys
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import psycopg
import pytest
import trustme
from psycopg.errors import LockNotAvailable
from sqlalchemy import create_engine, func, literal, make_url, select, text

from reportlib.errors import DatabaseUnavailable, WarehouseError
from reportlib.publishing.export import messages as detailed
from reportlib.warehouse import open_warehouse
from reportlib.warehouse.contract.tables import accounts, events, messages
from reportlib.warehouse.engines.postgresql import TIMEOUT_VARIABLE
from tests.small_database import campaign, fill, small_database

STATES = "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
LONG = select(func.generate_series(1, 50_000).label("number"), literal("x" * 20).label("text"))


@pytest.fixture
def address(postgresql_url):
    """The address of a database with one campaign."""
    engine = create_engine(postgresql_url)
    fill(engine, small_database(campaign("a").sent(3).delivered(2, opened=1)))
    engine.dispose()
    return postgresql_url


@pytest.fixture
def others(address):
    """Somebody else's connection to the same database."""
    with psycopg.connect(address.replace("+psycopg", ""), autocommit=True) as connection:
        yield connection


@contextmanager
def opened(address, **query):
    """The database at this address with these parameters more, opened as a report opens it."""
    warehouse = open_warehouse(make_url(address).update_query_dict(query).render_as_string(hide_password=False))
    try:
        yield warehouse
    finally:
        warehouse.engine.dispose()


def setting(warehouse, name) -> str:
    return warehouse.sql(select(func.current_setting(name).label("value")))["value"].iloc[0]


def refusal(address, kind=WarehouseError, **query) -> str:
    """What is said, in one line, when this is opened."""
    with pytest.raises(WarehouseError) as error, opened(address, **query):
        pass
    assert type(error.value) is kind
    assert "\n" not in str(error.value)
    return str(error.value)


# Limits


def test_a_question_that_takes_too_long_is_stopped(address, monkeypatch):
    monkeypatch.setenv(TIMEOUT_VARIABLE, "50ms")
    slow = select(func.pg_sleep(60), messages.c.message_id).join(events, events.c.message_id == messages.c.message_id)
    with opened(address) as warehouse, pytest.raises(WarehouseError) as error:
        warehouse.sql(slow)
    assert type(error.value) is WarehouseError  # which is not asked again
    said = str(error.value)
    assert "stopped a question about events and messages (canceling statement due to statement timeout)" in said
    assert f"allow it more with {TIMEOUT_VARIABLE}=30min" in said


def test_who_sets_the_limits(address, others, monkeypatch):
    with opened(address) as warehouse:
        assert (setting(warehouse, "statement_timeout"), setting(warehouse, "lock_timeout")) == ("10min", "30s")
        assert setting(warehouse, "work_mem") == "64MB"
    others.execute(f"ALTER DATABASE {make_url(address).database} SET statement_timeout = '7min'")
    with opened(address) as warehouse:
        assert setting(warehouse, "statement_timeout") == "7min"
    others.execute(f"ALTER DATABASE {make_url(address).database} SET work_mem = '8MB'")
    with opened(address, options="-c statement_timeout=6min -c search_path=reporting") as warehouse:
        assert (setting(warehouse, "statement_timeout"), setting(warehouse, "work_mem")) == ("6min", "8MB")
        assert setting(warehouse, "search_path") == "reporting"
        assert setting(warehouse, "default_transaction_read_only") == "on"
    monkeypatch.setenv(TIMEOUT_VARIABLE, "0")
    with opened(address) as warehouse:
        assert (setting(warehouse, "statement_timeout"), setting(warehouse, "lock_timeout")) == ("0", "30s")


@pytest.mark.parametrize("duration", ["soon", "10", "10 minutes", "1h -c default_transaction_read_only=off"])
def test_a_limit_that_is_no_duration(duration, monkeypatch):
    monkeypatch.setenv(TIMEOUT_VARIABLE, duration)
    assert refusal("postgresql+psycopg://reader@127.0.0.1:1/db").endswith("no duration: 90s, 30min and 2h are")


def test_a_reader_does_not_wait_for_ever_behind_a_change_of_the_table(address, others):
    with others.transaction(), opened(address, options="-c lock_timeout=50ms") as warehouse:
        others.execute("ALTER TABLE messages ADD COLUMN note TEXT")
        with pytest.raises(DatabaseUnavailable, match="is being written by another program; try again"):
            warehouse.sql(select(messages.c.message_id))


def test_a_network_that_swallows_everything():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(0)
        address = f"postgresql+psycopg://reader@127.0.0.1:{silent.getsockname()[1]}/db"
        assert "does not answer" in refusal(address, DatabaseUnavailable, connect_timeout="1")


def test_a_dead_network_is_noticed_and_the_address_has_the_last_word(address):
    with opened(address, keepalives_idle="7") as warehouse, warehouse.engine.connect() as connection:
        parameters = connection.connection.driver_connection.info.get_parameters()
    expected = {"connect_timeout": "10", "keepalives_idle": "7", "tcp_user_timeout": "60000"}
    assert expected.items() <= parameters.items()


@pytest.mark.parametrize(
    ("program", "notebook", "name"),
    [
        (["/srv/.venv/bin/reportlib", "check"], None, "reportlib check"),
        (["/srv/.venv/bin/reportlib"], None, "reportlib"),
        (["report_kernel.py", "-f", "kernel.json"], "/srv/notebooks/weekly_review.ipynb", "reportlib weekly_review"),
        (["/srv/own.py", "s3cret"], None, "reportlib own"),
    ],
)
def test_the_server_is_told_who_asks(address, monkeypatch, program, notebook, name):
    monkeypatch.setattr(sys, "argv", program)
    if notebook:
        monkeypatch.setenv("JPY_SESSION_NAME", notebook)
    with opened(address) as warehouse:
        assert setting(warehouse, "application_name") == name


# Connections that are lost


@contextmanager
def proxied(address, *cuts):
    """The address through a proxy that cuts its nth connection after so many bytes of answers; and all it accepted."""
    url, accepted = make_url(address), []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            remaining = list(cuts)
            while True:
                try:
                    asking, _ = listening.accept()
                except OSError:
                    return  # it is over
                accepted.append(asking)
                answering = socket.create_connection((url.host, url.port))
                left = remaining.pop(0) if remaining else sys.maxsize
                Thread(target=_forward, args=(asking, answering, sys.maxsize), daemon=True).start()
                Thread(target=_forward, args=(answering, asking, left), daemon=True).start()

        Thread(target=serve, daemon=True).start()
        port = listening.getsockname()[1]
        yield url.set(port=port).render_as_string(hide_password=False), accepted
        listening.shutdown(socket.SHUT_RDWR)


def _forward(source, target, left):
    while (part := _received(source)) and left > 0:
        target.sendall(part[:left])
        left -= len(part)
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            continue  # the other thread was first


def _received(source) -> bytes:
    try:
        return source.recv(1 << 16)
    except OSError:
        return b""


def test_a_connection_that_is_cut_within_an_answer_is_opened_anew_once(address):
    with proxied(address, 200_000) as (through, accepted), opened(through) as warehouse:
        assert warehouse.sql(LONG)["number"].sum() == 50_000 * 50_001 // 2
        assert len(accepted) == 2
    with proxied(address, 200_000, 200_000) as (through, accepted), opened(through) as warehouse:
        with pytest.raises(DatabaseUnavailable, match="does not answer") as error:
            warehouse.sql(LONG)
        assert len(accepted) == 2
        assert "\n" not in str(error.value)


def test_a_server_that_was_started_anew_between_two_questions(address, others):
    ended = (
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with opened(address) as warehouse:
        assert len(warehouse.sql(select(messages.c.message_id))) == 3
        assert others.execute(ended).fetchall() == [(True,)]
        assert len(warehouse.sql(select(events.c.event_id))) == 1


def refused_export(warehouse, folder) -> WarehouseError:
    """Why a detailed export, which comes as a stream, could not be made; nothing of it is left."""
    with pytest.raises(WarehouseError) as error:
        detailed.write_detailed(warehouse, "a", folder / "a.csv")
    assert list(folder.iterdir()) == []
    assert "\n" not in str(error.value)
    return error.value


def test_an_export_that_is_cut(address, others, tmp_path, caplog):
    columns = "campaign_id, contact_id, channel, status"
    more = f"INSERT INTO messages (message_id, {columns}) SELECT 'new' || number, {columns} FROM messages, "
    others.execute(more + "generate_series(1, 9999) AS number")
    with proxied(address, 100_000) as (through, _), opened(through) as warehouse:
        assert type(refused_export(warehouse, tmp_path)) is DatabaseUnavailable
    assert caplog.records == []


def test_an_export_that_takes_too_long(address, others, tmp_path):
    with others.transaction(), opened(address, options="-c statement_timeout=1s") as warehouse:
        others.execute("LOCK TABLE messages")
        assert "due to statement timeout" in str(refused_export(warehouse, tmp_path))


# TLS


@pytest.fixture
def authority():
    return trustme.CA()


@pytest.fixture
def with_tls(others, authority):
    """Has the server speak TLS with a certificate for 127.0.0.1, until the test is over."""
    folder = Path(others.execute("SHOW data_directory").fetchone()[0])
    certificate = authority.issue_cert("127.0.0.1")
    (folder / "server.crt").write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    key = folder / "server.key"
    key.touch(mode=0o600)
    key.write_bytes(certificate.private_key_pem.bytes())
    authority.cert_pem.write_to_path(folder / "ca.crt")
    owner = folder.stat()
    for file in (folder / name for name in ("server.crt", "server.key", "ca.crt")):
        shutil.chown(file, owner.st_uid, owner.st_gid)
    try:
        for change in ("ssl_ca_file = 'ca.crt'", "ssl = on"):
            others.execute(f"ALTER SYSTEM SET {change}")
        _reload(others, "on")
        yield
    finally:
        others.execute("ALTER SYSTEM RESET ALL")
        _reload(others, "off")


def _reload(connection, ssl):
    connection.execute("SELECT pg_reload_conf()")
    while connection.execute("SHOW ssl").fetchone()[0] != ssl:
        connection.execute("SELECT pg_sleep(0.01)")


def test_tls_that_is_verified(address, with_tls, authority, tmp_path):
    trusted, own, key = (str(tmp_path / name) for name in ("ca.pem", "own.pem", "own.key"))
    authority.cert_pem.write_to_path(trusted)
    certificate = authority.issue_cert("reader@example.com", common_name="reader")
    Path(own).write_bytes(certificate.cert_chain_pems[0].bytes())
    Path(key).touch(mode=0o600)
    certificate.private_key_pem.write_to_path(key)
    with opened(address, sslmode="verify-full", sslrootcert=trusted, sslcert=own, sslkey=key) as warehouse:
        stated = select(text("ssl, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))
        with warehouse.engine.connect() as connection:
            is_on, known_as = connection.execute(stated).one()
        assert is_on and known_as.endswith("CN=reader")
    strangers = str(tmp_path / "strangers.pem")
    trustme.CA().cert_pem.write_to_path(strangers)
    verified = {"sslmode": "verify-full"}
    assert "certificate verify failed" in refusal(address, sslrootcert=strangers, **verified)
    elsewhere = make_url(address).set(host="localhost").render_as_string(hide_password=False)
    said = refusal(elsewhere, sslrootcert=trusted, **verified)
    assert 'server certificate for "127.0.0.1"' in said and 'does not match host name "localhost"' in said
    assert said.startswith("no safe connection to postgresql+psycopg://analyst:***@localhost")
    assert "does not exist); check sslmode" in refusal(address, sslrootcert=str(tmp_path / "none.pem"), **verified)


def test_tls_that_the_server_does_not_speak(address):
    assert "server does not support SSL, but SSL was required); check sslmode" in refusal(address, sslmode="require")


# Others


def test_who_reads_keeps_no_writer_waiting(address, others):
    others.execute("SET lock_timeout = '1ms'")
    with opened(address) as warehouse, warehouse.engine.connect() as reading:
        assert reading.execute(select(func.count()).select_from(messages)).scalar() == 3  # and its transaction goes on
        columns = "campaign_id, contact_id, channel, status"
        others.execute(f"INSERT INTO messages (message_id, {columns}) SELECT 'new', {columns} FROM messages LIMIT 1")
        others.execute("UPDATE messages SET status = 'delivered'")
        others.execute("DELETE FROM messages")
        assert reading.execute(select(func.count()).select_from(messages)).scalar() == 0
        with pytest.raises(LockNotAvailable):  # only this waits for the question to end
            others.execute("ALTER TABLE messages ADD COLUMN note TEXT")


def test_no_transaction_stays_open_after_a_question(address, others):
    with opened(address) as warehouse:
        warehouse.sql(select(accounts.c.name))
        assert others.execute(STATES).fetchall() == [("idle",)]
        others.execute("SET lock_timeout = '1ms'")
        others.execute("ALTER TABLE accounts ADD COLUMN note TEXT")


def test_no_transaction_stays_open_while_an_export_is_written(address, others, tmp_path, monkeypatch):
    found, explain = [], detailed._explain_failures

    def explain_and_look(database):
        found.extend(others.execute(STATES))
        explain(database)

    monkeypatch.setattr(detailed, "_explain_failures", explain_and_look)
    with opened(address) as warehouse:
        assert detailed.write_detailed(warehouse, "a", tmp_path / "a.csv") == 3
    assert found == [("idle",)]
