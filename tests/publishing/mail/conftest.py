"""A mail server on this machine that keeps what it is handed, and reports made without a kernel."""

import asyncio
import json
import socket
import ssl
from email.parser import BytesParser
from email.policy import default

import nbformat
import pandas as pd
import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from nbformat.v4 import new_code_cell, new_notebook, new_output

from reportlib.presentation.look.palette import CHART_MIME
from reportlib.presentation.review import charts
from reportlib.publishing.mail import send as send_module
from reportlib.publishing.mail.send import send_mails
from reportlib.publishing.mail.settings import MailSettings

USER, PASSWORD = "reports@example.com", "s3cret-p@ss/word"
PAYLOAD = {
    "notebook": "weekly_review",
    "subject": "acme",
    "title": "Loja Açaí",
    "subtitle": "Week 47 · E-mail, SMS, WhatsApp",
    "language": "en",
    "data_as_of": "2026-11-22T18:00:00Z",
    "generated_at": "2026-11-23T06:00:00Z",
    "code_version": "0.1.0",
    "verdict": "3 campaigns, 41,200 reached, as usual",
    "findings": [
        {"topic": "week", "level": "good", "text": "41,200 people were reached: 96.1\u202f% of the audience."},
        {"topic": "failed", "level": "bad", "text": "7.2\u202f% of SMS failed.", "advice": "Register the sender."},
    ],
    "cards": [
        {"label": "Sent", "count": "42,900", "share": "100.0\u202f% of audience", "beside": "0 not sent"},
        {
            "label": "Delivered",
            "count": "41,200",
            "share": "96.1\u202f% of audience",
            "verdict": {"level": "good", "words": "healthy: above 95\u202f%"},
            "beside": "96.1\u202f% of sent",
        },
        {"label": "Failed", "count": "1,500", "share": "3.5\u202f% of audience", "verdict": None},
    ],
    "table": {
        "caption": "The week's campaigns.",
        "heads": ["Campaign", "Audience", "Delivered", "Clicked"],
        "rows": [[f"Campaign {number}", "1,234", "96.1\u202f%", "4.0\u202f%"] for number in range(15)],
    },
    "totals": {"audience": 42_900, "delivered": 41_200, "failed_pct_of_audience": 3.5, "opened_pct_of_delivered": None},
}


class MailServer:
    """What a test sees of the server: the mails it took, the commands it heard, and how it is to misbehave."""

    def __init__(self):
        self.taken, self.heard = [], []
        self.replies = {}  # address or "DATA": replies to give first, in their order
        self.hang_up = False
        self.drops = {}  # address: what is said before the line is dropped, if anything
        self.silent = set()  # addresses of which nothing is ever said
        self.on_data = lambda: None
        self.port = None

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        self.heard.append(f"RCPT {address}")
        if address in self.silent:
            await asyncio.sleep(60)
        if address in self.drops:
            if said := self.drops[address]:
                await server.push(said)
            server.transport.abort() if not said else server.transport.close()
            return None
        if self.replies.get(address):
            return self.replies[address].pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.heard.append("DATA")
        self.on_data()
        if self.replies.get("DATA"):
            return self.replies["DATA"].pop(0)
        self.taken.append((list(envelope.rcpt_tos), envelope.content))
        if self.hang_up:
            server.transport.abort()
        return "250 taken"

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
        self.heard.append("EHLO")
        session.host_name = hostname
        return responses

    def authenticate(self, server, session, envelope, mechanism, login):
        self.heard.append("AUTH")
        right = isinstance(login, LoginPassword) and (login.login, login.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False)

    def messages(self):
        """The mails as a mail program reads them."""
        return [BytesParser(policy=default).parsebytes(content) for _, content in self.taken]

    def recipients(self):
        """To whom each mail went."""
        return [recipients for recipients, _ in self.taken]


@pytest.fixture(scope="session")
def authority():
    """A certificate authority of the tests' own."""
    return trustme.CA()


@pytest.fixture
def start_server(authority, monkeypatch):
    """A function that starts a server: "plain", "starttls", "login" (STARTTLS and a password) or "tls"."""
    started = []
    for name in ("REPORTLIB_SMTP_URL", "REPORTLIB_SMTP_PASSWORD", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REPORTLIB_MAIL_FROM", "Campaign reports <reports@example.com>")
    monkeypatch.setattr(send_module, "PAUSES_S", (0.01, 0.01))

    def start(kind="plain"):
        mail, context = MailServer(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("localhost").configure_cert(context)
        tls = {"starttls": {"tls_context": context}, "tls": {"ssl_context": context}}
        options = {**tls.get(kind, {}), "enable_SMTPUTF8": kind == "utf8"}
        if kind == "login":
            options |= {"tls_context": context, "auth_required": True, "authenticator": mail.authenticate}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            mail.port = probe.getsockname()[1]
        controller = Controller(mail, hostname="127.0.0.1", port=mail.port, decode_data=False, **options)
        controller.start()
        started.append(controller)
        scheme = {"plain": "smtp+plain", "utf8": "smtp+plain", "tls": "smtps"}.get(kind, "smtp")
        user = f"{USER}@" if kind == "login" else ""
        monkeypatch.setenv("REPORTLIB_SMTP_URL", f"{scheme}://{user}localhost:{mail.port}")
        if kind == "login":
            monkeypatch.setenv("REPORTLIB_SMTP_PASSWORD", PASSWORD)
        return mail

    yield start
    for controller in started:
        controller.stop()


@pytest.fixture
def trusted(authority, tmp_path, monkeypatch):
    """A function that makes the tests' authority trusted, as an administrator does."""

    def trust():
        authority.cert_pem.write_to_path(tmp_path / "authority.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))

    return trust


@pytest.fixture
def server(start_server):
    """A server on this machine that takes everything, without TLS."""
    return start_server("plain")


@pytest.fixture
def edition(tmp_path):
    """A function that makes a report in the edition's folder: its name and what its JSON says otherwise."""

    def make(name="weekly_review-acme", pdf=True, number_of_charts=3, **payload):
        folder = tmp_path / "2026-W47"
        folder.mkdir(exist_ok=True)
        about = {key: value for key, value in {**PAYLOAD, **payload}.items() if value is not ...}
        (folder / f"{name}.json").write_text(json.dumps(about), encoding="utf-8")
        outputs = [new_output("display_data", data={CHART_MIME: chart()}) for _ in range(number_of_charts)]
        nbformat.write(new_notebook(cells=[new_code_cell("", outputs=outputs)]), folder / f"{name}.ipynb")
        (folder / f"{name}.html").write_text(f"<!DOCTYPE html><title>{name}</title>" + "x" * 100_000)
        if pdf:
            (folder / f"{name}.pdf").write_bytes(b"%PDF-1.7 " + bytes(range(256)) * 300)
        return folder

    return make


def chart(title="Blocked by the carrier"):
    """The specification of a real chart."""
    rows = [(title, "30005", "permanent", 60), ("Mailbox full 🌸", "4.2.2", "transient", 40)]
    frame = pd.DataFrame(rows, columns=["title", "code", "permanence", "failed"])
    spec = charts.failure_reasons(frame).to_dict()
    return {name: value for name, value in spec.items() if name != "$schema"}


def settings(*mailings, **others):
    """The settings of these mailings, each a change of one that sends the weekly review to Ana, without charts."""
    usual = {"to": ["ana@example.com"], "about": "weekly_review", "charts": 0}
    return MailSettings(mailings=[{**usual, **mailing} for mailing in mailings or [{}]], **others)


@pytest.fixture
def send():
    """A function that sends an edition's mails: the outcome, with `told`, the lines that were said, beside it."""

    def sending(folder, asked=None, made=("weekly_review-acme",), failed=(), dry_run=False, force=False):
        told = []
        outcome = send_mails(
            folder, "2026-W47", asked or settings(), list(made), list(failed), dry_run, force, told.append
        )
        return outcome, "\n".join(told)

    return sending
