"""The head of a comparison, with what it says for machines, and the gaps it splits."""

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd

from reportlib import metrics
from reportlib.metrics.comparison.design.comparability import Comparability
from reportlib.metrics.comparison.design.design import Design
from reportlib.metrics.comparison.verdict import Verdict
from reportlib.presentation.comparison import findings
from reportlib.presentation.comparison.first_screen import first_screen
from reportlib.presentation.comparison.rows import side_by_side_rows
from reportlib.presentation.look import feeds, numbers
from reportlib.presentation.look.display import Display
from reportlib.presentation.look.finding import CHANNEL_NAMES
from reportlib.presentation.look.head import head, iso, records
from reportlib.presentation.look.listing import Cell, listed
from reportlib.warehouse import Warehouse

SPLIT_CAMPAIGNS = 3  # whose gap to the baseline is split


def headline(
    warehouse: Warehouse,
    frame: pd.DataFrame,
    verdicts: Sequence[Verdict],
    explored: Sequence[Verdict],
    differences: pd.DataFrame,
    comparability: Comparability,
    design: Design,
) -> Display:
    """The verdicts as the head of a report on the campaigns of `metrics.comparable`.

    Besides HTML and text it carries, as REPORT_MIME, what a page, an index or a mail needs to know of the report:
    title, subtitle, language, campaigns and their rates, verdicts with their sentences, grade, findings.
    """
    labels = frame["label"].tolist()
    found = findings.headline(verdicts, design, differences)
    about = {
        "title": _title(labels),
        "subtitle": _subtitle(frame),
        "campaign_ids": [str(campaign) for campaign in frame["campaign_id"]],
        "campaign_names": labels,
        "account": ", ".join(dict.fromkeys(map(str, frame["account"]))),
        "baseline": labels[0],
        "started_at": iso(frame["started_at"].max()),
        "data_as_of": iso(metrics.data_as_of(warehouse)),
        "compared_hours": float(frame["compared_hours"].iloc[0]),
        "is_final": metrics.is_final(frame),
        "comparability": asdict(comparability),
        "verdicts": [asdict(verdict) | {"sentence": str(verdict)} for verdict in (*verdicts, *explored)],
        "rates": records(frame),
    }
    first = first_screen(verdicts, frame, found, comparability)
    about["listing"] = listing(about, first)
    ended = feeds.ended(metrics.freshness(warehouse, frame["campaign_id"].tolist()), frame["timezone"].iloc[0])
    return head(about, first, ended)


def listing(about: dict, first) -> dict:
    """How an index lists the comparison that says this of itself."""
    primary = sum(not verdict["exploratory"] for verdict in about["verdicts"])
    more = f"and {numbers.plural(primary - 1, 'more verdict')}" if primary > 1 else ""
    return listed(
        "Comparisons, the primary metric of each.",
        3,
        Cell("Comparison", about["title"], about["account"]),
        Cell("Latest start", numbers.day(about["started_at"])),
        Cell("Verdict", first.verdict.text, more),
        Cell("Comparability", about["comparability"]["grade"], "from A to D", is_number=True),
    )


def gaps(warehouse: Warehouse, frame: pd.DataFrame, metric: str, by: Sequence[str]) -> list[pd.DataFrame]:
    """`metrics.rate_gap_by` of the campaigns farthest from the baseline, for each name of `by`.

    Their attrs name the campaign, the baseline, the metric's label and base, and the dimension. None where the
    channels' rates may not be compared or a rate is missing.
    """
    rows = [row for row in side_by_side_rows(frame) if row.definition.name == metric]
    row = rows[-1]  # of its own base, of which the gap is split
    if row.refusal or row.rates[0] is None or row.rates[0].estimate is None:
        return []
    labels, ids = frame["label"].tolist(), frame["campaign_id"].tolist()
    distances = {
        at: abs(rate.estimate - row.rates[0].estimate)
        for at, rate in enumerate(row.rates)
        if at and rate and rate.estimate is not None
    }
    farthest = sorted(distances, key=distances.__getitem__, reverse=True)[:SPLIT_CAMPAIGNS]
    found = []
    for at in sorted(farthest):
        for dimension in by:
            gap = metrics.rate_gap_by(warehouse, frame, ids[at], ids[0], metric, dimension)
            gap.attrs |= {"campaign": labels[at], "baseline": labels[0], "label": row.definition.label}
            gap.attrs |= {"base": row.base, "dimension": dimension}
            found.append(gap)
    return found


def _title(labels):
    if len(labels) == 2:
        return " and ".join(labels)
    return f"{labels[0]} and {numbers.plural(len(labels) - 1, 'other campaign')}"


def _subtitle(frame):
    """When they started, on which channels, to how many, and whether that is final."""
    first, last = (getattr(frame["started_at"], at)() for at in ("min", "max"))
    zone = frame["timezone"].iloc[0]
    started = dict.fromkeys(numbers.date(moment, zone) for moment in (first, last))
    used = set("+".join(frame["channels"]).split("+"))
    channels = ", ".join(name for channel, name in CHANNEL_NAMES.items() if channel in used)
    people = numbers.plural(int(frame["audience"].sum()), "person", "people")
    return " · ".join(filter(None, [" to ".join(started), channels, people]))
