"""The head and the foot of a report: its findings with the figures for machines, and where it all came from."""

import json
import shlex
import time
from importlib.metadata import version

import pandas as pd

from reportlib import metrics
from reportlib.presentation import numbers, tables
from reportlib.presentation.display import REPORT_MIME, Display, stylesheet
from reportlib.presentation.findings import CHANNEL_NAMES, Finding
from reportlib.version import code_version
from reportlib.warehouse import Warehouse

LIBRARIES = ("pandas", "altair", "sqlalchemy", "statsmodels", "duckdb")


def headline(warehouse: Warehouse, campaign, found: list[Finding]) -> Display:
    """One campaign's findings as the head of its report.

    Besides HTML and text it carries, as REPORT_MIME, what a page, an index or a mail needs to know of the report:
    title, subtitle, language, the campaign, its figures (rows of `metrics.summary`) and the findings.
    """
    row = metrics.select_campaigns(warehouse, campaign).iloc[0]
    figures = metrics.summary(warehouse, campaign)
    zone = row["timezone"]
    channels = [CHANNEL_NAMES[channel] for channel in figures["channel"] if channel in CHANNEL_NAMES]
    as_of = metrics.data_as_of(warehouse)
    subtitle = " · ".join(
        [
            str(row["account"]),
            ", ".join(channels) or "no channel yet",
            f"started {numbers.moment(row['started_at'], zone)}",
            f"data as of {numbers.moment(as_of, zone)} ({zone})",
        ]
    )
    about = {
        "title": str(row["name"]),
        "subtitle": subtitle,
        "language": "en",
        "campaign_id": str(row["campaign_id"]),
        "campaign_name": str(row["name"]),
        "account": str(row["account"]),
        "timezone": zone,
        "status": row["status"],
        "channels": channels,
        "started_at": iso(row["started_at"]),
        "data_as_of": iso(as_of),
        "figures": records(figures),
        "findings": [vars(one) for one in found],
    }
    return head(about, tables.notes(found))


def head(about: dict, said: Display) -> Display:
    """What a report says first, with its style; `about`, which has title and subtitle, goes along as REPORT_MIME."""
    text = f"{about['title']}\n{about['subtitle']}\n{said.text}"
    return Display(f"<style>{stylesheet()}</style>{said.html}", text, {REPORT_MIME: about})


def provenance(warehouse: Warehouse, campaigns, parameter_file: str, *, among=None, **parameters) -> Display:
    """Where the figures came from, and the command that makes them anew.

    `campaigns` are those asked for, None for all; `among` those of them that were read, where others were left out.
    """
    chosen = metrics.select_campaigns(warehouse, among or campaigns)
    read = metrics.rows_read(warehouse, among or campaigns)
    zone, zones = chosen["timezone"].iloc[0], chosen["timezone"].dropna().unique()
    ids = [] if campaigns is None else list(map(str, metrics.select_campaigns(warehouse, campaigns)["campaign_id"]))
    again = ["reportlib", "run", parameter_file, *[part for one in ids for part in ("--campaign", one)]]
    asked = {"campaign" if len(ids) == 1 else "campaigns": ", ".join(ids) or "all", **parameters}
    return tables.facts(
        {
            "Data as of": f"{numbers.moment(metrics.data_as_of(warehouse), zone)} ({zone})",
            "Account time zone": ", ".join(zones),
            "Database": warehouse.address,
            "Rows read": f"{numbers.count(read['messages'])} messages, {numbers.count(read['events'])} events",
            "Parameters": "; ".join(f"{name}: {value}" for name, value in asked.items()),
            "Code": code_version(),
            "Libraries": ", ".join(f"{library} {version(library)}" for library in LIBRARIES),
            "Made": f"{numbers.moment(pd.Timestamp(warehouse.opened_ms, unit='ms', tz='UTC'), zone)}, "
            f"in {time.time() - warehouse.opened_ms / 1000:.1f} s",
            "To make it again": shlex.join(again),
        },
        "How this report was made",
    )


def records(frame: pd.DataFrame) -> list[dict]:
    """The rows as JSON has them: numbers as numbers, missing ones as null, moments as ISO 8601."""
    return json.loads(frame.to_json(orient="records", date_format="iso", double_precision=10))


def iso(timestamp):
    return None if pd.isna(timestamp) else timestamp.strftime("%Y-%m-%dT%H:%M:%SZ")
