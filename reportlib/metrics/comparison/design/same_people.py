"""What is known of the people of a comparison beyond their counts: what they clicked before, and who is in both arms.

Both stand beside the verdict and decide nothing: the plain estimate is right whatever the past was, at every look, and
is what the plan was made for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd
from sqlalchemy import and_, case, false, func, select

from reportlib.metrics.comparison.age.equal_age import age_of, is_final
from reportlib.metrics.comparison.design.balance import counted_people
from reportlib.metrics.comparison.design.checks import p_words
from reportlib.metrics.comparison.reasons import Reason, place
from reportlib.metrics.comparison.verdict import Verdict
from reportlib.metrics.people.bits import holds
from reportlib.metrics.people.machines.evidence import judge_of
from reportlib.metrics.people.outcomes import person_outcomes
from reportlib.metrics.statistics import paired_rates, two_means
from reportlib.metrics.statistics.two_means import Amounts
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import events, messages
from reportlib.warehouse.engines import sound_ms

CLICKED = "clicked"
MOST_BEFORE = 5  # clicked messages; more tell no more
MOST_COMPARED = 5  # campaigns of which each two are asked for
LEAST_NARROWER = 1  # percent, of an interval that what was before makes narrower, to be told
FEWEST_SHARED, SHARED = 100, 0.1  # people in both arms, and their share of the smaller one, to be told
REACHED = ("confirmed", "assumed", "pending", "engaged")  # flags of who has a message of a campaign, or may have it
PAST = {"campaign_id": "object", "did": "int64", "before": "int64", "people": "int64"}
TWICE = {"campaign_a": "object", "campaign_b": "object", "did_a": "int64", "did_b": "int64", "people": "int64"}


@dataclass(frozen=True)
class Beside:
    """Frames of `past_clicks` and `clicked_twice`, None where they do not apply."""

    past: pd.DataFrame | None = None
    twice: pd.DataFrame | None = None


def past_clicks(warehouse: Warehouse, compared: pd.DataFrame) -> pd.DataFrame:
    """The people of each campaign of `comparable` by whether they clicked it, and how many messages they had before.

    Returns
    -------
    DataFrame with the columns
        campaign_id : as the source has it
        did : int64, 1 who clicked at the age compared, as `clicked` counts it; 0 who did not
        before : int64, messages of other campaigns that they had clicked before the first of these started, machines'
            clicks that the provider flags left out; at most MOST_BEFORE
        people : int64, of those assigned
    """
    ids, age = compared["campaign_id"].tolist(), age_of(warehouse, compared)
    before_ms = int(compared["started_at"].min().timestamp() * 1000)
    arms = counted_people(ids, age)
    earlier = (
        select(messages.c.contact_id, func.count(messages.c.message_id.distinct()).label("before"))
        .join_from(events, messages, messages.c.message_id == events.c.message_id)
        .where(
            messages.c.contact_id.in_(select(arms.c.contact_id)),
            messages.c.campaign_id.not_in(ids),
            events.c.kind == CLICKED,
            func.coalesce(events.c.is_machine, false()) == false(),
            sound_ms(events.c.occurred_at) < before_ms,
        )
        .group_by(messages.c.contact_id)
        .cte("earlier")
    )
    person = _clickers(warehouse, ids, age)
    same = and_(person.c.campaign_id == arms.c.campaign_id, person.c.contact_id == arms.c.contact_id)
    most = case((earlier.c.before > MOST_BEFORE, MOST_BEFORE), else_=earlier.c.before)
    known = (
        select(
            arms.c.campaign_id,
            case((person.c.contact_id.is_(None), 0), else_=1).label("did"),
            func.coalesce(most, 0).label("before"),
        )
        .select_from(arms.outerjoin(person, same).outerjoin(earlier, earlier.c.contact_id == arms.c.contact_id))
        .cte("known")
    )
    found = warehouse.sql(select(*known.c, func.count().label("people")).group_by(*known.c))
    return found.sort_values(["campaign_id", "did", "before"], ignore_index=True).astype(PAST)


def clicked_twice(warehouse: Warehouse, compared: pd.DataFrame) -> pd.DataFrame:
    """Those who are in two of the campaigns, by whether they clicked each at the age compared.

    Who could not answer one, because its message failed or was not sent, is left out: of people who were sent to again
    because they had been refused, the second campaign would win for that alone.

    Returns
    -------
    DataFrame with the columns
        campaign_a, campaign_b : as the source has them, each pair once
        did_a, did_b : int64, 1 who clicked, 0 who did not; people : int64
    """
    ids, age = compared["campaign_id"].tolist(), age_of(warehouse, compared)
    arms, person = counted_people(ids, age), person_outcomes(ids, (), judge_of(warehouse, ids), age)
    same = and_(person.c.campaign_id == arms.c.campaign_id, person.c.contact_id == arms.c.contact_id)
    did = case((holds(person.c.flags, CLICKED), 1), else_=0).label("did")
    of_arms = select(arms.c.campaign_id, arms.c.contact_id, did).select_from(arms.join(person, same))
    known = of_arms.where(holds(person.c.flags, *REACHED)).cte("known")
    a, b = known.alias("a"), known.alias("b")
    keys = (a.c.campaign_id, b.c.campaign_id, a.c.did, b.c.did)
    both = and_(a.c.contact_id == b.c.contact_id, a.c.campaign_id < b.c.campaign_id)
    named = [column.label(name) for column, name in zip(keys, TWICE, strict=False)]
    frame = warehouse.sql(select(*named, func.count().label("people")).select_from(a.join(b, both)).group_by(*keys))
    return frame.sort_values([*TWICE][:4], ignore_index=True).astype(TWICE)


def _clickers(warehouse, ids, age):
    person = person_outcomes(ids, (), judge_of(warehouse, ids), age)
    return select(person.c.campaign_id, person.c.contact_id).where(holds(person.c.flags, CLICKED)).cte("clickers")


def given_the_past(past: pd.DataFrame, campaign, baseline, level: float) -> Reason | None:
    """The difference of two arms of an experiment less what the same people clicked before explains (CUPED); None where
    nobody had clicked before, or that says next to nothing of what they clicked now."""
    arms = []
    for one in (campaign, baseline):
        rows = past[past["campaign_id"] == one]
        did, people, before = (rows[name].to_numpy(dtype=float) for name in ("did", "people", "before"))
        arms.append(Amounts(did, people, int(people.sum()), before))
    if min(arm.size for arm in arms) < 2 or not any(arm.payers for arm in arms):
        return None
    found = two_means.adjusted(arms[0], arms[1], 1 - level)
    if found is None:
        return None
    estimate, low, high, narrower = (100 * number for number in found)
    if narrower < LEAST_NARROWER:
        return None
    text = (
        f"Given how often the same people had clicked before, the difference is {estimate:+.2f} points "
        f"({100 * level:.3g} % interval {low:+.2f} to {high:+.2f}), {narrower:.0f} % narrower than without. "
        "The plain difference decides."
    )
    return Reason("past clicks", "said", text.replace("-", "−"))


def of_both(twice: pd.DataFrame, campaign, baseline, smaller: int, level: float) -> Reason | None:
    """The difference among those who are in both campaigns, each person against themselves; None where they are few."""
    pair = twice[twice["campaign_a"].isin([campaign, baseline]) & twice["campaign_b"].isin([campaign, baseline])]
    if pair.empty:
        return None
    turned = pair["campaign_a"].iloc[0] != campaign
    counts = {(int(row.did_a), int(row.did_b)): int(row.people) for row in pair.itertuples(index=False)}
    both, one, other, neither = (
        counts.get(key[::-1] if turned else key, 0) for key in ((1, 1), (1, 0), (0, 1), (0, 0))
    )
    people = both + one + other + neither
    if people < max(FEWEST_SHARED, SHARED * smaller):
        return None
    low, high = (100 * limit for limit in paired_rates.paired_interval(both, one, other, neither, 1 - level))
    p = paired_rates.mcnemar_p(one, other)
    text = (
        f"Of {people:,} people whom both reached, {one:,} clicked only the one and {other:,} only the other: a "
        f"difference of {100 * (one - other) / people:+.2f} points ({100 * level:.3g} % interval {low:+.2f} to "
        f"{high:+.2f}; McNemar p {p_words(p)}), each held against themselves. That says "
        "whether these two differ, not by how much campaigns ordinarily do."
    )
    return Reason("same people", "said", text.replace("-", "−"))


def known_beside(warehouse: Warehouse, compared: pd.DataFrame, shared: pd.DataFrame, at_random: bool) -> Beside:
    """What is known of these people: their past in an experiment, else who is in two of a few campaigns.

    At the final age only: their intervals hold at one look.
    """
    if not is_final(compared) or not compared["by_person"].all():
        return Beside()
    if at_random:
        return Beside(past=past_clicks(warehouse, compared))
    if len(compared) <= MOST_COMPARED and (shared["of_smaller"] >= SHARED).any():
        return Beside(twice=clicked_twice(warehouse, compared))
    return Beside()


def beside_clicks(pairs: Sequence[Verdict], beside: Beside, compared: pd.DataFrame) -> list[Verdict]:
    """The verdicts on clicks, with what stands beside them among their reasons."""
    rows = {row.label: row for row in compared.itertuples(index=False)}
    return [_with(pair, beside, rows[pair.arm], rows[pair.baseline]) for pair in pairs]


def _with(pair, beside, one, other):
    if pair.level is None:
        return pair
    ids, found = (one.campaign_id, other.campaign_id), None
    if beside.past is not None:
        found = given_the_past(beside.past, *ids, pair.level)
    elif beside.twice is not None:
        found = of_both(beside.twice, *ids, min(one.audience, other.audience), pair.level)
    return replace(pair, reasons=tuple(sorted((*pair.reasons, found), key=place))) if found else pair
