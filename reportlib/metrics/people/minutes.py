"""When messages were sent, delivered and failed, in minutes: what the timeline shows."""

from sqlalchemy import Select, case, func, literal, or_, select, union_all

from reportlib.metrics.local_time import MINUTE_MS
from reportlib.warehouse.contract.tables import messages
from reportlib.warehouse.engines import sound_ms

NOT_SENT, FAILED, PENDING, DELIVERED = range(4)  # outcomes, in the order in which they beat each other


def outcome(engaged, status=messages.c.status):
    """The outcome of one message, given the condition that someone opened, clicked or replied to it."""
    return case(
        (status == "failed", FAILED),
        (or_(status == "delivered", engaged), DELIVERED),
        (status == "sent", PENDING),
        else_=NOT_SENT,
    )


def steps(engaged, engaged_ms) -> list:
    """Of a message its outcome, and when it was sent, delivered and failed, epoch milliseconds; given the condition
    that someone reacted, and when they first did, where nothing else tells its delivery."""
    m = messages.c
    sent, delivered, failed = sound_ms(m.sent_at), sound_ms(m.delivered_at), sound_ms(m.failed_at)
    reached = func.coalesce(delivered, engaged_ms)
    return [
        outcome(engaged).label("outcome"),
        func.coalesce(sent, delivered, failed, engaged_ms).label("sent"),
        case((reached < sent, sent), else_=reached).label("delivered"),
        case((failed < sent, sent), else_=failed).label("failed"),
    ]


def per_minute(rows, *keys: str) -> Select:
    """Messages by `keys`, status and minute_ms (UTC; NULL where nothing tells it), of rows with those of `steps`."""
    happened = {
        "sent": rows.c.outcome != NOT_SENT,
        "delivered": rows.c.outcome == DELIVERED,
        "failed": rows.c.outcome == FAILED,
    }
    moments = union_all(
        *[
            select(*[rows.c[key] for key in keys], literal(status).label("status"), rows.c[status].label("ms")).where(
                condition
            )
            for status, condition in happened.items()
        ]
    ).cte("moments")
    minute = (moments.c.ms - moments.c.ms % MINUTE_MS).label("minute_ms")
    told = select(*[moments.c[key] for key in keys], moments.c.status, minute).cte("per_minute")
    return select(*told.c, func.count().label("messages")).group_by(*told.c)
