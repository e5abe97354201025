"""A mail as mail programs read it: text, HTML with images, attachments, and no larger than it may be."""

import hashlib
import quopri
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import lru_cache
from pathlib import Path
from typing import cast

import css_inline
from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup

from reportlib.presentation.look import numbers
from reportlib.presentation.look.brand.accent import tones
from reportlib.presentation.look.palette import COLOURS, coloured
from reportlib.publishing.mail.content import Content, shorter
from reportlib.publishing.mail.errors import MailError
from reportlib.publishing.page.layout import TEMPLATES
from reportlib.publishing.page.links import absolute
from reportlib.publishing.page.wording import line

LARGEST_HTML = 99_000  # bytes as sent; Gmail cuts a body off at about 102 KB
KINDS = {
    ".pdf": ("application", "pdf"),
    ".xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ".html": ("text", "html"),
}


@dataclass(frozen=True)
class Envelope:
    """Who a mail is from and to, its subject, and the id by which mail systems know it again."""

    sender: Address
    recipients: tuple[Address, ...]
    subject: str
    message_id: str


def message_id(sender: Address, *parts: str) -> str:
    """The same id for the same parts: edition, report, recipients."""
    known = hashlib.sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()[:32]
    return f"<{known}@{sender.domain}>"


def compose(envelope: Envelope, content: Content, attachments: list[Path], size_limit_kb: int) -> EmailMessage:
    """The mail within its size limit: with all attachments, or as many as fit, or with fewer charts; it says so.

    What is attached first is kept longest. Raises MailError where not even the text fits, or a file cannot be read.
    """
    around = content.link.rpartition("/")[0] if content.link else None
    attached = [(file, _bytes(file, around)) for file in attachments]
    harmful = [file for file, data in attached if file.suffix == ".html" and b"<script" in data.lower()]
    attached = [(file, data) for file, data in attached if file not in harmful]
    for kept, charts in _smaller_and_smaller(attached, content.charts):
        notes = [*content.notes, *_notes(attached, kept, len(content.charts) - len(charts), harmful, size_limit_kb)]
        message = _message(envelope, replace(content, charts=charts, notes=notes), kept)
        if len(message.as_bytes()) <= 1_000 * size_limit_kb:
            return message
    raise MailError(
        f"the mail {envelope.subject!r} is larger than {numbers.count(size_limit_kb)} KB even without attachments and "
        "charts: raise size_limit_kb in the edition file's `mail:`"
    )


def _bytes(file, around):
    """The file; a page whose links lead to where reports can be opened, since beside it in a mail there is none."""
    try:
        content = file.read_bytes()
        return absolute(content, around) if file.suffix == ".html" else content
    except OSError as error:
        raise MailError(f"{file} cannot be attached: {error.strerror or error}; make the report again") from None


def _smaller_and_smaller(attached, charts):
    """Fewer attachments, the last given up first; then any one that fits; then fewer charts."""
    for number in range(len(attached), 0, -1):
        yield attached[:number], charts
    for one in attached[1:]:
        yield [one], charts
    for number in range(len(charts), -1, -1):
        yield [], charts[:number]


def _notes(attached, kept, charts_left_out, harmful, size_limit_kb):
    """What is attached, and what is not and why."""
    if kept:
        yield f"Attached: {', '.join(f'{file.name} ({_kilobytes(data)})' for file, data in kept)}."
    left_out = [f"{file.name} ({_kilobytes(data)})" for file, data in attached if (file, data) not in kept]
    left_out += [numbers.plural(charts_left_out, "chart")] if charts_left_out else []
    if left_out:
        yield f"Left out, to keep this mail below {numbers.count(size_limit_kb)} KB: {', '.join(left_out)}."
    for file in harmful:
        yield f"Not attached: {file.name} is interactive, and mail gateways turn pages with scripts away."


def _kilobytes(data):
    return f"{numbers.count(max(1, round(len(data) / 1_000)))} KB"


def _message(envelope, content, attached) -> EmailMessage:
    is_ascii = all(one.username.isascii() for one in (envelope.sender, *envelope.recipients))
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit", utf8=not is_ascii))  # else of a form that is no address
    message["Subject"] = line(envelope.subject, 160)
    message["From"] = envelope.sender
    message["To"] = envelope.recipients
    message["Date"] = datetime.now(UTC)
    message["Message-ID"] = envelope.message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies, please
    known = envelope.message_id.strip("<>").partition("@")
    cids = [f"chart{number}.{known[0]}@{known[2]}" for number in range(1, len(content.charts) + 1)]
    logo = f"logo.{known[0]}@{known[2]}" if content.brand.logo else ""
    html, content = _html(content, cids, logo)
    message.set_content(_environment().get_template("mail.txt.j2").render(mail=content), cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    _, related = cast(list[EmailMessage], message.get_payload())
    for number, (chart, cid) in enumerate(zip(content.charts, cids, strict=True), 1):
        name = f"chart{number}.png"
        related.add_related(chart.png, "image", "png", cid=f"<{cid}>", filename=name, disposition="inline")
    if content.brand.logo:
        shown = content.brand.logo.png
        related.add_related(shown, "image", "png", cid=f"<{logo}>", filename="logo.png", disposition="inline")
    for file, data in attached:
        maintype, subtype = KINDS[file.suffix]
        parameters = {"charset": "utf-8"} if maintype == "text" else {}
        message.add_attachment(data, maintype, subtype, filename=line(file.name, 150), params=parameters)
    return message


def _html(content: Content, cids, logo) -> tuple[str, Content]:
    """The body with its style in each element, and what it says: less of it where Gmail would not show all."""
    accent = tones(content.brand.accent) if content.brand.accent else None
    colours = COLOURS | {"accent": accent[0]} if accent else COLOURS
    about = {"cids": cids, "logo": logo, "style": _style(accent), "colours": colours}
    while True:
        page = _environment().get_template("mail.html.j2").render(mail=content, **about)
        html = css_inline.inline(page, keep_style_tags=False, load_remote_stylesheets=False, minify_css=True)
        if len(quopri.encodestring(html.encode())) <= LARGEST_HTML or not (less := shorter(content)):
            return html, content
        content = less


@lru_cache
def _style(accents) -> Markup:
    return Markup(coloured((TEMPLATES / "mail.css").read_text(encoding="utf-8"), accents))


@lru_cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(str(TEMPLATES)),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
    )
