"""Experiments that reach their final age in a week: what their comparison says for good, and what it said before."""

import pandas as pd

from reportlib.metrics.comparison.age.equal_age import LONGEST_HOURS, comparable, is_final
from reportlib.metrics.comparison.campaigns import compare_campaigns
from reportlib.metrics.comparison.design.design import design
from reportlib.metrics.selection.accounts import select_account
from reportlib.metrics.weekly.campaigns import finished_campaigns_of
from reportlib.metrics.weekly.iso_week import Week, week_of
from reportlib.warehouse import Warehouse

COLUMNS = ("experiment_id", "arm", "baseline", "word", "earlier_word", "sentence")


def final_week(arms: pd.DataFrame, zone: str, final_age_hours: float = LONGEST_HOURS) -> str | None:
    """The week in which an experiment, rows of `finished_campaigns_of`, reaches its final age; None where nothing says
    when it finished."""
    last = arms["finished_at"].max()
    return None if pd.isna(last) else str(week_of(last + pd.Timedelta(hours=final_age_hours), zone))


def final_verdicts(warehouse: Warehouse, account, week: Week) -> pd.DataFrame:
    """The verdicts on clicks of the account's experiments that reach their final age in the week, pair by pair.

    `account` as `select_account` takes it. An experiment whose people the data do not follow so far is left out.

    Returns
    -------
    DataFrame with the columns
        experiment_id, arm, baseline, word, sentence : str, of the final verdict
        earlier_word : str, the word at the age reached by the end of the week in which its last campaign finished

    Example
    -------
    >>> metrics.final_verdicts(warehouse, "acai", metrics.Week(2026, 42))[["experiment_id", "word"]]
      experiment_id    word
    0        coupon  higher
    """
    zone = select_account(warehouse, account)["timezone"]
    finished, rows = finished_campaigns_of(warehouse, account), []
    for experiment, arms in finished[finished["experiment_id"].notna()].groupby("experiment_id"):
        if len(arms) < 2 or final_week(arms, zone) != str(week):
            continue
        frame = comparable(warehouse, arms["campaign_id"].tolist())
        if not is_final(frame):
            continue
        last = arms["finished_at"].max()
        hours = (week_of(last, zone).end(zone) - last) / pd.Timedelta(hours=1)
        earlier = comparable(warehouse, arms["campaign_id"].tolist(), age_hours=max(1.0, hours))
        both = [compare_campaigns(each, design(warehouse, each)) for each in (frame, earlier)]
        rows += [
            (str(experiment), now.arm, now.baseline, now.word, before.word, str(now))
            for now, before in zip(*both, strict=True)
        ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype("str")
