"""People to act on, one by one: too long a table for memory, so that these are selects, to be streamed."""

from sqlalchemy import Select, String, and_, cast, func, literal, select

from reportlib.errors import InvalidParameters
from reportlib.metrics.audience.account import MOVED_DAYS, Audience, audience
from reportlib.metrics.audience.cells import SLEEPER_DAYS, sleeps
from reportlib.metrics.audience.people import ALL_CHANNELS, everybody
from reportlib.metrics.audience.settled import with_contacts
from reportlib.metrics.local_time import DAY_MS, local_ms
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import contact_attributes

SLEEPERS, AT_RISK, UNREACHABLE, OVER_PRESSED = "sleepers", "at-risk", "unreachable", "over-pressed"
WHO = (SLEEPERS, AT_RISK, UNREACHABLE, OVER_PRESSED)
ADDRESSES = ("phone", "whatsapp", "email")
TEXTS = ("account_id", "contact_id", "channel", "reason")
TIMES = ("first_written_at", "last_written_at", "last_reacted_at", "lost_at")
USUAL_CAP = 3  # messages in seven days


def people_listed(
    warehouse: Warehouse, account=None, who: str = SLEEPERS, sleeper_days: int = SLEEPER_DAYS, cap: int = USUAL_CAP,
    addresses: tuple[str, ...] = (),
) -> Select:  # fmt: skip
    """A select of people of an account, one row per person and channel.

    `who` is one of WHO: those who sleep; those at risk to, whose last reaction is more than half of `sleeper_days` ago;
    those lost on the channel; those who can be reached and got more than `cap` messages in seven days, on average of
    the last 30, over all channels. Columns: TEXTS; TIMES as epoch milliseconds, each followed by NAME_offset, that of
    the account's zone then; messages_in_30_days; a column for each of `addresses`, attributes of the contact.

    Raises
    ------
    InvalidParameters (no such account, nobody was written to), UnknownTimeZone
    """
    about = audience(warehouse, account)
    if about is None:
        raise InvalidParameters("nobody of this account was written to: there is no list to write")
    person = with_contacts(about, everybody(about))
    p = person.c
    moments = zip(TIMES, (p.first_ms, p.last_ms, p.reacted_ms, p.lost_ms), strict=True)
    source, columns = person, []
    for name in addresses:
        own = contact_attributes.alias()
        source = source.outerjoin(own, and_(own.c.contact_id == p.contact_id, own.c.attribute == name))
        columns.append(func.nullif(cast(own.c.value, String), "").label(name))
    return (
        select(
            cast(literal(str(about.account_id)), String).label("account_id"),
            cast(p.contact_id, String).label("contact_id"),
            p.channel,
            p.reason,
            *[
                column
                for name, ms in moments
                for column in (ms.label(name), (local_ms(ms, about.zone) - ms).label(f"{name}_offset"))
            ],
            p.recent.label("messages_in_30_days"),
            *columns,
        )
        .select_from(source)
        .where(_is(about, p, who, sleeper_days, cap))
    )


def _is(about: Audience, p, who, sleeper_days, cap):
    of_channel, reached = p.channel != ALL_CHANNELS, p.lost_ms.is_(None)
    if who == SLEEPERS:
        return and_(of_channel, sleeps(p, about.as_of_ms, p.reacted_ms, sleeper_days))
    if who == AT_RISK:
        ago = [about.as_of_ms - days * DAY_MS for days in (sleeper_days, sleeper_days / 2)]
        return and_(of_channel, reached, p.reacted_ms > ago[0], p.reacted_ms <= int(ago[1]))
    if who == UNREACHABLE:
        return and_(of_channel, p.lost_ms.is_not(None))
    return and_(p.channel == ALL_CHANNELS, reached, p.recent > cap * MOVED_DAYS // 7)
