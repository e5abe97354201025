"""A week's campaigns against their account's own history: is each usual, and how far is it from the best?"""

from collections.abc import Sequence

import pandas as pd

from reportlib.definitions import definition
from reportlib.metrics.people.rates import base_name, is_told
from reportlib.metrics.people.summary import ALL_CHANNELS
from reportlib.metrics.statistics.expectation import shrunk
from reportlib.metrics.statistics.rates import wilson
from reportlib.metrics.weekly.against_history import PER_CHANNEL, judged, measured_on, ordinary
from reportlib.metrics.weekly.iso_week import Week
from reportlib.warehouse.contract.tables import CHANNELS

VERDICTS = ["campaign_id", "label", "channel", "metric", "count", "base", "base_name", "old_enough"]
VERDICTS += ["rate", "history", "expected", "low", "high", "p_value", "level", "verdict"]
BENCHMARKED = "clicked"
BENCHMARKS = ["engagement_base_name", "channel", "campaign_id", "label", "week", "is_new", "old_enough", "count"]
BENCHMARKS += ["base", "rate", "low", "high", "shrunk", "shrunk_low", "shrunk_high", "is_best", "is_benchmark"]


def week_verdicts(history: pd.DataFrame, week: Week, metrics=PER_CHANNEL) -> pd.DataFrame:
    """Each campaign of the week, per channel and metric, against the earlier ones of `campaign_history` on the channel.

    Clicked ÷ delivered, delivered ÷ audience (of the channel's messages) and, where the channel can tell, opened ÷
    delivered, all at the same age; or what else `metrics` names. The week's questions are one family (Holm).

    Returns
    -------
    DataFrame, the week's latest campaign first, with the columns
        campaign_id, label, channel, metric : str
        count, base : int64, people; base_name : str, what they are; old_enough : bool
        rate, history, expected, low, high, p_value, level, verdict : as in `usual.judged`

    Example
    -------
    >>> week = metrics.Week(2026, 46)
    >>> chosen = metrics.campaigns_by_week(warehouse, "acai", week, 26)
    >>> history = metrics.campaign_history(warehouse, chosen)
    >>> verdicts = metrics.week_verdicts(history, week)
    >>> verdicts[["campaign_id", "channel", "metric", "verdict"]].head(2)
         campaign_id channel     metric             verdict
    0  holiday-hours   email    clicked  too little history
    1  holiday-hours   email  delivered  too little history
    """
    rows = history[history["channel"] != ALL_CHANNELS]
    new, earlier = rows[rows["week"] == str(week)], ordinary(rows, week)
    questions, histories = [], []
    for row in new.to_dict("records"):
        past = earlier[earlier["channel"] == row["channel"]]
        for metric in metrics:
            if not measured_on(metric, row["channel"]):
                continue
            count, base = definition(metric).numerator, definition(metric).bases[0]
            if not is_told(row, metric):
                continue
            known = past[(past[base] > 0) & is_told(past, metric)]
            asked = {name: row[name] for name in ("campaign_id", "label", "channel", "old_enough")}
            asked |= {"metric": metric, "base_name": base_name(row, metric)}
            questions.append(asked | {"count": int(row[count]), "base": int(row[base])})
            histories.append((known[count].astype("int64").tolist(), known[base].tolist()))
    frame = pd.DataFrame(questions, columns=VERDICTS[:8]).astype({"count": "int64", "base": "int64"})
    return judged(frame.astype({"old_enough": "bool"}), histories)[0][VERDICTS]


def benchmarks(history: pd.DataFrame, week: Week, channels: Sequence[str] | None = None) -> pd.DataFrame:
    """Clicked ÷ delivered of the week's campaigns and of the earlier ones on each channel that the week used, or on
    each of `channels`.

    The best of many is partly luck: beside its own rate each earlier campaign has one drawn towards the account's
    usual (`expectation.shrunk`), and the best of those is the benchmark.

    Returns
    -------
    DataFrame, per channel the week's campaigns, then the earlier ones, the best first, with the columns
        engagement_base_name, channel, campaign_id, label, week : str
        is_new, old_enough : bool
        count, base : int64, people; rate, low, high : float64, the rate with its 95 % interval (Wilson)
        shrunk, shrunk_low, shrunk_high : float64; NaN for the week's own
        is_best : bool, the best earlier rate; is_benchmark : bool, the best of the shrunk ones

    Example
    -------
    >>> week = metrics.Week(2026, 46)
    >>> chosen = metrics.campaigns_by_week(warehouse, "acai", week, 26)
    >>> history = metrics.campaign_history(warehouse, chosen)
    >>> metrics.benchmarks(history, week)[["channel", "campaign_id", "week"]].head(2)
        channel      campaign_id      week
    0  whatsapp  points-expiring  2026-W46
    1  whatsapp    free-shipping  2026-W46
    """
    count, base = definition(BENCHMARKED).numerator, definition(BENCHMARKED).bases[0]
    rows = history[(history["channel"] != ALL_CHANNELS) & (history[base] > 0) & history[count].notna()]
    rows = rows.assign(count=rows[count].astype("int64"), base=rows[base], is_new=rows["week"] == str(week))
    rows["rate"] = rows["count"] / rows["base"]
    rows["low"], rows["high"] = wilson(rows["count"], rows["base"])
    used = rows.loc[rows["is_new"], "channel"].unique() if channels is None else channels
    parts = [_benchmarked(rows[rows["channel"] == channel], week) for channel in CHANNELS if channel in used]
    kinds = {name: "bool" for name in BENCHMARKS if name.startswith("is_")} | {"old_enough": "bool"}
    frame = pd.concat([rows.head(0).reindex(columns=BENCHMARKS), *parts], ignore_index=True)
    return frame[BENCHMARKS].astype(kinds)


def _benchmarked(rows, week):
    new = rows[rows["is_new"]]
    earlier = ordinary(rows, week).sort_values("rate", ascending=False, kind="stable")
    drawn = shrunk(earlier["count"].tolist(), earlier["base"].tolist()).set_index(earlier.index)
    drawn = drawn.rename(columns={"estimate": "shrunk", "low": "shrunk_low", "high": "shrunk_high"})
    frame = pd.concat([new, earlier]).join(drawn)
    known = drawn["shrunk"].notna().any()
    return frame.assign(
        is_best=frame.index == (earlier.index[0] if len(earlier) else None),
        is_benchmark=frame.index == (drawn["shrunk"].idxmax() if known else None),
    )
