"""The clicks of people, with what they clicked on: the one place that asks for them."""

from sqlalchemy import case, func, literal, null, select

from reportlib.metrics.people.counted import counts
from reportlib.metrics.people.hand_over import handed_over_ms
from reportlib.metrics.people.machines.evidence import judge_of
from reportlib.metrics.people.machines.judge import judged_events
from reportlib.metrics.people.machines.link_patterns import ASIDE
from reportlib.metrics.people.machines.rules import HUMAN
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import events, messages
from reportlib.warehouse.engines import position_of, sound_ms


def human_clicks(warehouse: Warehouse, campaign_ids: list):
    """The clicks of people, on links that are no content too: message_id, campaign_id, contact_id, channel, label (of
    a button, NULL without one), url, clicked_ms, arrived_ms (of the delivery, else the hand-over), both epoch
    milliseconds."""
    e, m = events.c, messages.c
    source, verdict = judged_events(judge_of(warehouse, campaign_ids))
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
        .select_from(source)
        .where(e.campaign_id.in_(campaign_ids), m.campaign_id.in_(campaign_ids))
        .where(counts(warehouse.opened_ms), e.kind == "clicked", verdict.in_((HUMAN, ASIDE)))
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
