"""People counted by what became of them, campaign by campaign: one pass over the messages for each question.

People who met the same are counted first; what is counted many ways is then counted over those few rows.
"""

import pandas as pd
from sqlalchemy import Integer, SmallInteger, and_, case, column, func, literal, not_, null, select, union_all

from reportlib.metrics.campaigns import portions
from reportlib.metrics.grouping import grouped, message_columns
from reportlib.metrics.outcomes import (
    ACTIONS,
    DELIVERED,
    FAILED,
    LEDGER,
    NOT_SENT,
    PENDING,
    PEOPLE,
    TOTALS,
    holds,
    once_per_person,
    outcome_of,
    person_outcomes,
)
from reportlib.metrics.remembering import remembered
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract import CHANNELS

COUNTS = (*LEDGER, *PEOPLE, *TOTALS, *CHANNELS)


@remembered
def people_by_channel(warehouse: Warehouse, campaign_ids: list, until: dict | None = None) -> pd.DataFrame:
    """People per campaign and channel, and, where channel is missing, per campaign, each once.

    As things stood at an earlier moment where `until` has one, epoch milliseconds by campaign id.
    Columns: campaign_id, channel, COUNTS (int64; of CHANNELS 0 or 1, whether the group's messages use it).
    """

    def counts(part):
        by_channel = person_outcomes(part, ("channel",), warehouse.opened_ms, until)
        person = once_per_person(by_channel)
        parts = _alike(by_channel, [by_channel.c.campaign_id, by_channel.c.channel], by_channel)
        whole = _alike(person, [person.c.campaign_id], person, null().label("channel"))
        return _counted(union_all(parts, whole), ("campaign_id", "channel"))

    return _in_portions(warehouse, campaign_ids, counts)


def people_by_group(warehouse: Warehouse, campaign_ids: list, names: tuple, until: dict | None = None) -> pd.DataFrame:
    """People per campaign and value of each of `names` of `grouping`; `until` and columns as in `people_by_channel`."""

    def counts(part):
        person = person_outcomes(part, message_columns(names), warehouse.opened_ms, until)
        keys = tuple(dict.fromkeys(("campaign_id", *names)))
        source, groups = grouped(person, keys)
        return _counted(_alike(source, groups, person), keys)

    return _in_portions(warehouse, campaign_ids, counts)


def people_by_dimension(warehouse: Warehouse, campaign_ids: list, names: tuple) -> pd.DataFrame:
    """People per campaign and group of each of `names` by itself, which must be of contacts.

    Columns: campaign_id, dimension (the name), group, COUNTS.
    """
    one = tuple(name for name in names if name != "segment")  # a contact may be in several segments

    def counts(part):
        person = person_outcomes(part, (), warehouse.opened_ms)
        source, groups = grouped(person, one)
        together = _alike(source, [person.c.campaign_id, *groups], person).cte("together")
        met = [together.c[name] for name in ("flags", "people", *TOTALS)]
        by_dimension = [
            select(together.c.campaign_id, literal(name).label("dimension"), together.c[name].label("group"), *met)
            for name in one
        ]
        return _counted(union_all(*by_dimension), ("campaign_id", "dimension", "group"))

    frames = [_in_portions(warehouse, campaign_ids, counts)] if one else []
    if one != names:  # asked by itself: both at once would take twice the memory
        by_segment = people_by_group(warehouse, campaign_ids, ("segment",)).rename(columns={"segment": "group"})
        frames.append(by_segment.assign(dimension="segment"))
    return pd.concat(frames, ignore_index=True)


def _in_portions(warehouse, campaign_ids, counts):
    frames = [warehouse.sql(counts(part)) for part in portions(warehouse, campaign_ids) or [[]]]
    counted = pd.concat(frames, ignore_index=True)
    return counted.drop(columns=[*COUNTS]).join(counted[[*COUNTS]].astype("int64"))


def _alike(source, groups, person, *constants):
    """How many people met the same: the columns `groups` of `source`, constants, flags, people, TOTALS."""
    totals = [func.sum(person.c[total]).label(total) for total in TOTALS]
    counts = select(*groups, *constants, person.c.flags, func.count().label("people"), *totals).select_from(source)
    return counts.group_by(*[getattr(group, "element", group) for group in groups], person.c.flags)


def _counted(alike, keys):
    """COUNTS of the people of `alike` by its columns `keys`."""
    same = alike.cte("alike")
    groups = [same.c[key] for key in keys]
    return select(*groups, *_COUNTED).group_by(*groups)


def _counts() -> list:
    """COUNTS, from the columns flags, people and TOTALS of whatever they are selected from."""
    flags, alike = column("flags", SmallInteger), column("people", Integer)
    outcome = outcome_of(flags)

    def people(condition):
        return func.sum(case((condition, alike), else_=0))

    return [
        func.sum(alike).label("audience"),
        people(outcome == NOT_SENT).label("not_sent"),
        people(outcome != NOT_SENT).label("sent"),
        people(outcome == DELIVERED).label("delivered"),
        people(and_(outcome == DELIVERED, not_(holds(flags, "confirmed")))).label("delivered_implied"),
        people(outcome == FAILED).label("failed"),
        people(outcome == PENDING).label("pending"),
        *[people(holds(flags, action)).label(action) for action in ACTIONS],
        people(holds(flags, "opened", "clicked")).label("opened_or_clicked"),
        *[func.sum(column(total, Integer)).label(total) for total in TOTALS],
        *[func.max(case((holds(flags, channel), 1), else_=0)).label(channel) for channel in CHANNELS],
    ]


_COUNTED = _counts()
