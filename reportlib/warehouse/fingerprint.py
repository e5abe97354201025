"""Whether the data of some campaigns are still the same: a short text for each, that changes when a row of it does."""

import hashlib
from collections import defaultdict

from sqlalchemy import Select, and_, func, select

from reportlib.warehouse.contract.tables import TABLES, assignments, campaigns, messages, outcomes
from reportlib.warehouse.engines import row_hash
from reportlib.warehouse.warehouse import Warehouse


def data_fingerprints(warehouse: Warehouse, campaign_ids: list | None = None) -> dict[str, str]:
    """Sixteen characters for all rows of each of these campaigns, or of all, by its id as text: its own, its messages,
    events and attributes, who was assigned to it or held out of its experiment, the people written to with their
    attributes, segments and outcomes, and its account.

    Every column of every row counts, in whatever order the rows are stored: one question about each table, in which
    the engine hashes each row and adds the hashes up by exclusive or. Another engine or version of it gives other
    texts.
    """
    parts = defaultdict(list)
    tables = filter(warehouse.has, TABLES.values())
    questions = [(table.name, _by_campaign(table, warehouse.present(table), campaign_ids)) for table in tables]
    for name, question in [*questions, *_of_held_out(warehouse, campaign_ids)]:
        for found in warehouse.sql(question).dropna().itertuples(index=False):
            parts[str(found.campaign_id)].append((name, int(found.rows), str(found.hash)))
    return {campaign: hashlib.sha256(repr(rows).encode()).hexdigest()[:16] for campaign, rows in parts.items()}


def _by_campaign(table, columns, campaign_ids) -> Select:
    """How many rows of the table each campaign has to do with, and the hash of these columns of theirs: campaign_id,
    rows, hash."""
    whole = row_hash(*columns)
    if "campaign_id" in table.columns and table is not outcomes:  # which are of people, whatever led to them
        named, source, hashed = table, table, whole
    elif "contact_id" in table.columns:
        people = _each(table.c.contact_id, whole)
        if campaign_ids is not None:
            written_to = select(messages.c.contact_id).where(messages.c.campaign_id.in_(campaign_ids))
            people = people.where(table.c.contact_id.in_(written_to))
        person = people.subquery("person")
        named, source = messages, messages.join(person, person.c.contact_id == messages.c.contact_id)
        hashed = row_hash(messages.c.message_id, person.c.rows, person.c.hash)  # twice the same would be none
    else:
        named, source = campaigns, campaigns.join(table, table.c.account_id == campaigns.c.account_id)
        hashed = whole
    found = _each(named.c.campaign_id, hashed).select_from(source)
    return found if campaign_ids is None else found.where(named.c.campaign_id.in_(campaign_ids))


def _of_held_out(warehouse, campaign_ids):
    """The same of those whom an experiment of the campaigns held out, and of what they did: names and selects."""
    a, o = assignments.c, outcomes.c
    if not warehouse.has(assignments):
        return
    people = campaigns.join(assignments, and_(a.experiment_id == campaigns.c.experiment_id, a.campaign_id.is_(None)))
    sources = {"held out": (people, a)}
    if warehouse.has(outcomes):
        did = people.join(outcomes, o.contact_id == a.contact_id)
        sources["outcomes of held out"] = (did, (a.variant, *o))
    for name, (source, columns) in sources.items():
        found = _each(campaigns.c.campaign_id, row_hash(*columns)).select_from(source)
        yield name, found if campaign_ids is None else found.where(campaigns.c.campaign_id.in_(campaign_ids))


def _each(key, hashed) -> Select:
    return select(key, func.count().label("rows"), func.bit_xor(hashed).label("hash")).group_by(key)
