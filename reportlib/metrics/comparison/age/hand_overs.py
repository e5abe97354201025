"""Who was assigned to the campaigns of a comparison, and when each had their message."""

import numpy as np
import pandas as pd
from sqlalchemy import case, func, select

from reportlib.metrics.local_time import HOUR_MS
from reportlib.metrics.people import totals
from reportlib.metrics.people.age import Age, first_hand_overs
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import assignments


def recorded_people(warehouse: Warehouse, chosen: pd.DataFrame) -> pd.Series:
    """People that the table of assignments gives to each campaign, by campaign_id, of those that it names."""
    if not warehouse.has(assignments) or not chosen["experiment_id"].notna().any():
        return pd.Series(dtype="int64")
    a = assignments.c
    people = func.count(a.contact_id.distinct()).label("people")
    counted = select(a.campaign_id, people).where(a.campaign_id.in_(chosen["campaign_id"].tolist()))
    return warehouse.sql(counted.group_by(a.campaign_id)).set_index("campaign_id")["people"].astype("int64")


def stragglers(people):
    """How many of so many people may have their message later than the others without making all of them young.

    √n ÷ 4: if none of them ever responded, leaving them out would move the difference of two rates of 20 % by less than
    a tenth of its standard error, of 5 % by less than a twentieth, however many people there are.
    """
    return np.floor(np.sqrt(people) / 4)


def hand_overs(warehouse: Warehouse, chosen: pd.DataFrame, as_of: pd.Timestamp, final_age_hours: float) -> pd.DataFrame:
    """When the people of each campaign of `chosen` had their message.

    Returns
    -------
    DataFrame with the columns
        campaign_id, experiment_id : str
        recorded : bool; people : Int64, as recorded, else declared; messaged, handed_over : int64, people
        youngest_hours : float64, the age of the last first hand-over but for its `stragglers`; NaN where there is none
        is_final : bool, whether all campaigns have reached the final age
        topped_up : bool, whether one of them had reached it before its last messages
    """
    ids, recorded = chosen["campaign_id"].tolist(), recorded_people(warehouse, chosen)
    first = first_hand_overs(ids, tuple(recorded.index))
    hour = first.c.first_ms - first.c.first_ms % HOUR_MS
    per_hour = select(first.c.campaign_id, hour.label("hour_ms"), first.c.first_ms).cte("per_hour")
    keys = (per_hour.c.campaign_id, per_hour.c.hour_ms)
    counts = (func.count().label("people"), func.max(per_hour.c.first_ms).label("last_ms"))
    by_hour = warehouse.sql(select(*keys, *counts).group_by(*keys))
    sent = by_hour[by_hour["hour_ms"].notna()].astype(dict.fromkeys(("hour_ms", "people", "last_ms"), "int64"))
    most = _but_stragglers(sent)
    last = most.groupby("campaign_id")["last_ms"].max()
    frame = chosen[["campaign_id", "experiment_id"]].assign(
        recorded=chosen["campaign_id"].isin(recorded.index),
        people=chosen["campaign_id"].map(recorded).astype("Int64").fillna(chosen["audience_size"]),
        messaged=_people(chosen, by_hour),
        handed_over=_people(chosen, sent),
        youngest_hours=(as_of_ms(as_of) - chosen["campaign_id"].map(last).astype("float64")) / HOUR_MS,
    )
    frame = _with_totals(warehouse, frame, chosen, as_of)
    frame["youngest_hours"] = frame["youngest_hours"].clip(lower=0)
    reached = frame["youngest_hours"].min() >= final_age_hours and not (chosen["status"] == "sending").any()
    topped_up = _topped_up(most, final_age_hours)
    return frame.assign(is_final=bool(reached and not topped_up), topped_up=topped_up)


def too_young(warehouse: Warehouse, campaign_ids: list, age: Age) -> pd.DataFrame:
    """Columns campaign_id, young: people left out at this Age."""
    first = first_hand_overs(campaign_ids, age.assigned)
    young = func.sum(case((first.c.first_ms + age.ms > age.as_of_ms, 1), else_=0)).label("young")
    return warehouse.sql(select(first.c.campaign_id, young).group_by(first.c.campaign_id)).astype({"young": "int64"})


def as_of_ms(as_of: pd.Timestamp) -> int:
    """Epoch milliseconds of `data_as_of`; 0 where there are no data."""
    return 0 if pd.isna(as_of) else round(as_of.timestamp() * 1000)


def _with_totals(warehouse, frame, chosen, as_of):
    """Of campaigns known as totals only the people of their totals; all have had their message since the start."""
    counts = totals.counted(warehouse, chosen["campaign_id"].tolist(), False)
    counts = counts[counts["channel"].isna()].set_index("campaign_id")
    known = frame["campaign_id"].isin(counts.index)
    if not known.any():
        return frame
    ids, start = frame.loc[known, "campaign_id"], chosen["started_at"].fillna(chosen["scheduled_at"])
    frame.loc[known, "recorded"] = False
    for column, count in (("messaged", "audience"), ("handed_over", "sent")):
        frame.loc[known, column] = ids.map(counts[count]).astype("int64")
    frame.loc[known, "people"] = chosen.loc[known, "audience_size"]
    frame.loc[known, "youngest_hours"] = (as_of - start[known]).dt.total_seconds() / 3600
    return frame


def _people(chosen, by_hour):
    counts = by_hour.groupby("campaign_id")["people"].sum()
    return chosen["campaign_id"].map(counts).fillna(0).astype("int64")


def _but_stragglers(sent):
    """The hours in which people had their message, without the last ones in which only stragglers had."""
    ordered = sent.sort_values("hour_ms", ascending=False)
    later = ordered.groupby("campaign_id")["people"].cumsum()
    people = ordered["campaign_id"].map(ordered.groupby("campaign_id")["people"].sum())
    return ordered[later > stragglers(people.astype("int64"))]


def _topped_up(sent, final_age_hours) -> bool:
    """Whether the messages of a campaign before its last ones had reached their final age, and could be looked at."""
    apart = sent.sort_values("hour_ms").groupby("campaign_id")["hour_ms"].diff()
    return bool((apart > final_age_hours * HOUR_MS).any())
