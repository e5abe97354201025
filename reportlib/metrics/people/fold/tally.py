"""Rows of the fold counted in arrays, where there are too many for a question to group them."""

import numpy as np
import pandas as pd
from sqlalchemy import Select

from reportlib.warehouse import Warehouse

DENSE = 1 << 20  # so many counts are kept of all that there may be; of more only of those that there are
FAR = 1 << 62
Rows = dict[str, np.ndarray]


def rows_of(kept: Warehouse, *questions: Select) -> Rows:
    """The answers to questions with the same columns, one below the other. Each is asked by itself: as one UNION ALL of
    many campaigns DuckDB 1.5 was seen to wait for ever."""
    answers = [kept.arrays(question) for question in questions]
    return {name: np.concatenate([one[name] for one in answers]) for name in answers[0]}


def places(columns: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Of each row of some columns of whole numbers, none below 0, its place among those that differ, and of each of
    them a row that is so."""
    key, spread = np.zeros(len(columns[0]), np.int64), 1
    for values in columns:
        width = int(values.max(initial=0)) + 1
        if spread * width >= FAR:
            key, known = pd.factorize(key)
            spread = len(known)
        key, spread = key * width + values, spread * width
    place, known = pd.factorize(key)
    row = np.empty(len(known), np.int64)
    row[place] = np.arange(len(place))
    return place, row


def tallied(campaign: np.ndarray, group: np.ndarray, kind: np.ndarray, values: Rows) -> tuple:
    """The campaign and group of each such pair that there is, and by name the sums over its rows of `values`, which
    have what a row of each kind counts as."""
    groups, kinds = int(group.max(initial=0)) + 1, len(next(iter(values.values())))
    key = (campaign.astype(np.int64) * groups + group) * kinds + kind
    most = (int(campaign.max(initial=0)) + 1) * groups * kinds
    if most <= max(DENSE, 2 * len(key)):
        rows = np.bincount(key, minlength=most)
        there = np.flatnonzero(rows)
        rows = rows[there]
    else:
        at, there = pd.factorize(key)
        rows = np.bincount(at)
    cell, kind = np.divmod(there, kinds)
    at, cells = pd.factorize(cell)
    sums = {name: np.bincount(at, rows * one[kind], len(cells)) for name, one in values.items()}
    return cells // groups, cells % groups, {name: np.rint(one).astype(np.int64) for name, one in sums.items()}
