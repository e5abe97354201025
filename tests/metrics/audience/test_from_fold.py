"""An audience read from the fold is the same as without it, person by person."""

import shutil
from datetime import timedelta

import duckdb
import pytest
from hypothesis import given, settings, strategies as st
from sqlalchemy import create_engine

from reportlib import metrics
from reportlib.metrics.audience.account import audience
from reportlib.metrics.audience.lists import WHO, people_listed
from reportlib.metrics.audience.people import everybody
from reportlib.metrics.audience.pressed import pressed
from reportlib.metrics.audience.settled import with_contacts
from reportlib.metrics.conformance.sameness import first_difference
from reportlib.metrics.people.folding import keeping
from reportlib.metrics.people.folding.keeping import keep_fold
from reportlib.warehouse import open_warehouse
from tests import examples
from tests.metrics.audience.test_people import QUICK, over_months
from tests.small_database import START, fill

DAY = timedelta(days=1)
BY = ("country", "carrier", "email_domain", "segment", "attribute:plan")
ALIKE = ("audience_list", "audience_survival", "attention", "still_written", "reach", "audience_overlap", "pressure",
         "opt_out_pressure")  # fmt: skip
SOME = "WHERE hash({}) % 4 = 0"
OF_EVENTS, OF_MESSAGES = SOME.format("event_id"), SOME.format("message_id")
LATER = "INSERT INTO events BY NAME SELECT event_id || '{0}' AS event_id, * EXCLUDE (event_id, occurred_at), " \
    "occurred_at + INTERVAL {0} AS occurred_at FROM events"  # fmt: skip
ODD = (
    f"UPDATE events SET occurred_at = NULL {OF_EVENTS}",
    f"UPDATE events SET occurred_at = TIMESTAMP '1970-01-01' {OF_EVENTS}",
    f"UPDATE events SET is_machine = NULL {OF_EVENTS}",
    f"UPDATE events SET is_machine = true {OF_EVENTS}",
    f"UPDATE events SET is_machine = NULL, url = 'https://shop.example/a' {OF_EVENTS}",
    f"UPDATE events SET campaign_id = 'late' {OF_EVENTS}",
    f"UPDATE events SET kind = 'complained', occurred_at = occurred_at - INTERVAL 99 DAYS {OF_EVENTS}",
    "UPDATE events SET occurred_at = sent_at - INTERVAL 30 SECONDS FROM messages m "
    f"WHERE m.message_id = events.message_id AND {OF_EVENTS.removeprefix('WHERE ')}",
    f"UPDATE messages SET sent_at = NULL, queued_at = NULL {OF_MESSAGES}",
    f"UPDATE messages SET sent_at = NULL, queued_at = NULL, delivered_at = NULL, failed_at = queued_at {OF_MESSAGES}",
    f"ALTER TABLE messages ALTER contact_id DROP NOT NULL; UPDATE messages SET contact_id = NULL {OF_MESSAGES}",
    f"UPDATE messages SET contact_id = 'nobody' {OF_MESSAGES}",
    f"UPDATE messages SET status = 'queued' {OF_MESSAGES}",
    f"UPDATE messages SET provider = NULL {OF_MESSAGES}",
    f"UPDATE messages SET queued_at = NULL, sent_at = sent_at + INTERVAL 200 DAYS {OF_MESSAGES}",
    "DELETE FROM events WHERE occurred_at > (SELECT max(occurred_at) - INTERVAL 50 DAYS FROM events)",
    "UPDATE contacts SET created_at = TIMESTAMP '2026-01-01'",
    "INSERT INTO contact_attributes SELECT contact_id, 'plan', 'gold' FROM contacts LIMIT 5",
    "DELETE FROM outcomes",
    *(LATER.format(after) for after in ("7 DAYS", "33 DAYS", "1 HOURS")),
)


@pytest.fixture(autouse=True)
def kept_of_few(monkeypatch):
    """A fold of few messages, too."""
    monkeypatch.setattr(keeping, "LEAST", 0)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("audience") / "campaigns.duckdb"


@settings(QUICK, max_examples=examples(1))
@given(over_months(), st.lists(st.sampled_from(ODD), max_size=5), st.lists(st.sampled_from(ODD), max_size=1))
def test_an_audience_is_the_same_with_and_without(file, database, odd, later):
    file.unlink(missing_ok=True)
    engine = create_engine(address(file))
    fill(engine, database)
    engine.dispose()
    for statements in (odd, later):
        with duckdb.connect(str(file)) as connection:
            for statement in statements:
                connection.execute(statement)
        check(file)


def check(file):
    keep_fold(address(file))
    copy = file.with_name("copy.duckdb")
    shutil.copy(file, copy)
    kept, plain = (open_warehouse(address(one)) for one in (file, copy))
    kept.opened_ms = plain.opened_ms = int((START + 300 * DAY).timestamp() * 1000)
    try:
        about = audience(kept, "acme")
        assert about is None or about.kept or about.then_ms < since_of(kept)
        for name, asked in QUESTIONS.items():
            assert not first_difference(asked(kept), asked(plain), tolerance=1e-9, where=name)
    finally:
        kept.engine.dispose()
        plain.engine.dispose()


def since_of(warehouse):
    return warehouse.sql("SELECT since_ms FROM reportlib.fold_state")["since_ms"].item()


def rows_of(select_of, warehouse):
    about = audience(warehouse, "acme")
    rows = about and select_of(about)
    if rows is None:
        return None
    found = warehouse.sql(with_contacts(about, rows).select())
    return in_order(found)


def in_order(found):
    found.columns = [*map(str, found.columns)]
    return found.astype(object).where(found.notna(), None).sort_values([*found.columns], key=_texts, ignore_index=True)


def _texts(column):
    return column.astype(str)


def listed(who, warehouse):
    return in_order(warehouse.sql(people_listed(warehouse, "acme", who, 60, 1, ("email",))))


QUESTIONS = {
    "everybody": lambda warehouse: rows_of(everybody, warehouse),
    "pressed": lambda warehouse: rows_of(pressed, warehouse),
    **{name: lambda warehouse, name=name: getattr(metrics, name)(warehouse, "acme") for name in ALIKE},
    "sleepers": lambda warehouse: metrics.sleepers(warehouse, "acme", 60),
    "deliverability": lambda warehouse: metrics.deliverability(warehouse, "acme", 1),
    "groups": lambda warehouse: metrics.audience_groups(warehouse, "acme", BY, 1),
    "by group": lambda warehouse: metrics.audience_list_by_group(warehouse, "acme", "carrier", 1),
    **{who: lambda warehouse, who=who: listed(who, warehouse) for who in WHO},
}


def address(file):
    return f"duckdb:///{file}"
