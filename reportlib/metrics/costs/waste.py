"""What was paid for nothing, and whom Meta's own limit kept from a message."""

import pandas as pd
from sqlalchemy import String, case, cast, exists, func, select

from reportlib.metrics.costs.charged import charged, priced
from reportlib.metrics.costs.costs import summed
from reportlib.metrics.costs.rates import read_rates
from reportlib.metrics.failures.by_reason import last_failures
from reportlib.metrics.failures.catalogue import read_catalogue
from reportlib.metrics.failures.permanent import permanently_failed
from reportlib.metrics.memo import remembered
from reportlib.metrics.people.hand_over import handed_over_ms
from reportlib.metrics.people.outcomes import engagement_events, implied_deliveries
from reportlib.metrics.selection.campaigns import asked_in_portions, select_campaigns
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import messages
from reportlib.warehouse.engines import in_byte_order

FAILED, TWICE, KNOWN = "failed", "twice", "known"
LIMIT_CODE = "131049"  # Meta sends a person no more marketing for now


@remembered
def waste(warehouse: Warehouse, campaigns=None, rates: str | None = None, catalogue: str | None = None) -> pd.DataFrame:
    """Messages that reached nobody more, and what was paid for them.

    Returns
    -------
    DataFrame, one row per what and currency, with the columns
        what : str
            "known" : to an address whose last word on the channel, in whatever campaign, was a failure that the
                catalogue's codes call permanent, and that was not delivered this time either
            "twice" : to a person who had had one of the campaign on the channel, that was not known to fail
            "failed" : that failed, and is neither
            A message is in the first of them that it is.
        currency : str, NA for those without a price
        messages : int64; cost : float64, in the currency

    Raises
    ------
    UnknownCampaign, CampaignNotStarted, InvalidParameters (an unusable card or catalogue)

    Example
    -------
    >>> metrics.waste(warehouse, "spring-sale")[["what", "currency", "messages"]].head(2)
         what currency  messages
    0  failed      BRL       819
    1   known      BRL         6
    """
    ids, card = select_campaigns(warehouse, campaigns)["campaign_id"].tolist(), read_rates(rates)
    people = select(messages.c.contact_id).where(messages.c.campaign_id.in_(ids))
    bad = permanently_failed(warehouse, read_catalogue(catalogue), messages.c.contact_id.in_(people))
    found = asked_in_portions(
        warehouse, ids, lambda part: charged(warehouse, part, card, _flagged(part, bad), ("is_known", "is_twice"))
    )
    found = priced(found, card)
    known, twice = (found["is_known"] == 1) & (found["status"] != "delivered"), found["is_twice"] == 1
    what = pd.Series(None, found.index, "object").mask(found["status"] == "failed", FAILED)
    what = what.mask(twice, TWICE).mask(known, KNOWN)
    wasted = found.assign(what=what)[what.notna()]
    return summed(wasted, ("what",), ("messages",), ("cost",)).astype({"what": "str"})


def _flagged(ids, bad):
    """message_id, is_known and is_twice (1 or 0) of the messages handed over in these campaigns."""
    m, at = messages.c, func.coalesce(handed_over_ms(), 0)
    order = (at, in_byte_order(cast(m.message_id, String)))
    people = select(m.contact_id).where(m.campaign_id.in_(ids))
    word = case((bad, -1), (m.status == "delivered", 1))
    rank = func.row_number().over(partition_by=(m.contact_id, m.channel), order_by=order)
    ranked = (
        select(m.message_id, m.campaign_id, m.contact_id, m.channel, m.status, word.label("word"), rank.label("rank"))
        .where(m.contact_id.in_(people), m.status != "queued")
        .cte("ranked")
    )
    r = ranked.c
    earlier = {"partition_by": (r.contact_id, r.channel), "order_by": r.rank, "rows": (None, -1)}
    last_bad = func.max(case((r.word == -1, r.rank))).over(**earlier)
    last_good = func.max(case((r.word == 1, r.rank))).over(**earlier)
    reached = func.count(case((r.status != "failed", 1))).over(
        partition_by=(r.campaign_id, r.contact_id, r.channel), order_by=r.rank, rows=(None, -1)
    )
    told = select(
        r.message_id,
        r.campaign_id,
        last_bad.label("last_bad"),
        func.coalesce(last_good, 0).label("last_good"),
        func.coalesce(reached, 0).label("reached"),
    ).cte("told_before")
    t = told.c
    return (
        select(
            t.message_id,
            case((t.last_bad > t.last_good, 1), else_=0).label("is_known"),
            case((t.reached > 0, 1), else_=0).label("is_twice"),
        )
        .where(t.campaign_id.in_(ids))
        .cte("flagged")
    )


def marketing_limit(warehouse: Warehouse, campaigns=None) -> dict[str, int]:
    """People whom no message reached because Meta sends each person only so much marketing (131049), and how many of
    them have ever had an SMS of the account delivered: `people` and `by_sms`. Raises as `waste`.

    Example
    -------
    >>> metrics.marketing_limit(warehouse, "spring-sale")
    {'people': 117, 'by_sms': 48}
    """
    ids = select_campaigns(warehouse, campaigns)["campaign_id"].tolist()

    def limited(part):
        engaged = implied_deliveries(engagement_events(part, warehouse.opened_ms))
        last = last_failures(part, (), engaged)
        sms = messages.alias("sms")
        reached = exists().where(
            sms.c.contact_id == last.c.contact_id, sms.c.channel == "sms", sms.c.status == "delivered"
        )
        counted = (
            func.count().label("people"),
            func.coalesce(func.sum(case((reached, 1), else_=0)), 0).label("by_sms"),
        )
        return select(*counted).where(last.c.nth == 1, last.c.channel == "whatsapp", last.c.code == LIMIT_CODE)

    found = asked_in_portions(warehouse, ids, limited)
    return {name: int(found[name].sum()) for name in ("people", "by_sms")}
