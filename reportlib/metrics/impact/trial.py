"""An experiment as a trial: its arms, who was held out, and how long each person was watched."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd
from sqlalchemy import and_, case, func, literal, or_, select

from reportlib.errors import InvalidParameters, nearest
from reportlib.metrics.comparison.reasons import Reason, listed
from reportlib.metrics.impact.experiments import experiment_called
from reportlib.metrics.local_time import DAY_MS, HOUR_MS
from reportlib.metrics.people.data_problems import data_as_of
from reportlib.metrics.selection.campaigns import campaigns as known_campaigns
from reportlib.metrics.selection.known_totals import known_totals
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import assignments, campaigns, messages
from reportlib.warehouse.engines import sound_ms

WINDOW_DAYS, PRE_DAYS = 7, 28
CALLED_HELD_OUT = ("held out", "held-out", "holdout", "control", "kontrolle", "controle")


@dataclass(frozen=True)
class Trial:
    """The people of an experiment and the time in which their outcomes count.

    Attributes
    ----------
    experiment_id : as the source has it
    arms : DataFrame, one row per arm, the one held against first: variant : str; held_out : bool; assigned : int64,
        people, without those in several arms; counted : int64, of them those whose window is over; campaign_ids : list
    versus : the arm that the others are held against: the held out, else the baseline
    age_ms : how long after their assignment outcomes count; `window_ms` unless nobody's is over yet
    cutoff_ms : who was assigned later is not counted
    is_final : whether everybody's window is over and nothing is sent any more
    shared : people assigned to more than one arm, who are left out
    """

    experiment_id: object
    arms: pd.DataFrame
    versus: str
    start_ms: int
    window_ms: int
    age_ms: int
    pre_ms: int
    cutoff_ms: int
    is_final: bool
    shared: int
    recorded: bool
    reasons: tuple[Reason, ...] = ()

    @property
    def stops(self) -> tuple[Reason, ...]:
        """Why there may be no verdict."""
        return tuple(reason for reason in self.reasons if reason.effect != "said")

    @property
    def has_holdout(self) -> bool:
        """Whether what is compared with is not being written to at all."""
        return bool(self.arms["held_out"].iloc[0])

    @property
    def campaign_ids(self) -> list:
        """The campaigns of all arms."""
        return [campaign for several in self.arms["campaign_ids"] for campaign in several]

    @cached_property
    def people(self):
        """Everybody counted: variant, contact_id, assigned_ms. A CTE."""
        everyone = people_of(self.experiment_id, self.start_ms, self.recorded)
        several = select(everyone.c.contact_id).group_by(everyone.c.contact_id).having(func.count() > 1)
        return (
            select(everyone.c.variant, everyone.c.contact_id, everyone.c.assigned_ms)
            .where(everyone.c.assigned_ms <= self.cutoff_ms, everyone.c.contact_id.not_in(several))
            .cte("people_counted")
        )


def find_trial(
    warehouse: Warehouse, experiment, window_days: float = WINDOW_DAYS, baseline: str | None = None
) -> Trial:
    """The Trial that an experiment is, without its checks.

    Who was assigned is what `assignments` says, else everybody with a message of its campaigns; the held out are the
    arm without campaigns. `baseline` names the arm held against where none is held out; without it, the first.

    Raises InvalidParameters for no such experiment, one of a single arm, an unknown baseline, a window not above zero.
    """
    experiment_id, recorded = experiment_called(warehouse, experiment)
    if not 0 < window_days <= 366:
        raise InvalidParameters(f"the window is {window_days} days: give it between 0 and 366")
    window_ms, ours = round(window_days * DAY_MS), _campaigns_of(warehouse, experiment_id)
    as_of = data_as_of(warehouse)
    as_of_ms = 0 if pd.isna(as_of) else int(as_of.timestamp() * 1000)
    start_ms = _start(warehouse, experiment_id, recorded, ours)
    everyone = people_of(experiment_id, start_ms, recorded)
    p, several = everyone.c, _several(everyone)
    is_shared = several.c.contact_id.is_not(None)
    once, cutoff = ~is_shared, as_of_ms - window_ms
    counted = warehouse.sql(
        select(
            p.variant,
            func.max(p.is_written).label("written"),
            func.sum(case((is_shared, 1), else_=0)).label("shared"),
            func.sum(case((once, 1), else_=0)).label("assigned"),
            func.sum(case((and_(once, p.assigned_ms <= cutoff), 1), else_=0)).label("ripe"),
            func.max(p.assigned_ms).label("last_ms"),
        )
        .select_from(everyone.outerjoin(several, several.c.contact_id == p.contact_id))
        .group_by(p.variant)
        .order_by(p.variant)
    )
    if len(counted) < 2:
        unlisted = without_people(warehouse, experiment_id)
        known = f"{listed(unlisted)} is known as totals only, without people" if unlisted else "it has no other"
        raise InvalidParameters(
            f"the experiment {experiment_id!r} has one arm of people only, nothing to hold it against: {known}"
        )
    by_variant = ours.groupby("variant")["campaign_id"].agg(list).to_dict()
    arms = pd.DataFrame(
        {
            "variant": counted["variant"],
            "held_out": counted["written"].astype("int64") == 0,
            "assigned": counted["assigned"].astype("int64"),
            "counted": counted["ripe"].astype("int64"),
            "campaign_ids": [by_variant.get(variant, []) for variant in counted["variant"]],
        }
    )
    versus = _versus(arms, baseline)
    arms = pd.concat([arms[arms["variant"] == versus], arms[arms["variant"] != versus]], ignore_index=True)
    age_ms, last_ms = window_ms, int(counted["last_ms"].max())
    if (arms["counted"] == 0).any():  # nobody's window is over in one of them: all are looked at as young as they are
        age_ms = max(0, as_of_ms - last_ms) // HOUR_MS * HOUR_MS
        cutoff, arms = last_ms, arms.assign(counted=arms["assigned"])
    elif last_ms <= cutoff:
        cutoff = last_ms
    sending = bool((ours["status"] == "sending").any())
    is_final = age_ms == window_ms and bool((arms["counted"] == arms["assigned"]).all()) and not sending
    shared = int(counted["shared"].max())
    return Trial(
        experiment_id, arms, versus, start_ms, window_ms, age_ms, PRE_DAYS * DAY_MS, cutoff, is_final, shared, recorded
    )


def without_people(warehouse: Warehouse, experiment_id) -> list[str]:
    """The names of those campaigns of an experiment that are known as totals only."""
    ours, known = _campaigns_of(warehouse, experiment_id)["campaign_id"], known_campaigns(warehouse)
    named = known["campaign_id"].isin(ours) & known["campaign_id"].isin(known_totals(warehouse)["campaign_id"])
    return known.loc[named, "name"].astype(str).tolist()


def people_of(experiment_id, start_ms: int, recorded: bool):
    """Everybody of the experiment: variant, contact_id, is_written (whether their arm has a campaign), assigned_ms."""
    a, c, m = assignments.c, campaigns.c, messages.c
    if recorded:
        rows = (
            select(
                a.variant,
                a.contact_id,
                func.max(case((a.campaign_id.is_(None), 0), else_=1)).label("is_written"),
                func.min(func.coalesce(sound_ms(a.assigned_at), sound_ms(c.started_at), start_ms)).label("assigned_ms"),
            )
            .select_from(assignments.outerjoin(campaigns, c.campaign_id == a.campaign_id))
            .where(a.experiment_id == experiment_id)
        )
        return rows.group_by(a.variant, a.contact_id).cte("everyone")
    rows = (
        select(
            c.variant,
            m.contact_id,
            literal(1).label("is_written"),
            func.min(func.coalesce(sound_ms(c.started_at), start_ms)).label("assigned_ms"),
        )
        .join_from(messages, campaigns, c.campaign_id == m.campaign_id)
        .where(c.experiment_id == experiment_id, c.variant.is_not(None))
    )
    return rows.group_by(c.variant, m.contact_id).cte("everyone")


def _several(everyone):
    p = everyone.c
    return select(p.contact_id).group_by(p.contact_id).having(func.count() > 1).cte("several")


def _campaigns_of(warehouse, experiment_id) -> pd.DataFrame:
    """The campaigns of the experiment, by its arms: campaign_id, variant, status, started_at."""
    known = known_campaigns(warehouse)[["campaign_id", "experiment_id", "variant", "status", "started_at"]]
    named = known[known["experiment_id"] == experiment_id]
    if not warehouse.has(assignments):
        return named
    a = assignments.c
    rows = select(a.campaign_id, a.variant).where(a.experiment_id == experiment_id, a.campaign_id.is_not(None))
    assigned = warehouse.sql(rows.distinct())
    if assigned.empty:
        return named
    joined = assigned.merge(known.drop(columns="variant"), on="campaign_id", how="left")
    return pd.concat([joined, named[~named["campaign_id"].isin(joined["campaign_id"])]], ignore_index=True)


def _start(warehouse, experiment_id, recorded, ours) -> int:
    """When the first were assigned, epoch milliseconds; else when the first campaign began."""
    first = []
    if recorded:
        a = assignments.c
        rows = select(func.min(sound_ms(a.assigned_at)).label("ms")).where(a.experiment_id == experiment_id)
        first = warehouse.sql(rows)["ms"].dropna().tolist()
    if not first:
        first = [moment.timestamp() * 1000 for moment in ours["started_at"].dropna()]
    return int(min(first, default=0))


def _versus(arms: pd.DataFrame, baseline) -> str:
    names = arms["variant"].tolist()
    if baseline is not None and str(baseline) not in names:
        raise InvalidParameters(f"the baseline {baseline!r} is none of the arms{nearest(str(baseline), names)}")
    held_out = arms.loc[arms["held_out"], "variant"].tolist()
    if baseline is not None:
        return str(baseline)
    named = [name for name in held_out if name.lower() in CALLED_HELD_OUT]
    return next(iter([*named, *held_out, *[name for name in names if name.lower() in CALLED_HELD_OUT], *names]))


def within(moment_ms, since_ms, length_ms):
    """The condition that a moment is in so long a time from `since_ms` on."""
    return and_(moment_ms >= since_ms, moment_ms < since_ms + length_ms)


def may_count(value):
    """The condition that an outcome is something done, and not money given back."""
    return or_(value.is_(None), value >= 0)
