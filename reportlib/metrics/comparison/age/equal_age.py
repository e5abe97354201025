"""Campaigns at equal age: what a comparison stands on, so that the young do not lose to the old."""

import math

import pandas as pd
from sqlalchemy import and_, func, select

from reportlib.errors import InvalidParameters
from reportlib.metrics.comparison.age.hand_overs import as_of_ms, hand_overs, too_young
from reportlib.metrics.local_time import HOUR_MS
from reportlib.metrics.people.age import Age
from reportlib.metrics.people.breakdown import alike
from reportlib.metrics.people.data_problems import data_as_of
from reportlib.metrics.selection.campaigns import select_campaigns
from reportlib.metrics.selection.grouping import grouping
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import messages, segments

# Marks that turn the direction of writing: in a sentence they would turn the numbers behind the name as well.
_WITHOUT_TURNS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
LONGEST_HOURS = 7 * 24  # after a week hardly anybody responds any more


def comparable(
    warehouse: Warehouse,
    campaigns,
    baseline=None,
    age_hours: float | None = None,
    final_age_hours: float = LONGEST_HOURS,
) -> pd.DataFrame:
    """Two or more campaigns, their people at the same age: one row per campaign, the baseline first.

    The baseline is the campaign named, else variant A of an experiment, else the oldest; the others follow by their
    start. A person's age counts from their first hand-over. The age compared is `age_hours`, else the youngest
    message's at `data_as_of`, but for a campaign's few `stragglers`; at most `final_age_hours`, and in whole hours from
    one hour on. Whoever is younger is left out; people without a message stay.

    The people of an experiment that the table of assignments names are those assigned; others are the audience.

    Returns
    -------
    DataFrame with the columns
        campaign_id, label, name, account_id, account, timezone, status, experiment_id, variant, template_id,
        segment_id, segment : str
            label is the name, with the id where two campaigns share one
        asked : int64, its place among the `campaigns` asked for
        channels : str, e.g. "email+sms"
        started_at : datetime64[ms, UTC]
        weekday, hour : int64, of the start in the account's time, 1 Monday to 7 Sunday
        age_hours, compared_hours, final_hours : float64, the campaign's own age, the one at which its people are
            compared, and the final one
        is_final : bool, whether all have reached the final age, for the first time: no message came so long after those
            before it that their final age had been reached already (topped_up : bool, whether one did)
        recorded : bool, whether the table of assignments names its people
        assigned, messaged, handed_over, young : int64, people: all; with a message; whose message was handed over;
            left out, since theirs was handed over too late
        and the columns of `breakdown`, engagement of those not failed for all campaigns where their bases would differ

    Raises
    ------
    UnknownCampaign, CampaignNotStarted, InvalidParameters (fewer than two different campaigns, a baseline that is none
    of them, a campaign without a start, an age that is not above zero, a final age above LONGEST_HOURS)

    Example
    -------
    >>> compared = metrics.comparable(warehouse, ["coupon-a", "coupon-b"])
    >>> compared[["campaign_id", "audience", "clicked"]]
      campaign_id  audience  clicked
    0    coupon-a     10619      370
    1    coupon-b     10619      525
    """
    if age_hours is not None and age_hours <= 0:
        raise InvalidParameters(f"campaigns cannot be compared at an age of {age_hours} hours: not above zero")
    if not 0 < final_age_hours <= LONGEST_HOURS:
        raise InvalidParameters(f"the final age is {final_age_hours} hours: not above zero and at most {LONGEST_HOURS}")
    chosen = _several(warehouse, campaigns)
    start = chosen["started_at"].fillna(chosen["scheduled_at"])
    if start.isna().any():
        name = chosen.loc[start.isna(), "campaign_id"].iloc[0]
        raise InvalidParameters(f"campaign {name!r} has no started_at, so its age is not known; see `reportlib check`")
    as_of = data_as_of(warehouse)
    ages = ((as_of - start).dt.total_seconds() / 3600).clip(lower=0).fillna(0)
    sent = hand_overs(warehouse, chosen, as_of, final_age_hours)
    youngest = sent["youngest_hours"].fillna(ages).min() if age_hours is None else age_hours
    compared = min(youngest, final_age_hours)
    compared = float(math.floor(compared) if compared >= 1 else compared)
    age = Age(round(compared * HOUR_MS), as_of_ms(as_of), tuple(sent.loc[sent["recorded"], "campaign_id"]))
    names = warehouse.sql(select(segments.c.segment_id, segments.c.name)).set_index("segment_id")["name"]
    local = [moment.tz_convert(zone or "UTC") for moment, zone in zip(start, chosen["timezone"], strict=True)]
    about = chosen.assign(
        label=labels(chosen),
        segment=chosen["segment_id"].map(names).astype("str"),
        asked=range(len(chosen)),
        started_at=start,
        weekday=[moment.isoweekday() for moment in local],
        hour=[moment.hour for moment in local],
        age_hours=ages,
        compared_hours=compared,
        final_hours=float(final_age_hours),
    ).drop(columns=["scheduled_at", "completed_at", "audience_size"])
    counts = alike(warehouse, about["campaign_id"].tolist(), "campaign_id", until=age)
    people = sent.merge(too_young(warehouse, about["campaign_id"].tolist(), age), on="campaign_id", how="left")
    frame = _with_people(about.merge(counts, on="campaign_id"), people)
    first = _baseline(frame, baseline)
    order = frame.assign(later=frame["campaign_id"] != first).sort_values(["later", "started_at", "campaign_id"])
    return order.drop(columns="later").reset_index(drop=True)


def overlap(warehouse: Warehouse, campaigns) -> pd.DataFrame:
    """Contacts that two campaigns have in common, for each pair that has any.

    Returns
    -------
    DataFrame with the columns campaign_a, campaign_b : str; shared : int64, contacts; of_smaller : float64, the share
    of the smaller campaign's contacts with a message

    Example
    -------
    >>> metrics.overlap(warehouse, ["spring-sale", "coupon-a"]).round(3)
      campaign_a   campaign_b  shared  of_smaller
    0   coupon-a  spring-sale    6293       0.593
    """
    ids = _several(warehouse, campaigns)["campaign_id"].tolist()
    written = select(messages.c.campaign_id, messages.c.contact_id).where(messages.c.campaign_id.in_(ids)).distinct()
    one, other = written.cte("one"), written.cte("other")
    both = and_(one.c.contact_id == other.c.contact_id, one.c.campaign_id <= other.c.campaign_id)
    pair = (one.c.campaign_id.label("campaign_a"), other.c.campaign_id.label("campaign_b"))
    counted = warehouse.sql(
        select(*pair, func.count().label("shared")).select_from(one.join(other, both)).group_by(*_plain(pair))
    ).astype({"shared": "int64"})
    turned = counted["campaign_a"] > counted["campaign_b"]  # an engine may order texts in its own way
    counted.loc[turned, ["campaign_a", "campaign_b"]] = counted.loc[turned, ["campaign_b", "campaign_a"]].to_numpy()
    itself = counted["campaign_a"] == counted["campaign_b"]
    sizes = counted[itself].set_index("campaign_a")["shared"]
    pairs = counted[~itself].sort_values(["campaign_a", "campaign_b"], ignore_index=True)
    smaller = pd.concat([pairs["campaign_a"].map(sizes), pairs["campaign_b"].map(sizes)], axis=1).min(axis=1)
    return pairs.assign(of_smaller=(pairs["shared"] / smaller).astype("float64"))


def splittable(by: str) -> str:
    """The dimension, when a gap can be split over it. Raises UnknownGrouping, InvalidParameters."""
    if grouping(by) == ("segment",):
        raise InvalidParameters(
            "a gap cannot be split by segment: people are in several, so the parts would not add up"
        )
    return by


def require_several(campaigns: list):
    """Raises InvalidParameters for fewer than two campaigns, or one that is asked for twice; ids compare as text."""
    if len(set(map(str, campaigns))) < max(2, len(campaigns)):
        listed = ", ".join(map(str, campaigns)) or "none"
        raise InvalidParameters(f"a comparison needs two or more different campaigns, not {listed}")


def _several(warehouse, campaigns):
    """The campaigns asked for, in the order asked; two or more, none twice."""
    asked = [campaigns] if isinstance(campaigns, str) or not hasattr(campaigns, "__iter__") else list(campaigns)
    chosen = select_campaigns(warehouse, asked)
    require_several(asked)
    return chosen


def labels(chosen: pd.DataFrame, within: tuple[str, ...] = ()) -> list[str]:
    """The campaigns' names as they may stand in a sentence, with the id where two share one; `within` the same of these
    columns."""
    shared = chosen.duplicated([*within, "name"], keep=False)
    rows = zip(chosen["name"], chosen["campaign_id"], shared, strict=True)
    named = [f"{name} ({campaign})" if twice else str(name) for name, campaign, twice in rows]
    return [name.translate(_WITHOUT_TURNS) for name in named]


def _baseline(frame, asked):
    if asked is not None:
        found = frame.loc[frame["campaign_id"].astype(str) == str(asked), "campaign_id"]
        if found.empty:
            listed = ", ".join(map(str, frame["campaign_id"]))
            raise InvalidParameters(f"the baseline {asked!r} is not one of the campaigns compared: {listed}")
        return found.iloc[0]
    is_a = frame["variant"].astype(str).str.casefold() == "a"
    first = frame.assign(other=~is_a).sort_values(["other", "started_at", "campaign_id"])
    return first["campaign_id"].iloc[0]


def is_final(compared: pd.DataFrame) -> bool:
    """Whether everybody in the campaigns of `comparable` has reached the final age, and is compared at it.

    Example
    -------
    >>> compared = metrics.comparable(warehouse, ["coupon-a", "coupon-b"])
    >>> metrics.is_final(compared)
    True
    """
    return bool(compared["is_final"].all() and (compared["compared_hours"] >= compared["final_hours"]).all())


def age_of(warehouse: Warehouse, compared: pd.DataFrame) -> Age:
    """The Age at which campaigns of `comparable` were counted."""
    age_ms = round(float(compared["compared_hours"].iloc[0]) * HOUR_MS)
    recorded = compared.loc[compared["recorded"], "campaign_id"]
    return Age(age_ms, as_of_ms(data_as_of(warehouse)), tuple(sorted(recorded, key=str)))


def _with_people(frame, people):
    """The people of each campaign, and those counted: all but the young, whatever became of the message."""
    frame = frame.merge(people.drop(columns="experiment_id"), on="campaign_id")
    whole = dict.fromkeys(("messaged", "handed_over", "young"), "int64")
    frame = frame.assign(young=frame["young"].fillna(0)).astype(whole)
    assigned = frame["people"].fillna(frame["messaged"]).clip(lower=frame["messaged"]).astype("int64")
    audience = assigned - frame["young"]
    counted = frame.assign(assigned=assigned, audience=audience, not_sent=audience - frame["sent"])
    return counted.drop(columns=["people", "youngest_hours"])


def _plain(labelled):
    return [column.element for column in labelled]
