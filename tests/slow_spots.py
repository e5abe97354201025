"""What took long for little and no longer does, in processor seconds: `python -m tests.slow_spots`."""

import os
import resource
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import duckdb
from sqlalchemy import create_engine

from tests.small_database import START, campaign, fill, small_database

ACCOUNTS, REASONS, CAMPAIGNS = 500, 100_000, 3_000
MANY_REASONS = """INSERT INTO messages BY NAME
SELECT m.* REPLACE ('x' || i AS message_id, 'reason ' || i AS failure_reason)
FROM (SELECT * FROM messages WHERE status = 'failed' LIMIT 1) m, range({}) t(i)"""
MANY_CAMPAIGNS = """INSERT INTO campaigns BY NAME SELECT c.* REPLACE ('x' || i AS campaign_id)
FROM (SELECT * FROM campaigns LIMIT 1) c, range({}) t(i)"""


def accounts(folder: Path) -> Path:
    """A database of so many accounts, each with a campaign that finished in week 45."""
    held = small_database()
    for number in range(ACCOUNTS):
        held.account(f"a{number}")
        sent = campaign(f"c{number}", audience=4, account=f"a{number}", completed_at=START + timedelta(hours=2)).sent(3)
        sent.delivered(2).add_to(held)
    return _filled(folder / "accounts.duckdb", held)


def repeated(folder: Path, statement: str, times: int) -> Path:
    """A database of one campaign in which a row of a table is there so many times more."""
    held = small_database(campaign("spring", audience=4).sent(3).delivered(2))
    held.message("spring", held.contacts[0]["contact_id"], status="failed", failure_reason="none")
    file = _filled(folder / f"{times}.duckdb", held)
    with duckdb.connect(str(file)) as database:
        database.execute(statement.format(times))
    return file


def _filled(file, held):
    engine = create_engine(f"duckdb:///{file}")
    fill(engine, held)
    engine.dispose()
    return file


def processor_seconds(file: Path, *words) -> float:
    """What a command takes, the start of Python included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "CAMPAIGN_DATABASE_URL": f"duckdb:///{file}"}
    command = [sys.executable, "-P", "-m", "reportlib", *map(str, words)]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        edition = folder / "weekly.yaml"
        edition.write_text("reports: {post_campaign_review: {breakdowns: [channel]}, weekly_review: {}}")
        plan = ("weekly", edition, "--week", "2026-W45", "--output", folder / "out", "--plan")
        export = ("export", "detailed", "--campaign", "spring", "--to", folder / "detailed.csv")
        print(f"weekly --plan, {ACCOUNTS} accounts: {processor_seconds(accounts(folder), *plan):.1f} s")
        file = repeated(folder, MANY_REASONS, REASONS)
        print(f"export detailed, {REASONS:,} reasons: {processor_seconds(file, *export):.1f} s")
        file = repeated(folder, MANY_CAMPAIGNS, CAMPAIGNS)
        print(f"campaigns, {CAMPAIGNS:,} of them: {processor_seconds(file, 'campaigns'):.1f} s")
