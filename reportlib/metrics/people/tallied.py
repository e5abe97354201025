"""People of a database with a fold, counted in arrays: by channel, and by what is known of them.

DuckDB would join half a million people with what is known of each, and group them by it, for a second.
"""

from collections.abc import Callable
from functools import reduce
from operator import add
from typing import NamedTuple

import numpy as np
import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, case, cast, func, not_, select

from reportlib.definitions import TOTALS
from reportlib.metrics.people.fold.known import known_of, numbered, words_of
from reportlib.metrics.people.fold.table import fold, numbers
from reportlib.metrics.people.fold.tally import FAR, Rows, places, rows_of, tallied
from reportlib.metrics.people.settled import flags_of
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import messages
from reportlib.warehouse.engines import BITS

CHANNEL = "channel"
MET = ("flags", *TOTALS)


class People(NamedTuple):
    """Rows of people: the places of their campaign, of their channel, of their contact (its number; 0: none), and of
    what they met among `Met`."""

    campaign: np.ndarray
    channel: np.ndarray
    number: np.ndarray
    met: np.ndarray


def counted(
    kept: Warehouse,
    parts: list[list],
    channels: list,
    names: tuple[str, ...],
    others: Callable,
    untold,
    worth: Callable,
) -> pd.DataFrame:
    """Sums over the people of each campaign and group, of campaigns in `portions`: campaign_id, dimension, group, then
    those of `worth`.

    `names` are dimensions: of contacts, "segment", or CHANNEL, for each of `channels` and, where group is missing, for
    all of them. `others(part)` are the `person_outcomes` within channels of those whom the fold leaves open; `untold`
    as for `bits.packed`; `worth(flags)` what one person of each of these flags counts as.
    """
    known = known_of(kept, tuple(name for name in names if name != CHANNEL))
    found: list[tuple[str | None, list, tuple]] = []
    packing = _packing(kept)
    for part in parts if channels else ():
        alone, by_channel, whole, met = _people(kept, part, channels, others(part), untold, packing)
        if not len(met["flags"]):
            continue
        told = worth(np.unique(met["flags"]))
        at = np.searchsorted(told.pop("flags"), met["flags"])
        values = {name: column[at] for name, column in told.items()} | {total: met[total] for total in TOTALS}
        each, within = _together(alone, whole), _together(alone, by_channel)
        groups = {name: one.of(each.number) for name, one in known.items()}
        if CHANNEL in names:
            nothing = np.zeros(len(each.met), np.int8)
            found.append((CHANNEL, part, tallied(within.campaign, within.channel, within.met, values)))
            found.append((None, part, tallied(each.campaign, nothing, each.met, values)))
        for name, (which, code) in groups.items():
            found.append((name, part, tallied(each.campaign[which], code, each.met[which], values)))
    return _worded(kept, known, channels, found)


def _worded(kept, known, channels, found):
    """The tallies of these dimensions and campaigns in one frame."""
    coded = [group for name, _, (_, group, _) in found if name in known and known[name].named is None]
    word = words_of(kept, np.unique(np.concatenate(coded)) if coded else np.zeros(0, np.int32))
    frames = []
    for name, part, (campaign, group, sums) in found:
        called: dict | list = word
        if name in (CHANNEL, None):
            called = [*(channels if name else ()), None]
        elif known[name].named is not None:
            called = known[name].named
        told = {"campaign_id": np.array(part, dtype=object)[campaign], "group": [called[one] for one in group.tolist()]}
        frames.append(pd.DataFrame(told | {"dimension": name or CHANNEL} | sums))
    keys = ["campaign_id", "group", "dimension"]
    frame = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=keys)
    if frame.duplicated(keys).any():  # what is not known, and a word that says so
        frame = frame.groupby(keys, as_index=False, sort=False, dropna=False).sum()
    return frame


def _packing(kept) -> list[dict[str, int]]:
    """What a row of the fold met in few whole numbers: in each some of flags and TOTALS, times these."""
    most = kept.arrays(select(*[func.coalesce(func.max(fold.c[name]), 0).label(name) for name in MET]))
    packs: list[dict[str, int]] = []
    spread = FAR
    for name in MET:
        width = int(most[name][0]) + 1 if name != "flags" else 1 << BITS
        if spread * width >= FAR:
            packs.append({})
            spread = 1
        packs[-1][name] = spread
        spread *= width
    return packs


def _people(kept, campaign_ids, channels, others, untold, packing) -> tuple[People, People, People, Rows]:
    """Those with one message, the others within each channel, the others, each once; and what is met: MET."""
    place = numbered(campaign_ids, messages.c.campaign_id.type)
    f, o, code = fold.c, others.c, {one: at for at, one in enumerate(channels)}
    who = (place.c.place.label("campaign"), func.coalesce(f.number, 0).label("number"))
    channel = case(code, value=f.channel, else_=len(channels)).label("channel")
    met: dict[str, ColumnElement] = {"flags": flags_of(untold), **{total: f[total] for total in TOTALS}}
    of_these = fold.join(place, place.c.id == f.campaign_id)
    packed = [
        reduce(add, [cast(met[name], BigInteger) * times for name, times in pack.items()]).label(f"pack_{at}")
        for at, pack in enumerate(packing)
    ]
    alone = kept.arrays(select(*who, channel, *packed).select_from(of_these).where(f.is_alone))
    settled = select(*who, channel, *[met[name].label(name) for name in MET]).select_from(of_these)
    still_open = select(
        *(place.c.place.label("campaign"), func.coalesce(numbers.c.number, 0).label("number")),
        case(code, value=o.channel, else_=len(channels)).label("channel"),
        *[o[name] for name in MET],
    ).select_from(
        others.join(place, place.c.id == o.campaign_id).outerjoin(numbers, numbers.c.contact_id == o.contact_id)
    )
    several = rows_of(kept, settled.where(not_(f.is_alone)), still_open)
    by_channel, whole = (_once(several, keys) for keys in (("campaign", "number", "channel"), ("campaign", "number")))
    of_alone, first = places([alone[f"pack_{at}"] for at in range(len(packing))])
    unpacked = [_unpacked(alone[f"pack_{at}"][first], pack) for at, pack in enumerate(packing)]
    parts = [{name: column for one in unpacked for name, column in one.items()}, by_channel, whole]
    columns = {name: np.concatenate([part[name] for part in parts]).astype(np.int64) for name in MET}
    at, first = places([*columns.values()])
    known, *rest = np.split(at, np.cumsum([len(part["flags"]) for part in parts])[:-1])
    alone["met"], by_channel["met"], whole["met"] = known[of_alone], *rest
    one, other, third = (People(*[rows[name] for name in People._fields]) for rows in (alone, by_channel, whole))
    return one, other, third, {name: values[first] for name, values in columns.items()}


def _unpacked(packed, pack):
    found = {}
    for name, times in reversed(pack.items()):
        found[name], packed = np.divmod(packed, times)
    return found


def _once(rows: Rows, keys: tuple[str, ...]) -> Rows:
    """The rows of each of these keys as one: the flags that any of them has, the sums of TOTALS."""
    if not len(rows["flags"]):
        return rows
    place, _ = places([rows[key].astype(np.int64) for key in keys])
    order = np.argsort(place, kind="stable")
    starts = np.flatnonzero(np.diff(place[order], prepend=-1))
    of_each = {name: rows[name][order[starts]] for name in ("campaign", "number", "channel")}
    flags = np.bitwise_or.reduceat(rows["flags"][order], starts)
    return of_each | {"flags": flags} | {name: np.add.reduceat(rows[name][order], starts) for name in TOTALS}


def _together(one: People, other: People) -> People:
    return People(*[np.concatenate(both) for both in zip(one, other, strict=True)])
