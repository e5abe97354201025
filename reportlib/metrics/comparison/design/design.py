"""How the people of a comparison came to be in its arms: what a difference between them may be put down to."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
from sqlalchemy import and_, func, select

from reportlib.errors import InvalidParameters
from reportlib.metrics.comparison.age.equal_age import age_of, overlap, splittable
from reportlib.metrics.comparison.design import checks
from reportlib.metrics.comparison.design.attributes import attribute_p_values, attributes_of
from reportlib.metrics.comparison.design.balance import balance, covariates
from reportlib.metrics.comparison.design.coming_in import coming_in, lost_events
from reportlib.metrics.comparison.design.same_people import Beside, known_beside
from reportlib.metrics.comparison.factors import PLANNED_SHARE
from reportlib.metrics.comparison.reasons import Reason
from reportlib.metrics.comparison.spread import histories
from reportlib.metrics.people.breakdown import alike
from reportlib.metrics.selection.grouping import grouping
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import assignments, campaign_attributes, messages


@dataclass(frozen=True)
class Design:
    """What is known of how the campaigns of `comparable` were made.

    `declared`: they are variants of one experiment; `unsent`: to one of them nothing was sent. `stops` is why no
    verdict on it may be given; `contaminated` why its people are not in their arms by chance alone, or None; `delivery`
    what stops rates of those delivered, or None; `lost` what stops rates of a kind of event, by kind. `shared` is their
    `overlap`; `histories` the account's other campaigns, by account; `mixes` the counts by campaign and group of each
    dimension; `attributes` the rows of campaign_attributes on them; `messages_each` how many were handed over to each
    of those with one, by campaign; `beside` what is known of the same people's clicks.
    """

    declared: bool = False
    unsent: bool = False
    stops: tuple[Reason, ...] = ()
    contaminated: Reason | None = None
    delivery: Reason | None = None
    lost: Mapping[str, Reason] = field(default_factory=dict)
    shared: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["campaign_a", "campaign_b", "shared"]))
    histories: Mapping[object, pd.DataFrame | None] = field(default_factory=dict)
    mixes: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    attributes: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["campaign_id", "attribute", "value"])
    )
    messages_each: Mapping[object, float] = field(default_factory=dict)
    beside: Beside = field(default_factory=Beside)

    @property
    def at_random(self) -> bool:
        """Whether people are in their arms by chance, as far as is declared and the data show."""
        return self.declared and self.contaminated is None

    @property
    def is_sound(self) -> bool:
        """Whether a difference may be called an effect."""
        return self.at_random and not self.stops and not self.lost and not self.unsent


def design(
    warehouse: Warehouse,
    compared: pd.DataFrame,
    split: Sequence[float] | None = None,
    breakdowns: Sequence[str] = (),
) -> Design:
    """The Design of the campaigns of `comparable`.

    `split` has the planned shares of an experiment's arms, in the order in which the campaigns were asked for; without
    it they are those that `planned_shares` finds, else equal. `breakdowns` are the dimensions whose mix is compared,
    besides channels. Raises InvalidParameters, UnknownGrouping.

    Example
    -------
    >>> compared = metrics.comparable(warehouse, ["coupon-a", "coupon-b"])
    >>> metrics.design(warehouse, compared).is_sound
    True
    """
    if split is not None and len(split) != len(compared):
        raise InvalidParameters(f"the split has {len(split)} shares for {len(compared)} campaigns: give one each")
    if split is not None and min(split) <= 0:
        raise InvalidParameters(f"the planned split needs one share above zero for each campaign, not {list(split)}")
    ids = compared["campaign_id"].tolist()
    shared, declared, attributes = overlap(warehouse, ids), randomised(compared), campaign_facts(warehouse, ids)
    stops: tuple[Reason, ...] = ()
    contaminated, delivery = None, None
    if declared:
        planned = planned_shares(attributes, ids) or dict.fromkeys(ids, 1)
        shares = [*planned.values()] if split is None else [split[place] for place in compared["asked"]]
        others = attribute_p_values(attributes_of(warehouse, compared), compared)
        worst = balance(covariates(warehouse, compared), others)
        found = (checks.sample_ratio(compared, shares), checks.unbalanced(*worst))
        stops = tuple(reason for reason in found if reason)
        mixed = checks.contaminated(int(shared["shared"].sum()), *_misplaced(warehouse, compared))
        contaminated = mixed or checks.not_at_once(compared)
        delivery = checks.unequal_delivery(compared)
    return Design(
        declared=declared,
        unsent=bool((compared["handed_over"] == 0).any()),
        stops=stops,
        contaminated=contaminated,
        delivery=delivery,
        lost=lost_events(compared, coming_in(warehouse, compared)),
        shared=shared,
        histories={} if declared and contaminated is None else histories(warehouse, compared),
        mixes={name: _mix(warehouse, compared, name) for name in _dimensions(compared, breakdowns)},
        attributes=attributes,
        messages_each=_messages_each(warehouse, ids),
        beside=known_beside(warehouse, compared, shared, declared and contaminated is None),
    )


def randomised(compared: pd.DataFrame) -> bool:
    """Whether people are declared to have been assigned at random: the campaigns are variants of one experiment.

    One account's: another may have given the same id to another experiment. Two campaigns of one variant are no two
    arms: what differs between them is when, or to whom, they were sent. Where one campaign is known as totals only
    nothing of it can be checked, and it is compared as any other.

    Example
    -------
    >>> compared = metrics.comparable(warehouse, ["coupon-a", "coupon-b"])
    >>> metrics.randomised(compared)
    True
    """
    named = compared["experiment_id"].fillna("").astype(str).str.strip() != ""
    alike = (compared[["experiment_id", "account_id"]].nunique() == 1).all()
    variants = compared["variant"].dropna()
    return bool(named.all() and alike and variants.is_unique and compared["by_person"].all())


def planned_shares(attributes: pd.DataFrame, ids: Sequence) -> dict:
    """The planned share of each campaign, in any unit, as PLANNED_SHARE of campaign_attributes has it; empty
    where one has none above zero."""
    rows = attributes[attributes["attribute"] == PLANNED_SHARE]
    told = pd.to_numeric(rows.set_index("campaign_id")["value"], errors="coerce").reindex(ids)
    return told.to_dict() if ((told > 0) & (told < math.inf)).all() else {}


def _dimensions(compared, breakdowns):
    """Those whose mix is known of all campaigns: of totals only channels are."""
    return dict.fromkeys(("channel", *(breakdowns if compared["by_person"].all() else ())))


def _mix(warehouse, compared, name):
    splittable(name)
    (by,) = grouping(name)
    counts = alike(warehouse, compared["campaign_id"].tolist(), ("campaign_id", by), until=age_of(warehouse, compared))
    return counts.rename(columns={by: "group"})


def _messages_each(warehouse, ids):
    m = messages.c
    counts = (func.count().label("messages"), func.count(m.contact_id.distinct()).label("people"))
    sent = select(m.campaign_id, *counts).where(m.campaign_id.in_(ids), m.status != "queued").group_by(m.campaign_id)
    found = warehouse.sql(sent).set_index("campaign_id")
    return (found["messages"] / found["people"]).reindex(ids).dropna().to_dict()


def campaign_facts(warehouse: Warehouse, ids: list) -> pd.DataFrame:
    """The rows of campaign_attributes on these campaigns: campaign_id, attribute, value."""
    a = campaign_attributes.c
    if not warehouse.has(campaign_attributes):
        return Design().attributes
    return warehouse.sql(
        select(a.campaign_id, a.attribute, a.value).where(a.campaign_id.in_(ids), a.value.is_not(None))
    )


def _misplaced(warehouse, compared):
    """People assigned to several of these arms, and people with a message of an arm that is not theirs."""
    recorded = compared.loc[compared["recorded"], "campaign_id"].tolist()
    if not recorded:
        return 0, 0
    a, m = assignments.c, messages.c
    arms = func.count(a.campaign_id.distinct())
    twice = select(a.contact_id).where(a.campaign_id.in_(recorded)).group_by(a.contact_id).having(arms > 1).cte("twice")
    written = select(m.campaign_id, m.contact_id).where(m.campaign_id.in_(recorded)).distinct().cte("written")
    same = and_(a.campaign_id == written.c.campaign_id, a.contact_id == written.c.contact_id)
    strangers = select(func.count().label("people")).select_from(written.outerjoin(assignments, same))
    counts = (select(func.count().label("people")).select_from(twice), strangers.where(a.contact_id.is_(None)))
    return tuple(int(warehouse.sql(count)["people"].iloc[0]) for count in counts)
