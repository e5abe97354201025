"""The fold of some campaigns, made from their messages and events."""

from typing import Any

from sqlalchemy import Connection

from reportlib.metrics.people.fold.table import SCHEMA, clicks, loose, sources
from reportlib.metrics.people.folding.by_event import (
    at_event,
    besides,
    told,
    told_besides,
    told_by_events,
    told_of_people,
)
from reportlib.metrics.people.folding.selects import (
    apart,
    made,
    not_alone,
    open_rows,
    people,
    rows,
    set_apart,
    settled,
)
from reportlib.metrics.people.folding.sums import all_sources, open_clicks
from reportlib.metrics.selection.campaigns import PORTION

READ = {
    "messages": (
        "message_id", "campaign_id", "contact_id", "channel", "provider", "status", "queued_at", "sent_at",
        "delivered_at", "failed_at", "failure_code", "failure_reason",
    ),
    "events": ("message_id", "campaign_id", "kind", "occurred_at", "is_machine", "url"),
}  # fmt: skip
_OURS = "campaign_id IN (FROM changed_campaigns)"
# The messages and the events of people of whom something is open, as they are.
_OPEN = {
    "messages": f"SELECT {', '.join(READ['messages'])} FROM main.messages WHERE {_OURS} AND rowid IN ({{}})",
    "events": f"SELECT {', '.join(READ['events'])} FROM main.events WHERE rowid IN "
    "(SELECT event_row FROM fold_events WHERE at_row IN ({}))",
}
# How often the next message is of another campaign: what is stored campaign by campaign need not be sorted.
_RUNS = """SELECT count(*) FROM (SELECT campaign_id <> lag(campaign_id) OVER () AS is_next FROM fold_made)
    WHERE is_next"""
# The changed campaigns by the part they are in, of about PORTION messages or one campaign, as they are stored.
_PARTS = f"""CREATE OR REPLACE TEMP TABLE fold_campaigns AS SELECT campaign_id, CAST(coalesce(sum(number) OVER
    (ORDER BY first_row ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS BIGINT) // {{}} AS part
    FROM changed_campaigns LEFT JOIN (SELECT campaign_id, count(*) AS number, min(rowid) AS first_row
    FROM main.messages WHERE {_OURS} GROUP BY ALL) USING (campaign_id)"""
# What is made before the campaign is known to have events of messages of others.
_HIT = f"""CREATE OR REPLACE TEMP TABLE changed_campaigns AS SELECT DISTINCT m.campaign_id
    FROM main.messages m JOIN main.events e USING (message_id)
    WHERE e.campaign_id IN (SELECT campaign_id FROM {SCHEMA}.{loose.name}) AND m.campaign_id <> e.campaign_id"""


def make(connection: Connection, now_ms: int, since_ms: int, of_all: bool):
    """The fold of `changed_campaigns`, which are all there are or have been made before; in parts, so that what is
    there while it is made has a bound."""
    run = connection.exec_driver_sql
    if of_all:
        run(f"CREATE TABLE {SCHEMA}.{loose.name} AS SELECT campaign_id, kind FROM main.events LIMIT 0")
    if _make_in_parts(connection, now_ms, since_ms, of_all) > 1 and run(f"FROM {SCHEMA}.{loose.name} LIMIT 1").first():
        run(_HIT)
        _make_in_parts(connection, now_ms, since_ms, False)


def _make_in_parts(connection, now_ms, since_ms, of_all) -> int:
    run = connection.exec_driver_sql
    if not of_all:  # of all parts first: a message may be in another than it was
        ours = f"SELECT message_id FROM {SCHEMA}.messages WHERE {_OURS}"
        run(f"DELETE FROM {SCHEMA}.events WHERE message_id IN ({ours})")
    run(_PARTS.format(PORTION))
    parts = run("SELECT DISTINCT part FROM fold_campaigns ORDER BY part").scalars().all() or [0]
    for number, part in enumerate(parts):
        run(
            "CREATE OR REPLACE TEMP TABLE changed_campaigns AS "
            f"SELECT campaign_id FROM fold_campaigns WHERE part = {part}"
        )
        _make_part(connection, now_ms, since_ms, not of_all or len(parts) > 1, of_all, of_all and number == 0)
    return len(parts)


def _make_part(connection, now_ms, since_ms, of, is_new, is_first):
    run, dialect = connection.exec_driver_sql, connection.dialect

    def keep(table, question):
        run(f"CREATE OR REPLACE TEMP TABLE {table.name} AS {_sql(question, dialect)}")

    keep(at_event, told_by_events(now_ms, of))
    keep(told, told_of_people())
    keep(besides, told_besides())
    keep(made, rows(of))
    for table in (told, besides):
        run(f"DROP TABLE {table.name}")
    keep(people, not_alone())
    keep(apart, set_apart())
    in_order = run(_RUNS).scalar() <= 2 * run("SELECT count(*) FROM changed_campaigns").scalar()
    kept = {table.name: _sql(question, dialect) for table, question in settled(in_order, since_ms).items()}
    kept[sources.name] = _sql(all_sources(of), dialect)
    opened = _sql(open_rows(), dialect)
    kept |= {name: sql.format(opened) for name, sql in _OPEN.items()}
    run(f"DELETE FROM {SCHEMA}.{loose.name}")  # those that have been and still are, are told again
    if not is_new:
        for name in kept.keys() - {"events", loose.name}:
            run(f"DELETE FROM {SCHEMA}.{name} WHERE {_OURS}")
    for name, sql in kept.items():
        made_first = is_first and name != loose.name
        run(f"CREATE TABLE {SCHEMA}.{name} AS {sql}" if made_first else f"INSERT INTO {SCHEMA}.{name} {sql}")
    run(f"INSERT INTO {SCHEMA}.{clicks.name} {_sql(open_clicks(now_ms), dialect, SCHEMA)}")
    for table in (at_event, made, people, apart):
        run(f"DROP TABLE {table.name}")


def _sql(question, dialect, schema: str | None = None) -> str:
    translated: dict[str, Any] = {"schema_translate_map": {None: schema}, "render_schema_translate": True}
    values = {"literal_binds": True}
    return str(question.compile(dialect=dialect, compile_kwargs=values, **(translated if schema else {})))
