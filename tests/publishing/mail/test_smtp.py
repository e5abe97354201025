"""The way to the mail server: encrypted, logged in, and what is said when it is not to be had."""

import base64
import socket
import traceback

import pytest

from reportlib.publishing.mail.errors import MailError
from reportlib.publishing.mail.smtp import MailServer, reply_told, server_from_environment
from tests.publishing.mail.conftest import PASSWORD


@pytest.fixture
def environment(monkeypatch):
    """A function that sets the address and the password."""

    def set_to(address, password=None):
        monkeypatch.setenv("REPORTLIB_SMTP_URL", address)
        monkeypatch.delenv("REPORTLIB_SMTP_PASSWORD", raising=False)
        if password is not None:
            monkeypatch.setenv("REPORTLIB_SMTP_PASSWORD", password)

    return set_to


@pytest.mark.parametrize("kind", ["starttls", "tls", "login"])
def test_with_tls_and_a_trusted_certificate(start_server, trusted, edition, send, kind):
    server = start_server(kind)
    trusted()
    outcome, _ = send(edition())
    assert (outcome.ok, outcome.sent) == (True, 1)
    assert ("AUTH" in server.heard) == (kind == "login")


@pytest.mark.parametrize("kind", ["starttls", "tls", "login"])
def test_a_certificate_that_is_not_trusted_is_refused(start_server, edition, send, kind):
    server = start_server(kind)
    with pytest.raises(MailError, match=r"certificate that is not trusted.*SSL_CERT_FILE"):
        send(edition())
    assert "AUTH" not in server.heard
    assert not server.taken


def test_a_certificate_of_another_host_is_refused(start_server, trusted, edition, send, environment):
    server = start_server("starttls")
    trusted()
    environment(f"smtp://127.0.0.1:{server.port}")
    with pytest.raises(MailError, match="not trusted"):
        send(edition())


def test_a_server_without_starttls_is_refused(server, edition, send, environment):
    environment(f"smtp://user@localhost:{server.port}", PASSWORD)
    with pytest.raises(MailError, match=r"offers no TLS \(STARTTLS\)"):
        send(edition())
    assert not server.taken


def test_the_wrong_scheme_for_a_port_is_told(server, start_server, trusted, edition, send, environment):
    environment(f"smtps://localhost:{server.port}")
    with pytest.raises(MailError, match="does not speak TLS as smtps:// expects"):
        send(edition())


def test_a_wrong_password_is_one_line_without_it(start_server, trusted, edition, send, monkeypatch):
    server = start_server("login")
    trusted()
    monkeypatch.setenv("REPORTLIB_SMTP_PASSWORD", "hunter2-wrong")
    with pytest.raises(MailError, match=r"does not accept the password of reports@example.com") as raised:
        send(edition())
    said = "".join(traceback.format_exception(raised.value))
    assert "hunter2" not in said
    assert base64.b64encode(b"hunter2-wrong").decode() not in said
    assert "\n" not in str(raised.value)
    assert server.heard.count("AUTH") <= 2  # not again and again: accounts are locked for that


def test_a_server_that_takes_no_logins_is_told(start_server, trusted, edition, send, environment):
    server = start_server("starttls")
    trusted()
    environment(f"smtp://user@localhost:{server.port}", PASSWORD)
    with pytest.raises(MailError, match=r"takes no logins|does not accept the password"):
        send(edition())


def test_a_server_that_repeats_what_it_was_sent_gives_no_password_away():
    server = MailServer("smtp", "localhost", 25, "user", PASSWORD)
    plain = base64.b64encode(f"\0user\0{PASSWORD}".encode()).decode()
    said = reply_told(535, f"no: {PASSWORD} {base64.b64encode(PASSWORD.encode()).decode()} {plain}".encode(), server)
    assert said == "535 no: *** *** ***"
    assert PASSWORD not in repr(server)


def test_nobody_there_is_told(edition, send, environment, start_server):
    start_server("plain")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        environment(f"smtp+plain://localhost:{probe.getsockname()[1]}")
        with pytest.raises(MailError, match="cannot be reached: Connection refused"):
            send(edition())


def test_a_server_that_comes_up_a_little_later_is_waited_for(edition, send, start_server, monkeypatch):
    from reportlib.publishing.mail import hand_over

    server, connect, tried = start_server("plain"), hand_over.connect, []

    def late(to):
        tried.append(to)
        if len(tried) < 3:
            raise ConnectionRefusedError(111, "Connection refused")
        return connect(to)

    monkeypatch.setattr(hand_over, "connect", late)
    assert send(edition())[0].sent == 1
    assert len(server.taken) == 1


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("smtp://ana@example.com@mail.example.com:2525", ("smtp", "mail.example.com", 2525, "ana@example.com")),
        ("smtps://ana%40example.com@mail.example.com", ("smtps", "mail.example.com", 465, "ana@example.com")),
        ("smtp://mail.example.com/", ("smtp", "mail.example.com", 587, None)),
        ("smtp+plain://localhost", ("smtp+plain", "localhost", 25, None)),
    ],
)
def test_addresses(environment, address, expected):
    environment(address, "secret")
    found = server_from_environment()
    assert (found.security, found.host, found.port, found.user) == expected


@pytest.mark.parametrize(
    "address",
    [
        *("", "mail.example.com", "smtp://", "http://mail.example.com", "smtp://host:port", "smtp://host:99999"),
        *("smtp://user:hunter2@host:587", "smtp://user:hunter2/x@host", "smtp://user:12/hunter2@host:587"),
        *("smtp://user:hunter2#x@host", "smtp://host?password=hunter2", "smtp://a..b", "smtp+plain://user@localhost"),
        *("smtp://[::1", "smtp://user:@host"),
    ],
)
def test_an_address_that_is_none_is_told_without_showing_it(environment, address):
    environment(address, "secret")
    with pytest.raises(MailError, match="REPORTLIB_SMTP_URL") as raised:
        server_from_environment()
    said = "".join(traceback.format_exception(raised.value)).replace(__file__, "")
    assert "hunter2" not in str(raised.value)
    assert "hunter2" not in said.rpartition("MailError")[2]


@pytest.mark.parametrize(("password", "match"), [(None, "not set"), ("", "not set"), ("pässword", "not ASCII")])
def test_a_password_that_cannot_be_used(environment, password, match):
    environment("smtp://user@host", password)
    with pytest.raises(MailError, match=match):
        server_from_environment()
