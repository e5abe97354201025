"""Handing mails to the server: each recipient told apart, none kept waiting by another, no mail given twice."""

import re
import smtplib
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from reportlib.publishing.mail.errors import MailError
from reportlib.publishing.mail.ledger import IN_DOUBT, POSTPONED, REFUSED, SENDING, SENT
from reportlib.publishing.mail.smtp import MailServer, connect, may_pass, reply_told, told

LOST_S = 60  # spent on connections that broke off or did not come about, after which none is tried any more
_ONLY_ASCII = "the server takes no address with letters beyond ASCII before its @"
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True)
class Fate:
    """What became of a mail for one recipient (a state of the ledger), and what the server said of it."""

    state: str
    reason: str = ""


class Delivery:
    """The way to one mail server: opened when the first mail is handed over, and anew where it was dropped.

    Attributes
    ----------
    was_reached : whether the server has answered at all
    lost : why there was no connection, or none any more, the last time that it was so
    """

    def __init__(self, server: MailServer):
        self.server = server
        self.connection: smtplib.SMTP | None = None
        self.was_reached, self.lost = False, ""
        self._lost_s = 0.0

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None and self.connection:
            with suppress(OSError):  # which every error of smtplib is: it may be gone already
                self.connection.quit()
        self._drop()

    def hand_over(
        self, sender: str, recipients: list[str], content: bytes, record: Callable[[list[str], str], None]
    ) -> dict[str, Fate]:
        """Hand one mail over for these recipients; what became of it for each of them, postponed where another try may
        help. Where the line drops, it is handed over one by one to those of whom nothing was said: one of them may be
        what the server drops it for.

        `record` is told, and must have written down, SENDING for those the server is about to take it for, and then
        what it did. Only the end of the mail's text lies between: a mail without it is none (RFC 5321, 4.1.1.4), and
        where no answer to it comes, the mail is in doubt and is not tried again.

        Raises MailError where the server turns all mail away.
        """
        fates = self._attempt(sender, recipients, content, record)
        for one in [one for one in recipients if one not in fates] if len(recipients) > 1 else []:
            fates |= self._attempt(sender, [one], content, record)
        return {one: fates.get(one, Fate(POSTPONED, self.lost)) for one in recipients}

    def _attempt(self, sender, recipients, content, record) -> dict[str, Fate]:
        """What became of the mail, for those of whom the server said something."""
        fates: dict[str, Fate] = {}
        began = time.monotonic()
        if self._lost_s > LOST_S:
            return fates
        try:
            server = self._connected()
            if not "".join([sender, *recipients]).isascii() and not server.has_extn("smtputf8"):
                return dict.fromkeys(recipients, Fate(REFUSED, _ONLY_ASCII))
            code, reply = server.mail(sender, _options(server, sender, recipients, content))
            if code != 250:
                return self._turned_away(server, recipients, code, reply)
            accepted = []
            for one in recipients:
                code, reply = server.rcpt(one)
                if code // 100 == 2:
                    accepted.append(one)
                else:
                    fates[one] = self._not_taken(code, reply)
            if not accepted:
                return fates | self._turned_away(server, [], code, reply)
            code, reply = server.docmd("DATA")
            if code != 354:
                return fates | self._turned_away(server, accepted, code, reply)
            server.send(_LEADING_DOT.sub(b"..", content))
        except OSError as error:  # which every error of smtplib is: there is no connection, and this mail was not given
            self._drop()
            self.lost = told(error, self.server)
            self._lost_s += time.monotonic() - began
            return fates
        record(accepted, SENDING)
        fate = self._end_of_text(server)
        if fate.state != IN_DOUBT:
            record(accepted, fate.state)
        return fates | dict.fromkeys(accepted, fate)

    def _connected(self) -> smtplib.SMTP:
        if self.connection is None:
            try:
                self.connection = connect(self.server)
            except OSError as error:
                if not may_pass(error):
                    raise MailError(f"{self.server} cannot be reached: {told(error, self.server)}") from None
                raise
        self.was_reached = True
        return self.connection

    def _end_of_text(self, server) -> Fate:
        """The line that makes a mail of what was sent, and the server's answer to it."""
        try:
            server.send(b".\r\n")
            code, reply = server.getreply()
        except smtplib.SMTPException as error:
            self._drop()
            return Fate(IN_DOUBT, told(error, self.server))
        if code // 100 == 2:
            return Fate(SENT)
        if code // 100 in (4, 5):
            return self._not_taken(code, reply)
        self._drop()
        return Fate(IN_DOUBT, reply_told(code, reply, self.server))

    def _turned_away(self, server, recipients, code, reply) -> dict[str, Fate]:
        """The mail that was begun is forgotten; a server that closes instead is gone to anew."""
        try:
            server.rset()
        except smtplib.SMTPException:
            self._drop()
        return dict.fromkeys(recipients, self._not_taken(code, reply))

    def _not_taken(self, code, reply) -> Fate:
        return Fate(POSTPONED if code // 100 == 4 else REFUSED, reply_told(code, reply, self.server))

    def _drop(self):
        """Close without a word: within a mail's text a word would be part of it."""
        if self.connection:
            self.connection.close()
        self.connection = None


def _options(server: smtplib.SMTP, sender, recipients, content) -> list[str]:
    size = [f"SIZE={len(content)}"] if server.has_extn("size") else []
    return size + ([] if "".join([sender, *recipients]).isascii() else ["SMTPUTF8"])
