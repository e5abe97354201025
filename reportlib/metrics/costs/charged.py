"""Messages counted by all that their price depends on, and priced: only counts leave the database."""

import pandas as pd
from sqlalchemy import ColumnElement, and_, case, func, literal, select

from reportlib.metrics.costs.rates import CHARGED, Card
from reportlib.metrics.people.hand_over import handed_over_ms
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import contacts, messages

ABOUT = ("channel", "provider", "category", "country")
DECIMALS = 6


def charged(warehouse: Warehouse, campaign_ids: list, card: Card, flagged=None, flags: tuple[str, ...] = ()):
    """A select of the messages handed over, by campaign_id, ABOUT, status, billable (1, 0 or NULL), currency (of a cost
    that is told, else NULL), period (how many of the card's moments had passed) and `flags`, columns of `flagged` by
    message_id: messages, parts, cost."""
    m, billable = messages.c, warehouse.told(messages.c.billable).element
    priced = and_(m.cost.is_not(None), m.currency.is_not(None))
    period: ColumnElement[int] = literal(0)
    for moment in card.moments:
        period = period + case((func.coalesce(handed_over_ms(), 0) >= moment, 1), else_=0)
    source = messages.outerjoin(contacts, contacts.c.contact_id == m.contact_id)
    if flagged is not None:
        source = source.join(flagged, flagged.c.message_id == m.message_id)
    one = (
        select(
            m.campaign_id,
            m.channel,
            m.provider,
            warehouse.told(m.category),
            contacts.c.country,
            m.status,
            case((billable, 1), (~billable, 0)).label("billable"),
            case((priced, m.currency)).label("currency"),
            period.label("period"),
            *[flagged.c[flag] for flag in flags],
            case((priced, m.cost)).label("cost"),
            func.coalesce(warehouse.told(m.parts).element, 1).label("parts"),
        )
        .select_from(source)
        .where(m.campaign_id.in_(campaign_ids), m.status != "queued")
        .cte("one_message")
    )
    keys = [column for column in one.columns if column.name not in ("cost", "parts")]
    totals = [func.sum(one.c.parts).label("parts"), func.sum(one.c.cost).label("cost")]
    return select(*keys, func.count().label("messages"), *totals).group_by(*keys)


def priced(counted: pd.DataFrame, card: Card) -> pd.DataFrame:
    """The counts of `charged`, each with currency and cost, as told or by the card, converted where the card says so;
    and of its messages told, rated and unpriced: who tells a cost, who has one by the card, and who has none."""
    starts = [0, *card.moments]
    rows = []
    for row in counted.astype("object").where(counted.notna(), None).to_dict("records"):
        count = int(row["messages"])
        found = {"currency": row["currency"], "cost": row["cost"], "told": count, "rated": 0, "unpriced": 0}
        if row["currency"] is None:
            about = {name: row[name] for name in ABOUT}
            price = card.price(starts[int(row["period"])], **about)
            found |= {"told": 0, "cost": None}
            if row["billable"] == 0:
                found |= {"currency": price and price.currency, "cost": 0.0 if price else None}
            elif price is None:
                found |= {"unpriced": count if row["status"] != "failed" else 0}
            else:
                units = int(row["parts"]) if row["channel"] == "sms" else count
                is_charged = row["status"] in CHARGED[price.per]
                found |= {"currency": price.currency, "cost": price.price * units if is_charged else 0.0}
                found["rated"] = count
        worth = dict(card.worth).get(found["currency"])
        if card.into and worth is not None:
            found |= {"currency": card.into, "cost": found["cost"] and found["cost"] * worth}
        rows.append(row | found)
    columns = [*counted.columns, "told", "rated", "unpriced"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype(
        {"cost": "float64", "messages": "int64", "told": "int64", "rated": "int64", "unpriced": "int64"}
    )
