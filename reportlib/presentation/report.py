"""The head and the foot of a report: its findings with the figures for machines, and where it all came from."""

import json
import shlex
import time
from importlib.metadata import version

import pandas as pd

from reportlib import metrics
from reportlib.metrics.summary import ALL_CHANNELS, COUNTS, PEOPLE, RATES, TOTALS
from reportlib.presentation import cards, numbers, tables
from reportlib.presentation.display import REPORT_MIME, Display, stylesheet
from reportlib.presentation.findings import CHANNEL_NAMES, Finding, delivered_verdict, failed_verdict
from reportlib.version import code_version
from reportlib.warehouse import Warehouse

LIBRARIES = ("pandas", "altair", "sqlalchemy", "statsmodels", "duckdb")


def headline(warehouse: Warehouse, campaign, found: list[Finding]) -> Display:
    """One campaign's findings as the head of its report.

    Besides HTML and text it carries, as REPORT_MIME, what a page, an index or a mail needs to know of the report:
    title, subtitle, language, the campaign, its figures (rows of `metrics.summary`), the `totals` of all channels, the
    cards, the findings, and in a few words the verdict.
    """
    row = metrics.select_campaigns(warehouse, campaign).iloc[0]
    figures = metrics.summary(warehouse, campaign)
    total = figures[figures["channel"] == ALL_CHANNELS]
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
        "verdict": in_few_words(total.iloc[0], row["status"]),
        "cards": cards.records(cards.delivery(total, row["status"])),
        "table": None,
        "figures": records(figures),
        "totals": totals(total),
        "findings": [vars(one) for one in found],
    }
    return head(about, tables.notes(found))


def in_few_words(row: pd.Series, status: str) -> str:
    """How the delivery of a one-row ledger went, short enough for a mail's subject: "96.1 % delivered, healthy"."""
    if not row["audience"]:
        return "no audience"
    if not row["sent"]:
        return "nothing sent yet"
    if status == "sending":
        return f"still sending, {numbers.count(row['sent'])} of {numbers.count(row['audience'])} are out"
    reached, lost = (metrics.Rate(int(row[name]), int(row["audience"]), "audience") for name in ("delivered", "failed"))
    if failed_verdict(lost).level == "bad":
        return f"{numbers.percent(lost.estimate)} failed, to be investigated"
    words = {"good": "healthy", "note": "close to the 95\u202f% line", "warning": "below the healthy 95\u202f%"}
    return f"{numbers.percent(reached.estimate)} delivered, {words[delivered_verdict(reached).level]}"


def totals(total: pd.DataFrame) -> dict:
    """The numeric columns of a one-row `metrics.summary` as JSON has them."""
    return records(total[[*COUNTS, *RATES, *PEOPLE, *TOTALS]])[0]


def head(about: dict, said: Display) -> Display:
    """What a report says first, with its style; `about`, which has title and subtitle, goes along as REPORT_MIME."""
    text = f"{about['title']}\n{about['subtitle']}\n{said.text}"
    return Display(f"<style>{stylesheet()}</style>{said.html}", text, {REPORT_MIME: about})


def provenance(warehouse: Warehouse, campaigns, parameter_file: str, *, among=None, **parameters) -> Display:
    """Where the figures came from, and the command that makes them anew.

    `campaigns` are those asked for, None for all; `among` those of them that were read, where others were left out.
    """
    chosen = metrics.select_campaigns(warehouse, campaigns if among is None else among)
    ids = [] if campaigns is None else list(map(str, metrics.select_campaigns(warehouse, campaigns)["campaign_id"]))
    again = ["reportlib", "run", parameter_file, *[part for one in ids for part in ("--campaign", one)]]
    asked = {"campaign" if len(ids) == 1 else "campaigns": ", ".join(ids) or "all", **parameters}
    return origin(warehouse, chosen["campaign_id"].tolist(), chosen["timezone"].dropna().unique(), asked, again)


def origin(warehouse: Warehouse, read, zones, asked: dict, again: list[str]) -> Display:
    """Where the figures of the campaigns `read` came from, on the clocks of `zones`.

    `asked` are the parameters by name, `again` is the command that makes the report anew, in its parts.
    """
    rows, zone = metrics.rows_read(warehouse, read), next(iter(zones), "UTC")
    return tables.facts(
        {
            "Data as of": f"{numbers.moment(metrics.data_as_of(warehouse), zone)} ({zone})",
            "Account time zone": ", ".join(zones),
            "Database": warehouse.address,
            "Rows read": f"{numbers.count(rows['messages'])} messages, {numbers.count(rows['events'])} events",
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
