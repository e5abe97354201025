"""`reportlib check`: every kind of problem is found, counted and exemplified, alike on every engine."""

from datetime import timedelta

import pytest
from sqlalchemy import create_engine, select

from reportlib.errors import WarehouseError
from reportlib.metrics import campaigns
from reportlib.warehouse import open_warehouse
from reportlib.warehouse.check.check import COLUMNS, check_warehouse
from reportlib.warehouse.contract.tables import TABLES
from reportlib.warehouse.fingerprint import data_fingerprints
from tests.small_database import MINUTE, NOW, START, campaign, fill, small_database

HOUR = timedelta(hours=1)


@pytest.fixture
def engine(database_url):
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def database():
    """A database that is as it should be."""
    database = small_database(
        campaign("a", audience=4, completed_at=START + HOUR).sent(3).delivered(2, opened=1, clicked=1).failed(1, code=7)
    )
    database.segment("vip")
    database.contact("zoe", attributes={"plan": "paid"}, segments=["vip"], timezone="Asia/Kathmandu")
    return database


def found(engine, database) -> list[tuple]:
    """What `check_warehouse` says, without the explanations."""
    frame = check_warehouse(fill(engine, database))
    assert list(frame.columns) == list(COLUMNS)
    assert frame["explanation"].str.endswith((".", "?")).all()
    return [tuple(row) for row in frame.drop(columns="explanation").itertuples(index=False)]


def test_a_database_as_it_should_be(engine, database):
    frame = check_warehouse(fill(engine, database))
    assert frame.empty
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == COLUMNS


def test_ids_may_be_integers(engine):
    database = small_database()
    database.accounts[0]["account_id"] = 1
    database.campaign(7, account=1)
    database.contact(1, account=1)
    database.message(7, 1, message_id=1)
    assert found(engine, database) == []


def test_optional_tables_may_be_missing(engine, database):
    fill(engine, database)
    dropped = [f"DROP TABLE {name}" for name in ("outcomes", "assignments", "campaign_attributes")]
    warehouse = reshaped(engine, *dropped)
    assert check_warehouse(warehouse).empty
    assert not warehouse.has(TABLES["assignments"]) and warehouse.has(TABLES["contacts"])


def test_what_assignments_and_attributes_refer_to(engine, database):
    database.attribute("ghost", subject="Boo")
    database.assigned("x", "held out", None, ["zoe", "nobody"])
    database.assigned("x", "A", "a", ["zoe"])
    assert sorted(found(engine, database)) == [
        ("assignments", "contact_id is not in contacts", "breaks", 1, "x/nobody/held out"),
        ("campaign_attributes", "campaign_id is not in campaigns", "breaks", 1, "ghost/subject"),
    ]


def test_outcomes(engine, database):
    message = database.messages[0]
    database.outcome("zoe", value=20.0, campaign_id="a", message_id=message["message_id"])
    database.outcome("zoe", value=float("inf"))
    database.outcome("zoe", value=5.0, currency=None)
    database.outcome("zoe", value=-5.0)
    database.outcome("nobody", kind="visit", at=NOW + 3 * 24 * HOUR)
    if engine.dialect.name != "sqlite":  # which keeps no NaN
        database.outcome("zoe", value=float("nan"))
    odd = 1 + (engine.dialect.name != "sqlite")
    ids = ", ".join(["o2", "o6"][:odd])
    assert sorted(found(engine, database)) == [
        ("outcomes", "contact_id is not in contacts", "breaks", 1, "o5"),
        ("outcomes", "message is of another person", "note", 1, "o1"),
        ("outcomes", "occurred_at is in the future", "note", 1, "o5"),
        ("outcomes", "value is below 0", "note", 1, "o4"),
        ("outcomes", "value is no amount", "breaks", odd, ids),
        ("outcomes", "value without currency", "note", 1, "o3"),
    ]


def test_a_value_outside_its_vocabulary(engine, database):
    for _ in range(7):
        database.message("a", "zoe", channel="fax")
    assert found(engine, database) == [
        ("messages", "channel is outside its vocabulary", "breaks", 7, "m10, m4, m5, m6, m7")
    ]


def test_unknown_time_zones_break_accounts_but_not_contacts(engine, database):
    database.account("b", timezone="Mars/Olympus")
    database.contact("yan", timezone="EST5EDT4")
    assert found(engine, database) == [
        ("accounts", "timezone is no IANA time zone", "breaks", 1, "b"),
        ("contacts", "timezone is no IANA time zone", "note", 1, "yan"),
    ]


def test_ids_that_are_not_unique(engine, database):
    database.contacts.append(database.contacts[0])
    database.segment_members.append(database.segment_members[0])
    assert found(engine, database) == [
        ("contacts", "contact_id is not unique", "breaks", 1, "a/0"),
        ("segment_members", "segment_id and contact_id is not unique", "breaks", 1, "vip/zoe"),
    ]


def test_orphans(engine, database):
    database.message("gone", "nobody", message_id="m9")
    database.event({"message_id": "m0", "campaign_id": "a"}, event_id="e9")
    database.campaign("c", account="ghost", segment_id="nowhere")
    assert sorted(found(engine, database)) == [
        ("campaigns", "account_id is not in accounts", "breaks", 1, "c"),
        ("campaigns", "segment_id is not in segments", "breaks", 1, "c"),
        ("events", "message_id is not in messages", "breaks", 1, "e9"),
        ("messages", "campaign_id is not in campaigns", "breaks", 1, "m9"),
        ("messages", "contact_id is not in contacts", "breaks", 1, "m9"),
    ]


def test_an_event_of_another_campaign_than_its_message(engine, database):
    database.campaign("b")
    database.event(database.messages[0], event_id="e9", campaign_id="b")
    assert found(engine, database) == [("events", "campaign differs from the message's", "breaks", 1, "e9")]


def test_the_ledger_residual(engine, database):
    for contact in ("p", "q"):
        database.contact(contact)
        database.message("a", contact)
    assert found(engine, database) == [("campaigns", "more people than audience_size", "note", 1, "a")]


def test_impossible_times(engine, database):
    database.message("a", "zoe", message_id="m1a", delivered_at=START - HOUR)
    database.message("a", "zoe", message_id="m1b", delivered_at=START - timedelta(seconds=30))  # clocks differ
    database.message("a", "zoe", message_id="m1c", queued_at=NOW + 25 * HOUR, sent_at=None, delivered_at=NOW)
    database.event(database.messages[0], event_id="e8", after=-2 * MINUTE)
    database.event(database.messages[0], event_id="e9", after=timedelta(days=400))
    database.campaign("b", completed_at=START - HOUR)
    assert sorted(found(engine, database)) == [
        ("campaigns", "completed_at is before started_at", "note", 1, "b"),
        ("events", "occurred before the message was sent", "note", 1, "e8"),
        ("events", "occurred_at is in the future", "note", 1, "e9"),
        ("messages", "delivered_at is before sent_at", "note", 1, "m1a"),
        ("messages", "queued_at is in the future", "note", 1, "m1c"),
        ("messages", "sent without sent_at", "note", 1, "m1c"),
    ]


def test_status_and_times_that_disagree(engine, database):
    database.message("a", "zoe", message_id="m1a", delivered_at=None)
    database.message("a", "zoe", message_id="m1b", status="failed", failed_at=None, delivered_at=START)
    database.message("a", "zoe", message_id="m1c", status="queued", sent_at=START)
    database.message("a", "zoe", message_id="m1d", status="sent", failed_at=START)
    database.campaign("b", start=None)
    assert sorted(found(engine, database)) == [
        ("campaigns", "started without started_at", "note", 1, "b"),
        ("messages", "delivered without delivered_at", "note", 1, "m1a"),
        ("messages", "failed without failed_at", "note", 1, "m1b"),
        ("messages", "failed, but with delivered_at", "note", 1, "m1b"),
        ("messages", "queued, but with a later time", "note", 1, "m1c"),
        ("messages", "sent, but with a final time", "note", 1, "m1d"),
    ]


def reshaped(engine, *statements):
    """The database of these statements, opened."""
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    url = engine.url.render_as_string(hide_password=False)
    engine.dispose()
    return open_warehouse(url)


def said(frame) -> set[tuple]:
    return set(zip(frame["table"], frame["problem"], frame["severity"], strict=True))


def test_missing_tables_and_columns_are_named_and_the_rest_is_checked(engine, database):
    database.message("a", "zoe", channel="fax")
    fill(engine, database)
    rename = "ALTER TABLE messages RENAME COLUMN delivered_at TO deliverd_at"
    frame = check_warehouse(reshaped(engine, "DROP TABLE segments", "DROP TABLE events", rename))
    assert said(frame) == {
        ("events", "the table is missing", "breaks"),
        ("segments", "the table is missing", "breaks"),
        ("messages", "the column delivered_at is missing", "breaks"),
        ("messages", "channel is outside its vocabulary", "breaks"),
    }
    (missing,) = frame.loc[frame["problem"] == "the column delivered_at is missing", "explanation"]
    assert "did you mean 'deliverd_at'?" in missing


def test_an_empty_database_lacks_every_table(engine):
    frame = check_warehouse(reshaped(engine, "CREATE TABLE unrelated (x INTEGER)"))
    assert set(frame["problem"]) == {"the table is missing"}
    assert len(frame) == 8


def test_a_required_value_that_is_null(engine, database):
    fill(engine, database)
    statements = ["CREATE TABLE copied AS SELECT * FROM contacts", "UPDATE copied SET account_id = NULL"]
    statements += ["DROP TABLE contacts", "CREATE VIEW contacts AS SELECT * FROM copied"]
    frame = check_warehouse(reshaped(engine, *statements))
    (problem,) = frame.itertuples()
    assert (problem.table, problem.problem, problem.severity) == ("contacts", "account_id is missing", "breaks")
    assert (problem.count, problem.examples) == (4, "a/0, a/1, a/2, zoe")


@pytest.mark.parametrize("database_url", ["duckdb", "postgresql"], indirect=True)
def test_wrong_types(engine, database):
    fill(engine, database)
    frame = check_warehouse(
        reshaped(
            engine,
            "ALTER TABLE messages RENAME TO m",
            "CREATE VIEW messages AS SELECT message_id, campaign_id, 1 AS contact_id, channel, provider, "
            "provider_message_id, status, '2026-01-01' AS queued_at, sent_at, delivered_at, failed_at, failure_code, "
            "failure_reason, CAST(cost AS NUMERIC(10, 2)) AS cost, currency FROM m",
        )
    )
    assert said(frame) == {
        ("messages", "the column queued_at has the wrong type", "breaks"),
        ("messages", "the column contact_id has another type of id", "breaks"),
    }
    assert "It is VARCHAR, and should be timestamp" in " ".join(frame["explanation"]).replace("TEXT", "VARCHAR")


def test_columns_that_may_be_missing(engine, database):
    fill(engine, database)
    lacking = [column for table in TABLES.values() for column in table.columns if column.info.get("optional")]
    dropped = [f"ALTER TABLE {column.table.name} DROP COLUMN {column.name}" for column in lacking]
    warehouse = reshaped(engine, *dropped)
    assert {column.name for column in lacking} >= {"category", "billable", "parts", "label", "reason"}
    assert check_warehouse(warehouse).empty
    assert set(data_fingerprints(warehouse)) == {"a"}
    of_messages = [column for column in lacking if column.table.name == "messages"]
    read = warehouse.sql(select(*map(warehouse.told, of_messages)).select_from(TABLES["messages"]))
    assert len(read) == 3
    assert read.isna().all(axis=None)


def test_types_that_postgresql_does_not_compare(postgresql_url, database):
    engine = create_engine(postgresql_url)
    fill(engine, database)
    change = "ALTER TABLE events ALTER COLUMN is_machine TYPE INTEGER USING is_machine::integer"
    kinds = "CREATE TYPE kind AS ENUM ('opened', 'clicked', 'replied', 'unsubscribed', 'complained')"
    frame = check_warehouse(reshaped(engine, change, kinds, "ALTER TABLE events ALTER kind TYPE kind USING kind::kind"))
    assert said(frame) == {
        ("events", "the column is_machine has the wrong type", "breaks"),
        ("events", "the column kind has the wrong type", "breaks"),
    }


def test_types_that_duckdb_compares(duckdb_url, database):
    engine = create_engine(duckdb_url)
    fill(engine, database)
    change = "ALTER TABLE events ALTER is_machine TYPE INTEGER"
    kinds = "ALTER TABLE events ALTER kind TYPE ENUM ('opened', 'clicked')"
    zoned = "ALTER TABLE events ALTER occurred_at TYPE TIMESTAMPTZ"
    assert check_warehouse(reshaped(engine, change, kinds, zoned)).empty


def test_values_of_wrong_types(sqlite_url, database):
    engine = create_engine(sqlite_url)
    fill(engine, database)
    wrong = {"messages": "sent_at = 'soon', cost = 'free'", "campaigns": "audience_size = 'many'"}
    changes = [f"UPDATE {table} SET {change}" for table, change in wrong.items()]
    frame = check_warehouse(reshaped(engine, *changes, "UPDATE events SET is_machine = 'false'"))
    assert said(frame) == {
        ("messages", "sent_at is no time", "breaks"),
        ("messages", "cost is no number", "breaks"),
        ("campaigns", "audience_size is no whole number", "breaks"),
        ("events", "is_machine is neither true nor false", "breaks"),
    }


def test_types_that_sqlite_does_without(sqlite_url, database):
    """As other programs make tables: times in their own way, columns and views without types."""
    engine = create_engine(sqlite_url)
    fill(engine, database)
    frame = check_warehouse(
        reshaped(
            engine,
            "UPDATE messages SET sent_at = replace(sent_at, ' ', 'T') || 'Z'",
            "UPDATE messages SET queued_at = CAST(strftime('%s', queued_at) AS INTEGER)",
            "ALTER TABLE events RENAME TO e",
            "CREATE VIEW events AS SELECT event_id || '' AS event_id, message_id, campaign_id || '' AS campaign_id, "
            "kind, unixepoch(occurred_at) * 1000 AS occurred_at, 0 AS is_machine, url FROM e",
        )
    )
    assert frame.empty


def test_materialised_views_are_as_good_as_tables(postgresql_url, database):
    engine = create_engine(postgresql_url)
    fill(engine, database)
    statements = ["ALTER TABLE events RENAME TO e", "CREATE MATERIALIZED VIEW events AS SELECT * FROM e"]
    assert check_warehouse(reshaped(engine, *statements)).empty


def test_a_server_that_goes_away(postgresql_url, database):
    engine = create_engine(postgresql_url)
    warehouse = fill(engine, database)
    gone = create_engine(engine.url.set(port=1))
    warehouse.engine = gone
    with pytest.raises(WarehouseError, match="does not answer"):
        check_warehouse(warehouse)
    engine.dispose()


def test_control_characters_and_numbers_that_cannot_be(engine, database):
    database.campaigns[0] |= {"name": "a\x07b\nc", "audience_size": -1}
    database.messages[0] |= {"sent_at": START.replace(year=1761), "queued_at": None}
    assert found(engine, database)[:3] == [
        ("campaigns", "audience_size is below 0", "breaks", 1, "a"),
        ("campaigns", "name has control characters", "note", 1, "a"),
        ("messages", "sent_at is not between 2000 and 2100", "note", 1, database.messages[0]["message_id"]),
    ]


def test_words_for_nothing_are_noted(engine, database):
    database.campaign("b", experiment_id="NULL", variant="None", template_id=r"\N")
    assert found(engine, database) == [
        ("campaigns", "template_id is a word for nothing", "note", 1, "b"),
        ("campaigns", "experiment_id is a word for nothing", "note", 1, "b"),
        ("campaigns", "variant is a word for nothing", "note", 1, "b"),
    ]


def test_an_experiment_called_null_is_none(engine):
    database = small_database()
    for name, experiment in (("a", "NULL"), ("b", "spring"), ("c", None)):
        database.campaign(name, experiment_id=experiment)
    frame = campaigns(fill(engine, database)).set_index("campaign_id")
    assert frame["experiment_id"].dropna().to_dict() == {"b": "spring"}


def test_totals_that_contradict_each_other_or_stand_beside_people(engine, database):
    for name in ("fine", "much", "bare", "odd"):
        database.campaign(name)
    database.totals("fine", audience=100, sent=90, delivered=80, failed=10, opened=(80, 200), clicked=(None, 7))
    database.totals("much", audience=80, sent=90, delivered=85, failed=6, opened=(86, 200), replied=3)
    database.totals("much", "sms", sent=5, delivered=6, clicked=7)
    database.totals("bare", opened=3)
    database.totals("bare", "sms", sent=5, clicked=(6, 4), replied=(None, None), complained=-1)
    database.totals("a", sent=3)
    database.totals("ghost", sent=3)
    rows = [(problem, severity, examples) for _, problem, severity, _, examples in found(engine, database)]
    assert sorted(rows) == [
        ("campaign_id is not in campaigns", "breaks", "ghost/email/sent"),
        ("more delivered and failed than sent", "note", "much/email/failed"),
        ("more delivered than sent", "note", "much/sms/delivered"),
        ("more did it than were delivered", "note", "much/email/opened, much/sms/clicked"),
        ("more did it than were sent to", "note", "bare/sms/clicked"),
        ("more sent than audience", "note", "much/email/sent"),
        ("neither audience, sent nor delivered", "note", "bare/email/opened"),
        ("neither people nor total", "note", "bare/sms/replied"),
        ("people or total is below 0", "breaks", "bare/sms/complained"),
        ("total is below people", "note", "bare/sms/clicked"),
        ("totals of a campaign with messages", "note", "a/email/sent"),
    ]
