"""People counted by what became of them, campaign by campaign: one pass over the messages for each question.

People who met the same are counted first; what is counted many ways is then counted over those few rows.
"""

from functools import partial

import pandas as pd
from sqlalchemy import Integer, and_, case, column, func, literal, not_, null, select, true, union_all, values

from reportlib.definitions import ACTED
from reportlib.metrics.memo import remembered_each
from reportlib.metrics.people import settled, totals
from reportlib.metrics.people.age import Age
from reportlib.metrics.people.bits import holds
from reportlib.metrics.people.fold.reading import asked, kept_by
from reportlib.metrics.people.machines.evidence import judge_of
from reportlib.metrics.people.measured import NOT_FAILED, told_by, untold
from reportlib.metrics.people.outcomes import (
    CLICKS,
    DELIVERED,
    FAILED,
    IN_BASE,
    LEDGER,
    NOT_SENT,
    PENDING,
    PEOPLE,
    TOTALS,
    clicks_of,
    once_per_person,
    outcome_of,
    person_outcomes,
)
from reportlib.metrics.people.tallied import CHANNEL, counted
from reportlib.metrics.selection.campaigns import asked_in_portions, portions, select_campaigns
from reportlib.metrics.selection.grouping import grouped, message_columns
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import CHANNELS
from reportlib.warehouse.engines import computed_once

COUNTS = (*LEDGER, "engagement_base", *PEOPLE, *CLICKS, *IN_BASE, *TOTALS, *CHANNELS)


def people_by_channel(
    warehouse: Warehouse, campaign_ids: list, until: dict | Age | None = None, base: str | None = None
) -> pd.DataFrame:
    """People per campaign and channel, and, where channel is missing, per campaign, each once.

    As things stood at an earlier moment where `until` has one, epoch milliseconds by campaign id, or at an Age;
    campaigns known as totals only as they stand.
    `base` as in `breakdown`.
    Columns: campaign_id, channel, COUNTS (int64; of CHANNELS 0 or 1, whether the group's messages use it).
    """
    found = _people(warehouse, campaign_ids, (), until, base)[CHANNEL]
    found = found.rename(columns={"group": "channel"}).drop(columns="dimension")
    in_totals = totals.counted(warehouse, campaign_ids, base == NOT_FAILED)
    return pd.concat([found, in_totals], ignore_index=True) if len(in_totals) else found.reset_index(drop=True)


def people_by_group(
    warehouse: Warehouse, campaign_ids: list, names: tuple, until: dict | Age | None = None, base: str | None = None
) -> pd.DataFrame:
    """People per campaign and value of each of `names` of `grouping`; the rest as in `people_by_channel`."""
    unreceipted, judge = untold(warehouse, campaign_ids, base), judge_of(warehouse, campaign_ids)
    keys, of_messages = tuple(dict.fromkeys(("campaign_id", *names))), message_columns(names)

    def counts(part, kept):
        person = person_outcomes(part, of_messages, judge, until, unreceipted)
        if kept:
            kept_ones = settled.by_contact(settled.settled_people(part, of_messages, unreceipted))
            columns = [person.c[column.name] for column in kept_ones.selected_columns]
            person = union_all(kept_ones, select(*columns)).cte("people")
        source, groups = grouped(person, keys)
        return _counted(_alike(source, groups, person), keys)

    return _whole(asked(warehouse, campaign_ids, counts, of_fold=not until))  # the fold knows no earlier moment


def people_by_dimension(warehouse: Warehouse, campaign_ids: list, names: tuple) -> pd.DataFrame:
    """People per campaign and group of each of `names` by itself, which must be of contacts.

    Columns: campaign_id, dimension (the name), group, COUNTS.
    """
    found = _people(warehouse, campaign_ids, names)
    return pd.concat([found[name] for name in names], ignore_index=True)


def _people(warehouse, campaign_ids, names, until=None, base=None):
    """By channel and by each of `names`: campaign_id, group (missing: all channels), dimension (that name), COUNTS.

    All that stands on people, channels or groups of contacts is answered from these, each counted once; what is asked
    for together is counted in one pass, and channels with the first.
    """

    def counts(part, new, unreceipted, judge):
        by_channel = person_outcomes(part, (CHANNEL,), judge, until, unreceipted)
        person, others = once_per_person(by_channel), tuple(name for name in new if name != CHANNEL)
        alike = [*_alike_by_dimension(person, others)]
        if CHANNEL in new:
            alike += _alike_by_channel(by_channel, person)
        return _counted(union_all(*alike), ("campaign_id", "group", "dimension"))

    def ask(new):
        unreceipted, judge = untold(warehouse, campaign_ids, base), judge_of(warehouse, campaign_ids)
        kept = kept_by(warehouse) if campaign_ids and not until else None
        found = pd.DataFrame()
        if kept:
            channels = told_by(warehouse, select_campaigns(warehouse, campaign_ids))["channel"].unique().tolist()
            others = partial(person_outcomes, within=(CHANNEL,), judge=judge, untold=unreceipted)
            parts, worth = portions(warehouse, campaign_ids), partial(_of_one, kept)
            found = counted(kept, parts, channels, new, others, unreceipted, worth)
        if found.empty:
            question = partial(counts, new=new, unreceipted=unreceipted, judge=judge)
            found = _whole(asked_in_portions(warehouse, campaign_ids, question))
        else:
            found = _whole(found.assign(**found[[*CHANNELS]].clip(upper=1)))
        return {name: found[found["dimension"] == name] for name in new}

    question = ("people", warehouse.opened_ms, repr((campaign_ids, until, base)))
    return remembered_each(warehouse, question, (CHANNEL, *names), ask)


def _alike_by_channel(by_channel, person):
    """Selects of the people of each channel, and of all, who met the same."""
    channel = by_channel.c.channel.label("group")
    yield _alike(by_channel, [by_channel.c.campaign_id, channel], by_channel, _called(CHANNEL))
    yield _alike(person, [person.c.campaign_id], person, null().label("group"), _called(CHANNEL))


def _alike_by_dimension(person, names):
    """Selects of the people of each of `names` who met the same."""
    of_one = tuple(name for name in names if name != "segment")
    if of_one:  # all at once: each person, as contacts describe them, once for each name
        source, groups = grouped(person, of_one)
        met = [person.c.flags, *[person.c[total] for total in TOTALS]]
        described = computed_once(select(person.c.campaign_id, *groups, *met).select_from(source), "described")
        each = union_all(*[select(_called(name)) for name in of_one]).cte("each")
        group = case(*[(each.c.dimension == name, described.c[name]) for name in of_one]).label("group")
        keys = [described.c.campaign_id, group, each.c.dimension]
        yield _alike(described.join(each, true()), keys, described)
    if of_one != names:  # a person may be in several segments
        source, segment = grouped(person, ("segment",))
        yield _alike(source, [person.c.campaign_id, *segment], person, _called("segment"))


def _called(dimension):
    return literal(dimension).label("dimension")


def _whole(counted):
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


def _of_one(warehouse, flags) -> dict:
    """What a person of each of these flags counts as: flags, COUNTS."""
    one = values(column("flags", Integer), name="met", literal_binds=True).data([(each,) for each in flags.tolist()])
    none = [literal(0).label(total) for total in TOTALS]
    return warehouse.arrays(
        _counted(select(one.c.flags, literal(1).label("people"), *none), ("flags",)).order_by("flags")
    )


def _counts() -> list:
    """COUNTS, from the columns flags, people and TOTALS of whatever they are selected from."""
    flags, alike = column("flags", Integer), column("people", Integer)
    outcome, in_base = outcome_of(flags), holds(flags, "confirmed", "assumed")

    clicks = clicks_of(flags)

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
        people(in_base).label("engagement_base"),
        *[people(holds(flags, action)).label(action) for action in ACTED],
        *[people(and_(holds(flags, action), in_base)).label(f"{action}_in_base") for action in ACTED],
        people(holds(flags, "opened", "clicked")).label("opened_or_clicked"),
        *[people(condition).label(name) for name, condition in clicks.items()],
        *[people(and_(condition, in_base)).label(f"{name}_in_base") for name, condition in clicks.items()],
        *[func.sum(column(total, Integer)).label(total) for total in TOTALS],
        *[func.max(case((holds(flags, channel), 1), else_=0)).label(channel) for channel in CHANNELS],
    ]


_COUNTED = _counts()
