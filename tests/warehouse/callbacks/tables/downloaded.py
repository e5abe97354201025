"""Six people and what became of the message to each, written as each known download writes it."""

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from xml.sax.saxutils import escape

SENT = datetime(2026, 11, 2, 10, tzinfo=UTC)


class Person(NamedTuple):
    """Minutes after SENT; None for what did not happen."""

    phone: str
    email: str
    delivered: int | None
    failed: int | None
    opened: int | None
    clicked: int | None
    wrote: tuple[int, str] | None


PEOPLE = [
    Person("+5511987650001", "ann@example.org", 1, None, 30, 31, None),
    Person("+5511987650002", "bob@example.org", 1, None, 45, None, (50, "Quero!")),
    Person("+4915112345003", "cy@example.com", 2, None, None, None, (60, "STOP")),
    Person("+4915112345004", "di@example.com", None, 3, None, None, None),
    Person("+14155550105", "ed@example.net", 1, None, None, None, None),
    Person("+14155550106", "flo@example.net", None, None, None, None, None),
]


def at(minutes: int | None) -> datetime | None:
    """The moment."""
    return None if minutes is None else SENT + timedelta(minutes=minutes)


class Download(NamedTuple):
    """A file's header and rows, and what of the people it can tell.

    `kinds` are those of the events, with their times where `timed`; without `failures` who was not reached is left out.
    """

    header: str
    rows: Callable[[], list[list]]
    channel: str
    kinds: tuple[str, ...]
    options: tuple[str, ...] = ()
    receipts: bool = True
    timed: bool = True
    failures: bool = True


def _iso(moment, form="%Y-%m-%dT%H:%M:%SZ"):
    return "" if moment is None else moment.strftime(form)


def _plain(moment):
    return _iso(moment, "%Y-%m-%d %H:%M:%S")


def _state(person):
    return "failed" if person.failed else "delivered" if person.delivered else "sent"


def _twilio():
    rows = []
    for n, person in enumerate(PEOPLE):
        status = {"failed": "undelivered"}.get(_state(person), _state(person))
        status = "read" if person.opened else status
        code = "30003" if person.failed else "0"
        ours = ["whatsapp:+4930111", f"whatsapp:{person.phone}", "Sale!", status, _iso(SENT), "2010-04-01"]
        rows.append([*ours, 1, code, "AC1", f"SM{n}", "outbound-api", "-0.07", "USD"])
        if person.wrote:
            when, text = person.wrote
            theirs = [
                f"whatsapp:{person.phone}",
                "whatsapp:+4930111",
                text,
                "received",
                _iso(at(when)),
                "2010-04-01",
                1,
            ]
            rows.append([*theirs, "0", "AC1", f"SMI{n}", "inbound", "-0.01", "USD"])
    return rows[::-1]  # newest first


def _kaleyra():
    rows = []
    for n, person in enumerate(PEOPLE):
        failed = "Number not on WhatsApp" if person.failed else ""
        times = [at(person.failed), SENT, at(person.delivered), at(person.opened)]
        head = [
            "W1",
            f"wamid.{n}",
            "4930111",
            person.phone.lstrip("+"),
            "false",
            "API",
            "template",
            failed,
            "XX",
            "sale",
        ]
        rows.append([*head, "Sale!", _iso(SENT), *map(_iso, times)])
        if person.wrote:
            when, text = person.wrote
            head = ["W1", f"wamid.in{n}", person.phone.lstrip("+"), "4930111", "true", "", "text", "", "XX", ""]
            rows.append([*head, text, _iso(at(when)), "", "", "", ""])
    return rows


def _wolkvox():
    rows = []
    for person in PEOPLE:
        result, since = ("Submitted", SENT) if _state(person) == "sent" else ("Delivered", at(person.delivered))
        result, since = ("Failed", at(person.failed)) if person.failed else (result, since)
        result, since = ("Read", at(person.opened)) if person.opened else (result, since)
        error = "not on WhatsApp" if person.failed else ""
        rows.append(["spring", person.phone.lstrip("+"), result, error, _plain(SENT), _plain(since)])
    return rows


def _told(person):
    """What became of a mail, as words and moments."""
    yield "processed", SENT
    for word in ("delivered", "opened", "clicked", "failed"):
        if getattr(person, word) is not None:
            yield word, at(getattr(person, word))
    if person.wrote and person.wrote[1] == "STOP":
        yield "unsubscribed", at(person.wrote[0])


def _sendgrid():
    words = {"opened": "open", "clicked": "click", "failed": "bounce", "unsubscribed": "unsubscribe"}
    rows = []
    for n, person in enumerate(PEOPLE):
        for word, moment in _told(person):
            row = dict.fromkeys(SENDGRID.split(","), "")
            row |= {"processed": _plain(moment), "message_id": f"id{n}.filter0001.1.0", "event": words.get(word, word)}
            row |= {"subject": "Sale!", "email": person.email.title(), "marketing_campaign_id": "spring"}
            row |= {"reason": "550 5.1.1 unknown user"} if word == "failed" else {}
            row |= {"url": "https://example.org/sale"} if word == "clicked" else {}
            rows.append(list(row.values()))
    return rows[::-1]


def _brevo():
    words = {"clicked": "click", "failed": "hard_bounce", "unsubscribed": "unsubscribe", "processed": "request"}
    return [
        [words.get(word, word), person.email, "9", _plain(moment), int(moment.timestamp()), "spring", "", ""]
        for person in PEOPLE
        for word, moment in _told(person)
    ]


def _vonage():
    return [
        [
            *(f"v{n}", person.phone, {"failed": "rejected", "sent": "submitted"}.get(_state(person), _state(person))),
            *(_iso(SENT), _iso(at(person.failed or person.delivered)), "6" if person.failed else "0", "0.05", "EUR"),
        ]
        for n, person in enumerate(PEOPLE)
    ]


def _mailchimp():
    return [
        [person.email, "", "", 2, 1 if person.opened else 0, 1 if person.clicked else 0]
        for person in PEOPLE
        if not person.failed
    ]


def _customerio():
    moments = ("delivered", "failed", "opened", "clicked")
    return [
        [
            *(f"d{n}", "", person.email, "spring", "Sale!", int(SENT.timestamp())),
            *(int(at(getattr(person, word)).timestamp()) if getattr(person, word) else "" for word in moments),
        ]
        for n, person in enumerate(PEOPLE)
    ]


SENDGRID = (
    "processed,message_id,event,api_key_id,recv_message_id,credential_id,subject,from,email,asm_group_id,template_id,"
    "originating_ip,reason,outbound_ip,outbound_ip_type,mx,url,attempt,user_agent,type,is_unique,username,categories,"
    "marketing_campaign_id,marketing_campaign_name,marketing_campaign_split_id,marketing_campaign_version,unique_args"
)
CAMPAIGN = ("--campaign", "spring")
DOWNLOADED = {
    "twilio_log": Download(
        "From,To,Body,Status,SentDate,ApiVersion,NumSegments,ErrorCode,AccountSid,Sid,Direction,Price,PriceUnit",
        *(_twilio, "whatsapp", ("opened", "replied", "unsubscribed"), CAMPAIGN),
        timed=False,
    ),
    "kaleyra_whatsapp": Download(
        "WABA ID,WHATSAPP_ID,FROM,TO,MESSAGE_DIRECTION,SOURCE,FORMAT,REASON_FOR_FAILURE,COUNTRY,TEMPLATE_NAME,MESSAGE,"
        "CREATED_AT,FAILED_AT,SENT_AT,DELIVERED_AT,SEEN_AT",
        *(_kaleyra, "whatsapp", ("opened", "replied", "unsubscribed"), CAMPAIGN),
    ),
    "wolkvox_whatsapp": Download(
        "CAMPAIGN_ID,TELEPHONE,RESULT,ERROR,DATE,LAST_UPDATE", _wolkvox, "whatsapp", ("opened",)
    ),
    "sendgrid_activity": Download(SENDGRID, _sendgrid, "email", ("opened", "clicked", "unsubscribed")),
    "brevo_events": Download(
        "event,email,id,date,ts,campaignId,reason,link", _brevo, "email", ("opened", "clicked", "unsubscribed")
    ),
    "vonage_reports": Download(
        "message_id,to,status,date_received,date_finalized,error_code,total_price,currency",
        *(_vonage, "sms", (), CAMPAIGN),
    ),
    "mailchimp_recipients": Download(
        "Email Address,First Name,Last Name,Member Rating,Opens,Clicks",
        *(_mailchimp, "email", ("opened", "clicked"), (*CAMPAIGN, "--sent-at", "2026-11-02T10:00")),
        receipts=False,
        timed=False,
        failures=False,
    ),
    "customerio_deliveries": Download(
        "delivery_id,customer_id,recipient,campaign_id,subject,sent,delivered,bounced,opened,clicked",
        *(_customerio, "email", ("opened", "clicked")),
    ),
}


def as_csv(name: str, delimiter=",", preamble="") -> str:
    """The download as a CSV file."""
    text = io.StringIO()
    text.write(preamble)
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(DOWNLOADED[name].header.split(","))
    writer.writerows(DOWNLOADED[name].rows())
    return text.getvalue()


def as_workbook(rows: list[list]) -> bytes:
    """An .xlsx of one page: texts, numbers, and moments as its day numbers with a format of dates."""

    def cell(value):
        if isinstance(value, datetime):
            days = (value.replace(tzinfo=None) - datetime(1899, 12, 30)) / timedelta(days=1)
            return f'<c s="1"><v>{days!r}</v></c>'
        if isinstance(value, int | float):
            return f"<c><v>{value!r}</v></c>"
        return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'

    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    lines = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{office}"><sheets><sheet name="Log" sheetId="1" r:id="r1"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{office}/styles" '
        'Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet {main}><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f"<worksheet {main}><sheetData>{lines}</sheetData></worksheet>",
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for part, text in parts.items():
            packed.writestr(part, text)
    return content.getvalue()
