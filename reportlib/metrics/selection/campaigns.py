"""Which campaigns there are, and which of them a question is about."""

from collections.abc import Callable

import pandas as pd
from sqlalchemy import Select, func, select

from reportlib import scope
from reportlib.errors import CampaignNotStarted, InvalidParameters, UnknownCampaign, nearest
from reportlib.metrics.memo import remembered
from reportlib.metrics.selection.known_totals import known_totals
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import (
    FINISHED_STATUSES,
    NOTHING,
    REPORTABLE_STATUSES,
    accounts,
    campaigns as campaigns_table,
    events,
    messages,
)
from reportlib.warehouse.engines import shares_out, sound_ms

PORTION = 2_500_000  # messages whose joins take some 400 MB


@remembered
def campaigns(warehouse: Warehouse) -> pd.DataFrame:
    """Every campaign of the warehouse, the latest start first.

    Returns
    -------
    DataFrame with the columns
        campaign_id, name, account_id, account, timezone, status, template_id, segment_id, experiment_id, variant : str
            (ids as the source has them); account is the account's name, timezone its IANA zone
        scheduled_at, started_at, completed_at : datetime64[ms, UTC]
        audience_size : Int64, contacts, as declared
    An experiment_id that is a word for nothing, like NULL, is none.

    Example
    -------
    >>> metrics.campaigns(warehouse).set_index("campaign_id").loc["spring-sale", "status"]
    'completed'
    """
    c = campaigns_table.c
    frame = warehouse.sql(
        select(
            c.campaign_id,
            c.name,
            c.account_id,
            accounts.c.name.label("account"),
            accounts.c.timezone,
            c.status,
            c.template_id,
            c.segment_id,
            c.experiment_id,
            c.variant,
            sound_ms(c.scheduled_at).label("scheduled_at"),
            sound_ms(c.started_at).label("started_at"),
            sound_ms(c.completed_at).label("completed_at"),
            c.audience_size,
        ).select_from(campaigns_table.outerjoin(accounts, c.account_id == accounts.c.account_id))
    )
    for moment in ("scheduled_at", "started_at", "completed_at"):
        frame[moment] = utc(frame[moment])
    frame["experiment_id"] = frame["experiment_id"].mask(frame["experiment_id"].astype("str").str.lower().isin(NOTHING))
    frame = frame.sort_values(["started_at", "campaign_id"], ascending=[False, True], ignore_index=True)
    return frame.astype({"audience_size": "Int64"})


def select_campaigns(warehouse: Warehouse, wanted=None) -> pd.DataFrame:
    """The rows of `campaigns` a question is about: one id, several, or (None) all that can be reported.

    An id is compared as text, so that 42 from a parameter file finds '42' in the database and the other way round.

    Returns
    -------
    DataFrame with the columns of `campaigns`
        campaign_id, name, account_id, account, timezone, status, template_id, segment_id, experiment_id, variant : str
        scheduled_at, started_at, completed_at : datetime64[ms, UTC]
        audience_size : Int64, contacts, as declared

    Raises
    ------
    UnknownCampaign, CampaignNotStarted

    Example
    -------
    >>> metrics.select_campaigns(warehouse, ["spring-sale"])[["campaign_id", "account_id", "status"]]
       campaign_id account_id     status
    0  spring-sale       acai  completed
    """
    found = _selected(warehouse, None if wanted is None else _as_texts(wanted))
    if wanted is not None and len(found):  # all there are is also asked for within questions on one account
        scope.asked_of(found["account_id"])
    return found


def require_reportable(warehouse: Warehouse, wanted):
    """Raise what `select_campaigns` raises of one id or several; quicker, where nothing else is asked of them."""
    _require(warehouse, _as_texts(wanted))


def _as_texts(wanted) -> list[str]:
    several = not isinstance(wanted, str) and hasattr(wanted, "__iter__")
    return list(dict.fromkeys(map(str, wanted if several else [wanted])))


@remembered
def _selected(warehouse, ids):
    if ids is None:
        known = campaigns(warehouse)
        return known[known["campaign_id"].isin(_reportable(warehouse))].reset_index(drop=True)
    _require(warehouse, ids)
    return _by_text(warehouse).loc[ids].reset_index(drop=True)


def _require(warehouse, ids):
    by_text, reported = _by_text(warehouse), _reportable(warehouse)
    for campaign in ids:
        if campaign not in by_text.index:
            raise UnknownCampaign(
                f"there is no campaign {campaign!r}{nearest(campaign, by_text.index)}; `reportlib campaigns` lists them"
            )
        status = by_text.at[campaign, "status"]
        if by_text.at[campaign, "campaign_id"] not in reported:
            raise CampaignNotStarted(
                f"campaign {campaign!r} has the status {status!r}: analytics start when sending starts; "
                "`reportlib campaigns` lists those that can be reported"
            )


@remembered
def _by_text(warehouse):
    """The rows of `campaigns` by their ids as text."""
    known = campaigns(warehouse)
    return known.set_index(known["campaign_id"].astype(str))


@remembered
def _reportable(warehouse) -> pd.Index:
    """The ids of the campaigns that have reports: by their status, or cancelled after something had been sent."""
    known, m = campaigns(warehouse), messages.c
    cancelled = known.loc[known["status"] == "cancelled", "campaign_id"].tolist()
    sent = select(m.campaign_id).where(m.campaign_id.in_(cancelled), m.status != "queued").distinct()
    midway = [*warehouse.sql(sent)["campaign_id"], *known_totals(warehouse)["campaign_id"]] if cancelled else []
    have = known["campaign_id"].isin(midway) & known["campaign_id"].isin(cancelled)
    return pd.Index(known.loc[have | known["status"].isin(REPORTABLE_STATUSES), "campaign_id"])


def started_within(warehouse: Warehouse, campaigns=None, weeks: int | None = None) -> list:
    """The ids of these campaigns, as `select_campaigns` takes them, that started in the last so many weeks of the data.

    Raises UnknownCampaign, CampaignNotStarted, InvalidParameters when there is none.

    Example
    -------
    >>> metrics.started_within(warehouse, ["spring-sale", "sms-flash"], weeks=2)
    ['sms-flash']
    """
    chosen = select_campaigns(warehouse, campaigns)
    if weeks is not None:
        start = chosen["started_at"].fillna(chosen["scheduled_at"])
        chosen = chosen[start >= start.max() - pd.Timedelta(weeks=weeks)]
    if chosen.empty:
        raise InvalidParameters("there is no campaign to report on; `reportlib campaigns` lists what there is")
    return chosen["campaign_id"].tolist()


def finished_campaigns(warehouse: Warehouse) -> list:
    """The ids of the campaigns whose sending is over, the latest start first.

    Example
    -------
    >>> "spring-sale" in metrics.finished_campaigns(warehouse)
    True
    """
    known = select_campaigns(warehouse)
    return known.loc[known["status"].isin(FINISHED_STATUSES), "campaign_id"].tolist()


def portions(warehouse: Warehouse, campaign_ids: list) -> list[list]:
    """The campaigns in parts of at most PORTION messages, or of one campaign.

    What adds up over campaigns is asked in parts, so that the memory it takes has a bound and large joins stay quick.
    Engines that share out the work among many are asked for all at once.
    """
    if len(campaign_ids) < 2 or shares_out(warehouse.engine):
        return [campaign_ids] if campaign_ids else []
    m = messages.c
    counted = warehouse.sql(select(m.campaign_id, func.count().label("messages")).group_by(m.campaign_id))
    sizes = counted.set_index("campaign_id")["messages"].to_dict()
    parts: list[list] = []
    room = 0
    for campaign in campaign_ids:
        size = sizes.get(campaign, 0)
        if size > room or not parts:
            parts.append([])
            room = PORTION
        parts[-1].append(campaign)
        room -= size
    return parts


def asked_in_portions(warehouse: Warehouse, campaign_ids: list, question: Callable[[list], Select]) -> pd.DataFrame:
    """The answers to the `question` about each of the `portions`, one below the other."""
    answers = [warehouse.sql(question(part)) for part in portions(warehouse, campaign_ids) or [[]]]
    return pd.concat(answers, ignore_index=True)


def channels(warehouse: Warehouse) -> pd.DataFrame:
    """The channels each campaign used: columns campaign_id, channels ("email+sms") : str.

    Example
    -------
    >>> metrics.channels(warehouse).set_index("campaign_id").loc["spring-sale", "channels"]
    'email+sms+whatsapp'
    """
    m = messages.c
    used = [warehouse.sql(select(m.campaign_id, m.channel).distinct()), known_totals(warehouse)]
    frame = pd.concat([one[["campaign_id", "channel"]] for one in used if len(one)] or used[:1]).drop_duplicates()
    frame = frame.sort_values(["campaign_id", "channel"])
    return frame.groupby("campaign_id", as_index=False, sort=False).agg(channels=("channel", "+".join))


def rows_read(warehouse: Warehouse, campaigns=None) -> dict[str, int]:
    """How many messages and events the reports on these campaigns stand on, and totals where there are any.

    Example
    -------
    >>> metrics.rows_read(warehouse, "spring-sale")
    {'messages': 17699, 'events': 10802}
    """
    ids = select_campaigns(warehouse, campaigns)["campaign_id"].tolist()
    in_totals = int(known_totals(warehouse)["campaign_id"].isin(ids).sum())
    return {
        table.name: int(
            warehouse.sql(select(func.count().label("rows")).where(table.c.campaign_id.in_(ids)))["rows"].iloc[0]
        )
        for table in (messages, events)
    } | ({"totals": in_totals} if in_totals else {})


def utc(milliseconds: pd.Series) -> pd.Series:
    """Epoch milliseconds as datetime64[ms, UTC]; missing ones as NaT."""
    return pd.to_datetime(milliseconds.astype("Int64"), unit="ms", utc=True).astype("datetime64[ms, UTC]")
