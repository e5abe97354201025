"""What a report was made from, as fingerprints, so that one is made again only when something of it changed."""

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from sqlalchemy import func, select

from reportlib.code_version import code_fingerprint, content_hash
from reportlib.metrics.comparison.age.equal_age import LONGEST_HOURS
from reportlib.metrics.people.data_problems import data_as_of
from reportlib.metrics.people.measured import told_by
from reportlib.metrics.people.outcomes import handed_over_ms
from reportlib.metrics.selection.campaigns import campaigns, utc
from reportlib.presentation.look.brand.brand import brand_files
from reportlib.publishing.batch.named_files import named_files
from reportlib.reports.parameters import Report
from reportlib.reports.record import read_if_whole
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import messages
from reportlib.warehouse.fingerprint import data_fingerprints

SETTLED = pd.Timedelta(hours=LONGEST_HOURS + 24)  # after it nothing is younger than any age a report asks about


@dataclass(frozen=True)
class Data:
    """What the database holds for the reports of an edition: a fingerprint of each campaign's rows and the last moment
    known of it, and what its sources tell, each by its id as text; the moment up to which there are data."""

    rows: dict[str, str]
    last: dict[str, pd.Timestamp]
    told: dict[str, list]
    as_of: pd.Timestamp

    def mark(self, campaign_ids: list) -> str:
        """A fingerprint of what a report on these campaigns reads. The moment up to which there are data counts until
        that is so long after the campaigns that nothing of theirs depends on it any more."""
        ours = sorted(map(str, campaign_ids))
        known = [self.last[campaign] for campaign in ours if not pd.isna(self.last.get(campaign))]
        settled = max(known, default=self.as_of) + SETTLED
        as_of = self.as_of if pd.isna(self.as_of) else min(self.as_of, settled)
        held = [(self.rows.get(campaign), self.told.get(campaign)) for campaign in ours]
        return content_hash(repr([held, str(as_of)]).encode())


def data_of(warehouse: Warehouse, campaign_ids: set) -> Data:
    """The `Data` of these campaigns, asked for all of them at once."""
    known = campaigns(warehouse)
    asked = None if campaign_ids >= {*known["campaign_id"]} else sorted(campaign_ids, key=str)
    m = messages.c
    handed_over = select(m.campaign_id, func.max(handed_over_ms()).label("ms")).group_by(m.campaign_id)
    found = warehouse.sql(handed_over if asked is None else handed_over.where(m.campaign_id.in_(asked)))
    moments = [found[["campaign_id"]].assign(at=utc(found["ms"]))]
    for moment in ("scheduled_at", "started_at", "completed_at"):
        moments.append(known[["campaign_id", moment]].set_axis(["campaign_id", "at"], axis=1))
    last = pd.concat(moments).dropna().groupby("campaign_id")["at"].max()
    last = dict(zip(map(str, last.index), last, strict=True))
    told = told_by(warehouse, known[known["campaign_id"].isin(campaign_ids)]).astype(str)
    sources = {name: sorted(map(tuple, rows.to_numpy())) for name, rows in told.groupby("campaign_id")}
    return Data(data_fingerprints(warehouse, asked), last, sources, data_as_of(warehouse))


def made_from(report: Report, data: Data, campaign_ids: list) -> dict[str, str]:
    """Fingerprints of the notebook, the code, the parameters with the files they name, and the campaigns' data."""
    told = [json.dumps(report.parameters, sort_keys=True), *map(content_hash, named_files(report).values())]
    return {
        "notebook": content_hash(report.notebook.read_bytes()),
        "code": code_fingerprint(),
        "parameters": content_hash("\n".join(told).encode()),
        **({"brand": content_hash(b"".join(file.read_bytes() for file in files))} if (files := brand_files()) else {}),
        "data": data.mark(campaign_ids),
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
    changed = [name for name, mark in (report.made_from or {}).items() if before.get(name) != mark]
    return f"changed: {', '.join(changed)}" if changed else "it was not whole"
