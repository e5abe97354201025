"""The head of a report on what messages caused, with what it says for machines."""

from collections.abc import Sequence

import pandas as pd

from reportlib import metrics
from reportlib.metrics.impact.effect import Effect
from reportlib.metrics.impact.trial import Trial
from reportlib.presentation.impact.first_screen import first_screen
from reportlib.presentation.look import numbers
from reportlib.presentation.look.display import Display
from reportlib.presentation.look.head import head, iso, origin, records
from reportlib.presentation.look.listing import Cell, listed
from reportlib.warehouse import Warehouse


def headline(
    warehouse: Warehouse,
    trial: Trial | None,
    found: Sequence[Effect],
    plan: pd.DataFrame,
    costs: pd.DataFrame,
    campaigns=None,
) -> Display:
    """What was caused, as the head of its report; of `campaigns` without an experiment, that nobody knows."""
    chosen = metrics.select_campaigns(warehouse, trial.campaign_ids if trial else campaigns)
    first = first_screen(trial, found, plan, costs)
    if trial:
        title = f"What “{trial.experiment_id}” caused"
        people = numbers.plural(int(trial.arms["assigned"].sum()), "person", "people")
        held_out = int(trial.arms.loc[trial.arms["held_out"], "assigned"].sum())
        about_people = [people, f"{numbers.count(held_out)} held out" if held_out else "nobody held out"]
        started = pd.Timestamp(trial.start_ms, unit="ms", tz="UTC")
    else:
        title = f"What followed {numbers.plural(len(chosen), 'campaign')}"
        about_people, started = ["nobody held out"], chosen["started_at"].max()
    zone = next(iter(chosen["timezone"].dropna()), "UTC")
    about = {
        "title": title,
        "subtitle": " · ".join([numbers.date(started, zone), *about_people]),
        "campaign_ids": [str(campaign) for campaign in chosen["campaign_id"]],
        "account": ", ".join(dict.fromkeys(map(str, chosen["account"]))),
        "started_at": iso(started),
        "data_as_of": iso(metrics.data_as_of(warehouse)),
        "experiment": None if trial is None else str(trial.experiment_id),
        "effects": records(metrics.effect_table(found)),
    }
    return head(about | {"listing": listing(about, first)}, first)


def provenance(warehouse: Warehouse, trial: Trial | None, campaigns, parameter_file: str, **parameters) -> Display:
    """Where the figures came from, and the command that makes them anew."""
    chosen = metrics.select_campaigns(warehouse, trial.campaign_ids if trial else campaigns)
    ids, zones = chosen["campaign_id"].tolist(), chosen["timezone"].dropna().unique()
    asked = parameters | {"campaigns": "all" if campaigns is None else ", ".join(map(str, campaigns))}
    again = ["reportlib", "run", parameter_file]
    if trial:
        again += ["--set", f"experiment={trial.experiment_id}"]
    return origin(warehouse, ids, zones, asked, again)


def listing(about: dict, first) -> dict:
    """How an index lists the report that says this of itself."""
    return listed(
        "What messages caused.",
        5,
        Cell("Experiment", about["title"], about["account"]),
        Cell("Began", numbers.day(about["started_at"])),
        Cell("Verdict", first.verdict.text),
    )
