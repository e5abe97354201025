"""What goes with higher or lower response of an account's campaigns, within each channel; an association, no effect."""

import numpy as np
import pandas as pd
import scipy

from reportlib.definitions import definition
from reportlib.metrics.frames import framed
from reportlib.metrics.people.summary import ALL_CHANNELS
from reportlib.metrics.statistics.drawn_to_zero import drawn_to_zero
from reportlib.metrics.statistics.multiplicity import benjamini_hochberg_alphas
from reportlib.metrics.statistics.within_groups import association, observations

RESPONSE = "clicked"
FEWEST = 3  # campaigns with the fact, and without
MORE, LESS, UNTOLD = "more often", "less often", "not told apart"
COLUMNS = {
    "fact": "str", "value": "str", "campaigns": "int64", "others": "int64", "channels": "str", "usual": "float64",
    "lift": "float64", "low": "float64", "high": "float64", "drawn": "float64", "drawn_low": "float64",
    "drawn_high": "float64", "p_value": "float64", "level": "float64", "word": "str",
}  # fmt: skip
_Z = 1.959963984540054


def responses(history: pd.DataFrame) -> pd.DataFrame:
    """The rows of `campaign_history` whose response is known, of campaigns old enough that reached anybody: with the
    columns count and base : int64, and rate : float64."""
    count, base = definition(RESPONSE).numerator, definition(RESPONSE).bases[0]
    told = history[(history["channel"] != ALL_CHANNELS) & history["old_enough"]]
    told = told[(told[base] > 0) & told[count].notna()]
    told = told.assign(count=told[count].astype("int64"), base=told[base].astype("int64"))
    return told.assign(rate=told["count"] / told["base"]).reset_index(drop=True)


def associations(told: pd.DataFrame, facts: pd.DataFrame, fewest: int = FEWEST) -> pd.DataFrame:
    """Each value of each fact that `fewest` campaigns have and as many have not, by how much more is responded.

    `told` are `responses`, `facts` those of `facts`: one account's. One fact at a time, within channels. All are asked
    at once: of those called more or less often at most one in twenty is so by chance (Benjamini and Hochberg).

    Returns
    -------
    DataFrame, the strongest first, with the columns
        fact, value : str; campaigns, others : int64, how many have it, and how many they are held against
        channels : str, "email+sms"; usual : float64, the rate of all of them, a fraction
        lift, low, high : float64, relative to `usual`, with the interval at `level`; drawn, drawn_low, drawn_high :
            float64, the same drawn towards zero with all others, 95 %; missing where it stands alone
        p_value, level : float64; word : str, MORE, LESS or UNTOLD
    """
    known: dict[frozenset, tuple] = {}  # of the campaigns of which a fact is known: most facts are known of all
    found: list[tuple] = []
    for name, of in facts.groupby("fact", sort=False):
        ids = frozenset(told["campaign_id"]) & frozenset(of["campaign_id"])
        if ids not in known:
            known[ids] = _observed(told[told["campaign_id"].isin(ids)])
        if ids:
            found += _asked(str(name), of, fewest, *known[ids])
    if not found:
        return framed(COLUMNS)
    estimates = [one.estimate for _, one in found]
    quantiles = [scipy.special.stdtrit(one.freedom, 0.975) for _, one in found]
    errors = [one.error * quantile / _Z for (_, one), quantile in zip(found, quantiles, strict=True)]
    drawn = drawn_to_zero(estimates, errors)
    kept = drawn.each if drawn else np.full((len(found), 3), np.nan)
    p_values = [one.p_value for _, one in found]
    rows = []
    for (about, one), left, p, level in zip(found, kept, p_values, benjamini_hochberg_alphas(p_values), strict=True):
        limits = one.interval(level)
        lifts = [_lift(about["usual"], moved) for moved in (one.estimate, *limits, *left)]
        names = ("lift", "low", "high", "drawn", "drawn_low", "drawn_high")
        word = UNTOLD if p > level else MORE if one.estimate > 0 else LESS
        rows.append(about | dict(zip(names, lifts, strict=True)) | {"p_value": p, "level": level, "word": word})
    frame = pd.DataFrame(rows)[list(COLUMNS)].astype(COLUMNS)
    strength = frame["drawn"].fillna(frame["lift"]).abs()
    return frame.assign(strength=strength).sort_values("strength", ascending=False, kind="stable", ignore_index=True)[
        list(COLUMNS)
    ]


def _observed(known):
    """The observations of these campaigns, their shares of channels, and what is the same of all facts about them."""
    usual = float(known["count"].sum() / max(1, known["base"].sum()))
    return *observations(known), {"channels": "+".join(sorted(known["channel"].unique())), "usual": usual}


def _asked(name, of, fewest, observed, shares, about):
    """The associations of one fact with what they are about."""
    values = of.groupby("value")["campaign_id"].agg(set)
    counted = {str(value): [one in ids for one in observed.index] for value, ids in values.items()}
    asked = {value: holds for value, holds in counted.items() if fewest <= sum(holds) <= len(holds) - fewest}
    if len(counted) == 2 and len(asked) == 2 and not of["campaign_id"].duplicated().any():
        asked.pop("no" if "no" in asked else max(asked, key=lambda value: sum(asked[value])))  # the same turned round
    for value, holds in asked.items():
        one = association(observed, shares, holds)
        if one is not None:
            counts = {"campaigns": sum(holds), "others": len(holds) - sum(holds)}
            yield {"fact": name, "value": value, **counts, **about}, one


def _lift(usual, moved):
    """A difference of log odds as a lift over the usual rate."""
    if usual in (0, 1):
        return 0.0
    return float(scipy.special.expit(scipy.special.logit(usual) + moved) / usual - 1)
