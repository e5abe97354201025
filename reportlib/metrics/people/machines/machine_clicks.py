"""What was left out of the clicks, by which rule, and behind which domains."""

import pandas as pd
from sqlalchemy import and_, case, func, literal, select

from reportlib.metrics.people.counted import counts
from reportlib.metrics.people.machines.evidence import judge_of
from reportlib.metrics.people.machines.judge import word_of
from reportlib.metrics.people.machines.rules import HUMAN, MACHINE, UNSURE
from reportlib.metrics.selection.campaigns import asked_in_portions, select_campaigns
from reportlib.metrics.selection.grouping import UNKNOWN
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import contacts, events, messages

KEYS = ["campaign_id", "channel", "verdict", "rule", "domain"]
COLUMNS = dict.fromkeys(KEYS[1:], "str") | {"clicks": "int64", "people": "int64"}
WITH_DOMAIN = "whole domain"


def machine_clicks(warehouse: Warehouse, campaigns=None) -> pd.DataFrame:
    """The clicks that are not counted as people's on content: why not, and how many.

    Returns
    -------
    DataFrame, one row per campaign, channel, verdict, rule and domain, the most clicks first, with the columns
        campaign_id : as the source has it
        channel : str
        verdict : str, "machine"; "unsure"; or "aside", people's clicks on links that are no content
        rule : str, a key of RULES that tells a machine: flagged, hidden link, many links, whole domain,
            too soon; empty for aside
        domain : str, the mailbox domain of the people where the rule is whole domain, else empty
        clicks : int64, events
        people : int64, each once in a row, whatever else they clicked

    Raises
    ------
    UnknownCampaign, CampaignNotStarted

    Example
    -------
    >>> metrics.machine_clicks(warehouse, "spring-sale")[["channel", "verdict", "rule", "clicks", "people"]]
      channel  verdict     rule  clicks  people
    0   email  machine  flagged     199     199
    """
    chosen = select_campaigns(warehouse, campaigns)
    found = asked_in_portions(warehouse, chosen["campaign_id"].tolist(), lambda part: _question(warehouse, part))
    found = found.fillna({"domain": "", "rule": ""}).astype(COLUMNS)
    order = {word: at for at, word in enumerate((MACHINE, UNSURE, "aside"))}
    ordered = found.assign(place=found["verdict"].map(order), named=found["campaign_id"].astype("str"))
    ordered = ordered.sort_values(
        ["named", "place", "clicks", "channel", "rule", "domain"], ascending=[True, True, False, True, True, True]
    )
    return ordered[[*KEYS, "clicks", "people"]].reset_index(drop=True)


def _question(warehouse, ids):
    judge = judge_of(warehouse, ids)
    scans, m = judge.scans(), messages.c
    source = events.join(messages, m.message_id == events.c.message_id)
    source = source if scans is None else source.outerjoin(scans, scans.c.message_id == m.message_id)
    word = word_of({"clicked": judge.verdicts(scans)["clicked"]}, events.c.kind)
    click = (
        select(m.campaign_id, m.channel, m.contact_id, word.label("verdict"), judge.rule(scans).label("rule"))
        .select_from(source)
        .where(events.c.campaign_id.in_(ids), m.campaign_id.in_(ids), events.c.kind == "clicked")
        .where(counts(judge.opened_ms))
        .cte("judged_clicks")
    )
    told, rows = click.c, click
    domain = literal("")
    if judge.domains:
        rows = click.outerjoin(contacts, and_(contacts.c.contact_id == told.contact_id, told.rule == WITH_DOMAIN))
        domain = case((told.rule == WITH_DOMAIN, func.coalesce(contacts.c.email_domain, UNKNOWN)), else_="")
    rule = case((told.verdict.in_((MACHINE, UNSURE)), told.rule))
    row = (
        select(
            told.campaign_id, told.channel, told.verdict, rule.label("rule"), domain.label("domain"), told.contact_id
        )
        .select_from(rows)
        .where(told.verdict != HUMAN)
        .cte("left_out")
    )
    keys = [row.c[name] for name in KEYS]
    people = func.count(row.c.contact_id.distinct()).label("people")
    return select(*keys, func.count().label("clicks"), people).group_by(*keys)
