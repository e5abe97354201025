"""How an account's weeks went: ratios of sums, and whether the last of them is an ordinary week."""

import numpy as np
import pandas as pd

from reportlib.definitions import definition
from reportlib.metrics.people.rates import base_words, is_told
from reportlib.metrics.people.summary import ALL_CHANNELS
from reportlib.metrics.weekly.against_history import LEVEL, judged, measured_on, ordinary
from reportlib.metrics.weekly.iso_week import Week
from reportlib.metrics.weekly.mix import log_odds_of_mix
from reportlib.warehouse.contract.tables import CHANNELS

FEWEST_SHOWN = 12  # weeks; of empty ones at the beginning no more than that are shown
WHOLE, PER_CHANNEL = ("delivered", "failed"), ("clicked", "opened")


def weekly_trends(history: pd.DataFrame, week: Week, weeks: int) -> pd.DataFrame:
    """Per week the ratios of sums over its campaigns of `campaign_history` that are old enough; `week` is judged.

    Delivered and failed ÷ audience over all channels, clicked and opened ÷ delivered per channel that was used and can
    tell; never over several. The limits come from the `ordinary` campaigns of the weeks before; each week has its own,
    since they depend on its base. The reviewed week's figures are one family (Holm).

    Returns
    -------
    DataFrame, one row per metric, channel and week, the weeks in order, with the columns
        metric, channel, week : str; channel "all" for delivered and failed
        campaigns : int64, how many the week's ratio is of
        count, base, reached : int64, people; a week that reached nobody is in no limits; base_name : str
        rate : float64, NaN in a week without
        low, high : float64, between which it lies at `level` in an ordinary week; NaN where too little is known
        expected : float64, the centre of the weeks before, over all channels that of weeks with the same mix; history :
            int64, how many of them have a base and, over all channels, a mix of which enough is known
        p_value, level : float64; verdict : str, one of usual.WORDS; of the reviewed week only, missing for others

    Example
    -------
    >>> week = metrics.Week(2026, 46)
    >>> chosen = metrics.campaigns_by_week(warehouse, "acai", week, 26)
    >>> history = metrics.campaign_history(warehouse, chosen)
    >>> trends = metrics.weekly_trends(history, week, 26)
    >>> trends.set_index(["metric", "channel", "week"]).loc[("opened", "email", "2026-W46"), ["count", "base"]].tolist()
    [1783, 3648]
    """
    shown = _shown_weeks(history, week, weeks)
    usual, asked = ordinary(history, week), list(_asked(history))
    series = [_series(history[history["old_enough"]], usual, metric, channel, shown) for metric, channel in asked]
    if not series:
        return _empty()
    past = [_series(usual, usual, metric, channel, shown) for metric, channel in asked]
    past = [one[(one["base"] > 0) & one["offset"].notna()] for one in past]
    last = pd.concat([one.tail(1) for one in series], ignore_index=True).assign(old_enough=True)
    answers, expected = judged(last, [(one["count"], one["base"], one["offset"]) for one in past])
    usual_level = LEVEL / max(1, int(answers["p_value"].notna().sum()))
    rows = zip(series, expected, answers.to_dict("records"), strict=True)
    drawn = [_with_limits(*row, usual_level) for row in rows]
    return pd.concat(drawn, ignore_index=True)[list(_empty().columns)].astype(_empty().dtypes)


def _asked(history):
    if history.empty:
        return
    yield from ((metric, ALL_CHANNELS) for metric in WHOLE)
    used = set(history.loc[history["engagement_base"] > 0, "channel"])
    for metric in PER_CHANNEL:
        yield from ((metric, channel) for channel in CHANNELS if channel in used and measured_on(metric, channel))


def _shown_weeks(history, week, weeks):
    names = [str(week.previous(n)) for n in reversed(range(weeks))]
    first = min([*history["week"], *names[-FEWEST_SHOWN:][:1]])
    return [name for name in names if name >= first]


def _series(history, usual, metric, channel, shown):
    count, base = definition(metric).numerator, definition(metric).bases[0]
    rows = history[(history["channel"] == channel) & is_told(history, metric)]
    sums = rows.groupby("week").agg(
        campaigns=("week", "size"), count=(count, "sum"), base=(base, "sum"), reached=("engagement_base", "sum")
    )
    frame = sums.reindex(shown).fillna(0).astype("int64").rename_axis("week").reset_index()
    frame["offset"] = 0.0
    if channel == ALL_CHANNELS:
        told = history[history["campaign_id"].isin(rows["campaign_id"])]
        frame["offset"] = log_odds_of_mix(told, usual, metric).reindex(shown).to_numpy()
    return frame.assign(metric=metric, channel=channel, base_name=_base_name(rows, metric))


def _base_name(rows, metric):
    base = definition(metric).bases[0]
    return base_words(rows) if base == "engagement_base" else base


def _with_limits(series, expected, last, usual_level):
    level = usual_level if pd.isna(last["level"]) else last["level"]
    limits = [
        expected.limits(base, level, offset) if expected and base and not np.isnan(offset) else (np.nan, np.nan)
        for base, offset in zip(series["base"].tolist(), series["offset"].tolist(), strict=True)
    ]
    is_last = series.index == len(series) - 1
    frame = series.assign(
        rate=series["count"] / series["base"].where(series["base"] > 0),
        low=[low for low, _ in limits],
        high=[high for _, high in limits],
        expected=[expected.centre_at(offset) if expected else np.nan for offset in series["offset"]],
        history=last["history"],
        level=level,
    )
    frame["p_value"] = pd.Series(last["p_value"], frame.index).where(is_last)
    frame["verdict"] = pd.Series(last["verdict"], frame.index, "str").where(is_last)
    return frame


def _empty():
    texts, counts = ("metric", "channel", "week", "base_name"), ("campaigns", "count", "base", "reached")
    numbers = ("rate", "low", "high", "expected")
    columns = dict.fromkeys(texts, "str") | dict.fromkeys(counts, "int64") | dict.fromkeys(numbers, "float64")
    columns |= {"history": "int64", "p_value": "float64", "level": "float64", "verdict": "str"}
    return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in columns.items()})
