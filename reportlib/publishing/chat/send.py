"""The messages of an edition to its chats, each to each chat once, and what became of them."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from reportlib.publishing.chat.address import Address, address_of
from reportlib.publishing.chat.messages import payload_of
from reportlib.publishing.chat.post import Answer, deliver
from reportlib.publishing.chat.settings import FAILURES, Chat, NotifySettings
from reportlib.publishing.chat.texts import Picture, headline
from reportlib.publishing.mail.conditions import condition_holds
from reportlib.publishing.mail.content import Content, link_to, report_content
from reportlib.publishing.mail.failure_digest import FailedReport, digest_content, digest_key
from reportlib.publishing.mail.ledger import IN_DOUBT, POSTPONED, REFUSED, SENDING, SENT, Ledger
from reportlib.publishing.mail.made_report import readable
from reportlib.publishing.mail.send import MailOutcome
from reportlib.publishing.store.files import write_whole
from reportlib.reports.naming import file_name

PAUSES_S = (1, 4)  # before a message that was not taken is tried again
PATIENCE_S = 60  # of waiting in all, since the folder is held meanwhile
FOLDER = "chat"  # of what a dry run writes
_TOLD = {
    REFUSED: "refused ({reason}); correct the address, or ask who runs that chat",
    POSTPONED: "not taken for now ({reason}); it is tried again next time",
    IN_DOUBT: "perhaps told, perhaps not: there was no answer ({reason}); it is not told again unless you force it",
}


@dataclass(frozen=True)
class Due:
    """A message that is due: what the ledger calls it, for which chat, what it says."""

    key: str
    chat: Chat
    content: Content
    picture: Picture | None = None


def tell_chats(
    folder: Path,
    edition: str,
    settings: NotifySettings,
    link_base_url: str | None,
    made: list[str],
    failed: list[FailedReport],
    dry_run: bool,
    force: bool,
    tell: Callable[[str], None],
) -> MailOutcome:
    """Tell chats of the reports `made` in an edition's folder as its settings ask, and of those that `failed`.

    Each chat is told of each report once: what was told is in the folder's mail.jsonl. `force` tells again all the
    same. `dry_run` writes each message to the folder's chat/NAME.json instead, and records nothing. `tell` hears a
    line about each. Raises ChatError where an address is missing, OutputError where the folder cannot be written to.
    """
    counts: Counter[str] = Counter()
    due = list(_due(folder, edition, settings, link_base_url, made, failed, counts, tell))
    if dry_run:
        for one in due:
            name = file_name(f"{one.key}-{one.chat.to}")
            payload = payload_of(one.chat.to, one.content, one.picture)
            written = json.dumps(payload, ensure_ascii=False, indent=1).encode(errors="replace")
            path = write_whole(folder / FOLDER / f"{name}.json", written)
            counts["sent"] += 1
            tell(f"{path}: for {one.chat}")
    else:
        send_due(Ledger(folder), due, force, counts, tell)
    return MailOutcome(**counts)


def send_due(ledger: Ledger, due: Iterable[Due], force: bool, counts: Counter, tell: Callable[[str], None]):
    """Hand over what the ledger does not have yet, each chat once for each key; `counts` hears how many became what."""
    patience_s, lost, served = float(PATIENCE_S), dict[str, Answer](), set()
    for one in due:
        to = one.chat.recipient
        state = ledger.state(one.key, to)
        if (one.key, to) in served or (state == SENT and not force):
            counts["already"] += 1
        elif state == SENDING and not force:
            counts["in_doubt"] += 1
            tell(f"{one.key}: {one.chat}: perhaps told by a run that was interrupted; it is not told again")
        elif to in lost:
            _account(one, lost[to], counts, tell)
        else:
            answer, waited_s = _handed_over(one, address_of(one.chat), ledger, patience_s)
            patience_s -= waited_s
            if answer.state == POSTPONED:
                lost[to] = answer
            _account(one, answer, counts, tell)
        served.add((one.key, to))


def _due(folder, edition, settings, link_base_url, made, failed, counts, tell) -> Iterator[Due]:
    reports = list(readable(folder, made, counts, tell, "no chat is told"))
    for chat in settings.chats:
        for report in reports:
            if report.record.notebook != chat.about:
                continue
            if not condition_holds(chat.only_if, report.record.totals):
                counts["not_due"] += 1
                tell(f"{report.name}: {chat} is not told, since only if {chat.only_if}")
                continue
            content = report_content(report, edition, [], link_base_url)
            yield Due(report.name, chat, content, _picture(report, content, edition, settings.picture_base_url))
        if failed and chat.about == FAILURES:
            yield Due(digest_key(failed), chat, digest_content(failed, len(reports), edition, link_base_url))


def _picture(report, content, edition, base) -> Picture | None:
    file = report.files.with_name(f"{report.name}.png")
    return Picture(file.read_bytes(), headline(content), link_to(base, edition, file.name)) if file.is_file() else None


def _handed_over(one: Due, address: Address, ledger: Ledger, patience_s: float) -> tuple[Answer, float]:
    """The last answer, and how many seconds were waited between tries. The ledger has each state before the next step:
    whatever ends the run, nothing is told twice."""
    waited_s, picture = 0.0, one.picture
    for pause_s in (*PAUSES_S, None):
        ledger.record(one.key, [one.chat.recipient], SENDING, "")
        answer = deliver(address, payload_of(one.chat.to, one.content, picture))
        if answer.status == 400 and picture:  # as where a chat could not fetch it, which tells it from no other fault
            picture = None
            answer = deliver(address, payload_of(one.chat.to, one.content))
        if answer.state != IN_DOUBT:
            ledger.record(one.key, [one.chat.recipient], answer.state, "")
        wait_s = max(pause_s or 0, answer.wait_s)
        if answer.state != POSTPONED or pause_s is None or waited_s + wait_s > patience_s:
            break
        time.sleep(wait_s)
        waited_s += wait_s
    return answer, waited_s


def _account(one: Due, answer: Answer, counts, tell):
    counts[answer.state.replace(" ", "_")] += 1
    said = _TOLD[answer.state].format(reason=answer.reason) if answer.state in _TOLD else "told"
    tell(f"{one.key}: {one.chat}: {said}")
