"""Counts of campaigns as totals of groups: sums, and NA where nobody could have measured them."""

import numpy as np
import pandas as pd

from reportlib.definitions import ACTED
from reportlib.metrics.people.counts import COUNTS
from reportlib.metrics.people.measured import EITHER, NOT_FAILED, OF_KIND, RECEIPT, heard
from reportlib.metrics.people.outcomes import CLICKS, IN_BASE
from reportlib.warehouse.contract.tables import CHANNELS

# what is counted, and what must be told for it
NEEDS = {name: one.event for name, one in ACTED.items()} | {"opened_or_clicked": "opened"}
NEEDS |= dict.fromkeys(CLICKS, "clicked")
NEEDS |= {name: name for name in OF_KIND}


def over_campaigns(frame, told, keys):
    """Totals over campaigns per value of `keys`: sums, and NA where nothing in the group could be measured."""
    ways = heard(frame, told)
    frame = frame.join(ways)
    summed, most = [name for name in COUNTS if name not in CHANNELS], [*CHANNELS, *ways]
    if keys:
        groups = frame.groupby(list(keys), sort=False, dropna=False)
        declared = groups["audience_declared"].sum(skipna=False)
        total = pd.concat([groups[summed].sum(), groups[most].max(), declared], axis=1).reset_index()
    else:
        declared = pd.array([frame["audience_declared"].sum(skipna=False)], dtype="Int64")
        both = pd.concat([frame[summed].sum(), frame[most].max().fillna(0)])
        total = both.to_frame().T.astype("int64").assign(audience_declared=declared)
    return _without_unmeasured(total).drop(columns=most)


def none_declared(frame) -> pd.api.extensions.ExtensionArray:
    """audience_declared where nobody declared one."""
    return pd.array([pd.NA] * len(frame), dtype="Int64")


def _without_unmeasured(frame):
    """NA where no source of the group tells the metric, in its base where one does not: never an unmeasured zero.

    Worked out column by column in numpy: every breakdown ends here, and pandas takes ten times as long.
    """
    of = {name: frame[name].to_numpy() for name in frame}
    used, by_person = np.any([of[name] == 1 for name in CHANNELS], axis=0), of["unheard_by_person"] == 0
    counts = {}
    for name, kind in NEEDS.items():
        whole = by_person | (name != "opened_or_clicked")  # no totals tell who did either
        counts[name] = _whole(of[name], used & ((of[f"heard_{kind}"] == 0) | ~whole))
    for name in IN_BASE:
        kind = NEEDS[name.removesuffix("_in_base")]
        counts[name] = _whole(of[name], of[f"unheard_{kind}"] == 1)
    receipts = [of["unheard_delivered"] == 0, of["heard_delivered"] == 0]
    name = pd.Series(np.select(receipts, [RECEIPT, NOT_FAILED], EITHER), frame.index, "str")
    about = {"channels": _channels_used(frame), "engagement_base_name": name, "delivery_measured": receipts[0]}
    about |= {"failed_measured": of["unheard_failed"] == 0, "by_person": by_person}
    return pd.DataFrame({**frame, **counts, **about}, frame.index)  # `assign` takes five times as long for so many


def _channels_used(frame):
    """The 0/1 columns per channel as one text, e.g. "email+sms"."""
    names = sorted(CHANNELS)
    sets = ["+".join(name for bit, name in enumerate(names) if number >> bit & 1) for number in range(1 << len(names))]
    numbers = sum(frame[name].to_numpy() << bit for bit, name in enumerate(names))
    return pd.Series(np.array(sets, dtype=object)[numbers], index=frame.index, dtype="str")


def _whole(numbers, missing):
    """Whole numbers as Int64, NA where they are missing; quicker than to set them so."""
    return pd.arrays.IntegerArray(numbers.astype("int64"), missing)
