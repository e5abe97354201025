"""Totals that cannot be right: of `campaign_totals`, more of something than there are people it could be of."""

from sqlalchemy import and_, case, func, or_, select

from reportlib.definitions import EVENT_KINDS
from reportlib.warehouse.check.rule import BREAKS, NOTE, Rule
from reportlib.warehouse.contract.tables import campaign_totals, messages

LEDGER = ("audience", "sent", "delivered", "failed")
CAPPED = "Reports count as many as there can be, so that no rate is above 100 %."


def totals_rules() -> list[Rule]:
    """The rules on totals, besides those on every table."""
    return [*_numbers(), *_ledger(), _beside_messages()]


def _numbers():
    t = campaign_totals.c
    below = or_(t.people < 0, t.total < 0)
    yield _rule("people or total is below 0", below, "Nobody can do less than nothing.", severity=BREAKS)
    empty = and_(t.people.is_(None), t.total.is_(None))
    yield _rule("neither people nor total", empty, "The row says nothing: what it is of counts as not measured.")
    fewer = "Everybody did it at least once; people are counted as they are."
    yield _rule("total is below people", t.total < t.people, fewer)


def _ledger():
    """Held against the ledger of the same campaign and channel."""
    t = campaign_totals.c
    people = [func.max(case((t.what == name, t.people))).label(name) for name in LEDGER]
    ledger = select(t.campaign_id, t.channel, *people).group_by(t.campaign_id, t.channel).subquery().c
    same = and_(ledger.campaign_id == t.campaign_id, ledger.channel == t.channel)
    source = campaign_totals.join(ledger.campaign_id.table, same)
    did = t.what.in_(EVENT_KINDS)
    settled = ledger.delivered + ledger.failed
    for problem, condition, explanation in (
        ("more sent than audience", and_(t.what == "sent", t.people > ledger.audience), CAPPED),
        ("more delivered than sent", and_(t.what == "delivered", t.people > ledger.sent), CAPPED),
        ("more delivered and failed than sent", and_(t.what == "failed", settled > ledger.sent), CAPPED),
        ("more did it than were delivered", and_(did, t.people > ledger.delivered), CAPPED),
        (
            "more did it than were sent to",
            and_(did, ledger.delivered.is_(None), t.people > func.coalesce(ledger.sent, ledger.audience)),
            CAPPED,
        ),
        (
            "neither audience, sent nor delivered",
            and_(did, func.coalesce(ledger.audience, ledger.sent, ledger.delivered).is_(None)),
            "Nothing says of how many people: there is no rate.",
        ),
    ):
        yield _rule(problem, condition, explanation, source)


def _beside_messages() -> Rule:
    with_messages = select(messages.c.campaign_id).distinct().subquery().c.campaign_id
    source = campaign_totals.join(with_messages.table, with_messages == campaign_totals.c.campaign_id)
    what = "Reports count the campaign's messages, and leave its totals out."
    return _rule("totals of a campaign with messages", with_messages.is_not(None), what, source)


def _rule(problem, condition, explanation, source=campaign_totals, severity=NOTE):
    return Rule("campaign_totals", problem, severity, source, condition, explanation)
