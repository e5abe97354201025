"""index.html: every report of a folder at a glance."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path

from reportlib.metrics import Rate
from reportlib.metrics.summary import ALL_CHANNELS
from reportlib.presentation import numbers
from reportlib.presentation.display import name_html
from reportlib.presentation.findings import SYMBOLS, delivered_verdict, failed_verdict
from reportlib.presentation.tables import table
from reportlib.publishing.files import write_whole
from reportlib.publishing.html import page


def write_index(folder: Path) -> Path:
    """Write index.html over the reports in the folder, failures first, then each kind, the newest campaign first.

    Read from the JSON beside each report; what is no such JSON is counted in a note.
    """
    failed, made, foreign = [], {kind: [] for kind in KINDS}, 0
    for file in sorted(folder.glob("*.json")):
        try:
            about = json.loads(file.read_text(encoding="utf-8"))
            page_name = file.with_suffix(".html").name
            if "failure" in about:
                failed.append(_failure(about, page_name))
            else:
                row = KINDS[about["notebook"]].row(about, page_name)
                made[about["notebook"]].append((str(about["started_at"] or ""), str(about["data_as_of"] or ""), row))
        except (OSError, ValueError, TypeError, LookupError, AttributeError, StopIteration):
            foreign += 1  # not one of ours, or not whole: it must not keep the others from being listed
    listed = ""
    for name, kind in KINDS.items():
        rows = [row for *_, row in sorted(made[name], key=lambda row: row[0], reverse=True)]
        listed += table(kind.caption, kind.heads, rows, texts=kind.texts).html if rows else ""
    troubles = f'<h2>Not made</h2><ul class="findings">{"".join(failed)}</ul>' if failed else ""
    note = f'<p class="base">{numbers.plural(foreign, "file")} here could not be read as a report.</p>'
    body = troubles + (listed or "<p>No report has been made yet.</p>") + note * bool(foreign)
    latest = max((as_of for rows in made.values() for _, as_of, _ in rows), default="")
    kicker = f"Data as of {latest[:16].replace('T', ' ')} UTC" if latest else ""
    return write_whole(folder / "index.html", page(title="Campaign reports", body=body, kicker=kicker))


def _failure(about, page_name):
    link = f'<a href="{escape(page_name)}">{name_html(about["subject"])}</a>'
    return (
        f'<li class="bad"><span class="symbol" aria-hidden="true">{SYMBOLS["bad"]}</span>'
        f"<span>{link} could not be made: {escape(about['failure']['message'])}</span></li>"
    )


def _review(about, page_name):
    total = next(row for row in about["figures"] if row["channel"] == ALL_CHANNELS)
    reached = Rate(total["delivered"], total["audience"], "audience")
    lost = Rate(total["failed"], total["audience"], "audience")
    clicked = Rate(total["clicked"], total["delivered"], "delivered")
    sending = about["status"] == "sending"
    beside = f"{name_html(about['account'])} · {escape(', '.join(about['channels']))}"
    return [
        f'<a href="{escape(page_name)}">{name_html(about["campaign_name"])}</a><small>{beside}</small>',
        numbers.day(about["started_at"]),
        numbers.count(total["audience"]),
        _judged(reached, "still sending" if sending else delivered_verdict(reached)),
        _judged(lost, "so far" if sending else failed_verdict(lost)),
        f"{numbers.percent(clicked.estimate)}<small>of {numbers.count(clicked.base)}</small>",
    ]


def _comparison(about, page_name):
    primary = [verdict for verdict in about["verdicts"] if not verdict["exploratory"]]
    more = f"<small>and {numbers.plural(len(primary) - 1, 'more verdict')}</small>" if len(primary) > 1 else ""
    return [
        f'<a href="{escape(page_name)}">{name_html(about["title"])}</a><small>{name_html(about["account"])}</small>',
        numbers.day(about["started_at"]),
        f"{escape(primary[0]['sentence'])}{more}",
        escape(about["comparability"]["grade"]),
    ]


def _send_times(about, page_name):
    return [
        f'<a href="{escape(page_name)}">{name_html(about["title"])}</a><small>{name_html(about["account"])}</small>',
        numbers.day(about["started_at"]),
        escape(about["findings"][0]["text"]),
    ]


def _judged(rate, verdict):
    if isinstance(verdict, str):
        return f"{numbers.percent(rate.estimate)}<small>{verdict}</small>"
    words = f'<small class="verdict {verdict.level}">{SYMBOLS[verdict.level]} {escape(verdict.words)}</small>'
    return f"{numbers.percent(rate.estimate)}{words}"


@dataclass(frozen=True)
class _Kind:
    """How the reports of one notebook are listed; `row` makes a row of a report's JSON and the name of its page."""

    caption: str
    heads: list[str]
    row: Callable[[dict, str], list[str]]
    texts: tuple[int, ...]


KINDS = {
    "post_campaign_review": _Kind(
        "The newest campaign first. Delivered and failed in percent of the audience, clicked of delivered.",
        ["Campaign", "Started", "Audience", "Delivered", "Failed", "Clicked"],
        _review,
        (1,),
    ),
    "campaign_comparison": _Kind(
        "Comparisons, the primary metric of each.",
        ["Comparison", "Latest start", "Verdict", "Comparability"],
        _comparison,
        (1, 2, 3),
    ),
    "send_time_heatmap": _Kind("Send times.", ["Campaigns", "Latest start", "Advice"], _send_times, (1, 2)),
}
