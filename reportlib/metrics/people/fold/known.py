"""What is known of contacts, by their number: arrays that a number is the place in, where DuckDB would join by hash.

Of half a million people out of two million contacts that takes a fortieth of the join's time.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sqlalchemy import Integer, column, func, select, values

from reportlib.metrics.people.fold.table import attributes, contacts, members, numbers, words
from reportlib.metrics.selection.grouping import ATTRIBUTE, NO_SEGMENT, UNKNOWN
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import segments

NAMED = 1_000  # words asked for by their codes; of more, all between the first and the last


@dataclass(frozen=True)
class Known:
    """The codes of one thing that is known of contacts; `more` of those of whom several are, each one more than it is,
    and `named` the words of these codes where `fold_words` does not have them."""

    codes: np.ndarray
    more: list[np.ndarray]
    named: list[str] | None = None

    def of(self, number: np.ndarray) -> tuple[np.ndarray | slice, np.ndarray]:
        """Of these numbers which ones, several times where there are several codes, and the code; 0 where none is."""
        first = self.codes[number]
        if not self.more:
            return slice(None), first
        others = [layer[number] for layer in self.more]
        places = [np.arange(len(number)), *[np.flatnonzero(code) for code in others]]
        codes = [first, *[code[code > 0] - 1 for code in others]]
        return np.concatenate(places), np.concatenate(codes)


def words_of(warehouse: Warehouse, codes: np.ndarray) -> dict[int, str]:
    """The words of these codes, in their order; of 0 that nothing is known."""
    if not len(codes):
        return {}
    code, least, most = words.c.code, int(codes[0]), int(codes[-1])
    among = code.in_(codes.tolist()) if len(codes) <= NAMED else code.between(least, most)
    found = warehouse.sql(select(code, words.c.word).where(among))
    return dict(zip(found["code"].tolist(), found["word"].tolist(), strict=True)) | {0: UNKNOWN}


def known_of(warehouse: Warehouse, names: tuple[str, ...]) -> dict[str, Known]:
    """What is known by each of these names: contacts' columns, attributes, "segment"."""
    found: dict[str, Known] = {}
    size = 1 + most_numbers(warehouse)
    described = [name for name in names if name in contacts.c]
    if described:
        told = [func.coalesce(contacts.c[name], 0).label(name) for name in described]
        rows = warehouse.arrays(select(contacts.c.number, *told))
        found |= dict(
            zip(described, _by_number(size, rows["number"], *[rows[name] for name in described]), strict=True)
        )
    for name in names:
        if name.startswith(ATTRIBUTE):
            own = attributes.c
            said = select(own.number, func.coalesce(own.value, 0).label("code"))
            rows = warehouse.arrays(said.where(own.attribute == name.removeprefix(ATTRIBUTE)))
            (found[name],) = _by_number(size, rows["number"], rows["code"])
        elif name == "segment":
            found[name] = _segments(warehouse, size)
    return {name: found[name] for name in names}


def most_numbers(warehouse: Warehouse) -> int:
    """The last number of a contact."""
    return int(warehouse.arrays(select(func.coalesce(func.max(numbers.c.number), 0).label("most")))["most"][0])


def numbered(ids: list, kind, places: list[int] | None = None):
    """A table of these ids, `id`, and their place among them, or these: what their texts become numbers by."""
    table = values(column("id", kind), column("place", Integer), name="numbered", literal_binds=True)
    return table.data([*zip(ids, range(len(ids)) if places is None else places, strict=True)])


def _segments(warehouse, size):
    """Two segments of one name are one group."""
    told = warehouse.sql(select(segments.c.segment_id, segments.c.name))
    names = told["name"].drop_duplicates().tolist()
    if not names:
        return Known(np.zeros(size, np.int32), [], [NO_SEGMENT])
    code_of = numbered(told["segment_id"].tolist(), segments.c.segment_id.type)
    rows = warehouse.arrays(
        select(members.c.number, code_of.c.place).join_from(members, code_of, code_of.c.id == members.c.segment_id)
    )
    code = 1 + told["name"].map({name: at for at, name in enumerate(names)}).to_numpy(np.int32)[rows["place"]]
    (known,) = _by_number(size, *_different(rows["number"], code, len(names) + 1))
    return replace(known, named=[NO_SEGMENT, *[NO_SEGMENT if pd.isna(name) else name for name in names]])


def _different(number, code, codes):
    """Each pair of a number and a code once."""
    key = number.astype(np.int64) * codes + code
    if len(number) == 0 or np.bincount(number).max() == 1:
        return number, code
    key = pd.unique(key)
    return key // codes, key % codes


def _by_number(size, number, *codes):
    """What is Known of each of these codes: the one in the first row of a number, and those in its further rows."""
    found = [Known(np.zeros(size, _narrow(code)), []) for code in codes]
    place, beyond = np.empty(size, np.int32), 0
    while len(number):
        order = np.arange(len(number), dtype=np.int32)
        place[number] = order
        stays = place[number] == order
        everyone = bool(stays.all())
        for one, code in zip(found, codes, strict=True):
            layer = np.zeros(size, one.codes.dtype) if beyond else one.codes
            layer[number if everyone else number[stays]] = (code if everyone else code[stays]) + beyond
            if beyond:
                one.more.append(layer)
        if everyone:
            break
        number, codes, beyond = number[~stays], [code[~stays] for code in codes], 1
    return found


def _narrow(code):
    return np.uint16 if code.max(initial=0) < 2**16 - 1 else np.int32
