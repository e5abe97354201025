"""How fast a campaign goes at present, and when it will be done at that."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy

from reportlib.metrics.live.flow import FLOWS, recent_seconds

FEWEST_BUCKETS = 3


@dataclass(frozen=True)
class Pace:
    """Messages handed over, delivered and failed in the last `seconds`, and how surely that tells the rate.

    `per_minute` has sent, delivered and failed; `remaining` are the messages still to be handed over. `minutes_left` at
    the present rate, with `soonest` and `latest` for a 95 % interval of the rate (Student's t on the buckets' counts,
    at least as wide as Poisson's); None when nothing moves, `latest` infinite where it may not move at all.
    """

    seconds: float
    per_minute: dict[str, float]
    remaining: int
    minutes_left: float | None
    soonest: float | None
    latest: float | None


def live_pace(timeline: pd.DataFrame, remaining: int, now_ms: int) -> Pace:
    """The pace of the recent buckets of `by_bucket`, up to now."""
    size = timeline.attrs["bucket_s"]
    first_ms = now_ms - now_ms % (1000 * size) - 1000 * recent_seconds(size)
    recent = timeline[(timeline["bucket_ms"] >= first_ms) & (timeline["bucket_ms"] <= now_ms)]
    began_ms = timeline["bucket_ms"].min() if len(timeline) else now_ms
    seconds = (now_ms - max(first_ms, min(began_ms, now_ms))) / 1000
    per_minute = {name: 60 * int(recent[name].sum()) / seconds if seconds else 0.0 for name in FLOWS}
    rate = per_minute["sent"]
    if not rate or not remaining:
        return Pace(seconds, per_minute, remaining, None, None, None)
    reach = 60 * _reach(recent, size, now_ms) / seconds
    latest = remaining / (rate - reach) if rate > reach else math.inf
    return Pace(seconds, per_minute, remaining, remaining / rate, remaining / (rate + reach), latest)


def _reach(recent, size, now_ms) -> float:
    """Half the 95 % interval of the recent count: of a sum of buckets that differ by more than chance."""
    whole = recent.loc[recent["bucket_ms"] + 1000 * size <= now_ms, "sent"].to_numpy(dtype=float)
    variance = float(recent["sent"].sum())
    if len(whole) < FEWEST_BUCKETS:
        return 1.96 * math.sqrt(variance)
    spread = len(whole) * float(np.var(whole, ddof=1))
    return float(scipy.special.stdtrit(len(whole) - 1, 0.975)) * math.sqrt(max(spread, variance))
