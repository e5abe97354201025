"""The head of a report on an audience, with what it says for machines."""

import pandas as pd

from reportlib import metrics
from reportlib.metrics.audience import account as of_account
from reportlib.presentation.audience.first_screen import first_screen
from reportlib.presentation.audience.summed import ALL, lately, states
from reportlib.presentation.look import feeds, numbers
from reportlib.presentation.look.display import Display
from reportlib.presentation.look.head import head, iso, origin, records
from reportlib.presentation.look.listing import Cell, listed
from reportlib.warehouse import Warehouse


def headline(
    warehouse: Warehouse,
    account,
    people: pd.DataFrame,
    attention: pd.DataFrame,
    sleepers: pd.DataFrame,
    still_written: pd.DataFrame,
    reach: pd.DataFrame,
) -> Display:
    """How the audience is, as the head of its report, from what `metrics` says of the account."""
    about = metrics.select_account(warehouse, account)
    ids, as_of = _campaigns(warehouse, about["account_id"]), metrics.data_as_of(warehouse)
    costs = _costs_lately(warehouse, about["account_id"])
    first = first_screen(people, attention, sleepers, still_written, reach, about["account_id"], costs)
    said = {
        "title": f"Audience of {about['account']}",
        "subtitle": f"as of {numbers.date(as_of, about['timezone'])}",
        "account_id": str(about["account_id"]),
        "account": str(about["account"]),
        "timezone": about["timezone"],
        "campaign_ids": list(map(str, ids)),
        "started_at": iso(as_of),
        "data_as_of": iso(as_of),
        "totals": {} if people.empty else _totals(people, attention),
        "figures": records(people[people["channel"] == ALL].drop(columns="channel")),
    }
    ended = feeds.ended(metrics.freshness(warehouse, ids), about["timezone"]) if ids else ""
    return head(said | {"listing": listing(said, first)}, first, ended)


def provenance(warehouse: Warehouse, account, parameter_file: str, **parameters) -> Display:
    """Where the figures came from, and the command that makes them anew."""
    about = metrics.select_account(warehouse, account)
    name = str(about["account_id"])
    again = ["reportlib", "run", parameter_file, "--set", f"account={name}"]
    ids = _campaigns(warehouse, about["account_id"])
    return origin(warehouse, ids, [about["timezone"]], {"account": name, **parameters}, again)


def listing(about: dict, first) -> dict:
    """How an index lists the report that says this of itself."""
    reachable = about["totals"].get("reachable")
    return listed(
        "Audiences.",
        6,
        Cell("Account", about["account"], about["subtitle"]),
        Cell("How it is", first.verdict.text),
        Cell("Can be reached", numbers.count(reachable), is_number=True),
    )


def _totals(people, attention):
    row, now = lately(people).loc[ALL], states(attention)
    found = {name: int(row[name]) for name in ("reachable", "new", "lost", "opted_out", "complained", "failed")}
    return found | {
        f"reacted within {name}": int(count) for name, count in now.loc[ALL].items() if name.endswith("days")
    }


def _costs_lately(warehouse, account_id):
    """What messages cost by channel, of the campaigns that the sums of money of the first screen are about."""
    known = of_account.audience(warehouse, account_id)
    ids = known.ids_since(known.then_ms) if known else []
    return metrics.costs(warehouse, ids, by="channel") if ids else None


def _campaigns(warehouse, account_id):
    chosen = metrics.select_campaigns(warehouse)
    return chosen.loc[chosen["account_id"] == account_id, "campaign_id"].tolist()
