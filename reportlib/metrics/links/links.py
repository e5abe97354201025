"""People by the link that they followed or the button that they tapped."""

import os

import pandas as pd
from sqlalchemy import case, func, select

from reportlib.metrics.links.clicked import human_clicks, page_of, query_of, value_of
from reportlib.metrics.links.pages import link, telling_parameters
from reportlib.metrics.local_time import HOUR_MS
from reportlib.metrics.memo import remembered
from reportlib.metrics.people.breakdown import breakdown
from reportlib.metrics.people.measured import in_base, told_by
from reportlib.metrics.people.totals import of_people
from reportlib.metrics.selection.campaigns import asked_in_portions, select_campaigns
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import messages
from reportlib.warehouse.engines import in_byte_order

PARAMETERS_VARIABLE = "REPORTLIB_LINK_PARAMETERS"  # names of parameters that tell pages apart, with commas between
LINK, BUTTON = "link", "button"
MOST_QUERIES = 5_000  # the most clicked, in which parameters that tell pages apart are looked for
KEY = ["campaign_id", "channel"]
PEOPLE = ["people", "in_base", "first_hour"]


@of_people
@remembered
def links(warehouse: Warehouse, campaigns=None, parameters=None) -> pd.DataFrame:
    """Who followed which link, or tapped which button, the most people first.

    A link is an address without what it is tracked by. Of its query those `parameters` are kept; where they are None,
    those that REPORTLIB_LINK_PARAMETERS names, else those that tell pages apart (`telling_parameters`). People are
    those of `clicked` of `engagement`; a person who followed two is in both.

    Returns
    -------
    DataFrame, one row per campaign, channel and link or button, with the columns
        campaign_id : as the source has it; channel : str
        kind : str, "link" or "button"
        link : str, "shop.example/sale?id=7", without what may be a secret; a button's label, and NO_PAGE where an
            address is none of the web
        people : int64, who followed it at least once
        in_base : int64, those of them in the engagement base of the campaign's channel
        first_hour : int64, people who followed it within an hour after their message had come
        clickers, clickers_in_base : int64, people of the campaign and channel who clicked on anything
        engagement_base : int64, people; engagement_base_name : str, as in `engagement`
    Clicks of which the source tells neither address nor label are in clickers only. Where addresses differ in what
    is left out of their path, the people of each are added up.

    Raises
    ------
    UnknownCampaign, CampaignNotStarted

    Example
    -------
    >>> metrics.links(warehouse, "spring-sale")[["channel", "kind", "link", "people"]].head(2)
        channel    kind        link  people
    0  whatsapp  button  Ver oferta     528
    1  whatsapp  button   Condições     188
    """
    chosen = select_campaigns(warehouse, campaigns)
    ids = chosen["campaign_id"].tolist()
    names = _names(warehouse, ids, parameters)
    told = told_by(warehouse, chosen)
    found = asked_in_portions(warehouse, ids, lambda part: _people(warehouse, part, names, told))
    kind_of_id = chosen["campaign_id"].dtype  # of no rows it would be text
    frame = found.astype({"campaign_id": kind_of_id}).assign(
        kind=found["label"].notna().map({True: BUTTON, False: LINK}),
        link=[
            row["label"] if not pd.isna(row["label"]) else link(row["page"], _values(row, names))
            for row in found.to_dict("records")
        ],
    )
    each = frame.groupby([*KEY, "kind", "link"], as_index=False, sort=False)[PEOPLE].sum()
    base = breakdown(warehouse, ids, by=tuple(KEY))
    base = base.rename(columns={"clicked": "clickers", "clicked_in_base": "clickers_in_base"})
    base = base[[*KEY, "clickers", "clickers_in_base", "engagement_base", "engagement_base_name"]]
    frame = each.merge(base, on=KEY, how="left")
    place = {campaign: at for at, campaign in enumerate(ids)}
    frame = frame.assign(place=frame["campaign_id"].map(place)).sort_values(
        ["place", "people", "channel", "kind", "link"], ascending=[True, False, True, True, True], ignore_index=True
    )
    whole = [*PEOPLE, "clickers", "clickers_in_base", "engagement_base"]
    for name in whole:
        frame[name] = frame[name].fillna(0)
    columns = [*KEY, "kind", "link", *whole, "engagement_base_name"]
    return frame[columns].astype(dict.fromkeys(whole, "int64") | dict.fromkeys(("kind", "link"), "str"))


def _names(warehouse, ids, parameters) -> tuple[str, ...]:
    """The parameters that are kept of queries."""
    if parameters is None:
        parameters = [name.strip() for name in os.environ.get(PARAMETERS_VARIABLE, "").split(",") if name.strip()]
        if not parameters:
            return telling_parameters(_queries(warehouse, ids))
    return tuple(dict.fromkeys(parameters))


def _queries(warehouse, ids):
    """The most clicked pages with their queries: page, query, clicks."""
    click = human_clicks(warehouse, ids)
    asked = select(page_of(click.c.url).label("page"), query_of(click.c.url).label("query")).cte("asked")
    clicks = func.count().label("clicks")
    each = select(asked.c.page, asked.c.query, clicks).where(asked.c.query.is_not(None))
    each = each.group_by(asked.c.page, asked.c.query)
    ordered = each.order_by(clicks.desc(), in_byte_order(asked.c.page), in_byte_order(asked.c.query))
    return warehouse.sql(ordered.limit(MOST_QUERIES)).itertuples(index=False, name=None)


def _people(warehouse, ids, names, told):
    """People by campaign_id, channel, label, page and the values of the parameters p0, p1, …: people, in_base,
    first_hour."""
    click = human_clicks(warehouse, ids)
    url = case((click.c.label.is_(None), click.c.url))  # of a button its label tells it
    values = [value_of(query_of(url), name).label(f"p{at}") for at, name in enumerate(names)]
    soon = case((click.c.clicked_ms - click.c.arrived_ms <= HOUR_MS, 1), else_=0).label("soon")
    person = (click.c.campaign_id, click.c.channel, click.c.contact_id)
    one = (
        select(*person, click.c.label, page_of(url).label("page"), *values, soon)
        .where(func.coalesce(click.c.label, click.c.url).is_not(None))
        .cte("followed")
    )
    what = [one.c.campaign_id, one.c.channel, one.c.label, one.c.page, *[one.c[value.name] for value in values]]
    each = select(*what, one.c.contact_id, func.max(one.c.soon).label("soon")).group_by(*what, one.c.contact_id)
    each = each.cte("each_of_them")
    m = messages.c
    based = (
        select(m.campaign_id, m.channel, m.contact_id)
        .where(m.campaign_id.in_(ids), in_base(told[told["campaign_id"].isin(ids)]))
        .distinct()
        .cte("based")
    )
    same = [each.c[name] == based.c[name] for name in ("campaign_id", "channel", "contact_id")]
    groups = [each.c[column.name] for column in what]
    return (
        select(
            *groups,
            func.count().label("people"),
            func.count(based.c.contact_id).label("in_base"),
            func.sum(each.c.soon).label("first_hour"),
        )
        .select_from(each.outerjoin(based, same[0] & same[1] & same[2]))
        .group_by(*groups)
    )


def _values(row, names) -> dict:
    return {name: None if pd.isna(row[f"p{at}"]) else row[f"p{at}"] for at, name in enumerate(names)}
