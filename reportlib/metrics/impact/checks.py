"""What speaks against a trial: arms of the wrong size, of another kind of people, held-out people who got it."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import func, select

from reportlib.errors import InvalidParameters
from reportlib.metrics.comparison.design.balance import balance, known_of
from reportlib.metrics.comparison.design.checks import ALARM, p_words, unbalanced
from reportlib.metrics.comparison.design.design import campaign_facts, planned_shares
from reportlib.metrics.comparison.reasons import Reason, listed
from reportlib.metrics.impact.trial import WINDOW_DAYS, Trial, find_trial, without_people
from reportlib.metrics.statistics.multiplicity import sample_ratio_p
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import messages

MOST_SHARED, MOST_CONTAMINATED = 0.05, 0.5


def trial(
    warehouse: Warehouse,
    experiment,
    window_days: float = WINDOW_DAYS,
    baseline: str | None = None,
    split: Mapping[str, float] | None = None,
) -> Trial | None:
    """The Trial that an experiment is, with what was found by checking it; None of no experiment.

    `window_days` after their assignment outcomes count; `baseline` names the arm held against where none is held out;
    `split` has the planned shares by arm: without it the arms that were written to are taken to be planned as their
    campaigns' `planned_shares` are, else equal.
    Raises InvalidParameters.

    Example
    -------
    >>> metrics.trial(warehouse, "coupon").arms[["variant", "held_out", "assigned"]]
        variant  held_out  assigned
    0  held out      True      2124
    1         A     False     10619
    2         B     False     10619
    """
    if experiment is None:
        return None
    found = find_trial(warehouse, experiment, window_days, baseline)
    reasons = (
        _sample_ratio(warehouse, found, split),
        _balance(warehouse, found),
        _shared(found),
        _contaminated(warehouse, found),
        _without_people(warehouse, found),
    )
    return replace(found, reasons=tuple(reason for reason in reasons if reason))


def _sample_ratio(warehouse, found: Trial, split) -> Reason | None:
    arms = found.arms
    if split is not None:
        shares = {str(name): share for name, share in split.items()}
        if set(shares) != set(arms["variant"]) or min(shares.values()) <= 0:
            raise InvalidParameters(
                f"the split needs a share above zero for each of {listed(arms['variant'].tolist())}"
            )
    else:
        arms = arms[~arms["held_out"]]
        shares = _planned(warehouse, arms) or dict.fromkeys(arms["variant"], 1)
    if len(arms) < 2 or arms["assigned"].min() == 0:
        return None
    p = sample_ratio_p(arms["assigned"], [shares[name] for name in arms["variant"]])
    if p >= ALARM:
        return None
    told = listed([f"{row.variant} {row.assigned:,}" for row in arms.itertuples()])
    planned = ":".join(f"{shares[name]:g}" for name in arms["variant"])
    text = (
        f"The arms do not have the planned sizes ({told}; planned {planned}; χ² p {p_words(p)}): people were lost or "
        "added on one side, and outcomes may differ for that alone. Find the cause, or say the planned split."
    )
    return Reason("sample ratio", "stopped", text)


def _planned(warehouse, arms):
    """The planned share of each arm: that of its campaigns."""
    ids = [campaign for campaigns in arms["campaign_ids"] for campaign in campaigns]
    each = planned_shares(campaign_facts(warehouse, ids), ids)
    if not each:
        return {}
    return {row.variant: sum(each[campaign] for campaign in row.campaign_ids) for row in arms.itertuples()}


def _balance(warehouse, found: Trial) -> Reason | None:
    person = select(found.people.c.variant.label("campaign_id"), found.people.c.contact_id).cte("arms")
    return unbalanced(*balance(known_of(warehouse, person, found.start_ms)))


def _without_people(warehouse, found: Trial) -> Reason | None:
    """Says that an arm is missing whose people nobody lists, where no assignments do."""
    names = [] if found.recorded else without_people(warehouse, found.experiment_id)
    if not names:
        return None
    return Reason("totals", "said", f"{listed(names)}: known as totals only, so without people, and in no arm here.")


def _shared(found: Trial) -> Reason | None:
    if not found.shared:
        return None
    share = found.shared / max(1, int(found.arms["assigned"].sum()) + found.shared)
    text = (
        f"{found.shared:,} people ({100 * share:.1f} % of those assigned) are in more than one arm: they are left out."
    )
    if share > MOST_SHARED:
        return Reason(
            "contamination", "stopped", f"{text} That is too many for the rest to be in their arms by chance."
        )
    return Reason("contamination", "said", text)


def _contaminated(warehouse, found: Trial) -> Reason | None:
    """Held-out people who have a message of the experiment."""
    if not found.has_holdout or not found.campaign_ids:
        return None
    p, m = found.people.c, messages.c
    written = select(m.contact_id).where(m.campaign_id.in_(found.campaign_ids), m.status != "queued")
    asked = select(func.count().label("people")).select_from(found.people)
    people = int(warehouse.sql(asked.where(p.variant == found.versus, p.contact_id.in_(written)))["people"].iloc[0])
    held_out = int(found.arms["counted"].iloc[0])
    if not people:
        return None
    share = people / held_out
    text = f"{people:,} of {held_out:,} held-out people ({100 * share:.1f} %) got a message of the experiment."
    if share > MOST_CONTAMINATED:
        return Reason("contamination", "stopped", f"{text} They were not held out: there is nothing to compare with.")
    larger = f" Undiluted, an effect would be about {1 / (1 - share):.2g} times as large." if share >= 0.01 else ""
    return Reason(
        "contamination",
        "said",
        f"{text} Everybody stays in the arm they were assigned to, so that chance still divides them, and the "
        f"difference is smaller than the effect of a message.{larger}",
    )
