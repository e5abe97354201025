"""index.html: every report of a folder at a glance."""

import json
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

HEADS = ["Campaign", "Started", "Audience", "Delivered", "Failed", "Clicked"]


def write_index(folder: Path) -> Path:
    """Write index.html over the reports in the folder, failures first, then the newest campaign first.

    Read from the JSON beside each report; what is no such JSON is counted in a note.
    """
    reports, foreign = _read(folder)
    failed = [about for about in reports if "failure" in about]
    made = [about for about in reports if "failure" not in about and about.get("figures")]
    made.sort(key=lambda about: about.get("started_at") or "", reverse=True)
    caption = "The newest campaign first. Delivered and failed in percent of the audience, clicked of delivered."
    reviews = table(caption, HEADS, [_row(about) for about in made], texts=(1,)).html
    note = f'<p class="base">{numbers.plural(foreign, "file")} here could not be read as a report.</p>'
    body = _failures(failed) + (reviews if made else "<p>No report has been made yet.</p>") + note * bool(foreign)
    return write_whole(folder / "index.html", page(title="Campaign reports", body=body, kicker=_as_of(made)))


def _read(folder):
    reports, foreign = [], 0
    for file in sorted(folder.glob("*.json")):
        try:
            about = json.loads(file.read_text(encoding="utf-8"))
            reports.append({**about, "page": file.with_suffix(".html").name, "notebook": about["notebook"]})
        except (OSError, ValueError, TypeError, KeyError):
            foreign += 1
    return reports, foreign


def _as_of(made):
    latest = max((about.get("data_as_of") or "" for about in made), default="")
    return f"Data as of {latest[:16].replace('T', ' ')} UTC" if latest else ""


def _failures(failed):
    items = "".join(
        f'<li class="bad"><span class="symbol" aria-hidden="true">{SYMBOLS["bad"]}</span><span>'
        f'<a href="{escape(about["page"])}">{name_html(about["parameters"].get("campaign", about["page"]))}</a> '
        f"could not be made: {escape(about['failure']['message'])}</span></li>"
        for about in failed
    )
    return f'<h2>Not made</h2><ul class="findings">{items}</ul>' if failed else ""


def _row(about):
    total = next(row for row in about["figures"] if row["channel"] == ALL_CHANNELS)
    reached = Rate(total["delivered"], total["audience"], "audience")
    lost = Rate(total["failed"], total["audience"], "audience")
    clicked = Rate(total["clicked"], total["delivered"], "delivered")
    sending = about["status"] == "sending"
    beside = f"{name_html(about['account'])} · {escape(', '.join(about['channels']))}"
    return [
        f'<a href="{escape(about["page"])}">{name_html(about["campaign_name"])}</a><small>{beside}</small>',
        numbers.day(about["started_at"]),
        numbers.count(total["audience"]),
        _judged(reached, "still sending" if sending else delivered_verdict(reached)),
        _judged(lost, "so far" if sending else failed_verdict(lost)),
        f"{numbers.percent(clicked.estimate)}<small>of {numbers.count(clicked.base)}</small>",
    ]


def _judged(rate, verdict):
    if isinstance(verdict, str):
        return f"{numbers.percent(rate.estimate)}<small>{verdict}</small>"
    words = f'<small class="verdict {verdict.level}">{SYMBOLS[verdict.level]} {escape(verdict.words)}</small>'
    return f"{numbers.percent(rate.estimate)}{words}"
