"""Checks of an experiment's design: each returns a Reason, or None where nothing is found."""

from collections.abc import Sequence

import pandas as pd

from reportlib.metrics.comparison.reasons import Reason, listed
from reportlib.metrics.statistics.multiplicity import same_shares_p, sample_ratio_p

ALARM = 0.001
AT_ONCE_DAYS = 8  # after which arms of one experiment were not sent at once
SIZES = {"assigned": "people assigned", "messaged": "people with a message", "handed_over": "people sent to"}
OUTCOMES = {
    "delivered": "delivered",
    "failed": "failed",
    "pending": "pending",
    "delivered_implied": "known to be delivered by a response only",
}


def sample_ratio(compared: pd.DataFrame, split: Sequence[float]) -> Reason | None:
    """Stops an experiment whose arms are not of the planned sizes: whatever moved people may have moved the rates.

    Asked of the people assigned, of those with a message, and of those whose message was handed over.
    """
    for column, name in SIZES.items():
        sizes = compared[column].tolist()
        p = sample_ratio_p(sizes, split)
        if p < ALARM and min(sizes) > 0:
            told = listed([f"{label} {size:,}" for label, size in zip(compared["label"], sizes, strict=True)])
            planned = ":".join(f"{share:g}" for share in split)
            return Reason(
                "sample ratio",
                "stopped",
                f"The arms do not have the planned sizes ({name}: {told}; planned {planned}; χ² p {p_words(p)}): "
                "people were lost or added on one side, and the rates may differ for that alone. Find the cause before "
                "comparing.",
            )
    return None


def unbalanced(p: float, worst: str | None) -> Reason | None:
    """Stops an experiment whose arms differ in what was known of the people before it began."""
    if p >= ALARM:
        return None
    return Reason(
        "balance",
        "stopped",
        f"The arms are not of one kind of people (they differ most by {worst}; all tested together, p {p_words(p)}): "
        "they were not filled by chance, and the rates may differ for that alone.",
    )


def contaminated(shared: int, assigned_twice: int, strangers: int) -> Reason | None:
    """Says that people are not in one arm only; ends "at random"."""
    told = [
        f"{shared:,} have a message of more than one arm" if shared else "",
        f"{assigned_twice:,} were assigned to more than one" if assigned_twice else "",
        f"{strangers:,} have a message of an arm to which they were not assigned" if strangers else "",
    ]
    if not any(told):
        return None
    return Reason(
        "contamination",
        "said",
        f"The arms are mixed: of their people {listed([each for each in told if each])}. They are not compared as "
        "assigned at random.",
    )


def not_at_once(compared: pd.DataFrame) -> Reason | None:
    """Says that the arms were not sent at one time; ends "at random", which takes people of the same days."""
    first, *_, last = compared.sort_values("started_at").itertuples(index=False)
    days = (last.started_at - first.started_at).days
    if days < AT_ONCE_DAYS:
        return None
    return Reason(
        "contamination",
        "said",
        f"{last.label} started {days} days after {first.label}: what else changed in between may be the cause of a "
        "difference. They are not compared as assigned at random.",
    )


def unequal_delivery(compared: pd.DataFrame) -> Reason | None:
    """Stops rates of those delivered where the arms differ in what became of their messages."""
    for column, name in OUTCOMES.items():
        counts, people = compared[column], compared["audience"]
        if (people == 0).any() or counts.sum() in (0, people.sum()):
            continue
        p = same_shares_p([counts, people - counts])
        if p < ALARM:
            shares = zip(compared["label"], counts / people, strict=True)
            told = listed([f"{label} {100 * share:.1f} %" for label, share in shares])
            return Reason(
                "delivery",
                "stopped",
                f"The arms differ in what became of their messages ({name}, of people assigned: {told}; χ² p "
                f"{p_words(p)}): who was reached is not one kind of people, so that delivery may be the cause of a "
                "difference.",
            )
    return None


def p_words(p: float) -> str:
    return "< 0.0001" if p < 0.0001 else f"= {p:.2g}"
