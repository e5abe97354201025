"""The figures of a review and of the send-time maps in SQL written by hand, as well as each engine can do them.

Tables that are needed more than once are made once, as temporary ones, which reports, that only read, may not make.
"""

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psycopg
from pyhive import hive
from sqlalchemy.engine import make_url

from reportlib.warehouse.engines import memory_options
from tests.scale.ours import OPENED, WINDOW_HOURS


@dataclass
class Spelling:
    """What the engines spell differently."""

    table: str  # how a table for this session begins
    latest_failed: str  # the value {0} of the latest failed message of a group
    half_hour: str  # the start of that of a timestamp {0}: clocks differ by halves
    local: str  # the hour of a UTC timestamp {0} on the clock of the zone z.timezone
    weekday: str
    hour: str


SPELLINGS = {
    "duckdb": Spelling(
        "CREATE TEMP TABLE",
        "arg_max({0}, (m.failed_at, m.message_id)) FILTER (m.status = 'failed')",
        "time_bucket(INTERVAL '30 minutes', {0})",
        "({0} AT TIME ZONE 'UTC') AT TIME ZONE z.timezone",
        "isodow({0})",
        "hour({0})",
    ),
    "hive": Spelling(
        "CACHE TABLE",
        "max_by({0}, struct(m.failed_at, m.message_id)) FILTER (WHERE m.status = 'failed')",
        "timestamp_seconds(unix_timestamp({0}) div 1800 * 1800)",
        "from_utc_timestamp({0}, z.timezone)",
        "weekday({0}) + 1",
        "hour({0})",
    ),
    "postgresql": Spelling(
        "CREATE TEMP TABLE",
        "(array_agg({0} ORDER BY m.failed_at DESC, m.message_id DESC) FILTER (WHERE m.status = 'failed'))[1]",
        "date_bin('30 minutes', {0}, '2000-01-01')",
        "{0} AT TIME ZONE z.timezone",
        "extract(isodow FROM {0})::int",
        "extract(hour FROM {0})::int",
    ),
}
PLAUSIBLE = """m.status <> 'failed' AND (e.kind <> 'opened' OR m.channel <> 'sms')
    AND (coalesce(m.sent_at, m.queued_at) IS NULL
         OR e.occurred_at >= coalesce(m.sent_at, m.queued_at) - INTERVAL '1 minute')
    AND e.occurred_at <= TIMESTAMP '{opened}' + INTERVAL '1 day'"""
REACTED = """
{table} reacted AS
SELECT e.message_id,
    count(*) FILTER (WHERE e.kind = 'opened') AS opens,
    count(*) FILTER (WHERE e.kind = 'opened' AND e.is_machine IS NOT TRUE) AS human_opens,
    count(*) FILTER (WHERE e.kind = 'clicked' AND e.is_machine IS NOT TRUE) AS clicks,
    count(*) FILTER (WHERE e.kind = 'replied' AND e.is_machine IS NOT TRUE) AS replies,
    count(*) FILTER (WHERE e.kind = 'unsubscribed') AS leaves,
    count(*) FILTER (WHERE e.kind = 'complained') AS complaints,
    min(e.occurred_at) FILTER (WHERE e.kind IN ('opened', 'clicked', 'replied')) AS engaged_at,
    min(e.occurred_at) FILTER (WHERE e.kind = 'clicked' AND e.is_machine IS NOT TRUE) AS clicked_at
FROM events e JOIN messages m ON m.message_id = e.message_id
WHERE {plausible} {of_events} {of_messages}
GROUP BY e.message_id
"""
OUTCOME = """CASE WHEN m.status = 'failed' THEN 1 WHEN m.status = 'delivered' OR r.engaged_at IS NOT NULL THEN 3
    WHEN m.status = 'sent' THEN 2 ELSE 0 END"""
BY_CHANNEL = """
{table} by_channel AS
SELECT m.campaign_id, m.contact_id, m.channel, max({outcome}) AS outcome,
    max(CASE WHEN m.status = 'delivered' THEN 1 ELSE 0 END) AS confirmed,
    coalesce(sum(r.opens), 0) AS opens, coalesce(sum(r.human_opens), 0) AS human_opens,
    coalesce(sum(r.clicks), 0) AS clicks, coalesce(sum(r.replies), 0) AS replies,
    coalesce(sum(r.leaves), 0) AS leaves, coalesce(sum(r.complaints), 0) AS complaints,
    max(CASE WHEN m.status = 'failed' THEN m.failed_at END) AS failed_at,
    {provider} AS provider, {code} AS code
FROM messages m LEFT JOIN reacted r ON r.message_id = m.message_id
WHERE true {of_messages}
GROUP BY m.campaign_id, m.contact_id, m.channel
"""
PERSON = """
{table} person AS
SELECT campaign_id, contact_id, max(outcome) AS outcome, max(confirmed) AS confirmed, sum(opens) AS opens,
    sum(human_opens) AS human_opens, sum(clicks) AS clicks, sum(replies) AS replies, sum(leaves) AS leaves,
    sum(complaints) AS complaints
FROM by_channel GROUP BY campaign_id, contact_id
"""
COUNTS = """count(*), count(*) FILTER (WHERE outcome = 0), count(*) FILTER (WHERE outcome > 0),
    count(*) FILTER (WHERE outcome = 3), count(*) FILTER (WHERE outcome = 3 AND confirmed = 0),
    count(*) FILTER (WHERE outcome = 1), count(*) FILTER (WHERE outcome = 2), count(*) FILTER (WHERE opens > 0),
    count(*) FILTER (WHERE human_opens > 0), count(*) FILTER (WHERE clicks > 0), count(*) FILTER (WHERE replies > 0),
    count(*) FILTER (WHERE leaves > 0), count(*) FILTER (WHERE complaints > 0),
    sum(opens), sum(human_opens), sum(clicks), sum(replies)"""
LEDGER = "SELECT channel, {counts} FROM by_channel GROUP BY channel UNION ALL SELECT 'all', {counts} FROM person"
DIMENSIONS = """
SELECT CASE WHEN grouping(c.country) = 0 THEN 'country' WHEN grouping(c.carrier) = 0 THEN 'carrier'
    WHEN grouping(c.email_domain) = 0 THEN 'email_domain' ELSE 'attribute:plan' END,
    coalesce(c.country, c.carrier, c.email_domain, a.value), {counts}
FROM person p LEFT JOIN contacts c ON c.contact_id = p.contact_id
LEFT JOIN contact_attributes a ON a.contact_id = p.contact_id AND a.attribute = 'plan'
GROUP BY GROUPING SETS ((c.country), (c.carrier), (c.email_domain), (a.value))
UNION ALL
SELECT 'segment', coalesce(s.name, '(no segment)'), {counts}
FROM person p LEFT JOIN segment_members b ON b.contact_id = p.contact_id
LEFT JOIN segments s ON s.segment_id = b.segment_id
GROUP BY s.name
"""
FAILURES = """
SELECT channel, provider, code, count(*) FROM (
    SELECT f.channel, f.provider, f.code,
        row_number() OVER (PARTITION BY f.campaign_id, f.contact_id ORDER BY f.failed_at DESC, f.channel DESC) AS nth
    FROM by_channel f JOIN person p ON p.campaign_id = f.campaign_id AND p.contact_id = f.contact_id
    WHERE p.outcome = 1 AND f.failed_at IS NOT NULL) AS failed
WHERE nth = 1 GROUP BY channel, provider, code
"""
TIMELINE = """
WITH steps AS (
    SELECT {outcome} AS outcome, coalesce(m.sent_at, m.delivered_at, m.failed_at, r.engaged_at) AS sent,
        greatest(coalesce(m.delivered_at, r.engaged_at), m.sent_at) AS delivered,
        greatest(m.failed_at, m.sent_at) AS failed
    FROM messages m LEFT JOIN reacted r ON r.message_id = m.message_id
    WHERE true {of_messages}),
counted AS (
    SELECT 'sent' AS status, date_trunc('minute', sent) AS minute, count(*) AS messages
    FROM steps WHERE outcome > 0 GROUP BY 2
    UNION ALL SELECT 'delivered', date_trunc('minute', delivered), count(*) FROM steps WHERE outcome = 3 GROUP BY 2
    UNION ALL SELECT 'failed', date_trunc('minute', failed), count(*) FROM steps WHERE outcome = 1 GROUP BY 2)
SELECT status, sum(messages) FROM counted WHERE minute IS NOT NULL GROUP BY status
"""
ACTIVITY = """
WITH hourly AS (
    SELECT m.campaign_id, e.kind, m.channel, {half_hour_of_event} AS moment, count(*) AS events,
        count(*) FILTER (WHERE e.is_machine) AS machine
    FROM events e JOIN messages m ON m.message_id = e.message_id
    WHERE {plausible} {of_events} {of_messages}
    GROUP BY m.campaign_id, e.kind, m.channel, {half_hour_of_event}),
local AS (
    SELECT kind, channel, {local_at} AS moment, events, machine
    FROM hourly h JOIN campaigns c ON c.campaign_id = h.campaign_id JOIN accounts z ON z.account_id = c.account_id)
SELECT kind, channel, {weekday}, {hour}, sum(events), sum(machine) FROM local GROUP BY 1, 2, 3, 4
"""
SLOTS = """
WITH hourly AS (
    SELECT m.campaign_id, m.channel, {half_hour_of_message} AS moment, count(*) AS delivered,
        count(*) FILTER (WHERE coalesce(m.sent_at, m.queued_at) <= u.latest - {window}) AS mature,
        count(*) FILTER (WHERE coalesce(m.sent_at, m.queued_at) <= u.latest - {window}
            AND r.clicked_at <= coalesce(m.sent_at, m.queued_at) + {window}) AS responded
    FROM messages m LEFT JOIN reacted r ON r.message_id = m.message_id
    CROSS JOIN (SELECT max(occurred_at) AS latest FROM events) u
    WHERE m.status = 'delivered'
    GROUP BY 1, 2, 3),
local AS (
    SELECT h.campaign_id, channel, {local_at} AS moment, delivered, mature, responded
    FROM hourly h JOIN campaigns c ON c.campaign_id = h.campaign_id JOIN accounts z ON z.account_id = c.account_id)
SELECT campaign_id, channel, {weekday}, {hour}, sum(delivered), sum(mature), sum(responded)
FROM local GROUP BY 1, 2, 3, 4
"""
REVIEW = {"ledger": LEDGER, "dimensions": DIMENSIONS, "failures": FAILURES, "timeline": TIMELINE, "activity": ACTIVITY}
SEND_TIMES = {"activity": ACTIVITY, "slots": SLOTS}


def review(address: str, campaign: str | None) -> dict[str, list]:
    """The figures of one campaign or, None, of all."""
    return _asked(address, campaign, (REACTED, BY_CHANNEL, PERSON), REVIEW)


def send_times(address: str) -> dict[str, list]:
    return _asked(address, None, (REACTED,), SEND_TIMES)


def _asked(address, campaign, tables, questions):
    engine = make_url(address).get_backend_name()
    spelling = SPELLINGS.get(engine, SPELLINGS["duckdb"])
    told = {
        "table": spelling.table,
        "of_events": f"AND e.campaign_id = '{campaign}'" if campaign else "",
        "of_messages": f"AND m.campaign_id = '{campaign}'" if campaign else "",
        "plausible": PLAUSIBLE.format(opened=OPENED.strftime("%Y-%m-%d %H:%M:%S")),
        "outcome": OUTCOME,
        "counts": COUNTS,
        "provider": spelling.latest_failed.format("m.provider"),
        "code": spelling.latest_failed.format("m.failure_code"),
        "local_at": spelling.local.format("h.moment"),
        "weekday": spelling.weekday.format("moment"),
        "hour": spelling.hour.format("moment"),
        "half_hour_of_event": spelling.half_hour.format("e.occurred_at"),
        "half_hour_of_message": spelling.half_hour.format("coalesce(m.sent_at, m.queued_at)"),
        "window": f"INTERVAL '{WINDOW_HOURS} hours'",
    }
    with _connected(address, engine) as execute:
        for table in tables:
            execute(table.format(**told))
            if engine == "postgresql":
                execute(f"ANALYZE {table.split()[1]}")
        return {name: execute(question.format(**told)).fetchall() for name, question in questions.items()}


@contextmanager
def _connected(address, engine):
    """Executes on the database at the address, in the memory that reports have."""
    if engine == "postgresql":
        with psycopg.connect(address.replace("+psycopg", ""), options="-c timezone=UTC") as server:
            yield server.execute
        return
    if engine == "hive":
        place = make_url(address)
        with hive.connect(place.host, place.port, database=place.database) as server, server.cursor() as cursor:
            cursor.execute("SET TIME ZONE 'UTC'")
            yield lambda asked: cursor.execute(asked) or cursor
        return
    place, config = make_url(address).database, memory_options("duckdb")["connect_args"]["config"]
    if engine == "duckdb":
        with duckdb.connect(place, read_only=True, config=config) as database:
            yield database.execute
        return
    with duckdb.connect(config=config) as database:
        for file in Path(place).glob("*.parquet"):
            database.execute(f"CREATE VIEW {file.stem} AS FROM '{file}'")
        yield database.execute
