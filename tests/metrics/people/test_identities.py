"""What must hold whatever the data are: parts add up, and names, order and questions change nothing."""

import dataclasses
import random

import pandas as pd
from hypothesis import given, settings, strategies as st

from reportlib import metrics
from tests import examples
from tests.metrics.test_against_oracle import BRIEF
from tests.random_database import databases
from tests.small_database import fill

FEW = settings(BRIEF, max_examples=examples(2))
CONTACT_COLUMNS = ("country", "language", "carrier", "email_domain", "timezone", "attribute:plan")
COUNTS = ("audience", "not_sent", "sent", "delivered", "delivered_implied", "failed", "pending")
DID = ("opened", "opened_human", "clicked", "unsubscribed", "complained", "opened_total", "clicked_total")
IDS = ("account_id", "segment_id", "campaign_id", "template_id", "contact_id", "message_id", "event_id")


def without_declared_audiences(database):
    for row in database.campaigns:
        row["audience_size"] = None
    return database


@FEW
@given(databases(), st.sampled_from((*CONTACT_COLUMNS, "campaign_id", "variant", "template_id")))
def test_groups_add_up_to_the_whole(duckdb, database, by):
    warehouse = fill(duckdb, without_declared_audiences(database))
    whole, parts = metrics.breakdown(warehouse).iloc[0], metrics.breakdown(warehouse, by=by)
    for name in (*COUNTS, *DID):
        assert pd.isna(whole[name]) or parts[name].fillna(0).sum() == whole[name], name
    failed = metrics.failures(warehouse, by=by)
    assert failed.failed.sum() == whole.failed


@FEW
@given(databases())
def test_channels_add_up_where_each_person_has_one(duckdb, database):
    for message in database.messages:  # one channel per contact
        message["channel"] = ("whatsapp", "sms", "email")[len(str(message["contact_id"])) % 3]
    warehouse = fill(duckdb, without_declared_audiences(database))
    whole, parts = metrics.breakdown(warehouse).iloc[0], metrics.breakdown(warehouse, by="channel")
    for name in (*COUNTS, "clicked", "clicked_total", "unsubscribed"):
        assert pd.isna(whole[name]) or parts[name].fillna(0).sum() == whole[name], name


@FEW
@given(databases())
def test_two_campaigns_asked_together_are_their_sum(duckdb, database):
    warehouse = fill(duckdb, database)
    a, b = (database.campaigns[number]["campaign_id"] for number in (0, 2))
    first, second, both = (metrics.breakdown(warehouse, ids).fillna(0).iloc[0] for ids in (a, b, [a, b]))
    for name in (*COUNTS, *DID):
        assert first[name] + second[name] == both[name], name


@FEW
@given(databases(), st.integers())
def test_the_order_of_rows_does_not_matter(duckdb, database, seed):
    before = answers(fill(duckdb, database))
    shuffled = {name: random.Random(seed).sample(rows, len(rows)) for name, rows in database.rows().items()}
    assert answers(fill(duckdb, dataclasses.replace(database, **shuffled))) == before


@FEW
@given(databases(), st.booleans())
def test_the_names_of_ids_do_not_matter(duckdb, database, to_text):
    before = answers(fill(duckdb, database))
    numbers = {}
    for rows in database.rows().values():
        for row in rows:
            for name in set(IDS) & set(row):
                if row[name] is not None:
                    number = numbers.setdefault((name, row[name]), 1000 - len(numbers))
                    row[name] = f"Ünï'{number}" if to_text else number
    assert answers(fill(duckdb, database)) == before


def answers(warehouse):
    """Everything that may not change when rows are shuffled or ids renamed."""
    frames = [
        metrics.breakdown(warehouse, by=("country", "channel")),
        metrics.activity(warehouse),
        metrics.delivery_timeline(warehouse),
        metrics.failures(warehouse)[["channel", "provider", "permanence", "category", "failed"]],
    ]
    return [sorted(map(str, frame.astype(object).itertuples(index=False))) for frame in frames]
