"""Telling people of an edition: mails and chats, of its reports and of those that could not be made."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from reportlib.errors import OutputError
from reportlib.metrics.weekly.iso_week import Week, parse_week
from reportlib.publishing.batch.order import Result, last_good_of
from reportlib.publishing.mail.ledger import Ledger
from reportlib.publishing.store.files import require_folder
from reportlib.publishing.store.object_store import is_store
from reportlib.publishing.weekly.edition import Edition
from reportlib.reports.parameters import Report


@dataclass(frozen=True)
class Posting:
    """Whether mails are sent and chats told, whether both are only written to files, and whether what was sent before
    is sent again."""

    mail: bool = False
    notify: bool = False
    dry_run: bool = False
    resend: bool = False


def require_addresses(edition: Edition, posting: Posting | None, output: Path):
    """Raise MailError or ChatError for a setting that is missing, OutputError where something could go out twice,
    before anything is made."""
    if posting is None or posting.dry_run:
        return
    mails, tells = posting.mail and edition.mail, posting.notify and edition.notify
    if (mails or tells) and is_store(output):
        raise OutputError(
            f"{output}: nothing is sent from an object store, where a run that was out of reach for a while could "
            "send it twice; make the edition in a folder, and copy that"
        )
    if edition.mail and mails:
        from reportlib.publishing.mail.smtp import sender_of, server_from_environment

        server_from_environment()
        sender_of(edition.mail)
    if edition.notify and tells:
        from reportlib.publishing.chat.address import address_of

        for chat in edition.notify.chats:
            address_of(chat)


def post(
    edition: Edition,
    week: Week,
    folder: Path,
    reports: dict[str, Report],
    results: list[Result],
    posting: Posting | None,
    tell: Callable[[str], None],
) -> bool:
    """Send what is due on the edition's reports, by name, of which some failed; whether all was handed over."""
    failed = {result.page: result for result in results if result.failure}
    broken = {page.stem for page in failed}
    first_name = Ledger(folder).first_name  # or a digest that was sent would be sent again
    told = [
        (first_name(page.stem), result.report.title, result.failure.name, result.failure.sentence, _last_good(page))
        for page, result in failed.items()
        if result.failure
    ]
    is_sent = _send(edition, week, folder, [name for name in reports if name not in broken], told, posting, tell)
    return _alarms(edition, week, folder, posting, tell) and is_sent


def post_that_there_is_none(edition, week: str, output: Path, posting, error: Exception, tell: Callable[[str], None]):
    """Tell who is to hear of failures that there is no edition, and why."""
    when = parse_week(week, pd.Timestamp.now("UTC"), "UTC")
    folder = require_folder(output / str(when))
    told = ("edition", f"The edition of {when}", type(error).__name__, str(error), None)
    _send(edition, when, folder, [], [told], posting, tell)


def _last_good(page) -> Path | None:
    return last_good_of(page) if last_good_of(page).exists() else None


def _send(edition, week, folder, made, failed, posting, tell) -> bool:
    """Whether every mail and every word to a chat that was due was handed over."""
    if posting is None:
        return True
    from reportlib.publishing.mail.failure_digest import FailedReport  # seldom wanted, and slow to import

    is_well, told = True, [FailedReport(*one) for one in failed]
    if posting.notify and edition.notify:  # first, since a mail server that is away ends the run
        from reportlib.publishing.chat.send import tell_chats

        link = edition.notify.link_base_url or (edition.mail and edition.mail.link_base_url)
        is_well = tell_chats(
            folder, str(week), edition.notify, link, made, told, posting.dry_run, posting.resend, tell
        ).ok
    if posting.mail and edition.mail:
        from reportlib.publishing.mail.send import send_mails

        mailed = send_mails(folder, str(week), edition.mail, made, told, posting.dry_run, posting.resend, tell)
        is_well = mailed.ok and is_well
    return is_well


def _alarms(edition, week, folder, posting, tell) -> bool:
    """Whether those who hear of alarms have heard of each alert that holds."""
    if posting is None or not (posting.mail or posting.notify):
        return True
    from reportlib.publishing.watch.tell import audience_of
    from reportlib.publishing.weekly.alarmed import tell_alerts

    audience = audience_of(edition.mail if posting.mail else None, edition.notify if posting.notify else None)
    return tell_alerts(edition, week, folder, audience, posting.dry_run, tell)
