"""Databases that an earlier version made, on each engine."""

from sqlalchemy import create_engine, inspect

from reportlib.warehouse.contract.tables import events, metadata
from reportlib.warehouse.load import load_folder

EARLIER = (
    "CREATE TABLE events (event_id VARCHAR NOT NULL, message_id VARCHAR NOT NULL, campaign_id VARCHAR NOT NULL, "
    "kind TEXT NOT NULL, occurred_at TIMESTAMP NOT NULL, is_machine BOOLEAN, ours TEXT)"
)


def test_a_table_of_before_takes_events_without_a_time(database_url, tmp_path):
    engine = create_engine(database_url)
    with engine.begin() as connection:
        metadata.drop_all(connection)
        connection.exec_driver_sql(EARLIER)
        connection.exec_driver_sql(
            "INSERT INTO events VALUES ('e1', 'm1', 'c1', 'opened', '2026-11-02 10:00:00', NULL, 'kept')"
        )
    engine.dispose()
    (tmp_path / "events.csv").write_text("event_id,message_id,campaign_id,kind,occurred_at\ne2,m1,c1,clicked,\n")
    load_folder(tmp_path, database_url)
    load_folder(tmp_path, database_url)
    engine = create_engine(database_url)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT event_id, occurred_at IS NULL, ours, url FROM events ORDER BY 1")
        assert [tuple(row) for row in rows] == [("e1", False, "kept", None), ("e2", True, None, None)]
        assert {column["name"] for column in inspect(connection).get_columns("events")} == {*events.c.keys(), "ours"}
    engine.dispose()
