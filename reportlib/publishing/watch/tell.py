"""Telling an alarm: by mail and to chats, to each once, by the ledger."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from reportlib.errors import FolderInUse, InvalidParameters
from reportlib.publishing.chat.address import address_of
from reportlib.publishing.chat.send import Due as ChatDue, send_due as send_to_chats
from reportlib.publishing.chat.settings import Chat, NotifySettings
from reportlib.publishing.mail.addresses import bare, each_once
from reportlib.publishing.mail.errors import MailError
from reportlib.publishing.mail.ledger import SENDING, SENT, Ledger
from reportlib.publishing.mail.message import Envelope, compose, message_id
from reportlib.publishing.mail.plan import Due as MailDue
from reportlib.publishing.mail.send import send_due as send_mails
from reportlib.publishing.mail.settings import ALARMS, Mailing, MailSettings
from reportlib.publishing.mail.smtp import sender_of, server_from_environment
from reportlib.publishing.store.lock import alone_in
from reportlib.publishing.watch.notices import Notice

FOLDER = "watch"  # in the output: what is known of alarms, and the ledger of all that are told, by an edition too
TELLING = ".telling"  # its lock while alarms are told; a watch has the folder itself for as long as it runs
PATIENCE_S = 45.0  # for another run that is telling


@dataclass(frozen=True)
class Audience:
    """Who hears of alarms: addresses and chats, and the settings of the mail, where there are addresses."""

    to: list[str]
    chats: list[Chat]
    mail: MailSettings | None
    link_base_url: str | None = None


def audience_of(mail: MailSettings | None, notify: NotifySettings | None) -> Audience:
    """Those whom an edition names as hearing of ALARMS."""
    to = [one for mailing in mail.mailings if mailing.about == ALARMS for one in mailing.to] if mail else []
    chats = [chat for chat in notify.chats if chat.about == ALARMS] if notify else []
    link = (notify and notify.link_base_url) or (mail and mail.link_base_url) or None
    return Audience(to, chats, mail, link)


def audience_named(mail: MailSettings | None, to: list[str], chats: list[Chat], link: str | None) -> Audience:
    """Those whom somebody names: addresses, and chats; the sender and the limit of a mail are those of `mail`."""
    settings = None
    if to:
        mailings = [Mailing(to=to, about=ALARMS)]
        settings = mail.model_copy(update={"mailings": mailings}) if mail else MailSettings(mailings=mailings)
    return Audience(to, chats, settings, link)


def require_audience(audience: Audience):
    """Raise InvalidParameters where nobody would hear, MailError or ChatError for a setting that is missing."""
    if not audience.to and not audience.chats:
        raise InvalidParameters(
            f"nobody would hear of an alarm: name --mail or --chat, or `about: {ALARMS}` in the edition (docs/watch.md)"
        )
    if audience.to and audience.mail:
        server_from_environment()
        sender_of(audience.mail)
    for chat in audience.chats:
        address_of(chat)


def tell_all(
    folder: Path, notices: list[Notice], audience: Audience, tell: Callable[[str], None], before: Iterable[Path] = ()
) -> set[str]:
    """Tell these notices, each to each once by the ledger in the folder, which knows what those of the folders `before`
    do; the keys of those that everybody has, or may have. What another run is telling just now waits for its end."""
    try:
        with alone_in(folder, TELLING, PATIENCE_S):
            return _told(Ledger(folder, before), notices, audience, tell)
    except FolderInUse as error:
        tell(f"nothing is told now: {error}")
        return set()


def _told(ledger: Ledger, notices, audience: Audience, tell) -> set[str]:
    counts: Counter[str] = Counter()
    if audience.to and audience.mail:
        try:
            due = [MailDue(one.key, each_once(audience.to), _mail(one, audience.mail)) for one in notices]
            send_mails(ledger, audience.mail, due, False, counts, tell)
        except MailError as error:  # tried again at the next look; chats need not wait for it
            tell(f"no mail went out: {error}")
    due_to_chats = [ChatDue(one.key, chat, one.content) for one in notices for chat in audience.chats]
    send_to_chats(ledger, due_to_chats, False, counts, tell)
    everybody = [*map(bare, each_once(audience.to)), *(chat.recipient for chat in audience.chats)]
    return {one.key for one in notices if all(ledger.state(one.key, who) in (SENT, SENDING) for who in everybody)}


def _mail(notice: Notice, settings: MailSettings):
    def composed(sender, recipients, again):
        identity = message_id(sender, ALARMS, notice.key, *sorted(map(bare, recipients)), again)
        envelope = Envelope(sender, tuple(recipients), notice.subject, identity)
        return compose(envelope, notice.content, [], settings.size_limit_kb)

    return composed
