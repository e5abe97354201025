"""Who left an account in a week by no campaign's link: opt-outs that a source keeps without a message."""

from sqlalchemy import func, select

from reportlib.metrics.selection.accounts import select_account
from reportlib.metrics.weekly.iso_week import Week
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import contacts, outcomes
from reportlib.warehouse.engines import sound_ms

LEFT = "unsubscribed"


def left_account(warehouse: Warehouse, account, week: Week) -> int:
    """How many people of the account have an outcome of the kind LEFT in the week that names no campaign.

    `account` is as in `select_account`. Raises InvalidParameters (no such account), UnknownTimeZone.
    """
    about = select_account(warehouse, account)
    if not warehouse.has(outcomes):
        return 0
    o, at = outcomes.c, sound_ms(outcomes.c.occurred_at)
    edges = week.start(about["timezone"]), week.end(about["timezone"])
    start, end = (int(moment.timestamp() * 1000) for moment in edges)
    people = (
        select(func.count(o.contact_id.distinct()).label("people"))
        .join_from(outcomes, contacts, contacts.c.contact_id == o.contact_id)
        .where(contacts.c.account_id == about["account_id"], o.kind == LEFT, o.campaign_id.is_(None))
        .where(at >= start, at < end)
    )
    return int(warehouse.sql(people)["people"].iloc[0])
