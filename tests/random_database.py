"""Random small databases for hypothesis: the awkward things that real sources send, close together."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from tests.oracle import is_reportable
from tests.small_database import SmallDatabase

ZONES = ("America/Sao_Paulo", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")
TURNING_POINTS = tuple(
    datetime.fromisoformat(text).replace(tzinfo=UTC)
    for text in (
        "2018-11-04T03:00",  # São Paulo's last spring forward: there was no midnight
        "2019-02-17T02:00",  # and its last autumn
        "2024-02-29T23:30",
        "2025-12-31T23:00",
        "2026-03-29T01:00",  # Berlin, spring
        "2026-04-04T15:00",  # Lord Howe goes back by 30 minutes
        "2026-10-03T15:30",  # and forward
        "2026-10-25T01:00",  # Berlin, autumn
        "2026-11-01T18:15",  # midnight and Monday in Kathmandu
    )
)
IDS = (lambda number: number, str, lambda number: f"o'Neill–é🎉%{number}")
GROUPINGS = (
    (),
    ("campaign_id",),
    ("channel",),
    ("provider",),
    ("variant",),
    ("template_id",),
    ("country",),
    ("language",),
    ("carrier",),
    ("email_domain",),
    ("timezone",),
    ("attribute:plan",),
    ("attribute:it's ünusual",),
    ("segment",),
    ("campaign_id", "channel"),
    ("variant", "campaign_id"),
    ("segment", "attribute:plan"),
    ("country", "attribute:plan", "channel"),
)

# channel, provider, code, reason
FAILURES = (
    ("sms", "twilio", "30005", None),
    ("sms", "twilio", "99999", "<b>no such code</b>"),
    ("sms", "twilio", "5.1.1", "not an e-mail, so not an e-mail code"),
    ("sms", None, None, None),
    ("whatsapp", "whatsapp", "131026", "undeliverable"),
    ("whatsapp", "whatsapp", "131049", None),
    ("whatsapp", "whatsapp", "200", None),
    ("whatsapp", "whatsapp", "237", "in a range"),
    ("whatsapp", "whatsapp", "2371", "in no range"),
    ("email", "ses", "Permanent/General", None),
    ("email", "sendgrid", "5.1.1", None),
    ("email", "sendgrid", "4.7.652", "a private code: as 4.7.0"),
    ("email", "postmark", "5.99.1", "no such subject: as class 5"),
    ("email", "mailgun", None, "550 5.2.1 mailbox disabled"),
    ("email", "sendgrid", "550", None),
    ("email", "sendgrid", "bounce/5.2.2", "full"),  # hard, says the provider; why, says the status
    ("email", "brevo", "nothing-like-it", "no idea"),
    ("email", None, "bounce", "550 5.1.1 no such user"),
    ("email", None, "bounce", "452 4.2.2 mailbox full"),
    ("email", "acme", "soft-bounce", None),
    ("email", "acme", "bounce", "Suppressed: asked for no more"),
    ("whatsapp", None, None, "131026: Message undeliverable"),
)
INTEGER_FAILURES = tuple((channel, provider, int(code), reason) for channel, provider, code, reason in FAILURES[:8]
                         if code and code.isdigit())  # fmt: skip

LINKS = (None, None, "https://shop.example/a", "https://shop.example/b?p=1", "https://SHOP.example/Unsubscribe?c=7",
         "https://shop.example/honeypot", "https://shop.example/é")  # fmt: skip
_after_sending = st.sampled_from((-3_600_000, -60_001, -60_000, -59_999, 0, 1, 40_000, 1_800_000, 3_600_000, 7_199_999))
_late = st.integers(0, 3 * 86_400_000)
_after_opening = st.sampled_from((-1, 0, 1, 86_400_000, 86_400_001, 400_000_000))
_optional = lambda *values: st.sampled_from((None, *values))  # noqa: E731  reads as the strategy it is


def milliseconds(number: int) -> timedelta:
    return timedelta(milliseconds=number)


@st.composite
def databases(draw) -> SmallDatabase:
    """A database of 2 accounts, 4 campaigns, 6 contacts, and up to 20 messages and events near a turning point."""
    name = draw(st.sampled_from(IDS))
    point = draw(st.sampled_from(TURNING_POINTS)) + milliseconds(draw(st.integers(-10_800_000, 10_800_000)))
    database = SmallDatabase(opened_at=point + draw(st.sampled_from((timedelta(hours=5), timedelta(days=5)))))
    _accounts_and_campaigns(draw, database, name, point)
    _contacts(draw, database, name)
    _messages(draw, database, name, point)
    _tell_failures_apart(database)
    _events(draw, database, name)
    _scans(draw, database, name)
    _declarations(draw, database, name)
    for value in draw(st.lists(_optional(-5.0, 20.0), max_size=2)):
        after = draw(st.sampled_from((-7_200_000, 60_000, 3_600_000, 400_000_000)))
        database.outcome(
            name(draw(st.integers(1, 6))), value=value, at=point + milliseconds(after), campaign_id=name(1)
        )
    return database


@st.composite
def questions(draw, database: SmallDatabase):
    """What a question is about: everything, one campaign, or a list of them."""
    ids = [row["campaign_id"] for row in database.campaigns if is_reportable(database, row)]
    if not ids:
        return None
    return draw(st.one_of(st.none(), st.sampled_from(ids), st.lists(st.sampled_from(ids), min_size=1, unique=True)))


def _accounts_and_campaigns(draw, database, name, point):
    for number in (1, 2):
        database.account(name(number), draw(st.sampled_from(ZONES)))
        database.segment(name(2 * number - 1), name(number))
        database.segment(name(2 * number), name(number))
    for number in (1, 2, 3, 4):
        database.campaign(
            name(number),
            account=name(1 + number // 3),
            status=draw(st.sampled_from(("sending", "sent", "completed", "completed", "cancelled", "ongoing"))),
            audience=draw(_optional(0, 2, 9)),
            start=draw(_optional(point)),
            variant=draw(_optional("A", "B")),
            template_id=draw(_optional(name(7))),
        )
    database.campaign(name(5), account=name(2), status="draft", audience=5, start=None)


def _declarations(draw, database, name):
    """Of some accounts, and campaigns, it is said what their sources tell."""
    whats = ("delivered", "delivered", "opened", "clicked", "replied", "unsubscribed", "complained")
    row = st.tuples(_optional(1, 2, 3, 4), st.sampled_from(("email", "sms", "whatsapp")), st.sampled_from(whats))
    for campaign, channel, what in draw(st.lists(row, max_size=draw(st.sampled_from((0, 0, 4))), unique=True)):
        about = {"account": name(1 + campaign // 3), "campaign": name(campaign)} if campaign else {"account": name(1)}
        database.declare(channel, what, draw(st.booleans()), **about)


def _contacts(draw, database, name):
    for number in range(1, 7):
        segments = draw(st.sampled_from(((), (1,), (2,), (1, 2), (1, 2, 3, 4))))
        database.contact(
            name(number),
            account=name(1),
            attributes=draw(
                st.dictionaries(st.sampled_from(("plan", "it's ünusual")), _optional("gold", "", "日本"), max_size=2)
            ),
            segments=[name(each) for each in segments],
            country=draw(_optional("BR", "DE")),
            language=draw(_optional("pt", "de")),
            carrier=draw(_optional("Vivo", "Claro <b>")),
            email_domain=draw(_optional("example.com")),
            timezone=draw(_optional("America/Manaus", "Asia/Kathmandu", "Mars/Olympus")),
        )


def _messages(draw, database, name, point):
    codes = INTEGER_FAILURES if draw(st.integers(0, 4)) == 0 else FAILURES
    row = st.tuples(
        st.integers(1, 4),  # campaign
        st.integers(1, 6),  # contact
        st.sampled_from(codes),
        st.sampled_from(("delivered", "delivered", "failed", "sent", "queued")),
        st.integers(0, 2 * 86_400_000) | st.sampled_from((0, 1_800_000, 3_600_000)),
        st.integers(0, 4_000_000),
        st.sampled_from(("all",) * 5 + ("queued_at", "sent_at", "handed over", "final", "any")),  # the times it lacks
        st.sampled_from((False, False, False, True)),  # a delivery that the status does not tell
    )
    for number, drawn in enumerate(draw(st.lists(row, min_size=draw(st.sampled_from((0, 8, 16))), max_size=24)), 1):
        campaign, contact, (channel, provider, code, reason), status, start, duration, lacks, delivered = drawn
        queued = point + milliseconds(start)
        final = queued + milliseconds(duration + number)
        times = {"queued_at": queued, "sent_at": None if status == "queued" else queued + milliseconds(duration // 3)}
        times |= {"delivered_at": final} if status == "delivered" or delivered else {}
        times |= {"failed_at": final + timedelta(days=number)} if status == "failed" else {}
        if status == "failed":
            times |= {"failure_code": code, "failure_reason": reason}
        for column in _LACKING.get(lacks, (lacks,)):
            if column in times:
                times[column] = None
        row = {"message_id": name(number), "channel": channel, "provider": provider, **times}
        database.messages.append({**row, "campaign_id": name(campaign), "contact_id": name(contact), "status": status})


_LACKING = {
    "all": (),
    "handed over": ("queued_at", "sent_at"),
    "final": ("delivered_at", "failed_at"),
    "any": ("queued_at", "sent_at", "delivered_at", "failed_at"),
}


def _tell_failures_apart(database):
    """Which of a person's failures is the latest must be knowable: of several, all have their time."""
    failed = [row for row in database.messages if row["status"] == "failed"]
    for number, row in enumerate(failed):
        same = [each for each in failed if _person(each) == _person(row)]
        if len(same) > 1:
            row["failed_at"] = row["failed_at"] or database.opened_at + timedelta(days=number)


def _person(message):
    return message["campaign_id"], message["contact_id"]


def _events(draw, database, name):
    if not database.messages:
        return
    row = st.tuples(
        st.sampled_from(database.messages),
        st.sampled_from(("opened", "opened", "clicked", "clicked", "replied", "unsubscribed", "complained")),
        st.tuples(st.just("sent"), _after_sending | _late) | st.tuples(st.just("opened"), _after_opening),
        st.sampled_from((True, False, None)),
        st.sampled_from(LINKS),
    )
    for number, drawn in enumerate(draw(st.lists(row, min_size=draw(st.sampled_from((0, 8, 16))), max_size=24)), 1):
        message, kind, (since, offset), machine, url = drawn
        handed_over = message["sent_at"] or message["queued_at"] or database.opened_at - timedelta(hours=4)
        start = handed_over if since == "sent" else database.opened_at
        moment = start + milliseconds(offset)
        moment = None if offset == 40_000 else moment  # of some events nobody knows when
        database.event(message, kind, event_id=name(number), occurred_at=moment, machine=machine, url=url)


def _scans(draw, database, name):
    """Of some e-mails to one domain, links are clicked soon after they arrived, by nobody that the source knows."""
    count = draw(st.sampled_from((0, 0, 5, 7)))
    gateway = next((row["contact_id"] for row in database.contacts if row["email_domain"]), None)
    if not count or gateway is None:
        return
    start, first = database.opened_at - timedelta(hours=4), len(database.messages)
    click = st.tuples(
        st.sampled_from((-59_000, 1_000, 3_000, 3_001, 19_000, 59_000, 700_000, 2_000_000)), st.sampled_from(LINKS)
    )
    for number in range(1, count + 1):
        arrived = start + milliseconds(1_234 * number)
        row = {
            "message_id": name(first + number),
            "campaign_id": name(draw(st.sampled_from((1, 1, 2)))),
            "contact_id": gateway,
        }
        row |= {
            "channel": "email",
            "provider": "acme",
            "status": "delivered",
            "sent_at": arrived,
            "delivered_at": arrived,
        }
        database.messages.append(row | {"queued_at": arrived - timedelta(minutes=1)})
        clicks = draw(st.lists(click, min_size=draw(st.sampled_from((0, 1, 1, 1))), max_size=4))
        for offset, url in clicks:
            moment, number = arrived + milliseconds(offset), len(database.events) + 1
            kind = draw(st.sampled_from(("clicked", "clicked", "clicked", "opened")))
            database.event(row, kind, event_id=name(number), occurred_at=moment, machine=None, url=url)
