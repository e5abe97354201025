"""index.html: every report of a folder at a glance."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from reportlib.errors import InvalidParameters
from reportlib.metrics import Rate
from reportlib.metrics.people.summary import ALL_CHANNELS
from reportlib.metrics.weekly.iso_week import LAST, Week, parse_week
from reportlib.presentation.look import numbers
from reportlib.presentation.look.display import name_html
from reportlib.presentation.look.finding import SYMBOLS, delivered_verdict, failed_verdict
from reportlib.presentation.look.table import table
from reportlib.publishing.page.layout import page
from reportlib.publishing.store.files import write_whole


def write_index(folder: Path) -> Path:
    """Write index.html over the reports in the folder, failures first, then each kind, the newest campaign first; and
    over the weekly editions in its folders, the newest first.

    Read from the JSON beside each report; what is no such JSON is counted in a note.
    """
    held, editions = _read(folder), [found for found in map(_edition, _weeks(folder)) if found]
    listed = table(*_EDITIONS, editions, texts=(1, 2)).html if editions else ""
    for name, kind in KINDS.items():
        rows = [row for _, row in sorted(held.made[name], key=lambda made: made[0], reverse=True)]
        listed += table(kind.caption, kind.heads, rows, texts=kind.texts).html if rows else ""
    troubles = "".join(held.failed)
    troubles = f'<h2>Not made</h2><ul class="findings">{troubles}</ul>' if troubles else ""
    note = f'<p class="base">{numbers.plural(held.foreign, "file")} here could not be read as a report.</p>'
    body = troubles + (listed or "<p>No report has been made yet.</p>") + note * bool(held.foreign)
    kicker = f"Data as of {held.as_of[:16].replace('T', ' ')} UTC" if held.as_of else ""
    week = _week_of(folder)
    title = f"Week {week.number}, {numbers.days(week.monday, week.sunday)}" if week else "Campaign reports"
    return write_whole(folder / "index.html", page(title=title, body=body, kicker=kicker))


@dataclass
class _Reports:
    """What is known of the reports of a folder: a sentence on each that failed; per kind (start, row) of each that was
    made; (account, verdict) of each weekly review; how many files are something else; until when there are data."""

    failed: list[str] = field(default_factory=list)
    made: dict[str, list[tuple[str, list[str]]]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    verdicts: list[tuple[str, str]] = field(default_factory=list)
    foreign: int = 0
    as_of: str = ""


def _read(folder) -> _Reports:
    held = _Reports()
    for file in sorted(folder.glob("*.json")):
        try:
            about = json.loads(file.read_text(encoding="utf-8"))
            page_name = file.with_suffix(".html").name
            if "failure" in about:
                held.failed.append(_failure(about, page_name))
                continue
            row = KINDS[about["notebook"]].row(about, page_name)
            held.made[about["notebook"]].append((str(about["started_at"] or ""), row))
            held.as_of = max(held.as_of, str(about["data_as_of"] or ""))
            if about["notebook"] == "weekly_review":
                held.verdicts.append((about["title"], about["verdict"]))
        except (OSError, ValueError, TypeError, LookupError, AttributeError, StopIteration):
            held.foreign += 1  # not one of ours, or not whole: it must not keep the others from being listed
    return held


def _weeks(folder):
    return sorted((week for week in folder.glob("????-W??/") if _week_of(week)), reverse=True)


def _week_of(folder) -> Week | None:
    """The week whose edition a folder holds; None for another folder."""
    try:
        return parse_week(folder.resolve().name, 0, "UTC") if folder.resolve().name != LAST else None
    except InvalidParameters:
        return None


def _edition(folder) -> list[str] | None:
    """The row of one week's edition; None where nothing was made."""
    held, week = _read(folder), _week_of(folder)
    made = sum(map(len, held.made.values()))
    if not made and not held.failed:
        return None
    failed = f'<small class="verdict bad">{SYMBOLS["bad"]} {len(held.failed)} not made</small>' if held.failed else ""
    period = f"<small>{numbers.days(week.monday, week.sunday)}</small>"
    told = "<br>".join(f"{name_html(account)}: {escape(verdict)}" for account, verdict in held.verdicts)
    return [
        f'<a href="{folder.name}/index.html">Week {week.number}</a>{period}',
        told or numbers.NOTHING,
        f"{numbers.plural(made, 'report')}{failed}",
    ]


def _failure(about, page_name):
    link = f'<a href="{escape(page_name)}">{name_html(about["subject"])}</a>'
    return (
        f'<li class="bad"><span class="symbol" aria-hidden="true">{SYMBOLS["bad"]}</span>'
        f"<span>{link} could not be made: {escape(about['failure']['message'])}</span></li>"
    )


def _week(about, page_name):
    total = about["totals"]
    reached, lost = (Rate(total[name], total["audience"], "audience") for name in ("delivered", "failed"))
    period = escape(about["subtitle"].partition(" · ")[0])
    return [
        f'<a href="{escape(page_name)}">{name_html(about["title"])}</a><small>{period}</small>',
        escape(about["findings"][0]["text"]),
        *(
            [_judged(reached, delivered_verdict(reached)), _judged(lost, failed_verdict(lost))]
            if total["audience"]
            else [numbers.NOTHING] * 2
        ),
    ]


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


_EDITIONS = ("Weekly editions.", ["Week", "What happened", "Reports"])
KINDS = {
    "weekly_review": _Kind(
        "Weekly reviews. Delivered and failed in percent of the audience.",
        ["Account", "What happened", "Delivered", "Failed"],
        _week,
        (1,),
    ),
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
