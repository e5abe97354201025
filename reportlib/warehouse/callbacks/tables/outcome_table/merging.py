"""Outcomes of a file into the database: whose each is, and each once."""

from sqlalchemy import BigInteger, Connection, Double, Text, and_, delete, func, insert, select

from reportlib.warehouse.callbacks.merging.addressees import addressees, find_addressees
from reportlib.warehouse.callbacks.tables.outcome_table.row import Outcome
from reportlib.warehouse.contract.tables import campaigns, messages, outcomes
from reportlib.warehouse.engines import append, at_epoch_ms, made_anew, temporary

NOBODY = "its person is no contact"
SEVERAL = "its person may be several contacts"
_TEXTS = ("outcome_id", "person", "kind", "currency", "campaign_id", "message_id")
_TYPES = {"row": BigInteger, **dict.fromkeys(_TEXTS, Text), "at_ms": BigInteger, "value": Double}
staged = temporary("staged_outcomes", **_TYPES)


def merge_outcomes(connection: Connection, found: list[tuple[int, Outcome]]) -> tuple[int, int, dict[int, str]]:
    """Put outcomes, each with the number of its row, into the database; one that is there already is replaced.

    Returns how many are new, how many were there, and why rows are refused, by number. A campaign or a message that
    the database does not have is left out of its outcome.
    """
    made_anew(connection, staged)
    rows = [(row, *(getattr(one, name) for name in _TEXTS), one.at_ms, one.value) for row, one in found]
    append(connection, staged, rows)
    s, a, o = staged.c, addressees.c, outcomes.c
    find_addressees(connection, select(s.person))
    people = func.count(a.contact_id.distinct())
    person = select(a.recipient, func.min(a.contact_id).label("contact_id"), people.label("people"))
    whose = person.group_by(a.recipient).cte("whose")
    told = select(s.row, whose.c.people).select_from(staged.outerjoin(whose, whose.c.recipient == s.person))
    refused = {
        row: SEVERAL if people else NOBODY for row, people in connection.execute(told) if people is None or people > 1
    }
    usable = and_(whose.c.recipient == s.person, whose.c.people == 1)
    there = connection.execute(
        select(func.count()).select_from(staged.join(whose, usable).join(outcomes, o.outcome_id == s.outcome_id))
    ).scalar_one()
    of_these = select(s.outcome_id).select_from(staged.join(whose, usable))
    source = staged.join(whose, usable).outerjoin(campaigns, campaigns.c.campaign_id == s.campaign_id)
    source = source.outerjoin(messages, messages.c.message_id == s.message_id)
    ours = (s.outcome_id, whose.c.contact_id, s.kind, at_epoch_ms(s.at_ms), s.value, s.currency)
    new = select(*ours, campaigns.c.campaign_id, messages.c.message_id).select_from(source)
    connection.execute(delete(outcomes).where(o.outcome_id.in_(of_these)))
    connection.execute(insert(outcomes).from_select([column.name for column in outcomes.columns], new))
    return len(found) - len(refused) - there, there, refused
