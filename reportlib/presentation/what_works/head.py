"""The head of the report on what works, with what it says for machines."""

from reportlib import metrics
from reportlib.metrics import WhatWorks
from reportlib.presentation.look import feeds, numbers
from reportlib.presentation.look.display import Display
from reportlib.presentation.look.head import head, iso, origin, records
from reportlib.presentation.look.listing import Cell, listed
from reportlib.presentation.what_works.first_screen import first_screen, main_measure
from reportlib.warehouse import Warehouse


def headline(warehouse: Warehouse, known: WhatWorks) -> Display:
    """What an account has learned, as the head of its report, from `metrics.what_works`."""
    about, main, first = known.account, main_measure(known), first_screen(known)
    ids = known.chosen["campaign_id"].tolist()
    experiments = numbers.plural(known.experiments, "experiment")
    said = {
        "title": f"What works for {about['account']}",
        "subtitle": f"{experiments}, {numbers.plural(len(ids), 'campaign')}, as of "
        f"{numbers.date(known.data_as_of, about['timezone'])}",
        "account_id": str(about["account_id"]),
        "account": str(about["account"]),
        "timezone": about["timezone"],
        "campaign_ids": list(map(str, ids)),
        "started_at": iso(known.data_as_of),
        "data_as_of": iso(known.data_as_of),
        "totals": {"experiments": known.experiments} | ({"won": main.won.count} if main else {}),
        "figures": records(known.register.drop(columns="began")),
    }
    ended = feeds.ended(metrics.freshness(warehouse, ids), about["timezone"]) if ids else ""
    return head(said | {"listing": listing(said, first)}, first, ended)


def provenance(warehouse: Warehouse, known: WhatWorks, parameter_file: str, **parameters) -> Display:
    """Where the figures came from, and the command that makes them anew."""
    name, zone = str(known.account["account_id"]), known.account["timezone"]
    again = ["reportlib", "run", parameter_file, "--set", f"account={name}"]
    return origin(warehouse, known.chosen["campaign_id"].tolist(), [zone], {"account": name, **parameters}, again)


def listing(about: dict, first) -> dict:
    """How an index lists the report that says this of itself."""
    return listed(
        "What works.",
        7,
        Cell("Account", about["account"], about["subtitle"]),
        Cell("What is known", first.verdict.text),
        Cell("Experiments", numbers.count(about["totals"]["experiments"]), is_number=True),
    )
