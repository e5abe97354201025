"""What a report was made from, as fingerprints, so that one is made again only when something of it changed."""

import hashlib
import json
from pathlib import Path

import pandas as pd
from sqlalchemy import func, select

from reportlib.metrics.campaigns import campaigns, utc
from reportlib.metrics.comparison.equal_age import LONGEST_HOURS
from reportlib.metrics.people.data_problems import data_as_of
from reportlib.metrics.people.measured import told_by
from reportlib.metrics.people.outcomes import handed_over_ms
from reportlib.publishing.batch.named_files import named_files
from reportlib.reports.parameters import Report
from reportlib.reports.record import read_if_whole
from reportlib.version import code_fingerprint
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import messages
from reportlib.warehouse.fingerprint import data_fingerprint

SETTLED = pd.Timedelta(hours=LONGEST_HOURS + 24)  # after it nothing is younger than any age a report asks about


def made_from(report: Report, warehouse: Warehouse, campaign_ids: list) -> dict[str, str]:
    """Fingerprints of the notebook, the code, the parameters with the files they name, and the campaigns' data."""
    told = [json.dumps(report.parameters, sort_keys=True), *map(_hash, named_files(report).values())]
    return {
        "notebook": _hash(report.notebook.read_bytes()),
        "code": code_fingerprint(),
        "parameters": _hash("\n".join(told).encode()),
        "data": _hash(repr([data_fingerprint(warehouse, campaign_ids), *_around(warehouse, campaign_ids)]).encode()),
    }


def unchanged_since(report: Report, page: Path) -> str | None:
    """When the report at this page was made from the very same, ISO 8601; None where it has to be made."""
    record = read_if_whole(page.with_suffix(".json"))
    there = page.exists() and page.with_suffix(".ipynb").exists()
    if there and record and not record.failure and record.made_from == report.made_from:
        return record.generated_at
    return None


def what_changed(report: Report, page: Path) -> str:
    """Why the report is to be made, in words for the log: "the data changed"."""
    record = read_if_whole(page.with_suffix(".json"))
    if record is None or not page.exists():
        return "it is new"
    if record.failure:
        return "it failed before"
    before = record.made_from or {}
    changed = [name for name, mark in report.made_from.items() if before.get(name) != mark]
    return f"changed: {', '.join(changed)}" if changed else "it was not whole"


def _around(warehouse, campaign_ids):
    """What else of the database shows in a report: what its sources tell, and the moment up to which there are data,
    until that is so long after the campaigns that nothing of theirs depends on it any more."""
    as_of, known = data_as_of(warehouse), campaigns(warehouse)
    ours = known[known["campaign_id"].isin(campaign_ids)]
    handed_over = select(func.max(handed_over_ms()).label("ms")).where(messages.c.campaign_id.in_(campaign_ids))
    last = [utc(warehouse.sql(handed_over)["ms"]).max(), *ours[["scheduled_at", "started_at", "completed_at"]].max()]
    settled = max((moment for moment in last if not pd.isna(moment)), default=as_of) + SETTLED
    told = told_by(warehouse, ours).astype(str)
    return str(as_of if pd.isna(as_of) else min(as_of, settled)), sorted(map(tuple, told.to_numpy()))


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
