"""What a look of the live monitor costs on PostgreSQL: `make benchmark` measures and writes docs/live_monitor.md.

A campaign of a million messages that is sending, among three million. The goal is 300 ms a look: the pass that every
look makes; those for the timeline and the delivery times rest in between.
"""

import os
import platform
import statistics
import time
from datetime import date

from reportlib.metrics.live.flow import flow_of
from reportlib.metrics.live.latency import latency_of
from reportlib.metrics.live.outcomes import campaign_row, outcomes_of
from reportlib.warehouse import Warehouse
from reportlib.warehouse.connection import connect
from reportlib.warehouse.contract.tables import metadata
from reportlib.warehouse.engines import read_only_options
from tests import measured_tables
from tests.postgresql import Server, running_postgresql

MESSAGES, OTHERS, TIMES = 1_000_000, 2_000_000, 15
ROWS = """
INSERT INTO accounts VALUES ('a', 'Account', 'UTC');
INSERT INTO campaigns (campaign_id, account_id, name, status, started_at, audience_size)
    VALUES ('live', 'a', 'Live', 'sending', now() - interval '2 hours', {live});
INSERT INTO messages (message_id, campaign_id, contact_id, channel, provider, provider_message_id, status, queued_at,
    sent_at, delivered_at, failed_at, failure_code, failure_reason, cost, currency)
SELECT 'm' || i, CASE WHEN i < {live} THEN 'live' ELSE 'old' || i / 100000 END, 'c' || i,
    CASE WHEN i % 4 > 0 THEN 'whatsapp' ELSE 'sms' END, CASE WHEN i % 4 > 0 THEN 'whatsapp' ELSE 'twilio' END,
    'wamid.HBgLM' || i,
    CASE WHEN lot < 0.1 THEN 'queued' WHEN lot < 0.15 THEN 'sent' WHEN lot < 0.2 THEN 'failed' ELSE 'delivered' END,
    began, CASE WHEN lot >= 0.1 THEN sent END,
    CASE WHEN lot >= 0.2 THEN sent + least(4 * (random() ^ -1.25 - 1), 7200) * interval '1 second' END,
    CASE WHEN lot >= 0.15 AND lot < 0.2 THEN sent + 20 * random() * interval '1 second' END,
    CASE WHEN lot >= 0.15 AND lot < 0.2 THEN (131026 + floor(8 * random()))::text END,
    CASE WHEN lot >= 0.15 AND lot < 0.2 THEN 'Message undeliverable' END, 0.05, 'BRL'
FROM (SELECT i, random() AS lot, now() - interval '2 hours' AS began,
    now() - interval '2 hours' + i % {live} * interval '7 milliseconds' AS sent
    FROM generate_series(0, {all}) AS i) AS drawn;
CREATE INDEX ON messages (campaign_id);
VACUUM ANALYZE;
"""


def build(server: Server):
    engine = connect(server.address())
    metadata.create_all(engine)
    engine.dispose()
    with server.connect(autocommit=True) as connection:
        for statement in ROWS.format(live=MESSAGES, all=MESSAGES + OTHERS - 1).split(";\n"):
            if statement.strip():
                connection.execute(statement)


def measured(engine) -> dict[str, list[float]]:
    """Milliseconds of each question, asked anew."""
    questions = {"campaign and ledger": outcomes_of, "timeline": _flow, "delivery times": latency_of}
    took = {name: [] for name in questions}
    for _ in range(TIMES):
        for name, ask in questions.items():
            began = time.monotonic()
            warehouse = Warehouse(engine)
            ask(warehouse, campaign_row(warehouse, "live"))
            took[name].append(1000 * (time.monotonic() - began))
    return took


def _flow(warehouse, about):
    return flow_of(warehouse, about, None)


def table(took) -> str:
    rows = [[name, f"{min(ms):.0f}", f"{statistics.median(ms):.0f}"] for name, ms in took.items()]
    where = f"{os.cpu_count()} cores, {platform.machine()}, load {os.getloadavg()[0]:.1f}, {date.today()}"
    head = f"PostgreSQL 15 as installed, {MESSAGES:,} messages of {MESSAGES + OTHERS:,}; {where}; {TIMES} times each:"
    return f"{head}\n\n{measured_tables.table(['question', 'least ms', 'median ms'], rows)}"


def main():
    with running_postgresql() as server:
        build(server)
        engine = connect(server.address(), read_only_options)
        found = table(measured(engine))
        engine.dispose()
    measured_tables.put("live_monitor.md", found, "measured")


if __name__ == "__main__":
    main()
