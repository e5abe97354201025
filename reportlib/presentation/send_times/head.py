"""The head of a send-time report, with what it says for machines."""

import pandas as pd

from reportlib import metrics
from reportlib.presentation.look import feeds, numbers
from reportlib.presentation.look.display import Display
from reportlib.presentation.look.first_screen import FirstScreen
from reportlib.presentation.look.head import head, iso, records
from reportlib.presentation.look.listing import Cell, listed
from reportlib.presentation.send_times import findings
from reportlib.warehouse import Warehouse

FIGURES = ["weekday", "hour", "delivered", "mature", "responded", "campaigns", "rate", "low", "high", "support"]
FIGURES += ["identified", "effect", "shrunk", "lift", "lift_low", "readier", "others"]
FIGURES += ["better", "withheld"]


def headline(
    warehouse: Warehouse, campaigns, effects: pd.DataFrame, plan: pd.DataFrame, times: pd.DataFrame
) -> Display:
    """What the slots of these campaigns say, as the head of its report.

    Besides HTML and text it carries, as REPORT_MIME, what a page, an index or a mail needs to know of the report:
    title, subtitle, language, campaigns, slots that were used, what is recommended, the test plan, findings.
    """
    chosen = metrics.select_campaigns(warehouse, campaigns)
    tests = metrics.send_time_tests(warehouse, campaigns, effects.attrs["metric"])
    first = findings.first_screen(effects, plan, times, tests)
    names = chosen["name"].tolist()
    title = str(names[0]) if len(names) == 1 else f"When to send, from {numbers.plural(len(names), 'campaign')}"
    accounts, as_of = list(dict.fromkeys(map(str, chosen["account"]))), metrics.data_as_of(warehouse)
    started = chosen["started_at"].dropna()
    days = (
        [one.tz_convert(chosen["timezone"].iloc[0]).date() for one in (started.min(), started.max())]
        if len(started)
        else []
    )
    counted = int(effects["delivered"].sum())  # with a receipt, or where there are none not failed
    messages = numbers.plural(counted, "message") if counted else "nothing to go by"
    subtitle = " · ".join([*([numbers.days(*days)] if days else []), messages])
    about = {
        "title": title,
        "subtitle": subtitle,
        "campaign_ids": [str(campaign) for campaign in chosen["campaign_id"]],
        "account": accounts[0] if len(accounts) == 1 else numbers.plural(len(accounts), "account"),
        "started_at": iso(chosen["started_at"].max()),
        "data_as_of": iso(as_of),
        "asked": effects.attrs,
        "slots": records(effects.loc[effects["delivered"] > 0, FIGURES]),
        "test_plan": records(plan),
        "tests": records(tests),
        "response_times": records(times),
    }
    ended = feeds.ended(metrics.freshness(warehouse, campaigns), next(iter(chosen["timezone"].dropna()), "UTC"))
    return head(about | {"listing": listing(about, first)}, first, ended)


def listing(about: dict, first: FirstScreen) -> dict:
    """How an index lists the send-time report that says this of itself."""
    return listed(
        "Send times.",
        4,
        Cell("Campaigns", about["title"], about["account"]),
        Cell("Latest start", numbers.day(about["started_at"])),
        Cell("Advice", first.verdict.text),
    )
