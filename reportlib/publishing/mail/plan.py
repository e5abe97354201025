"""Which mails an edition is due: each report to those who asked for its kind, and a digest of what failed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path

from reportlib.publishing.mail.addresses import bare, each_once
from reportlib.publishing.mail.charts import Chart
from reportlib.publishing.mail.conditions import condition_holds, parse_condition
from reportlib.publishing.mail.content import report_content, report_subject
from reportlib.publishing.mail.failure_digest import FailedReport, digest_content, digest_key, digest_subject
from reportlib.publishing.mail.made_report import MadeReport, attachments_of, charts_of
from reportlib.publishing.mail.message import Envelope, compose, message_id
from reportlib.publishing.mail.settings import Mailing, MailSettings, told_of_failures
from reportlib.publishing.page.process import PageProcess


@dataclass(frozen=True)
class Due:
    """A mail that is due: what the ledger calls it, who is to have it, and `compose`, which makes it.

    `compose` takes the sender, those of the recipients that it is for, and a text that tells one sending of it from
    another ("" for the usual one). It raises MailError where the report's files cannot be read, or are too large.
    """

    key: str
    recipients: list[Address]
    compose: Callable[[Address, list[Address], str], EmailMessage]


def due_mails(
    edition: str, settings: MailSettings, reports: list[MadeReport], failed: list[FailedReport], pages: PageProcess
) -> Iterator[Due]:
    """The mails in the order of the edition's file, then the digest of the failures, if there are any.

    `pages` draws their charts.
    """
    for mailing in settings.mailings:
        for report in reports:
            if report.record.notebook == mailing.about and condition_holds(mailing.only_if, report.record.totals):
                yield Due(
                    report.name, each_once(mailing.to), _report_mail(edition, settings, mailing, report, reports, pages)
                )
    recipients = each_once(told_of_failures(settings))
    if failed and recipients:
        yield Due(digest_key(failed), recipients, _digest(edition, settings, failed, len(reports)))


def not_due(settings: MailSettings, reports: list[MadeReport]) -> Iterator[str]:
    """A sentence for each report that is not mailed because a condition does not hold."""
    for mailing in settings.mailings:
        for report in reports:
            if report.record.notebook == mailing.about and not condition_holds(mailing.only_if, report.record.totals):
                figure = parse_condition(mailing.only_if or "").figure
                value = (report.record.totals or {}).get(figure)
                known = f"it is {value:g}" if isinstance(value, int | float) else "the report does not know it"
                yield f"{report.name}: not mailed, since only if {mailing.only_if}; {known}"


def _report_mail(
    edition: str, settings: MailSettings, mailing: Mailing, report: MadeReport, reports, pages: PageProcess
):
    drawn: list[Chart | None] = []

    def composed(sender, recipients, again):
        if not drawn:
            drawn.extend(charts_of(report, mailing.charts, pages))
        identity = message_id(sender, edition, report.name, *sorted(map(bare, recipients)), again)
        envelope = Envelope(sender, tuple(recipients), report_subject(report.record), identity)
        content = report_content(report, edition, drawn, settings.link_base_url, reports)
        return compose(envelope, content, attachments_of(report, mailing.attach), settings.size_limit_kb)

    return composed


def _digest(edition: str, settings: MailSettings, failed: list[FailedReport], made: int):
    def composed(sender, recipients, again):
        identity = message_id(sender, edition, digest_key(failed), *sorted(map(bare, recipients)), again)
        envelope = Envelope(sender, tuple(recipients), digest_subject(failed, made, edition), identity)
        content = digest_content(failed, made, edition, settings.link_base_url)
        good: list[Path] = [one.last_good for one in failed if one.last_good and one.last_good.exists()]
        return compose(envelope, content, good, settings.size_limit_kb)

    return composed
