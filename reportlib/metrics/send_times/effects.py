"""Which hours of the week are answered better: campaign against itself, shrunk, and named only when it is no luck.

A campaign that went to a good audience makes its hour look good. So each hour is held against what the same campaigns
got at other hours (`slot_model`). Only a campaign sent in several slots says anything about them; a slot with one
campaign cannot be told from that campaign. And people who were readier to answer before they got it make an hour look
good as well: where they were, nothing is recommended. The levels hold for all readings of half a year (`reread`).
"""

import numpy as np
import pandas as pd
import scipy

from reportlib.metrics.statistics import reread, slot_model
from reportlib.metrics.statistics.multiplicity import holm_alphas
from reportlib.metrics.statistics.power import needed_per_arm
from reportlib.metrics.statistics.rates import wilson

ENOUGH_PER_SLOT = 1_000  # mature messages, the mission's guideline; below it a slot is thin
FEWEST_CAMPAIGNS = 2  # that link a slot to others
WORTH_FINDING = 0.2  # of the usual rate: what a test of a slot should be able to find
LEVEL = 0.05  # the chance that half a year of readings names any slot that is no better than the usual one
DIFFERENT = 0.05  # the two-sided level at which a slot's receivers were others than the usual one's
SLOTS_TO_TRY, HOURS_APART = 3, 3  # of other weekdays and hours, so that a test of them tells the most
CIVIL_HOURS = range(8, 21)  # people are not written to at night: 47 CFR 64.1200(c)(1) allows 8 to 21 h, their time


def slot_effects(slots: pd.DataFrame, level: float = LEVEL) -> pd.DataFrame:
    """Each hour of the week: how it was answered, compared within campaigns, from the frame of `send_slots`.

    Returns
    -------
    DataFrame of 168 rows, Monday 0 h first, with the columns
        weekday, hour : int64
        delivered, mature, responded : int64, messages, as in `send_slots`
        campaigns : int64, with a mature message in the slot
        rate, low, high : float64, responded ÷ mature with its Wilson interval; NaN without messages
        support : str, supported (ENOUGH_PER_SLOT mature messages or more), thin, or untested
        identified : bool, whether FEWEST_CAMPAIGNS or more link it to the usual slot
        effect : float64, its effect on the response rate, 1 the average slot; NaN unless identified
        shrunk, shrunk_low, shrunk_high : float64, drawn towards hour and weekday (empirical Bayes), 95 % interval; for
            every slot, tested or not, once three are identified, else NaN
        better : bool, whether its lower bound beats the usual slot; the chance that any is named that does not is at
            most `level`, whichever others do, for all readings of half a year together (Holm)
        lift, lift_low : float64, against the usual slot, as a fraction, and the lower bound at which that was decided;
            NaN unless identified
        readier : float64, how many receivers had answered before, against the usual slot's, as a fraction, within
            campaigns; NaN where that is not known
        others : bool, whether that differs beyond luck, at 5 % in both directions
        withheld : bool, better, were it not for the `others`
    and attrs: usual, the (weekday, hour) with most mature messages, None without any; best, the better slot of highest
    `shrunk`, None where none is better; extra, the variance of log rates between the slots of one campaign's day beyond
    chance and the slots' own effects, None without a fit

    Example
    -------
    >>> slots = metrics.send_slots(warehouse, ["evening-test", "spring-sale"])
    >>> metrics.slot_effects(slots).attrs["usual"]
    (2, 10)
    """
    frame = _per_slot(slots)
    usual = int(frame["mature"].idxmax()) if frame["mature"].any() else None
    cells = slots[slots["mature"] > 0]
    found = _linked(cells, usual, "responded")
    frame["identified"] = False
    frame[["effect", "shrunk", "shrunk_low", "shrunk_high", "lift", "lift_low", "readier"]] = np.nan
    frame[["better", "others", "withheld"]] = False
    extra = None
    if len(found) > 1:
        model = _fit(cells, found, "responded")
        frame.loc[found, "identified"] = True
        frame.loc[found, "effect"] = np.exp(model.effects)
        _compare_receivers(frame, cells, found, usual)
        _against_usual(frame, found, usual, model, reread.part_of(slots.attrs["weeks"]), level)
        extra = model.extra
        if len(found) > 2:
            mean, deviation = slot_model.shrink(model, found, frame["weekday"].to_numpy(), frame["hour"].to_numpy())
            frame["shrunk"] = np.exp(mean)
            frame["shrunk_low"] = np.exp(mean - 1.96 * deviation)
            frame["shrunk_high"] = np.exp(mean + 1.96 * deviation)
    enough = np.where(frame["mature"] >= ENOUGH_PER_SLOT, "supported", "thin")
    frame["support"] = np.where(frame["delivered"] > 0, enough, "untested")
    better = frame[frame["better"]]
    best = None if better.empty else int(better["shrunk"].fillna(better["effect"]).idxmax())
    frame.attrs = dict(slots.attrs) | {
        "usual": _named(usual),
        "best": _named(best),
        "extra": extra,
    }
    return frame.astype({"support": "str"})


def slots_to_try(effects: pd.DataFrame) -> pd.DataFrame:
    """What to test next: slots by day from which most may be hoped and little is known, and the messages each needs.

    Returns
    -------
    DataFrame with the columns
        weekday, hour : int64
        support : str
        identified : bool
        hoped : float64, the upper end of what is expected, ÷ the usual slot's; NaN where nothing is known yet
        needed : int64, messages in the slot, and as many of the same campaign in the usual one, to find a rate
            WORTH_FINDING above the usual four times in five; ENOUGH_PER_SLOT at least
    No rows without a usual slot.

    Example
    -------
    >>> slots = metrics.send_slots(warehouse, ["evening-test", "spring-sale"])
    >>> metrics.slots_to_try(metrics.slot_effects(slots))[["weekday", "hour", "support", "needed"]].head(1)
       weekday  hour    support  needed
    0        2     9  supported    7233
    """
    usual = effects.attrs["usual"]
    columns = {
        "weekday": "int64",
        "hour": "int64",
        "support": "str",
        "identified": "bool",
        "hoped": "float64",
        "needed": "int64",
    }
    if usual is None:
        return pd.DataFrame(columns=list(columns)).astype(columns)
    held_against = effects.iloc[_place(*usual)]
    reference = held_against["shrunk"] if pd.notna(held_against["shrunk"]) else 1.0
    known = effects["identified"] & (effects["support"] == "supported")
    open_slots = ~known & effects["hour"].isin(CIVIL_HOURS) & (effects.index != _place(*usual))
    hoped = effects.assign(hoped=effects["shrunk_high"] / reference)[open_slots]
    chosen: list = []
    for slot in hoped.sort_values(["hoped", "mature"], ascending=False, kind="stable").itertuples(index=False):
        apart = all(slot.weekday != other.weekday and abs(slot.hour - other.hour) >= HOURS_APART for other in chosen)
        if apart and len(chosen) < SLOTS_TO_TRY:
            chosen.append(slot)
    rate = held_against["responded"] / held_against["mature"]
    rate = rate or 1 / (held_against["mature"] + 1)  # nobody yet: as if the next one had
    needed = max(needed_per_arm(rate, WORTH_FINDING * rate), ENOUGH_PER_SLOT)
    return pd.DataFrame(chosen, columns=hoped.columns).assign(needed=needed)[list(columns)].astype(columns)


def _per_slot(slots):
    whole = pd.MultiIndex.from_product([range(1, 8), range(24)], names=["weekday", "hour"])
    counts = slots.groupby(["weekday", "hour"])[["delivered", "mature", "responded"]].sum()
    mature = slots[slots["mature"] > 0].groupby(["weekday", "hour"])["campaign_id"].nunique().rename("campaigns")
    frame = counts.join(mature).reindex(whole).fillna(0).astype("int64").reset_index()
    frame["rate"] = frame["responded"] / frame["mature"].where(frame["mature"] > 0)
    frame["low"], frame["high"] = wilson(frame["responded"], frame["mature"])
    return frame.astype({"weekday": "int64", "hour": "int64"})


def _linked(cells, usual, counted):
    """The places of the slots with `counted` receivers that campaigns in several slots, two or more at each, link with
    the usual one."""
    if usual is None:
        return []
    cells = cells.assign(place=_place(cells["weekday"], cells["hour"]))
    responding = cells.groupby(["campaign_id", "channel"])[counted].transform("sum") > 0
    several = cells.groupby(["campaign_id", "channel"])["mature"].transform("size") > 1
    links = cells[responding & several]
    while True:  # each slot left out may leave its campaigns with a single one, and so on
        enough = links.groupby("place")["campaign_id"].transform("nunique") >= FEWEST_CAMPAIGNS
        kept = links[enough]
        kept = kept[kept.groupby(["campaign_id", "channel"])["place"].transform("size") > 1]
        if len(kept) == len(links):
            break
        links = kept
    joined, waiting = set(), {usual} & set(links["place"])
    while waiting:
        joined |= waiting
        through = links.loc[links["place"].isin(waiting), ["campaign_id", "channel"]].drop_duplicates()
        waiting = set(links.merge(through)["place"]) - joined
    answered = set(cells.loc[cells[counted] > 0, "place"])
    return sorted(joined & answered) if usual in answered else []


def _fit(cells, found, counted):
    """The model of the slots in these places, of the messages whose receivers are `counted`."""
    inside = cells.assign(place=_place(cells["weekday"], cells["hour"]))
    inside = inside[inside["place"].isin(found)]
    inside = inside[inside.groupby(["campaign_id", "channel"])[counted].transform("sum") > 0]
    slot = pd.Categorical(inside["place"], categories=found).codes.astype(int)
    stratum, day = (
        inside.groupby(keys, sort=False).ngroup().to_numpy()
        for keys in (["campaign_id", "channel"], ["campaign_id", "weekday"])
    )
    return slot_model.fit(slot, stratum, day, *(inside[name].to_numpy(dtype=float) for name in ("mature", counted)))


def _compare_receivers(frame, cells, found, usual):
    """Fill readier and others: what the slots' receivers had done before, which no hour can have changed."""
    known = sorted(set(_linked(cells, usual, "answered_before")) & set(found))
    if len(known) < 2:
        return
    difference, variance, freedom = _fit(cells, known, "answered_before").against(known.index(usual))
    with np.errstate(divide="ignore", invalid="ignore"):
        tail = scipy.special.stdtr(freedom, -np.abs(difference) / np.sqrt(variance))
    frame.loc[known, "readier"] = np.exp(difference) - 1
    frame.loc[known, "others"] = 2 * tail < DIFFERENT


def _against_usual(frame, found, usual, model, part, level):
    """Fill lift, lift_low, better and withheld."""
    difference, variance, freedom = model.against(found.index(usual))
    asked = np.array([place != usual and frame["mature"][place] >= ENOUGH_PER_SLOT for place in found])
    with np.errstate(divide="ignore", invalid="ignore"):
        deviate = -scipy.special.ndtri(scipy.special.stdtr(freedom, -difference / np.sqrt(variance)))
        p_values = reread.p_value(deviate, part)
        alphas = np.full(len(found), level)
        alphas[asked] = holm_alphas(p_values[asked], level)
        radius = -scipy.special.stdtrit(freedom, scipy.special.ndtr(-reread.radius(alphas, part)))
    low = difference - np.where(variance > 0, radius * np.sqrt(variance), 0)
    frame.loc[found, "lift"] = np.exp(difference) - 1
    frame.loc[found, "lift_low"] = np.exp(low) - 1
    found_better = asked & (low > 0)
    others = frame.loc[found, "others"].to_numpy()
    frame.loc[found, "better"] = found_better & ~others
    frame.loc[found, "withheld"] = found_better & others


def _place(weekday, hour):
    """The row of a slot among the 168."""
    return (weekday - 1) * 24 + hour


def _named(place):
    return None if place is None else (place // 24 + 1, place % 24)
