"""Campaigns at equal age: what a comparison stands on, so that the young do not lose to the old."""

import math

import pandas as pd
from sqlalchemy import and_, case, func, literal, or_, select

from reportlib.definitions import ACTED, definition
from reportlib.errors import InvalidParameters
from reportlib.metrics.campaigns import select_campaigns
from reportlib.metrics.comparison.mix import rate_gap
from reportlib.metrics.grouping import UNKNOWN, grouping
from reportlib.metrics.local_time import HOUR_MS
from reportlib.metrics.people.breakdown import breakdown
from reportlib.metrics.people.data_problems import data_as_of
from reportlib.metrics.people.outcomes import acted, engagement_events
from reportlib.metrics.statistics.rates import Rate
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import messages, segments

# Marks that turn the direction of writing: in a sentence they would turn the numbers behind the name as well.
_WITHOUT_TURNS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
LONGEST_HOURS = 7 * 24  # after a week hardly anybody responds any more


def comparable(warehouse: Warehouse, campaigns, baseline=None, age_hours: float | None = None) -> pd.DataFrame:
    """Two or more campaigns as each stood at the same age: one row per campaign, the baseline first.

    The baseline is the campaign named, else variant A of an experiment, else the oldest; the others follow by their
    start. The age is `age_hours` after each start; without it, and at most, the youngest campaign's age at
    `data_as_of`, and never more than LONGEST_HOURS. An age of an hour or more is cut to whole hours.

    Returns
    -------
    DataFrame with the columns
        campaign_id, label, name, account_id, account, timezone, status, experiment_id, variant, template_id,
        segment_id, segment : str
            label is the name, with the id where two campaigns share one
        asked : int64, its place among the `campaigns` asked for
        channels : str, e.g. "email+sms"
        started_at, counted_until : datetime64[ms, UTC]
        weekday, hour : int64, of the start in the account's time, 1 Monday to 7 Sunday
        age_hours, compared_hours : float64, the campaign's own age, and the one at which all are compared
        audience, not_sent, sent, delivered, delivered_implied, failed, pending : int64, people, as in `delivery`
        audience_declared : Int64, people
        opened, opened_human, clicked, replied, unsubscribed, complained, opened_or_clicked : Int64, people, NA as in
            `engagement`
        opened_total, opened_human_total, clicked_total, replied_total : Int64, events
        replies_measured : bool

    Raises
    ------
    UnknownCampaign, CampaignNotStarted, InvalidParameters (fewer than two different campaigns, a baseline that is none
    of them, a campaign without a start, an age that is not above zero)
    """
    if age_hours is not None and age_hours <= 0:
        raise InvalidParameters(f"campaigns cannot be compared at an age of {age_hours} hours: not above zero")
    chosen = _several(warehouse, campaigns)
    start = chosen["started_at"].fillna(chosen["scheduled_at"])
    if start.isna().any():
        name = chosen.loc[start.isna(), "campaign_id"].iloc[0]
        raise InvalidParameters(f"campaign {name!r} has no started_at, so its age is not known; see `reportlib check`")
    ages = ((data_as_of(warehouse) - start).dt.total_seconds() / 3600).clip(lower=0).fillna(0)
    compared = min(ages.min(), LONGEST_HOURS, age_hours or math.inf)
    compared = float(math.floor(compared) if compared >= 1 else compared)
    until = (start + pd.Timedelta(milliseconds=round(compared * HOUR_MS))).astype("datetime64[ms, UTC]")
    names = warehouse.sql(select(segments.c.segment_id, segments.c.name)).set_index("segment_id")["name"]
    local = [moment.tz_convert(zone or "UTC") for moment, zone in zip(start, chosen["timezone"], strict=True)]
    about = chosen.assign(
        label=labels(chosen),
        segment=chosen["segment_id"].map(names).astype("str"),
        asked=range(len(chosen)),
        started_at=start,
        counted_until=until,
        weekday=[moment.isoweekday() for moment in local],
        hour=[moment.hour for moment in local],
        age_hours=ages,
        compared_hours=compared,
    ).drop(columns=["scheduled_at", "completed_at", "audience_size"])
    counts = breakdown(warehouse, about["campaign_id"].tolist(), "campaign_id", until=_milliseconds(about))
    frame = about.merge(counts, on="campaign_id")
    first = _baseline(frame, baseline)
    order = frame.assign(later=frame["campaign_id"] != first).sort_values(["later", "started_at", "campaign_id"])
    return order.drop(columns="later").reset_index(drop=True)


def response_by_age(warehouse: Warehouse, compared: pd.DataFrame, metric: str) -> pd.DataFrame:
    """How many people had responded by each hour after the start of the campaigns of `comparable`.

    Returns
    -------
    DataFrame, one row per campaign and whole hour up to the age compared, with the columns
        campaign_id : str
        age_hours : int64, 0 to compared_hours, rounded up where that is less than one
        people : int64, who had responded by then; the last equals `metric` of `comparable`
        delivered : int64, at the age compared
        No rows for a metric that is no response (delivered, failed), and none for campaigns that cannot measure it.
    """
    measured = compared[compared[definition(metric).numerator].notna()] if metric in ACTED else compared.head(0)
    hours = math.ceil(compared["compared_hours"].iloc[0])
    found = _first_responses(warehouse, measured, metric) if len(measured) else {}
    rows = []
    for row in measured.itertuples(index=False):
        people = found.get(row.campaign_id, {})
        total = 0
        for hour in range(hours + 1):
            total += people.get(hour, 0)
            rows.append((row.campaign_id, hour, total, row.delivered))
    frame = pd.DataFrame(rows, columns=["campaign_id", "age_hours", "people", "delivered"])
    return frame.astype(dict.fromkeys(("age_hours", "people", "delivered"), "int64"))


def overlap(warehouse: Warehouse, campaigns) -> pd.DataFrame:
    """Contacts that two campaigns have in common, for each pair that has any.

    Returns
    -------
    DataFrame with the columns campaign_a, campaign_b : str; shared : int64, contacts; of_smaller : float64, the share
    of the smaller campaign's contacts with a message
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


def rate_gap_by(warehouse: Warehouse, compared: pd.DataFrame, campaign, baseline, metric: str, by: str) -> pd.DataFrame:
    """`rate_gap` between two campaigns of `comparable` over the groups of one dimension, at the age compared.

    By channel a person counts once in each.

    Returns
    -------
    DataFrame, the largest contribution first; no rows where a group's metric is not measured; with the columns
        group : str
        count, base, baseline_count, baseline_base : int64, people who did it, and of how many, in both campaigns
        composition, behaviour, total : float64, percentage points
    and attrs: gap, the sum of `total`

    Raises InvalidParameters for `segment`: people are in several, so their parts do not add up to the gap.
    """
    splittable(by)
    one = definition(metric)
    both = compared[compared["campaign_id"].isin([campaign, baseline])]
    counts = breakdown(warehouse, both["campaign_id"].tolist(), ("campaign_id", by), until=_milliseconds(both))
    unheard = metric == "replied" and not counts["replies_measured"].all()
    if unheard or counts[one.numerator].isna().any():
        return rate_gap({}, {})
    audience = both.set_index("campaign_id")["audience"]
    sides = [(counts[counts["campaign_id"] == side], audience[side]) for side in (campaign, baseline)]
    return rate_gap(*[_rates(groups, by, one, people) for groups, people in sides])


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


def labels(chosen: pd.DataFrame) -> list[str]:
    """The campaigns' names as they may stand in a sentence, with the id where two share one."""
    shared = chosen["name"].duplicated(keep=False)
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


def _rates(groups, by, one, audience):
    """Group → rate. Of people declared but never written to nothing is known: they are in the unknown group."""
    base = one.bases[0]
    rates = {str(row[by]): Rate(int(row[one.numerator]), int(row[base]), base) for _, row in groups.iterrows()}
    unwritten = int(audience - groups["audience"].sum())
    if base == "audience" and unwritten > 0:
        known = rates.get(UNKNOWN, Rate(0, 0, base))
        rates[UNKNOWN] = Rate(known.count, known.base + unwritten, base)
    return rates


def _milliseconds(frame):
    """campaign_id → epoch milliseconds up to which it is counted."""
    return dict(zip(frame["campaign_id"].tolist(), frame["counted_until"].astype("int64").tolist(), strict=True))


def _first_responses(warehouse, compared, metric):
    """campaign_id → hours after the start by which it had happened → people whose first response it was."""
    ids, until = compared["campaign_id"].tolist(), _milliseconds(compared)
    event = engagement_events(ids, warehouse.opened_ms)
    starts = dict(zip(ids, compared["started_at"].astype("int64").tolist(), strict=True))
    start = case(*[(event.c.campaign_id == campaign, literal(ms)) for campaign, ms in starts.items()])
    in_time = or_(*[and_(event.c.campaign_id == campaign, event.c.occurred_ms <= ms) for campaign, ms in until.items()])
    first = (
        select(event.c.campaign_id, func.min(event.c.occurred_ms - start).label("after_ms"))
        .where(acted(metric, event.c.kind, event.c.is_human), in_time)
        .group_by(event.c.campaign_id, event.c.contact_id)
        .cte("first_responses")
    )
    before_ms = first.c.after_ms - 1  # what happens on the hour belongs to the hour that ends then
    ended = case((first.c.after_ms <= 0, 0), else_=before_ms - before_ms % HOUR_MS + HOUR_MS)
    per_hour = select(first.c.campaign_id, ended.label("ended_ms")).cte("per_hour")
    keys = (per_hour.c.campaign_id, per_hour.c.ended_ms)
    counted = warehouse.sql(select(*keys, func.count().label("people")).group_by(*keys))
    found = {}
    for row in counted.itertuples(index=False):
        found.setdefault(row.campaign_id, {})[int(row.ended_ms) // HOUR_MS] = int(row.people)
    return found


def _plain(labelled):
    return [column.element for column in labelled]
