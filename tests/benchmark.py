"""How the post-campaign review grows with its campaign: `make benchmark` measures and writes docs/benchmark.md.

One campaign of 10,000 messages and one of 1,000,000, alike but for their size, in turn on the same machine; the goal
is a ratio of two at most, and a kernel below 600 MB.
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

from reportlib.warehouse.connection import PROJECT, connect
from reportlib.warehouse.contract import metadata

SIZES, ROUNDS = (10_000, 1_000_000), 3
PARAMETERS = PROJECT / "parameters" / "post_campaign_review" / "demo.yaml"
PAGE = PROJECT / "docs" / "benchmark.md"

# Three channels, five countries, 40 e-mail domains, a segment and an attribute; an hour of sending, a day of answers.
TABLES = """
INSERT INTO accounts VALUES ('a', 'Account', 'Europe/Berlin');
INSERT INTO segments VALUES ('s', 'a', 'Segment');
INSERT INTO campaigns VALUES ('c', 'a', 'Campaign', 'completed', 't', 's', NULL, NULL, NULL,
    TIMESTAMP '2026-10-01 08:00', TIMESTAMP '2026-10-01 09:00', {n});
INSERT INTO contacts SELECT 'k' || i, 'a', 'country ' || i % 5, 'de', 'carrier ' || i % 7, 'domain ' || i % 40,
    'Europe/Berlin', NULL FROM range({n}) t(i);
INSERT INTO contact_attributes SELECT 'k' || i, 'plan', 'plan ' || i % 3 FROM range({n}) t(i);
INSERT INTO segment_members SELECT 's', 'k' || i FROM range(0, {n}, 2) t(i);
INSERT INTO messages SELECT 'm' || i, 'c', 'k' || i, ['email', 'sms', 'whatsapp'][i % 3 + 1], 'ses', 'p' || i,
    CASE WHEN i % 50 = 0 THEN 'failed' WHEN i % 40 = 0 THEN 'sent' ELSE 'delivered' END,
    moment, moment + INTERVAL 1 SECOND,
    CASE WHEN i % 50 > 0 AND i % 40 > 0 THEN moment + INTERVAL 9 SECOND END,
    CASE WHEN i % 50 = 0 THEN moment + INTERVAL 9 SECOND END, CASE WHEN i % 50 = 0 THEN '5.1.1' END, NULL, 0.01, 'EUR'
    FROM (SELECT i, TIMESTAMP '2026-10-01 08:00' + to_milliseconds(i * 3600000 // {n}) AS moment FROM range({n}) t(i));
INSERT INTO events SELECT 'e' || i, 'm' || i * 37 % {n}, 'c', ['opened', 'clicked', 'replied'][i % 5 // 2 + 1],
    TIMESTAMP '2026-10-01 09:10' + to_milliseconds(i * 7919 % 86400000), i % 9 = 0, NULL FROM range({n}) t(i);
"""


def build(path: Path, messages: int):
    """One campaign with this many messages and as many events."""
    engine = connect(f"duckdb:///{path}")
    metadata.create_all(engine)
    engine.dispose()
    with duckdb.connect(str(path)) as database:
        database.execute(TABLES.format(n=messages))


def measure(database: Path, output: Path) -> tuple[float, float]:
    """Seconds of `reportlib run`, and the kernel's peak memory in MB."""
    command = [Path(sys.executable).with_name("reportlib"), "run", PARAMETERS, "--campaign", "c", "--output", output]
    began, peak = time.monotonic(), 0
    environment = {**os.environ, "CAMPAIGN_DATABASE_URL": f"duckdb:///{database}"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        while run.poll() is None:
            peak = max([peak, *(memory(child) for child in psutil.Process(run.pid).children())])
            time.sleep(0.02)
    assert run.returncode == 0
    return time.monotonic() - began, peak / 1e6


def memory(process) -> int:
    try:
        return process.memory_info().rss
    except psutil.NoSuchProcess:  # it ended between being listed and being asked
        return 0


def main():
    with tempfile.TemporaryDirectory() as folder:
        databases = {size: Path(folder) / f"{size}.duckdb" for size in SIZES}
        for size, path in databases.items():
            build(path, size)
        measured = {size: [] for size in SIZES}
        for _ in range(ROUNDS):
            for size, path in databases.items():
                measured[size].append(measure(path, Path(folder) / "output"))
    seconds = {size: statistics.median(s for s, _ in rounds) for size, rounds in measured.items()}
    ratio = seconds[SIZES[1]] / seconds[SIZES[0]]
    rows = "\n".join(
        f"| {size:,} | {seconds[size]:.1f} | {min(s for s, _ in rounds):.1f}–{max(s for s, _ in rounds):.1f} "
        f"| {max(mb for _, mb in rounds):.0f} |"
        for size, rounds in measured.items()
    )
    PAGE.write_text(
        "# How the review grows\n\n"
        f"`make benchmark`, {date.today()}, {os.cpu_count()} cores, Python {platform.python_version()}: "
        f"`reportlib run` for one report, start of every process included, {ROUNDS} rounds in turn.\n\n"
        "| messages in the campaign | seconds, median | range | peak memory of the kernel, MB |\n|---|---|---|---|\n"
        f"{rows}\n\n"
        f"A hundred times the messages take {ratio:.1f} times as long. Goals: at most twice, and below 600 MB.\n",
        encoding="utf-8",
    )
    print(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
