"""How reports grow with their data: `make benchmark` measures and writes docs/benchmark.md.

The review of one campaign of 10,000 messages and one of 1,000,000, alike but for their size: the goal is a ratio of two
at most, and a kernel below 600 MB. The send-time report on 200 campaigns with 10 million messages and 20 million
events: below 30 seconds and 1 GB. All in turn on the same machine.
"""

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb
import psutil

from reportlib.warehouse.connection import connect
from reportlib.warehouse.contract.tables import metadata
from tests import PROJECT

SIZES, ROUNDS = (10_000, 1_000_000), 3
MANY_MESSAGES, MANY_EVENTS, MANY_CAMPAIGNS = 10_000_000, 20_000_000, 200
PARAMETERS = PROJECT / "parameters"
PAGE = PROJECT / "docs" / "benchmark.md"

# Three channels, five countries, 40 e-mail domains, a segment and an attribute; an hour of sending, a day of answers.
TABLES = """
INSERT INTO accounts VALUES ('a', 'Account', 'Europe/Berlin');
INSERT INTO segments VALUES ('s', 'a', 'Segment');
CREATE TEMP MACRO started(c) AS TIMESTAMP '2026-10-01 08:00' - to_hours(c * 13);
CREATE TEMP MACRO handed_over(i) AS started(i % {campaigns}) + to_milliseconds(i * 3600000 // {messages});
INSERT INTO campaigns SELECT 'c' || i, 'a', 'Campaign ' || i, 'completed', 't', 's', NULL, NULL, NULL,
    started(i), started(i) + INTERVAL 1 HOUR, {messages} // {campaigns} FROM range({campaigns}) t(i);
INSERT INTO contacts SELECT 'k' || i, 'a', 'country ' || i % 5, 'de', 'carrier ' || i % 7, 'domain ' || i % 40,
    'Europe/Berlin', NULL FROM range({messages}) t(i);
INSERT INTO contact_attributes SELECT 'k' || i, 'plan', 'plan ' || i % 3 FROM range({messages}) t(i);
INSERT INTO segment_members SELECT 's', 'k' || i FROM range(0, {messages}, 2) t(i);
INSERT INTO messages (message_id, campaign_id, contact_id, channel, provider, provider_message_id, status, queued_at,
    sent_at, delivered_at, failed_at, failure_code, failure_reason, cost, currency)
SELECT 'm' || i, 'c' || i % {campaigns}, 'k' || i, ['email', 'sms', 'whatsapp'][i % 3 + 1], 'ses',
    'p' || i, CASE WHEN i % 50 = 0 THEN 'failed' WHEN i % 40 = 0 THEN 'sent' ELSE 'delivered' END,
    handed_over(i), handed_over(i) + INTERVAL 1 SECOND,
    CASE WHEN i % 50 > 0 AND i % 40 > 0 THEN handed_over(i) + INTERVAL 9 SECOND END,
    CASE WHEN i % 50 = 0 THEN handed_over(i) + INTERVAL 9 SECOND END, CASE WHEN i % 50 = 0 THEN '5.1.1' END, NULL,
    0.01, 'EUR' FROM range({messages}) t(i);
INSERT INTO events (event_id, message_id, campaign_id, kind, occurred_at, is_machine, url)
SELECT 'e' || i, 'm' || i * 37 % {messages}, 'c' || i * 37 % {messages} % {campaigns},
    ['opened', 'clicked', 'replied'][i % 5 // 2 + 1],
    handed_over(i * 37 % {messages}) + to_milliseconds(600000 + i * 7919 % 86400000), i % 9 = 0, NULL
    FROM range({events}) t(i);
"""


def build(path: Path, messages: int, events: int, campaigns: int = 1):
    """Campaigns with so many messages and events in all."""
    engine = connect(f"duckdb:///{path}")
    metadata.create_all(engine)
    engine.dispose()
    with duckdb.connect(str(path)) as database:
        database.execute(TABLES.format(messages=messages, events=events, campaigns=campaigns))


def measure(database: Path, output: Path, *arguments) -> tuple[float, float]:
    """Seconds of `reportlib run`, and the kernel's peak memory in MB."""
    command = [Path(sys.executable).with_name("reportlib"), "run", *arguments, "--output", output]
    began, peak = time.monotonic(), 0
    environment = {**os.environ, "CAMPAIGN_DATABASE_URL": f"duckdb:///{database}"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        while run.poll() is None:
            peak = max([peak, *(memory(child) for child in psutil.Process(run.pid).children(recursive=True))])
            time.sleep(0.02)
    assert run.returncode == 0
    return time.monotonic() - began, peak / 1e6


def memory(process) -> int:
    try:
        return process.memory_info().rss
    except psutil.NoSuchProcess:  # it ended between being listed and being asked
        return 0


def main():
    review = PARAMETERS / "post_campaign_review" / "demo.yaml", "--campaign", "c0"
    send_times = (PARAMETERS / "send_time_heatmap" / "demo.yaml",)
    with tempfile.TemporaryDirectory() as folder:
        asked = {}
        for size in SIZES:
            asked[f"review, {size:,} messages, as many events"] = (Path(folder) / f"{size}.duckdb", *review)
            build(Path(folder) / f"{size}.duckdb", size, size)
        many = Path(folder) / "many.duckdb"
        asked[f"send times, {MANY_MESSAGES:,} messages, {MANY_EVENTS:,} events"] = (many, *send_times)
        build(many, MANY_MESSAGES, MANY_EVENTS, MANY_CAMPAIGNS)
        measured = {name: [] for name in asked}
        for _ in range(ROUNDS):
            for name, (database, *arguments) in asked.items():
                measured[name].append(measure(database, Path(folder) / "output", *arguments))
    seconds = {name: statistics.median(s for s, _ in rounds) for name, rounds in measured.items()}
    small, large, _ = seconds.values()
    rows = "\n".join(
        f"| {name} | {seconds[name]:.1f} | {min(s for s, _ in rounds):.1f}–{max(s for s, _ in rounds):.1f} "
        f"| {max(mb for _, mb in rounds):.0f} |"
        for name, rounds in measured.items()
    )
    PAGE.write_text(
        "# How reports grow with their data\n\n"
        f"`make benchmark`, {date.today()}, {os.cpu_count()} cores, Python {platform.python_version()}: "
        f"`reportlib run` for one report, start of every process included, {ROUNDS} rounds in turn.\n\n"
        "| report | seconds, median | range | peak memory of the kernel, MB |\n|---|---|---|---|\n"
        f"{rows}\n\n"
        f"A review of a hundred times the messages takes {large / small:.1f} times as long. Goals: at most twice, and "
        "below 600 MB; send times below 30 seconds and 1 GB.\n",
        encoding="utf-8",
    )
    print(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
