"""Why people left: their words or their provider's, and what they had followed before."""

import pandas as pd
from sqlalchemy import String, and_, case, cast, func, select

from reportlib.metrics.links.clicked import human_clicks, page_of
from reportlib.metrics.links.pages import link
from reportlib.metrics.memo import remembered
from reportlib.metrics.people.outcomes import counts
from reportlib.metrics.selection.campaigns import asked_in_portions, select_campaigns
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import events, messages
from reportlib.warehouse.engines import epoch_ms, in_byte_order

LONGEST, KEYWORD = 60, 12  # letters of a reason, and of a word like STOP, however it is written
NOT_TOLD, FOLLOWED_NOTHING = "(no reason told)", "(no click before)"
KEY = ["campaign_id", "channel", "kind"]


@remembered
def opt_outs(warehouse: Warehouse, campaigns=None) -> pd.DataFrame:
    """People who left or complained, by reason and by what they had clicked on last before, the most people first.

    Returns
    -------
    DataFrame, one row per campaign, channel, kind, reason and link, with the columns
        campaign_id : as the source has it; channel : str
        kind : str, "unsubscribed" or "complained"
        reason : str, a keyword in capitals, a sentence cut at LONGEST letters; NOT_TOLD where none is
        link : str, what they last clicked on in the campaign and channel before, as in `links`; FOLLOWED_NOTHING
        people : int64, each once for a kind, by the first time; sums to `unsubscribed` and `complained` of
            `engagement` by channel

    Raises
    ------
    UnknownCampaign, CampaignNotStarted

    Example
    -------
    >>> metrics.opt_outs(warehouse, "spring-sale")[["channel", "kind", "reason", "people"]].head(2)
        channel          kind reason  people
    0  whatsapp  unsubscribed  PARAR      28
    1       sms  unsubscribed  PARAR      14
    """
    chosen = select_campaigns(warehouse, campaigns)
    ids = chosen["campaign_id"].tolist()
    found = asked_in_portions(warehouse, ids, lambda part: _left(warehouse, part))
    links = [_followed(label, page) for label, page in zip(found["label"], found["page"], strict=True)]
    reasons = [_reason(reason) for reason in found["reason"]]
    kinds = {"campaign_id": chosen["campaign_id"].dtype, "reason": "str", "link": "str"}  # of no rows it would be text
    told = found.assign(reason=reasons, link=links).astype(kinds)
    frame = told.groupby([*KEY, "reason", "link"], as_index=False, sort=False)["people"].sum()
    order = {campaign: at for at, campaign in enumerate(ids)}
    frame = frame.assign(place=frame["campaign_id"].map(order)).sort_values(
        ["place", "people", "channel", "kind", "reason", "link"],
        ascending=[True, False, True, True, True, True],
        ignore_index=True,
    )
    return frame.drop(columns="place").astype({"people": "int64"})


def _left(warehouse, ids):
    """People by campaign_id, channel, kind, reason, label and page of their last click before they left."""
    e, m = events.c, messages.c
    at, reason = epoch_ms(e.occurred_at), warehouse.told(e.reason).element
    who = (m.campaign_id, m.channel, m.contact_id)
    first = (
        at.asc().nulls_last(),
        in_byte_order(func.coalesce(reason, "")).desc(),
        in_byte_order(cast(e.event_id, String)),
    )
    left = (
        select(
            *who,
            e.kind,
            reason.label("reason"),
            at.label("left_ms"),
            func.row_number().over(partition_by=(*who, e.kind), order_by=first).label("nth"),
        )
        .join_from(events, messages, m.message_id == e.message_id)
        .where(e.campaign_id.in_(ids), m.campaign_id.in_(ids), e.kind.in_(("unsubscribed", "complained")))
        .where(counts(warehouse.opened_ms))
        .cte("people_who_left")
    )
    click = human_clicks(warehouse, ids)
    followed = select(
        click.c.campaign_id, click.c.channel, click.c.contact_id, click.c.label, page_of(click.c.url).label("page")
    )
    followed = followed.add_columns(click.c.clicked_ms).where(click.c.clicked_ms.is_not(None)).cte("followed")
    same = and_(
        *[left.c[name] == followed.c[name] for name in ("campaign_id", "channel", "contact_id")],
        followed.c.clicked_ms <= left.c.left_ms,
    )
    what = (in_byte_order(func.coalesce(followed.c.label, "")), in_byte_order(func.coalesce(followed.c.page, "")))
    person = (left.c.campaign_id, left.c.channel, left.c.kind, left.c.contact_id)
    last = func.row_number().over(partition_by=person, order_by=(followed.c.clicked_ms.desc().nulls_last(), *what))
    one = (
        select(
            left.c.campaign_id,
            left.c.channel,
            left.c.kind,
            left.c.reason,
            followed.c.label,
            case((followed.c.label.is_(None), followed.c.page)).label("page"),
            last.label("nth"),
        )
        .select_from(left.outerjoin(followed, same))
        .where(left.c.nth == 1)
        .cte("each_who_left")
    )
    keys = [one.c[name] for name in ("campaign_id", "channel", "kind", "reason", "label", "page")]
    return select(*keys, func.count().label("people")).where(one.c.nth == 1).group_by(*keys)


def _reason(reason) -> str:
    said = "" if pd.isna(reason) else " ".join(str(reason).split())
    said = said.upper() if len(said) <= KEYWORD and said.isalpha() else said
    return (said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…") or NOT_TOLD


def _followed(label, page) -> str:
    if not pd.isna(label):
        return str(label)
    return FOLLOWED_NOTHING if pd.isna(page) else link(page, {})
