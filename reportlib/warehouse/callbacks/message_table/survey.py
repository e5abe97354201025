"""What only a whole file tells: how its columns write times, and which of its rows say different things of one message.

Two rows of one message that are the same are one, told as a duplicate. Where they differ nobody knows which is right,
so that none of them is taken.
"""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from reportlib.warehouse.callbacks.message_table.mapping import DATES, Reader
from reportlib.warehouse.callbacks.message_table.times import DAY_FIRST, MONTH_FIRST, SLASHED, form, is_no_time
from reportlib.warehouse.callbacks.model import is_missing
from reportlib.warehouse.source.message_columns import FIRST_TIMES, TIMES

OF_SEVERAL = "its message_id stands on rows of several people or campaigns"
DIFFERS = "other rows of the same message say something else: is it a table of one row per event?"
_IDENTITY = ("provider", "provider_message_id", "campaign_id", "contact_id", "channel")
_TIMES = (*TIMES, *FIRST_TIMES, "occurred_at")
_WITH_DATES = (SLASHED, DAY_FIRST, MONTH_FIRST)


@dataclass(frozen=True)
class Survey:
    """Of one file: how many rows it has, the form of each column of times (ours), why rows are refused (by number)."""

    rows: int
    forms: dict[str, str]
    refused: dict[int, str]


def survey(rows: Iterable[tuple[list[str] | None, bool]], names: list[str], reader: Reader) -> Survey:
    """Look through the cells of a file, None for a row that is not read, and whether each row is a message.

    `names` are those of its columns.
    """
    place = {ours: [names.index(name) for name in theirs] for ours, theirs in reader.columns.items()}
    times = [(ours, at) for ours, several in place.items() if ours in _TIMES for at in several]
    forms: dict[str, set] = {ours: set() for ours, _ in times}
    identity = [at for ours, several in place.items() if ours in _IDENTITY for at in several]
    since = [at for name in ("queued_at", "sent_at") for at in place.get(name, ())]
    whose = [at for name in ("campaign_id", "contact_id") for at in place.get(name, ())]
    given, keys, people, contents = place.get("message_id", []), array("q"), array("q"), array("q")
    count = 0
    for count, (cells, is_message) in enumerate(rows, start=1):
        cells = cells or []
        for ours, at in times if cells else ():
            if not is_no_time(cells[at]):
                forms[ours].add(form(cells[at]))
        if not cells or not is_message:
            for each in (keys, people, contents):
                each.append(count)
            continue
        own = next((cells[at] for at in given if not is_missing(cells[at])), None)
        if own is not None:
            keys.append(hash(own))
        else:
            keys.append(hash((*[cells[at] for at in identity], next((cells[at] for at in since if cells[at]), ""))))
        people.append(hash(tuple([cells[at] for at in whose])))
        contents.append(hash(tuple(cells)))
    return Survey(count, _of_columns(forms, DATES.get(reader.mapping.dates or "")), _refused(keys, people, contents))


def _of_columns(forms: dict[str, set], dates: str | None) -> dict[str, str]:
    """The one form of each column that has but one; of dates, that which the whole file tells, or the mapping."""
    told = set().union(*forms.values()) & {DAY_FIRST, MONTH_FIRST}
    dates = dates or (told.pop() if len(told) == 1 else None)
    found = {}
    for ours, of_column in forms.items():
        if of_column & set(_WITH_DATES):
            found[ours] = dates
        elif len(of_column) == 1:
            found[ours] = next(iter(of_column))
    return {ours: of_column for ours, of_column in found.items() if of_column}


def _refused(hashes: array, of_people: array, of_contents: array) -> dict[int, str]:
    """Rows by number, from 0, whose key others have that differ from them, with the reason."""
    keys, people, contents = (np.frombuffer(each, dtype=np.int64) for each in (hashes, of_people, of_contents))
    order = np.argsort(keys, kind="stable")
    same = keys[order][1:] == keys[order][:-1]
    if not same.any():
        return {}
    group = np.concatenate([[0], np.cumsum(~same)])
    count = group[-1] + 1
    first = np.concatenate([[0], np.flatnonzero(~same) + 1])

    def differ(what):
        unlike = np.zeros(count, dtype=bool)
        np.logical_or.at(unlike, group, what[order] != what[order][first][group])
        return unlike[group]

    several, different = differ(people), differ(contents)
    return {
        int(order[place]): OF_SEVERAL if several[place] else DIFFERS for place in np.flatnonzero(several | different)
    }
