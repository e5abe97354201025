"""Handing mails to the server: tried again while it is busy, each recipient told apart, no mail given twice."""

import re
import smtplib
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from reportlib.publishing.mail.errors import MailError
from reportlib.publishing.mail.ledger import IN_DOUBT, POSTPONED, REFUSED, SENDING, SENT
from reportlib.publishing.mail.smtp import MailServer, connect, may_pass, reply_told, told

PAUSES_S = (1, 5, 20)  # before trying again
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True)
class Fate:
    """What became of a mail for one recipient (a state of the ledger), and what the server said of it."""

    state: str
    reason: str = ""


class Delivery:
    """The way to one mail server: opened when the first mail is handed over, and anew where it was dropped."""

    def __init__(self, server: MailServer):
        self.server = server
        self.connection: smtplib.SMTP | None = None

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
        """Hand one mail over for these recipients; what became of it for each of them.

        `record` is told, and must have written down, SENDING for those the server is about to take it for, and then
        what it did. Only the end of the mail's text lies between: a mail without it is none (RFC 5321, 4.1.1.4), and
        where no answer to it comes, the mail is in doubt and is not tried again.

        Raises MailError where the server cannot be reached or turns all mail away.
        """
        fates, waiting = {}, list(recipients)
        for pause in (*PAUSES_S, None):
            if self._connected(last_try=pause is None):
                fates |= self._attempt(sender, waiting, content, record)
                waiting = [one for one in waiting if fates[one].state == POSTPONED]
                if not waiting:
                    break
            if pause is not None:
                time.sleep(pause)
        return fates

    def _connected(self, last_try) -> bool:
        if self.connection is None:
            try:
                self.connection = connect(self.server)
            except OSError as error:
                if last_try or not may_pass(error):
                    raise MailError(f"{self.server} cannot be reached: {told(error, self.server)}") from None
        return self.connection is not None

    def _attempt(self, sender, recipients, content, record) -> dict[str, Fate]:
        fates = {}
        try:
            code, reply = self.connection.mail(sender, self._size(content))
            if code != 250:
                return self._turned_away(recipients, code, reply)
            accepted = []
            for one in recipients:
                code, reply = self.connection.rcpt(one)
                if code // 100 == 2:
                    accepted.append(one)
                else:
                    fates[one] = self._not_taken(code, reply)
            if not accepted:
                return fates | self._turned_away([], code, reply)
            code, reply = self.connection.docmd("DATA")
            if code != 354:
                return fates | self._turned_away(accepted, code, reply)
            self.connection.send(_LEADING_DOT.sub(b"..", content))
        except smtplib.SMTPException as error:  # the connection is gone, and this mail was not given
            self._drop()
            dropped = Fate(POSTPONED, told(error, self.server))
            return {one: fates.get(one, dropped) for one in recipients}
        record(accepted, SENDING)
        fate = self._end_of_text()
        if fate.state != IN_DOUBT:
            record(accepted, fate.state)
        return fates | dict.fromkeys(accepted, fate)

    def _size(self, content) -> list[str]:
        return [f"SIZE={len(content)}"] if self.connection.has_extn("size") else []

    def _end_of_text(self) -> Fate:
        """The line that makes a mail of what was sent, and the server's answer to it."""
        try:
            self.connection.send(b".\r\n")
            code, reply = self.connection.getreply()
        except smtplib.SMTPException as error:
            self._drop()
            return Fate(IN_DOUBT, told(error, self.server))
        if code // 100 == 2:
            return Fate(SENT)
        if code // 100 in (4, 5):
            return self._not_taken(code, reply)
        self._drop()
        return Fate(IN_DOUBT, reply_told(code, reply, self.server))

    def _turned_away(self, recipients, code, reply) -> dict[str, Fate]:
        """The mail that was begun is forgotten; a server that closes instead is gone to anew."""
        try:
            self.connection.rset()
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
