"""A million recipients from a listmonk on PostgreSQL, and the call after one in a hundred has changed.

python -m tests.warehouse.connect.benchmark [RECIPIENTS]
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.postgresql import running_postgresql
from tests.warehouse.connect.filling import make_schema

LISTS = 10
_FILL = """
INSERT INTO settings (key, value) VALUES ('privacy.individual_tracking', 'true');
INSERT INTO lists (id, name, type) SELECT n, 'List ' || n, 'public' FROM generate_series(1, {lists}) n;
INSERT INTO links (id, url) SELECT n, 'https://shop.example/' || n FROM generate_series(1, 20) n;
INSERT INTO subscribers (id, email, name, attribs, created_at, updated_at)
    SELECT n, 'person' || n || '@mail' || n % 50 || '.example', 'N', jsonb_build_object('plan', n % 3, 'city', 'C' ||
        n % 90),
        timestamptz '2026-01-01' + n * interval '10 s', timestamptz '2026-01-01' + n * interval '10 s'
    FROM generate_series(1, {people}) n;
INSERT INTO subscriber_lists (subscriber_id, list_id, status, created_at, updated_at)
    SELECT id, id % {lists} + 1, 'confirmed', created_at, created_at FROM subscribers;
INSERT INTO campaigns (id, name, subject, from_email, body, status, messenger, to_send, sent, last_subscriber_id,
    started_at,
        updated_at)
    SELECT n, 'Campaign ' || n, 'S', 'F', 'B', 'finished', 'email', {people} / {lists}, {people} / {lists}, {people},
        timestamptz '2026-08-01' + n * interval '7 days', timestamptz '2026-08-01' + n * interval '7 days 1 hour'
    FROM generate_series(1, {lists}) n;
INSERT INTO campaign_lists (campaign_id, list_id) SELECT n, n FROM generate_series(1, {lists}) n;
INSERT INTO campaign_views (campaign_id, subscriber_id, created_at)
    SELECT list_id, subscriber_id, timestamptz '2026-08-01' + list_id * interval '7 days' + subscriber_id % 4000 *
        interval '1 min'
    FROM subscriber_lists WHERE subscriber_id % 10 < 4;
INSERT INTO link_clicks (campaign_id, link_id, subscriber_id, created_at)
    SELECT campaign_id, subscriber_id % 20 + 1, subscriber_id, created_at + interval '1 min'
    FROM campaign_views WHERE subscriber_id % 5 = 0;
INSERT INTO bounces (campaign_id, subscriber_id, type, created_at)
    SELECT list_id, subscriber_id, 'hard', timestamptz '2026-08-01' + list_id * interval '7 days 1 min'
    FROM subscriber_lists WHERE subscriber_id % 50 = 7;
ANALYZE"""
# One person in a hundred: half of them opened a mail, of whichever campaign; of the others something else is known.
_CHANGE = """
INSERT INTO campaign_views (campaign_id, subscriber_id)
    SELECT list_id, subscriber_id FROM subscriber_lists WHERE subscriber_id % 200 = 3;
UPDATE subscribers SET attribs = attribs || '{"plan": 9}', updated_at = now() WHERE id % 200 = 1"""


def measured(arguments: list[str]) -> str:
    """Run the command: seconds on the clock, those of the processor, and the most memory of it."""
    began = time.perf_counter()
    command = [Path(sys.executable).with_name("reportlib"), *arguments]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    failed = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, failed
    cpu = used.ru_utime + used.ru_stime
    return f"{time.perf_counter() - began:6.1f} s  {cpu:6.1f} s of processor  {used.ru_maxrss / 1024:6.0f} MB"


def main(recipients: int):
    """Fill, copy, change, copy again; print seconds and the most memory that the copying took."""
    with running_postgresql() as server, tempfile.TemporaryDirectory() as folder:
        with server.connect(autocommit=True) as connection:
            make_schema(connection.cursor(), "listmonk")
            connection.execute(_FILL.format(people=recipients, lists=LISTS))
        to = f"duckdb:///{Path(folder) / 'campaigns.duckdb'}"
        command = ["connect", "listmonk", "--from", server.address(), "--to", to]
        print(f"first call       {measured(command)}", flush=True)
        print(f"nothing changed  {measured(command)}", flush=True)
        with server.connect(autocommit=True) as connection:
            connection.execute(_CHANGE)
        print(f"1 % changed      {measured(command)}", flush=True)
        print(f"--full           {measured([*command, '--full'])}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 1_000_000)
