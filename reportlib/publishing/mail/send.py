"""The mails of an edition, each to each recipient once, and what became of them."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path

from reportlib.presentation.look import numbers
from reportlib.publishing.mail.addresses import bare
from reportlib.publishing.mail.errors import MailError
from reportlib.publishing.mail.failure_digest import FailedReport
from reportlib.publishing.mail.hand_over import Delivery, Fate
from reportlib.publishing.mail.ledger import IN_DOUBT, POSTPONED, REFUSED, SENDING, SENT, Ledger
from reportlib.publishing.mail.made_report import readable
from reportlib.publishing.mail.plan import Due, due_mails, not_due
from reportlib.publishing.mail.settings import MailSettings
from reportlib.publishing.mail.smtp import sender_of, server_from_environment
from reportlib.publishing.page.letters import tell_of_boxes
from reportlib.publishing.page.process import PageProcess
from reportlib.publishing.store.files import write_whole
from reportlib.reports.naming import file_name

PAUSES_S = (1, 4)  # before all that was not taken is tried again; in all, since the folder is held meanwhile
FOLDER = "mail"  # of the .eml files of a dry run
NO_SENDER = Address("Reports", "reports", "localhost")  # in a dry run only
_TO_FORCE = "look whether it is there; `reportlib weekly --mail --resend` sends all mails again"
_TOLD = {
    REFUSED: "refused for good ({reason}); correct the address, or ask who runs that mailbox",
    POSTPONED: "not taken for now ({reason}); mail again later",
    IN_DOUBT: f"perhaps mailed, perhaps not: the server did not say ({{reason}}); {_TO_FORCE}",
}


@dataclass(frozen=True)
class MailOutcome:
    """How many mails became what, counted once per recipient; `not_due` and `not_made` per report.

    sent: taken by the mail server (in a dry run: written). already: sent by an earlier run. in_doubt: perhaps sent,
    not sent again. refused: turned away for good. postponed: turned away for now. not_due: the condition does not
    hold. not_made: the report's files cannot be mailed.
    """

    sent: int = 0
    already: int = 0
    in_doubt: int = 0
    refused: int = 0
    postponed: int = 0
    not_due: int = 0
    not_made: int = 0

    @property
    def ok(self) -> bool:
        """Whether everybody who is due a mail has it, as far as a mail server tells."""
        return not (self.in_doubt or self.refused or self.postponed or self.not_made)


def send_mails(
    folder: Path,
    edition: str,
    settings: MailSettings,
    made: list[str],
    failed: list[FailedReport],
    dry_run: bool,
    force: bool,
    tell: Callable[[str], None],
) -> MailOutcome:
    """Mail the reports `made` in an edition's folder as its settings ask, and one digest of those that `failed`.

    Each report goes to each recipient once: what was sent is in the folder's mail.jsonl. `force` sends again all the
    same. `dry_run` writes each mail to the folder's mail/NAME.eml instead, whoever has it already, and records nothing.
    `tell` hears a line about each mail.

    Raises
    ------
    MailError: no server or sender is set, or the server cannot be reached or turns this machine away.
    OutputError: the folder cannot be written to.
    """
    counts: Counter[str] = Counter()
    reports = list(readable(folder, made, counts, tell, "not mailed"))
    for sentence in not_due(settings, reports):
        counts["not_due"] += 1
        tell(sentence)
    if any(mailing.charts for mailing in settings.mailings):
        tell_of_boxes("".join(map(_page_of, reports)), "the charts of mails", tell)
    with closing(PageProcess()) as pages:
        due = due_mails(edition, settings, reports, failed, pages)
        if dry_run:
            _write(folder, settings, due, counts, tell)
        else:
            send_due(Ledger(folder), settings, due, force, counts, tell)
    return MailOutcome(**counts)


def _page_of(report) -> str:
    page = report.files.with_name(f"{report.name}.html")
    return page.read_text(encoding="utf-8", errors="replace") if page.is_file() else ""


def send_due(ledger: Ledger, settings: MailSettings, due: Iterable[Due], force: bool, counts: Counter, tell: Callable):
    """Send the mails that are due and not in the ledger yet; `counts` hears how many became what. Raises MailError."""
    unserved = list(_unserved(due, ledger, force, counts, tell))
    if not unserved:
        return
    sender, again = sender_of(settings), datetime.now(UTC).isoformat() if force else ""
    waiting: list[tuple] = [(mail, recipients, {}) for mail, recipients in unserved]
    with Delivery(server_from_environment()) as delivery:
        for pause in (0, *PAUSES_S):
            time.sleep(pause)
            waiting = list(_postponed(waiting, delivery, ledger, sender, again, counts, tell))
            if not waiting:
                return
        if not delivery.was_reached:
            raise MailError(f"{delivery.server} cannot be reached: {delivery.lost}")
    for mail, _, fates in waiting:
        _account(mail.key, fates, counts, tell)


def _postponed(mails, delivery, ledger, sender, again, counts, tell) -> Iterator[tuple]:
    """The mails handed over, but for these: (mail, recipients, their fates) of those that were not taken for now."""
    for mail, recipients, _ in mails:
        message = _composed(mail, sender, recipients, again, counts, tell)
        if message is None:
            continue
        addresses = [one.addr_spec for one in recipients]
        record = _recording(ledger, mail.key, message["Message-ID"])
        fates = delivery.hand_over(sender.addr_spec, addresses, message.as_bytes(), record)
        later = {address: fate for address, fate in fates.items() if fate.state == POSTPONED}
        _account(mail.key, {address: fate for address, fate in fates.items() if address not in later}, counts, tell)
        if later:
            yield mail, [one for one in recipients if one.addr_spec in later], later


def _unserved(due, ledger: Ledger, force, counts, tell) -> Iterator[tuple[Due, list[Address]]]:
    """The mails with those of their recipients who are to have them now.

    Nobody gets a report twice for being in two mailings, forced or not.
    """
    served = set()
    for mail in due:
        recipients = []
        for one in mail.recipients:
            key = (mail.key, bare(one))
            state = ledger.state(*key)
            if key in served or (state == SENT and not force):
                counts["already"] += 1
            elif state == SENDING and not force:
                counts["in_doubt"] += 1
                tell(f"{mail.key}: {one.addr_spec}: perhaps mailed by a run that was interrupted; {_TO_FORCE}")
            else:
                recipients.append(one)
            served.add(key)
        plain = [one for one in recipients if one.username.isascii()]
        for some in (plain, [one for one in recipients if one not in plain]):  # whom not every server can reach
            if some:
                yield mail, some


def _composed(mail: Due, sender, recipients, again, counts, tell) -> EmailMessage | None:
    try:
        return mail.compose(sender, recipients, again)
    except MailError as error:
        counts["not_made"] += 1
        tell(f"{mail.key}: not mailed: {error}")
        return None


def _recording(ledger: Ledger, key, identity) -> Callable[[list[str], str], None]:
    """What writes a state of this mail down; the ledger has addresses as `bare` gives them."""
    return lambda addresses, state: ledger.record(key, [one.lower() for one in addresses], state, str(identity))


def _account(key, fates: dict[str, Fate], counts, tell):
    sent = [address for address, fate in fates.items() if fate.state == SENT]
    if sent:
        tell(f"{key}: mailed to {', '.join(sent)}")
    for address, fate in fates.items():
        counts[fate.state.replace(" ", "_")] += 1
        if fate.state in _TOLD:
            tell(f"{key}: {address}: {_TOLD[fate.state].format(reason=fate.reason)}")


def _write(folder: Path, settings: MailSettings, due: Iterable[Due], counts: Counter, tell: Callable):
    ledger = Ledger(folder)
    written: Counter[str] = Counter()
    try:
        sender = sender_of(settings)
    except MailError as error:
        sender = NO_SENDER
        tell(f"a dry run with a made-up sender: {error}")
    for mail in due:
        message = _composed(mail, sender, mail.recipients, "", counts, tell)
        if message is None:
            continue
        written[mail.key] += 1
        name = mail.key if written[mail.key] == 1 else f"{mail.key}-{written[mail.key]}"
        path = write_whole(folder / FOLDER / f"{file_name(name)}.eml", message.as_bytes())
        counts["sent"] += len(mail.recipients)
        has_it = sum(ledger.state(mail.key, bare(one)) == SENT for one in mail.recipients)
        known = f", {has_it} of whom have it already" if has_it else ""
        tell(f"{path}: for {numbers.plural(len(mail.recipients), 'recipient')}{known}")
