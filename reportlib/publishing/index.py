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
COMPARISON_HEADS = ["Comparison", "Latest start", "Verdict", "Comparability"]


def write_index(folder: Path) -> Path:
    """Write index.html over the reports in the folder, failures first, then the newest campaign first.

    Read from the JSON beside each report; what is no such JSON is counted in a note.
    """
    failed, made, compared, foreign = [], [], [], 0
    for file in sorted(folder.glob("*.json")):
        try:
            about = json.loads(file.read_text(encoding="utf-8"))
            page_name = file.with_suffix(".html").name
            if "failure" in about:
                failed.append(_failure(about, page_name))
            else:
                rows, row = (compared, _comparison) if "verdicts" in about else (made, _row)
                rows.append((str(about["started_at"] or ""), str(about["data_as_of"] or ""), row(about, page_name)))
        except (OSError, ValueError, TypeError, LookupError, AttributeError, StopIteration):
            foreign += 1  # not one of ours, or not whole: it must not keep the others from being listed
    for rows in (made, compared):
        rows.sort(key=lambda row: row[0], reverse=True)
    caption = "The newest campaign first. Delivered and failed in percent of the audience, clicked of delivered."
    listed = table(caption, HEADS, [row for *_, row in made], texts=(1,)).html if made else ""
    if compared:
        caption = "Comparisons, the primary metric of each."
        listed += table(caption, COMPARISON_HEADS, [row for *_, row in compared], texts=(1, 2, 3)).html
    troubles = f'<h2>Not made</h2><ul class="findings">{"".join(failed)}</ul>' if failed else ""
    note = f'<p class="base">{numbers.plural(foreign, "file")} here could not be read as a report.</p>'
    body = troubles + (listed or "<p>No report has been made yet.</p>") + note * bool(foreign)
    latest = max((as_of for _, as_of, _ in made + compared), default="")
    kicker = f"Data as of {latest[:16].replace('T', ' ')} UTC" if latest else ""
    return write_whole(folder / "index.html", page(title="Campaign reports", body=body, kicker=kicker))


def _failure(about, page_name):
    asked = about["parameters"]
    campaign = " and ".join(map(name_html, asked["campaigns"] if "campaigns" in asked else [asked["campaign"]]))
    link = f'<a href="{escape(page_name)}">{campaign}</a>'
    return (
        f'<li class="bad"><span class="symbol" aria-hidden="true">{SYMBOLS["bad"]}</span>'
        f"<span>{link} could not be made: {escape(about['failure']['message'])}</span></li>"
    )


def _row(about, page_name):
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


def _judged(rate, verdict):
    if isinstance(verdict, str):
        return f"{numbers.percent(rate.estimate)}<small>{verdict}</small>"
    words = f'<small class="verdict {verdict.level}">{SYMBOLS[verdict.level]} {escape(verdict.words)}</small>'
    return f"{numbers.percent(rate.estimate)}{words}"
