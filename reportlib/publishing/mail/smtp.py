"""The mail server, from the environment: where it is, how it is logged in to, and what can be wrong with it."""

import base64
import os
import smtplib
import ssl
from dataclasses import dataclass, field
from email.headerregistry import Address
from urllib.parse import unquote, urlsplit

from reportlib.publishing.mail.addresses import parse_address
from reportlib.publishing.mail.errors import MailError
from reportlib.publishing.mail.settings import MailSettings
from reportlib.publishing.page.wording import line

URL_VARIABLE, PASSWORD_VARIABLE = "REPORTLIB_SMTP_URL", "REPORTLIB_SMTP_PASSWORD"
SENDER_VARIABLE = "REPORTLIB_MAIL_FROM"
TIMEOUT_S = 60  # of each step; RFC 5321 asks for minutes, an unattended run for an end
PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}
_FORMS = "smtp://user@host:587 (STARTTLS), smtps://user@host:465 (TLS) or smtp+plain://localhost:25 (no TLS)"


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in; `security` is a key of PORTS."""

    security: str
    host: str
    port: int
    user: str | None = None
    password: str = field(default="", repr=False)

    def __str__(self):
        return f"the mail server {self.host}:{self.port}"


def server_from_environment() -> MailServer:
    """The server that REPORTLIB_SMTP_URL names, with the password of REPORTLIB_SMTP_PASSWORD.

    Raises MailError, which never shows the address as it stands there, since there may be a password in it.
    """
    if not (address := os.environ.get(URL_VARIABLE, "").strip()):
        raise MailError(f"no mail server is known: set {URL_VARIABLE} to {_FORMS}")
    try:
        parts = urlsplit(address)
        port, host = parts.port, parts.hostname
        (host or "").encode("idna")  # or a name that is none would fail only when it is looked up
    except ValueError:
        parts = host = port = None  # type: ignore[assignment]
    if parts and parts.password is not None:
        raise MailError(f"{URL_VARIABLE} holds a password: put it into {PASSWORD_VARIABLE}, and only the user here")
    if not host or parts.scheme not in PORTS or parts.path.strip("/") or parts.query or parts.fragment:
        raise MailError(f"{URL_VARIABLE} is no address of a mail server: write it like {_FORMS}")
    user = unquote(parts.username) if parts.username else None
    password = os.environ.get(PASSWORD_VARIABLE, "")
    if user and parts.scheme == "smtp+plain":
        raise MailError(f"{URL_VARIABLE} would send a password without TLS: write smtp:// or smtps://, or no user")
    if user and not password:
        raise MailError(f"{URL_VARIABLE} names a user, but {PASSWORD_VARIABLE} is not set")
    if not f"{user}{password}".isascii():
        raise MailError(
            f"the user or {PASSWORD_VARIABLE} has a character that is not ASCII: SMTP cannot log in with it"
        )
    return MailServer(parts.scheme, host, port or PORTS[parts.scheme], user, password)


def sender_of(settings: MailSettings) -> Address:
    """Who the mails are from: the edition file's `sender`, or REPORTLIB_MAIL_FROM. Raises MailError."""
    text = settings.sender or os.environ.get(SENDER_VARIABLE, "").strip()
    if not text:
        raise MailError(f"no sender is known: set {SENDER_VARIABLE}, or `sender` in the edition file's `mail:`")
    try:
        return parse_address(text)
    except ValueError as error:
        raise MailError(f"{SENDER_VARIABLE}: {error}") from None


def connect(server: MailServer) -> smtplib.SMTP:
    """A connection, encrypted and logged in as the server's address asks for.

    Raises MailError for what trying again does not mend (no TLS, a certificate that is not trusted, a wrong password);
    smtplib.SMTPException or OSError for what it may, as `may_pass` tells.
    """
    connection: smtplib.SMTP | None = None
    try:
        if server.security == "smtps":
            trusted = ssl.create_default_context()
            connection = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_S, context=trusted)
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
        connection.ehlo_or_helo_if_needed()
        if server.security == "smtp":
            _start_tls(connection, server)
        if server.user:
            _log_in(connection, server)
        return connection
    except BaseException as error:
        if connection:
            connection.close()
        raise _explained(error, server) from None


def may_pass(error: Exception) -> bool:
    """Whether trying again a little later may help: no answer, a dropped connection, a reply 4xx."""
    if isinstance(error, smtplib.SMTPResponseException):
        return 400 <= error.smtp_code < 500
    return isinstance(error, smtplib.SMTPServerDisconnected) or (
        isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException | ssl.SSLError)
    )


def told(error: Exception, server: MailServer) -> str:
    """What an error says, on one line, without the password."""
    if isinstance(error, smtplib.SMTPResponseException):
        return reply_told(error.smtp_code, error.smtp_error, server)
    return reply_told("", getattr(error, "strerror", None) or str(error) or type(error).__name__, server)


def reply_told(code, reply, server: MailServer) -> str:
    """A server's reply on one line; a server that repeats what it was sent does not give the password away."""
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else str(reply)
    if server.password:
        sent = [f"\0{server.user}\0{server.password}", server.password]  # AUTH PLAIN, AUTH LOGIN
        for secret in [*[base64.b64encode(one.encode()).decode() for one in sent], server.password]:
            text = text.replace(secret, "***")
    return line(f"{code} {text}", 300)


def _start_tls(connection, server):
    if not connection.has_extn("starttls"):
        raise MailError(
            f"{server} offers no TLS (STARTTLS): use its port for TLS with smtps://, or smtp+plain:// for one on this "
            "machine that needs none"
        )
    code, reply = connection.starttls(context=ssl.create_default_context())
    if code != 220:
        raise smtplib.SMTPResponseException(code, reply)
    connection.ehlo()


def _log_in(connection, server):
    try:
        connection.login(server.user, server.password)
    except smtplib.SMTPAuthenticationError as error:
        if may_pass(error):
            raise
        raise MailError(
            f"{server} does not accept the password of {server.user} ({told(error, server)}): check {PASSWORD_VARIABLE}"
        ) from None
    except smtplib.SMTPNotSupportedError:
        raise MailError(
            f"{server} takes no logins: write {URL_VARIABLE} without a user, or name its port for them"
        ) from None


def _explained(error: BaseException, server) -> BaseException:
    """A MailError for what stays as it is; the error itself for the rest."""
    if isinstance(error, MailError) or not isinstance(error, Exception) or may_pass(error):
        return error
    if isinstance(error, ssl.SSLCertVerificationError):
        return MailError(
            f"{server} has a certificate that is not trusted ({line(error.verify_message, 200)}): name the authority's "
            "file in SSL_CERT_FILE, or the host as it stands in the certificate"
        )
    if isinstance(error, ssl.SSLError):
        reason = line(error.reason or error, 100)
        return MailError(
            f"{server} does not speak TLS as {server.security}:// expects ({reason}): smtps:// is for port 465, "
            "smtp:// (STARTTLS) for 587"
        )
    if isinstance(error, smtplib.SMTPException):
        return MailError(f"{server} turns this machine away: {told(error, server)}")
    return error
