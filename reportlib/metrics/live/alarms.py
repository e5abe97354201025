"""What of a campaign that is sending wants somebody's attention now, and since when.

Looked at every few seconds, a rule that is wrong one time in twenty would be wrong several times a campaign. Rates and
codes are judged by evidence that holds at all looks together (live_evidence), silence and backlog against the
campaign's own pace, with thresholds far from what it does by itself. How often they are wrong: docs/live_monitor.md.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import scipy

from reportlib.metrics.live.flow import recent_seconds
from reportlib.metrics.live.history import HIGHEST_LINE, Usual, UsualFailures
from reportlib.metrics.statistics.evidence import above

ALPHA = 0.01  # chance of a false alarm of a kind, in a whole campaign
LINE = 0.05  # of messages with an outcome; the platform's own
FEWEST_FAILURES, FEWEST_CODES = 10, 10  # of a code, to be called an alarm; allowed for at least
FACTOR, FACTOR_OF_FEW, MANY_CAMPAIGNS = 2, 3, 10  # times what earlier campaigns had at most
NEGLIGIBLE = 0.002  # of messages with an outcome: a code below disturbs nobody; above HIGHEST_LINE always
SHORTEST_SILENCE_S, MISSED, MISSED_AT_THE_END, FEWEST_BEFORE = 30, 20, 60, 10
LONGER_THAN = 2  # times the longest silence that was none
NOT_FALLING, FEWEST_OF_COHORT, POINTS, SURE = 0.05, 50, 0.10, 3.72  # SURE: the normal quantile of 1 − 1e-4
KINDS = ("failure rate", "failure code", "stalled", "pending")


@dataclass(frozen=True)
class Alarm:
    """One of KINDS, the moment since which it holds (epoch milliseconds), and what it stands on.

    failure rate: `count` failed of `base` with an outcome since then
    failure code: `count` failed with `code`, whose `title` and `advice` the catalogue has, of `base` with an outcome
        on the channel and provider; `before` is what is usual
    stalled: `base` messages wait; before the silence `usual` messages per minute had their final word
    pending: of `base` messages handed over since then and long enough ago, `count` have a final word within `seconds`;
        `usual` is the share of the earlier ones, NaN where it is not known; `waiting` are pending now
    """

    kind: str
    since_ms: int
    count: int
    base: int
    usual: float = float("nan")
    channel: str = ""
    provider: str = ""
    code: str | None = None
    title: str = ""
    advice: str = ""
    before: Usual | None = None
    seconds: int = 0
    waiting: int = 0


def live_alarms(
    outcomes, failures, flow, timeline, usual, now_ms: int, longest_wait_s: float = 0.0, receipts=True
) -> list[Alarm]:
    """The alarms of a campaign that is sending, most telling first.

    From `live_outcomes`, `live_failures`, `live_flow`, its `by_bucket`, and UsualFailures (None until they were read).
    `longest_wait_s` is how long an observer waited for news when none was amiss: an import that runs once a minute
    makes silences of a minute. Where no `receipts` come in only failures are known, and nothing is waited for.
    """
    if not receipts:
        return [alarm for alarm in [failure_rate(timeline)] if alarm]
    silent = stalled(outcomes, timeline, now_ms, longest_wait_s)
    found = [failure_rate(timeline), silent, None if silent else backlog(flow, timeline, now_ms)]
    codes = [] if usual is None else failure_codes(failures, usual)
    return [*[alarm for alarm in found[:1] if alarm], *codes, *[alarm for alarm in found[1:] if alarm]]


def failure_rate(timeline: pd.DataFrame, line: float = LINE, alpha: float = ALPHA) -> Alarm | None:
    """Whether more than `line` of final words are failures, since some bucket or other.

    The evidence since each bucket is summed (Shiryaev and Roberts; Shin, Ramdas and Rinaldo 2024, NEJSDS 2:229), and
    must exceed buckets ÷ alpha: where the rate is at most the line, that happens in at most alpha of the campaigns. It
    must hold too if all that is pending is delivered, since failures may be reported sooner.
    """
    failed, settled = (_since(timeline[name].to_numpy()) for name in ("failed", "settled"))
    if not len(failed) or not failed[0]:
        return None
    evidence = above(failed, settled, line)
    if scipy.special.logsumexp(evidence) < np.log(len(evidence) / alpha):
        return None
    start = int(np.argmax(evidence))
    if failed[start] <= line * (settled[start] + timeline["pending"].iloc[-1]):
        return None
    return Alarm("failure rate", int(timeline["bucket_ms"].iloc[start]), int(failed[start]), int(settled[start]))


def failure_codes(failures: pd.DataFrame, usual: UsualFailures, alpha: float = ALPHA) -> list[Alarm]:
    """Codes of `live_failures` that hit more messages than in nearly all of the account's earlier campaigns, by far.

    The line is twice what they had at most, three times with few of them, since campaigns differ: what is a little
    above the worst of ten is nothing unusual. The evidence must exceed the number of codes ÷ alpha.
    """
    needed = np.log(max(FEWEST_CODES, usual.codes(failures)) / alpha)
    found = []
    for row in failures[failures["failed"] >= FEWEST_FAILURES].itertuples(index=False):
        before = usual.at_most(row.channel, row.provider, row.code)
        if before and (evidence := above(row.failed, row.settled, _line(before))) >= needed:
            since_ms = 0 if pd.isna(row.first_failed) else int(row.first_failed.timestamp() * 1000)
            about = {name: getattr(row, name) for name in ("channel", "provider", "code", "title", "advice")}
            alarm = Alarm("failure code", since_ms, row.failed, row.settled, **about, before=before)
            found.append((evidence, alarm))
    return [alarm for _, alarm in sorted(found, key=lambda one: -one[0])]


def _line(before: Usual) -> float:
    factor = FACTOR if before.campaigns >= MANY_CAMPAIGNS else FACTOR_OF_FEW
    return min(max(factor * before.rate, NEGLIGIBLE), HIGHEST_LINE)


def stalled(outcomes: pd.DataFrame, timeline: pd.DataFrame, now_ms: int, longest_wait_s: float = 0.0) -> Alarm | None:
    """Whether nothing has its final word for longer than the campaign's own pace makes likely.

    At the pace before the silence MISSED messages would have had theirs, and it is LONGER_THAN any silence before. With
    nothing handed over since, deliveries ebb by themselves, so that more must be missed.
    """
    last = outcomes["last_final"].max()
    waiting = int(outcomes.loc[outcomes["outcome"] == "pending", "messages"].sum())
    if pd.isna(last) or not waiting:
        return None
    last_ms, size = int(last.timestamp() * 1000), timeline.attrs["bucket_s"]
    silence_s = (now_ms - last_ms) / 1000
    window_s = recent_seconds(size)
    before = timeline[timeline["bucket_ms"].between(last_ms - 1000 * window_s, last_ms)]
    count = int(before["settled"].sum()) - 1  # the last word itself began the silence
    busy = timeline.loc[(timeline["settled"] > 0) & (timeline["bucket_ms"] <= last_ms), "bucket_ms"]
    longest_s = max(busy.diff().max() / 1000 if len(busy) > 1 else 0, size, longest_wait_s)
    if count < FEWEST_BEFORE or silence_s < max(SHORTEST_SILENCE_S, LONGER_THAN * longest_s):
        return None
    still_sending = timeline.loc[timeline["bucket_ms"] > last_ms, "sent"].any()
    if count * silence_s / window_s < (MISSED if still_sending else MISSED_AT_THE_END):
        return None
    return Alarm("stalled", last_ms, 0, waiting, 60 * count / window_s)


def backlog(flow: pd.DataFrame, timeline: pd.DataFrame, now_ms: int) -> Alarm | None:
    """Whether what is pending does not fall as it did before.

    Of the messages handed over in the recent time but one, far fewer have a final word within that time than of all
    earlier ones; or nothing is handed over any more, and what is pending stays.
    """
    size = 1000 * flow.attrs["bucket_s"]
    reach = 1000 * recent_seconds(flow.attrs["bucket_s"])
    recent_ms = now_ms - now_ms % size - 2 * reach
    waiting = int(timeline["pending"].iloc[-1]) if len(timeline) else 0
    if not waiting or waiting <= NOT_FALLING * timeline["sent"].sum():
        return None
    sent_at, settled_at = (flow[name].astype("float64") for name in ("handed_over", "settled"))
    in_time = settled_at - sent_at <= reach
    now, before = (sent_at >= recent_ms) & (sent_at < recent_ms + reach), sent_at < recent_ms
    (count, base), (usual_count, usual_base) = (
        (int(flow.loc[part & in_time, "messages"].sum()), int(flow.loc[part, "messages"].sum()))
        for part in (now, before)
    )
    pending = partial(Alarm, "pending", recent_ms, seconds=reach // 1000, waiting=waiting)
    if base >= FEWEST_OF_COHORT and usual_base >= 2 * FEWEST_OF_COHORT:
        usual, pooled = usual_count / usual_base, (count + usual_count) / (base + usual_base)
        error = np.sqrt(pooled * (1 - pooled) * (1 / base + 1 / usual_base))
        if usual - count / base > max(POINTS, SURE * error):
            return pending(count, base, usual)
    quiet = timeline[timeline["bucket_ms"] >= recent_ms]
    if not quiet["sent"].sum() and quiet["settled"].sum() <= 0.01 * waiting and before.any():
        return pending(int(quiet["settled"].sum()), waiting)
    return None


def _since(counts):
    """The sum from each place to the end."""
    return np.asarray(counts)[::-1].cumsum()[::-1]
