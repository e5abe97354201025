"""How soon the people of an account click, and so up to when a click there is a machine's, or unsure."""

from dataclasses import dataclass

import pandas as pd

from reportlib.metrics.people.machines.judge import NEVER_MS
from reportlib.metrics.people.machines.rules import (
    COARSE,
    DOUBT,
    EDGES,
    EXCESS,
    FEW,
    FEWER,
    KNOWN,
    LATEST,
    LOST,
    REFERENCE,
    SECOND_MS,
    SOON,
)


@dataclass(frozen=True)
class OwnTimes:
    """`limits`: (channel, up to which a click is a machine's, and unsure, milliseconds) where it is not as in SOON;
    `coarse`: the channels whose times are too coarse to be judged by."""

    limits: tuple[tuple[str, int, int], ...]
    coarse: frozenset[str]


def own_times(clicks: pd.DataFrame) -> OwnTimes:
    """From an account's clicks as `clicks_by_account` has them."""
    limits, coarse = [], set()
    for channel, rows in clicks.groupby("channel"):
        counted = rows.groupby("bucket")["clicks"].sum().reindex(range(len(EDGES) + 1), fill_value=0)
        if channel not in SOON:
            continue
        if counted.sum() and rows["on_minutes"].sum() >= COARSE * counted.sum():
            coarse.add(channel)
            limits.append((channel, NEVER_MS, NEVER_MS))
        elif counted[[at for at, edge in enumerate(EDGES) if edge > LATEST] + [len(EDGES)]].sum() >= KNOWN:
            limits.append((channel, *[edge * SECOND_MS for edge in _limits(counted, SOON[channel].machine)]))
    return OwnTimes(tuple(limits), frozenset(coarse))


def _limits(counted, least):
    """Up to how many seconds a click is a machine's, and unsure; `least` is what no person does.

    `counted` has the clicks by the bucket of EDGES that they came within.
    """
    by_edge = dict(zip(EDGES, counted.to_list(), strict=False))
    start, end = REFERENCE
    pace = (FEWER + sum(number for edge, number in by_edge.items() if start < edge <= end)) / (end - start)
    people = counted.sum() - sum(number for edge, number in by_edge.items() if edge <= LATEST)
    machine = unsure = least
    seen, before = 0, least
    for edge, number in by_edge.items():
        if not least < edge <= LATEST:
            continue
        seen += number
        at_most = pace * (edge - least) / 2
        if (
            seen >= max(FEW, EXCESS * at_most)
            and at_most <= LOST * people
            and number >= EXCESS * pace * (edge - before) / 2
        ):
            machine = edge
        if number >= max(FEW, DOUBT * pace * (edge - before)):
            unsure = edge
        before = edge
    return machine, max(machine, unsure)
