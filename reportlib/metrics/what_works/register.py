"""The register of an account's experiments: what each asked, what it found, how far that can be believed."""

import math
from collections.abc import Iterator

import pandas as pd
from sqlalchemy import select

from reportlib.errors import InvalidParameters
from reportlib.metrics.comparison.age.equal_age import comparable, is_final
from reportlib.metrics.comparison.campaigns import compare_campaigns
from reportlib.metrics.comparison.design.comparability import comparability, differences
from reportlib.metrics.comparison.design.design import campaign_facts, design
from reportlib.metrics.comparison.factors import factors_of
from reportlib.metrics.impact.checks import trial as checked_trial
from reportlib.metrics.impact.effects import effects
from reportlib.metrics.impact.experiments import experiments
from reportlib.metrics.impact.trial import WINDOW_DAYS, Trial
from reportlib.metrics.memo import remembered
from reportlib.metrics.selection.accounts import select_account
from reportlib.metrics.selection.campaigns import select_campaigns
from reportlib.metrics.statistics.drawn_to_zero import log_ratio
from reportlib.metrics.what_works.associations import RESPONSE
from reportlib.metrics.what_works.facts import DECISION, QUESTION
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import assignments

BAD = ("unsubscribed", "complained")  # outcomes of which fewer are better
COLUMNS = {
    "experiment_id": "str", "began": "datetime64[ms, UTC]", "question": "str", "decision": "str", "measure": "str",
    "arm": "str", "versus": "str", "people": "Int64", "people_versus": "Int64", "did": "Int64", "did_versus": "Int64",
    "difference": "float64", "low": "float64", "high": "float64", "word": "str", "grade": "str", "is_final": "bool",
    "counts": "bool", "ratio": "float64", "error": "float64", "sentence": "str",
}  # fmt: skip
STOPPED, INCOMPARABLE = "stopped", "not comparable"


@remembered
def register(warehouse: Warehouse, account=None, window_days: float = WINDOW_DAYS) -> pd.DataFrame:
    """Every experiment of an account, as `select_account` takes it: its arms held against the one they are to beat.

    Messages are held against each other by clicks, as a comparison does; where somebody was held out, or clicks cannot
    be judged, arms are held by the commonest outcome against the held out, else the first, as an impact report does.

    Returns
    -------
    DataFrame, the latest experiment first, with the columns
        experiment_id, question, decision : str, missing decisions as ""
        began : datetime64[ms, UTC]
        measure : str, "clicked" or a kind of outcome, "" where nothing could be asked; arm, versus : str
        people, people_versus, did, did_versus : Int64, people assigned, and of them those who did it
        difference, low, high : float64, of the shares, fractions, with the interval at which it was decided
        word : str, of the verdict; grade : str, A to D as `comparability` has it, "" where nothing could be asked
        is_final : bool; counts : bool, whether chance divided the arms and nothing stops it
        ratio, error : float64, the log of the one share ÷ the other, and its standard error, of those that count
        sentence : str

    Raises
    ------
    InvalidParameters (no such account), UnknownTimeZone

    Example
    -------
    >>> metrics.register(warehouse, "acai")[["experiment_id", "measure", "arm", "versus", "word"]]
      experiment_id  measure      arm    versus    word
    0        coupon  clicked  Cupom B   Cupom A  higher
    1        coupon    order        A  held out  higher
    2        coupon    order        B  held out  higher
    """
    about = select_account(warehouse, account)
    rows: list[dict] = []
    for experiment, ids in _experiments_of(warehouse, about["account_id"]).items():
        rows += _entries(warehouse, experiment, ids, window_days)
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame["began"] = pd.to_datetime(frame["began"], utc=True)
    order = ["began", "experiment_id"]
    return frame.astype(COLUMNS).sort_values(order, ascending=[False, True], kind="stable", ignore_index=True)


def _experiments_of(warehouse, account_id) -> dict[object, list]:
    """The account's campaigns of each experiment, those that can be reported; none of other accounts."""
    known = select_campaigns(warehouse)
    ours = known[known["account_id"] == account_id]
    pairs = list(ours.dropna(subset="experiment_id")[["experiment_id", "campaign_id"]].itertuples(index=False))
    if warehouse.has(assignments):
        a = assignments.c
        assigned = warehouse.sql(select(a.experiment_id, a.campaign_id).distinct())
        assigned = assigned[assigned["campaign_id"].isin(ours["campaign_id"])]
        pairs += list(assigned.itertuples(index=False))
    listed = set(experiments(warehouse)["experiment_id"])
    found: dict[object, list] = {}
    for experiment, campaign in pairs:
        if experiment in listed and campaign not in found.setdefault(experiment, []):
            found[experiment].append(campaign)
    return found


def _entries(warehouse, experiment, ids, window_days) -> list[dict]:
    known = select_campaigns(warehouse, ids)
    began = known["started_at"].fillna(known["scheduled_at"]).min()
    told = campaign_facts(warehouse, ids)
    asked = {"experiment_id": str(experiment), "began": began, "decision": _said(told, DECISION)}
    asked["question"] = _said(told, QUESTION) or _question(told, known)
    found, why = [], ""
    if len(ids) > 1:
        found = list(_by_clicks(warehouse, ids))
    try:
        trial = checked_trial(warehouse, experiment, window_days)
    except InvalidParameters as error:  # one arm only
        trial, why = None, str(error)
    if trial is not None and (trial.has_holdout or not any(one["counts"] for one in found)):
        outcomes = list(_by_outcome(warehouse, trial))
        found = [*([] if not trial.has_holdout and outcomes else found), *outcomes]
        why = why or ("Nobody’s outcomes are known, so what it caused is not." if trial.has_holdout else "")
    return [asked | one for one in found] or [asked | _nothing(why)]


def _by_clicks(warehouse, ids) -> Iterator[dict]:
    """The messages of an experiment held against the first of them, by clicks of people assigned."""
    try:
        compared = comparable(warehouse, ids)
    except InvalidParameters as error:  # one without a start
        yield _nothing(str(error))
        return
    made = design(warehouse, compared)
    graded = comparability(differences(compared, made), made)
    for one in compare_campaigns(compared, made, RESPONSE, baseline=compared["campaign_id"].iloc[0]):
        if one.question != "pair":
            continue
        counts = (one.count, one.base, one.baseline_count, one.baseline_base)
        is_sound = made.is_sound and one.word not in (STOPPED, INCOMPARABLE)
        yield {
            "measure": RESPONSE,
            "arm": one.arm,
            "versus": one.baseline,
            "difference": None if one.estimate is None else one.estimate / 100,
            "low": None if one.low is None else one.low / 100,
            "high": None if one.high is None else one.high / 100,
            "word": one.word,
            "grade": graded.grade,
            "is_final": is_final(compared),
            "sentence": str(one) if is_sound or one.estimate is None else f"{one} {graded.reasons[0]}",
            **_counted(counts, is_sound),
        }


def _by_outcome(warehouse, trial: Trial) -> Iterator[dict]:
    """The arms of an experiment held against the held out, by the commonest outcome of people assigned."""
    found = [one for one in effects(warehouse, trial) if one.measure == "people"]
    kinds = [one.outcome for one in found]
    wanted = next((kind for kind in kinds if kind not in BAD), next(iter(kinds), None))
    for one in found:
        if one.outcome == wanted:
            counts = (one.people, one.assigned, one.people_versus, one.assigned_versus)
            is_sound = not trial.stops and one.word not in (STOPPED, INCOMPARABLE)
            yield {
                "measure": one.outcome,
                "arm": one.variant,
                "versus": one.versus,
                "difference": one.difference,
                "low": one.low,
                "high": one.high,
                "word": one.word,
                "grade": "D" if trial.stops else "B" if trial.reasons else "A",
                "is_final": trial.is_final,
                "sentence": str(one),
                **_counted(counts, is_sound),
            }


def _counted(counts, is_sound):
    """The people of both arms, and the ratio of their shares where it counts."""
    did, people, did_versus, people_versus = counts
    ratio, error = log_ratio(*counts) if is_sound else (math.nan, math.nan)
    numbers = {"did": did, "people": people, "did_versus": did_versus, "people_versus": people_versus}
    return numbers | {"counts": is_sound, "ratio": ratio, "error": error}


def _nothing(why):
    """An experiment of which nothing can be asked."""
    empty = dict.fromkeys(("measure", "arm", "versus", "grade"), "")
    told = why or "One arm only: there is nothing to hold it against."
    return empty | {"word": INCOMPARABLE, "is_final": False, "counts": False, "sentence": told}


def _said(told, attribute):
    rows = told[told["attribute"].astype("str").str.casefold() == attribute]
    return "; ".join(dict.fromkeys(rows.sort_values("campaign_id")["value"].astype(str)))


def _question(told, known):
    """What was varied, from the facts in which the arms differ; else the arms' names."""
    arms = known.sort_values(["variant", "campaign_id"])
    names = dict(zip(arms["campaign_id"], arms["campaign_id"].astype(str), strict=True))
    varied = [name for name, rows in told.groupby("attribute") if rows["value"].nunique() > 1]
    factors = factors_of(told, names) or {name: {} for name in varied}
    if factors:
        name = next(iter(factors))
        values = told[told["attribute"] == name].sort_values("campaign_id")["value"]
        return f"{name}: {' or '.join(dict.fromkeys(map(str, values)))}?"
    return f"{' or '.join(dict.fromkeys(arms['name'].astype(str)))}?"
