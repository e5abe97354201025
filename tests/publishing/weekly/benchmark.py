"""How long it takes to know what an edition of 500 accounts makes: `python -m tests.publishing.weekly.benchmark`."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reportlib.metrics.weekly.iso_week import Week
from reportlib.publishing.weekly.edition import planned, read_edition
from tests import PROJECT
from tests.small_database import SmallDatabase, fill, in_memory_engine

ACCOUNTS, CAMPAIGNS = 500, 8
WEDNESDAY = datetime(2026, 10, 28, 12, tzinfo=UTC)


def database() -> SmallDatabase:
    """Accounts whose campaigns finished one a week, the last four of them as two experiments."""
    made = SmallDatabase()
    made.contact("ann")
    for account in range(ACCOUNTS):
        made.account(f"a{account}", ("Europe/Berlin", "America/Sao_Paulo")[account % 2])
        for ago in range(CAMPAIGNS):
            name, start = f"c{account}-{ago}", WEDNESDAY - timedelta(weeks=ago)
            arm = {"experiment_id": f"x{account}-{ago // 2}"} if ago < 4 else {}
            made.campaign(name, account=f"a{account}", start=start, completed_at=start + timedelta(hours=2), **arm)
            made.message(name, "ann", at=start)
    return made


def main():
    """Plan the edition that comes with the package, and print what that took."""
    file = PROJECT / "parameters" / "weekly.yaml"
    warehouse = fill(in_memory_engine(), database())
    began = time.process_time()
    reports = planned(read_edition(file), file, warehouse, Week(2026, 44), Path("nowhere"))
    took, asked = time.process_time() - began, len(warehouse.asked)
    print(f"{ACCOUNTS} accounts: {len(reports)} reports planned in {took:.1f} processor seconds, {asked} questions")


if __name__ == "__main__":
    main()
