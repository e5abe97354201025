"""The head and the foot of every report: what it says first, and where it all came from."""

import json
import shlex
import time
from importlib.metadata import version

import pandas as pd

from reportlib import metrics
from reportlib.presentation.look import cards, first_screen, numbers, table
from reportlib.presentation.look.display import REPORT_MIME, Display, stylesheet
from reportlib.presentation.look.first_screen import FirstScreen
from reportlib.version import code_version
from reportlib.warehouse import Warehouse

LIBRARIES = ("pandas", "altair", "sqlalchemy", "statsmodels", "duckdb")


def head(about: dict, first: FirstScreen) -> Display:
    """What a report says first, with its style.

    `about`, which has title and subtitle, goes along as REPORT_MIME with what the first screen says: level, cards,
    findings (the verdict, then those of `about`), actions, and what to believe.
    """
    said = first_screen.shown(first)
    told = about | {
        "level": first.verdict.level,
        "cards": cards.records(first.cards),
        "findings": [vars(first.verdict), *about.get("findings", [])],
        "actions": [vars(one) for one in first.actions],
        "believe": first.believe,
    }
    text = f"{about['title']}\n{about['subtitle']}\n{said.text}"
    return Display(f"<style>{stylesheet()}</style>{said.html}", text, {REPORT_MIME: told})


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
    return table.facts(
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
