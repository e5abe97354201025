"""The clicks of people, with what they clicked on: the one place that asks for them."""

from sqlalchemy import case, func, literal, null, select

from reportlib.metrics.people.hand_over import handed_over_ms
from reportlib.metrics.people.outcomes import acted, counts, is_human
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import events, messages
from reportlib.warehouse.engines import position_of, sound_ms


def human_clicks(warehouse: Warehouse, campaign_ids: list):
    """The clicks of people as `clicked` counts them: message_id, campaign_id, contact_id, channel, label (of a button,
    NULL without one), url, clicked_ms and arrived_ms (of the delivery, else the hand-over), epoch milliseconds."""
    e, m = events.c, messages.c
    return (
        select(
            m.message_id,
            m.campaign_id,
            m.contact_id,
            m.channel,
            warehouse.told(e.label),
            e.url,
            sound_ms(e.occurred_at).label("clicked_ms"),
            func.coalesce(sound_ms(m.delivered_at), handed_over_ms()).label("arrived_ms"),
        )
        .join_from(events, messages, m.message_id == e.message_id)
        .where(e.campaign_id.in_(campaign_ids), m.campaign_id.in_(campaign_ids))
        .where(counts(warehouse.opened_ms), acted("clicked", e.kind, is_human()))
        .cte("human_clicks")
    )


def page_of(url):
    """An address up to its ? or #."""
    return before(before(url, "#"), "?")


def query_of(url):
    """What stands behind the ? of an address, without its fragment; NULL where there is nothing."""
    whole = before(url, "#")
    at = position_of(whole, "?")
    return func.nullif(case((at > 0, func.substr(whole, at + 1)), else_=""), "")


def value_of(query, name: str):
    """The value of a parameter in a query, NULL where it is not there or empty."""
    sign = f"&{name}="
    whole = literal("&").concat(query)
    at = position_of(whole, sign)
    found = before(func.substr(whole, at + len(sign)), "&")
    return case((at > 0, func.nullif(found, "")), else_=null())


def before(text, sign: str):
    """What stands before the first `sign`: all, where there is none."""
    at = position_of(text, sign)
    return case((at > 0, func.substr(text, 1, at - 1)), else_=text)
