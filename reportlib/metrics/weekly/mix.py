"""What the channels that a week used lead to expect of it.

An SMS fails more often than an e-mail; so a week with more of them has more failures, and is none the worse for it.
Each week is held against what its own channels usually have, by how many people it wrote to on each (indirect
standardisation: Breslow and Day 1987, Statistical Methods in Cancer Research II, chapter 2).
"""

import numpy as np
import pandas as pd
import scipy

from reportlib.definitions import definition
from reportlib.metrics.people.rates import is_told
from reportlib.metrics.people.summary import ALL_CHANNELS

FEWEST = 3  # campaigns on a channel, without which nothing is usual of it
KNOWN = 0.9  # of a week's people that are on channels of which it is known what is usual
COUNTED = 1_000  # people of a campaign, beyond which it says no more of what is usual: campaigns differ


def log_odds_of_mix(rows: pd.DataFrame, usual: pd.DataFrame, metric: str) -> pd.Series:
    """Per week of `rows` the log odds of a metric of the audience that its channels lead to expect; NaN where less than
    KNOWN of its people are on channels of which enough campaigns are in `usual`.

    Both are rows of `campaign_history`. What is usual of a channel is the median of its campaigns, weighted by their
    people up to COUNTED each, so that those that broke down move it little, and without those of the very week, so that
    weeks before lie as far from what is expected of them as a new one would. A campaign that wrote to people on several
    channels one after the other stands beside others of these channels.
    """
    count, base = definition(metric).numerator, definition(metric).bases[0]
    rows, usual = (_by_route(frame[is_told(frame, metric) & (frame[base] > 0)]) for frame in (rows, usual))
    rates, weights = (usual[count] + 0.5) / (usual[base] + 1), usual[base].clip(upper=COUNTED)
    known = {}
    for week, route in {*zip(rows["week"], rows["route"], strict=True)}:
        others = (usual["route"] == route) & (usual["week"] != week)
        if others.sum() >= FEWEST:
            known[week, route] = _median(rates[others].to_numpy(), weights[others].to_numpy())
    rate = pd.Series(
        [known.get(one, np.nan) for one in zip(rows["week"], rows["route"], strict=True)], rows.index, "float64"
    )
    people = rows[base].where(rate.notna(), 0)
    sums = pd.DataFrame({"week": rows["week"], "did": rate.fillna(0) * people, "known": people, "all": rows[base]})
    sums = sums.groupby("week").sum()
    enough = sums["known"] >= KNOWN * sums["all"]
    return pd.Series(scipy.special.logit(sums["did"] / sums["known"].where(enough)), sums.index, "float64")


def _by_route(rows):
    """The rows of each campaign's channels, by route; of one whose channels share people the row of all of them."""
    is_whole = rows["channel"] == ALL_CHANNELS
    of_channel, whole = rows[~is_whole], rows[is_whole]
    written = of_channel.groupby("campaign_id")["audience"].sum()
    together = whole[whole["campaign_id"].map(written) > whole["audience"]]
    is_shared = of_channel["campaign_id"].isin(together["campaign_id"])
    apart, shared = of_channel[~is_shared], of_channel[is_shared].sort_values("channel")
    routes = together["campaign_id"].map(shared.groupby("campaign_id")["channel"].agg(" ".join))
    return pd.concat([apart.assign(route=apart["channel"]), together.assign(route=routes)], ignore_index=True)


def _median(values, weights) -> float:
    order = np.argsort(values)
    upto = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(upto, upto[-1] / 2)])
