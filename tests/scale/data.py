"""Campaign data of any size, made by DuckDB from numbers: the same rows each time, campaign by campaign.

`build` makes a DuckDB file of the contract's tables, `as_parquet` a folder of Parquet files of it,
`into_postgresql` the tables of a server, `into_spark` those of a cluster.
"""

from itertools import chain, cycle
from pathlib import Path

import duckdb
import psycopg
from pyhive import hive
from sqlalchemy.engine import make_url

from reportlib.metrics.people.folding.keeping import keep_fold
from reportlib.warehouse.connection import connect
from reportlib.warehouse.contract.tables import TABLES, metadata
from tests import PROJECT

ACCOUNTS = ("America/Sao_Paulo", "Europe/Berlin", "Asia/Kolkata", "UTC") * 5  # their time zones
LARGEST = 500_000  # messages of the campaign that is reviewed alone, the account's first
SIZES = (250_000, *[100_000] * 2, *[50_000] * 4, *[20_000] * 10, *[10_000] * 20, *[5_000] * 10, *[1_000] * 10)
PORTION = 10_000_000  # messages made by one statement
CAMPAIGN = "c0"
INDEXES = PROJECT / "docs" / "postgresql.md"

# u(i, k): between 0 and 1, the kth number of the ith row, which looks like chance.
MACROS = """
CREATE TEMP MACRO u(i, k) AS hash(i * 31 + k) % 1000003 / 1000003.0;
CREATE TEMP MACRO one_of(words, part) AS words[1 + CAST(floor(part * len(words)) AS INT)];
CREATE TEMP MACRO channel(i, c) AS one_of(
    CASE c % 5 WHEN 1 THEN ['email'] WHEN 2 THEN ['whatsapp'] WHEN 3 THEN ['sms'] ELSE ['email', 'whatsapp', 'sms'] END,
    u(i, 1));
CREATE TEMP MACRO status(i) AS CASE WHEN u(i, 2) < 0.94 THEN 'delivered' WHEN u(i, 2) < 0.975 THEN 'failed'
    WHEN u(i, 2) < 0.995 THEN 'sent' ELSE 'queued' END;
CREATE TEMP MACRO handed_over(i, first, size, started) AS started + to_milliseconds((i - first) * 7200000 // size);
CREATE TEMP MACRO person(i, first, number) AS (i - CAST(i % 20 = 19 AND i > first AS INT)) * 1000003 % number;
CREATE TEMP MACRO codes(channel) AS CASE channel WHEN 'email' THEN ['5.1.1', '5.2.2', '4.7.1', '4.2.2']
    WHEN 'sms' THEN ['30003', '30005', '30007'] ELSE ['131026', '131047', '131049'] END;
CREATE TEMP MACRO kind(channel, part) AS CASE channel
    WHEN 'sms' THEN CASE WHEN part < 0.01 THEN 'opened' WHEN part < 0.7 THEN 'clicked' WHEN part < 0.96 THEN 'replied'
        ELSE 'unsubscribed' END
    ELSE CASE WHEN part < 0.7 THEN 'opened' WHEN part < 0.94 THEN 'clicked' WHEN part < 0.98 THEN 'replied'
        WHEN part < 0.995 THEN 'unsubscribed' ELSE 'complained' END END;
"""
PEOPLE = """
INSERT INTO contacts SELECT 'k' || i, 'a' || i % {accounts}, 'country ' || CAST(floor(u(i, 3) ** 2 * 20) AS INT), 'de',
    'carrier ' || CAST(floor(u(i, 4) ** 2 * 30) AS INT), 'domain ' || CAST(floor(u(i, 5) ** 3 * 60) AS INT),
    'Europe/Berlin', NULL FROM range({contacts}) t(i);
INSERT INTO contact_attributes SELECT 'k' || i, 'plan', 'plan ' || i % 3 FROM range({contacts}) t(i);
INSERT INTO segment_members SELECT 's' || i % 4, 'k' || i FROM range(0, {contacts}, 2) t(i);
"""
MESSAGES = """
INSERT INTO messages (message_id, campaign_id, contact_id, channel, provider, provider_message_id, status, queued_at,
    sent_at, delivered_at, failed_at, failure_code, failure_reason, cost, currency)
WITH made AS (
    SELECT i, c.*, channel(i, c.number) AS channel, status(i) AS status, handed_over(i, first, size, started) AS handed
    FROM range({start}, {end}) t(i) ASOF JOIN made_campaigns c ON t.i >= c.first)
SELECT 'm' || i, 'c' || number, 'k' || person(i, first, {contacts}), channel,
    CASE channel WHEN 'email' THEN one_of(['ses', 'sendgrid'], u(number, 6)) WHEN 'sms' THEN 'twilio' ELSE 'meta' END,
    'p' || i, status, handed, CASE WHEN status <> 'queued' THEN handed + INTERVAL 1 SECOND END,
    CASE WHEN status = 'delivered' THEN handed + to_milliseconds(CAST(2000 + u(i, 7) * 60000 AS BIGINT)) END,
    CASE WHEN status = 'failed' THEN handed + INTERVAL 5 SECOND END,
    CASE WHEN status = 'failed' THEN one_of(codes(channel), u(i, 8)) END,
    CASE WHEN status = 'failed' THEN 'reason ' || one_of(codes(channel), u(i, 8)) END, 0.01, 'EUR'
FROM made ORDER BY i;
"""
# Two events a message, of its neighbours in fives; most within hours, one in a thousand before its message.
EVENTS = """
INSERT INTO events (event_id, message_id, campaign_id, kind, occurred_at, is_machine, url)
WITH numbered AS (
    SELECT e, e // 10 * 5 + CAST(floor(u(e, 9) * 5) AS BIGINT) AS i FROM range(2 * {start}, 2 * {end}) t(e)),
made AS (
    SELECT e, i, c.*, channel(i, c.number) AS channel
    FROM numbered ASOF JOIN made_campaigns c ON numbered.i >= c.first)
SELECT 'e' || e, 'm' || i, 'c' || number, kind(channel, u(e, 10)),
    handed_over(i, first, size, started)
        + to_milliseconds(CAST(CASE WHEN u(e, 11) < 0.001 THEN -3600000 ELSE 60000 * exp(8 * u(e, 12)) END AS BIGINT)),
    CASE WHEN channel = 'email' THEN u(e, 13) < 0.1 END, NULL
FROM made ORDER BY e;
"""


def build(path: Path, messages: int, largest: int = LARGEST):
    """A DuckDB file of so many messages and twice as many events, 20 accounts, contacts a fifth of the messages.

    With the fold (metrics/people/fold). The first campaign, CAMPAIGN, has the `largest` number of messages.
    """
    engine = connect(f"duckdb:///{path}")
    metadata.create_all(engine)
    engine.dispose()
    contacts = max(messages // 5, largest)
    with duckdb.connect(str(path), config={"memory_limit": "6GB", "temp_directory": f"{path}.tmp"}) as database:
        database.execute(MACROS)
        database.execute("SET enable_progress_bar = false")
        _campaigns(database, messages, largest)
        database.execute(PEOPLE.format(contacts=contacts, accounts=len(ACCOUNTS)))
        for start in range(0, messages, PORTION):
            end = min(start + PORTION, messages)
            for statement in (MESSAGES, EVENTS):
                database.execute(statement.format(start=start, end=end, contacts=contacts))
    keep_fold(f"duckdb:///{path}")


def _campaigns(database, messages, largest):
    rows, first = [], 0
    for number, size in enumerate(_sizes(messages, largest)):
        rows.append((number, first, size))
        first += size
    database.executemany(
        "INSERT INTO accounts VALUES (?, ?, ?)", [(f"a{n}", f"Account {n}", zone) for n, zone in enumerate(ACCOUNTS)]
    )
    database.executemany("INSERT INTO segments VALUES (?, 'a0', ?)", [(f"s{n}", f"Segment {n}") for n in range(4)])
    database.execute("CREATE TEMP TABLE made_campaigns (number BIGINT, first BIGINT, size BIGINT, started TIMESTAMP)")
    values = ", ".join(f"({number}, {first}, {size})" for number, first, size in rows)
    database.execute(
        "INSERT INTO made_campaigns SELECT *, TIMESTAMP '2026-10-01 08:00' "
        f"- to_hours(CAST(number * 13 % 17520 AS INT)) FROM (VALUES {values}) t(number, first, size)"
    )
    database.execute(
        f"INSERT INTO campaigns SELECT 'c' || number, 'a' || number % {len(ACCOUNTS)}, 'Campaign ' || number, "
        "'completed', 't' || number % 7, NULL, NULL, NULL, NULL, started, started + INTERVAL 2 HOUR, NULL "
        "FROM made_campaigns"
    )


def _sizes(messages, largest):
    """Of the campaigns, in messages: the largest first, then as in SIZES until all are out."""
    left = messages
    for size in chain([largest], cycle(SIZES)):
        yield min(size, left)
        left -= size
        if left <= 0:
            return


def as_parquet(path: Path, folder: Path):
    """The tables of a DuckDB file as TABLE.parquet, their rows in the same order."""
    folder.mkdir(parents=True)
    with duckdb.connect(str(path), read_only=True, config={"memory_limit": "2GB"}) as database:
        for name in TABLES:
            database.execute(f"COPY {name} TO '{folder / name}.parquet' (FORMAT parquet)")


def into_postgresql(path: Path, address: str):
    """The tables of a DuckDB file in an empty PostgreSQL database, with the documented indexes and statistics."""
    engine = connect(address)
    metadata.create_all(engine)
    engine.dispose()
    text = path.with_suffix(".csv")
    with (
        duckdb.connect(str(path), read_only=True, config={"memory_limit": "2GB"}) as database,
        psycopg.connect(address.replace("+psycopg", ""), autocommit=True) as server,
    ):
        for name in TABLES:
            database.execute(f"COPY {name} TO '{text}' (FORMAT csv, HEADER false)")
            with text.open("rb") as rows, server.cursor().copy(f"COPY {name} FROM STDIN (FORMAT csv)") as copy:
                while chunk := rows.read(1 << 20):
                    copy.write(chunk)
            text.unlink()
        for line in INDEXES.read_text(encoding="utf-8").splitlines():
            if line.startswith("CREATE INDEX "):
                server.execute(line)
        server.execute("ANALYZE")


def into_spark(folder: Path, address: str):
    """A database of a Spark cluster whose tables are the Parquet files of a folder, which all its machines see."""
    place = make_url(address)
    with hive.connect(place.host, place.port) as server, server.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {place.database}")
        for name in TABLES:
            cursor.execute(
                f"CREATE TABLE {place.database}.{name} USING parquet OPTIONS (path '{folder / name}.parquet')"
            )
