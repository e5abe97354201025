"""What a mail says, ready for its templates: every text plain, on one line, and no longer than a mail can bear."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from urllib.parse import quote, unquote

from reportlib.presentation.look import numbers
from reportlib.presentation.look.brand.brand import Brand, brand, brand_of, shown_in
from reportlib.presentation.look.cards import Card
from reportlib.presentation.look.finding import SYMBOLS, Finding
from reportlib.presentation.look.first_screen import MOST_ACTIONS, Action
from reportlib.publishing.mail.charts import Chart
from reportlib.publishing.mail.made_report import MadeReport
from reportlib.publishing.page.links import links_of
from reportlib.publishing.page.wording import header, line
from reportlib.reports.parameters import heading_of
from reportlib.reports.record import Record, Table

FINDINGS, CARDS, ROWS, COLUMNS, LINKS = 6, 6, 12, 6, 10  # as many as a mail shows
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")  # BCP 47
_NUMERIC = re.compile(r"\s*[-+−–<>~±]?\s*[\d.,]*\d[^A-Za-z]*[%kM]?|[–-]?")


@dataclass(frozen=True)
class Said:
    """A finding: its level (a key of SYMBOLS), its sentence, what to do."""

    level: str
    text: str
    advice: str = ""

    @property
    def symbol(self) -> str:
        """The level without colour."""
        return SYMBOLS[self.level]


@dataclass(frozen=True)
class Figure:
    """A card: label, number, its share, what is beside it, how it is judged."""

    label: str
    count: str
    share: str
    beside: str
    verdict: Said | None


@dataclass(frozen=True)
class Rows:
    """A table: its heads, whether each column is of numbers, its rows, and how many rows there are beyond them."""

    caption: str
    heads: list[str]
    numeric: list[bool]
    rows: list[list[str]]
    more: int = 0


@dataclass(frozen=True)
class Content:
    """All that a mail says; `more` is how many findings there are beyond these and `more_in` where, `notes` are about
    the mail itself."""

    kicker: str
    title: str
    account: str = ""
    subtitle: str = ""
    language: str = "en"
    findings: list[Said] = field(default_factory=list)
    more: int = 0
    more_in: str = "the report"
    cards: list[Figure] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    believe: str = ""
    table: Rows | None = None
    charts: list[Chart] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    brand: Brand = field(default_factory=Brand)
    link: str | None = None
    link_words: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)
    footer: str = ""


def report_content(
    report: MadeReport,
    edition: str,
    charts: list[Chart | None],
    link_base_url: str | None,
    others: Sequence[MadeReport] = (),
) -> Content:
    """The mail of one report in the brand of its account, with links to `others` of its edition where they can be
    opened."""
    with shown_in(brand_of(report.record.account_id)):
        return _report_content(report, edition, charts, link_base_url, others)


def _report_content(report, edition, charts, link_base_url, others) -> Content:
    record = report.record
    missing = charts.count(None)
    notes = [f"{numbers.plural(missing, 'chart')} could not be drawn for mail: see the report."] if missing else []
    return Content(
        kicker=heading_of(line(record.notebook, 60)),
        title=line(record.name, 120),
        account=line((record.model_extra or {}).get("account") or "", 80),
        subtitle=line(record.subtitle, 300),
        language=record.language if _LANGUAGE.fullmatch(record.language) else "en",
        findings=[_said(one) for one in record.findings[:FINDINGS]],
        more=max(0, len(record.findings) - FINDINGS),
        cards=[figure_of(card) for card in record.cards[:CARDS]],
        actions=[_action(one) for one in record.actions[:MOST_ACTIONS]],
        believe=line(record.believe, 700),
        table=_rows(record.table) if record.table and record.table.rows else None,
        charts=[chart for chart in charts if chart],
        notes=notes,
        brand=brand(),
        link=link_to(link_base_url, edition, f"{report.name}.html"),
        link_words="Open the full report",
        links=_links(report, edition, link_base_url, others),
        footer=_footer(record, edition),
    )


def shorter(content: Content) -> Content | None:
    """The same with half the table, then without it, then without the last finding; None where that is all there is."""
    if table := content.table:
        kept = len(table.rows) // 2
        less = replace(table, rows=table.rows[:kept], more=table.more + len(table.rows) - kept)
        return replace(content, table=less if kept else None)
    if len(content.findings) > 1:
        return replace(content, findings=content.findings[:-1], more=content.more + 1)
    return None


def report_subject(record: Record) -> str:
    """ "Weekly review · Loja Açaí: 3 campaigns, 41,200 reached, as usual"; the first finding where no verdict is."""
    kind, title = heading_of(header(record.notebook, 40)), header(record.name, 60)
    about = title if title.lower().startswith(kind.lower()) else f"{kind} · {title}"
    verdict = header(record.sentence, 90)
    return f"{about}: {verdict}" if verdict else about


def link_to(base: str | None, *parts: str) -> str | None:
    """Where a file of the edition can be opened, if reports can be opened anywhere."""
    return "/".join([base.rstrip("/"), *map(quote, parts)]) if base else None


def _links(report, edition, base, others):
    if not base:
        return []
    pages = [(f"{one.name}.html", one.record) for one in others]
    around = links_of(f"{report.name}.html", report.record, pages)
    every = (link_to(base, edition, "index.html"), f"All reports of {edition}")
    return [every, *((link_to(base, edition, unquote(at)), line(text, 120)) for at, text in around[:LINKS])]


def _said(finding: Finding) -> Said:
    return Said(_level(finding.level), line(finding.text, 500), line(finding.advice, 300))


def _action(action: Action) -> Action:
    """What to do, without its command: that is for who opens the report."""
    return Action(line(action.text, 160), line(action.why, 300), line(action.gain, 60))


def _level(level):
    return level if level in SYMBOLS else "note"


def figure_of(card: Card) -> Figure:
    """A card as a mail shows it."""
    verdict = Said(_level(card.verdict.level), line(card.verdict.words, 80)) if card.verdict else None
    beside = "; ".join(filter(None, [card.usual.words if card.usual else "", card.beside]))
    return Figure(line(card.label, 40), line(card.count, 30), line(card.share, 60), line(beside, 120), verdict)


def _rows(table: Table) -> Rows:
    heads = [line(head, 40) for head in table.heads[:COLUMNS]]
    cells = [[_cell(cell) for cell in row[: len(heads)]] for row in table.rows[:ROWS]]
    rows = [row + [""] * (len(heads) - len(row)) for row in cells]
    numeric = [at > 0 and all(_NUMERIC.fullmatch(row[at]) for row in rows) for at in range(len(heads))]
    return Rows(line(table.caption, 200), heads, numeric, rows, len(table.rows) - len(rows))


def _cell(value):
    return numbers.NOTHING if value is None else line(value if isinstance(value, str) else _number(value), 80)


def _number(value):
    """A number with the decimals that it has."""
    return numbers.decimal(value, max(0, -int(Decimal(str(value + 0)).as_tuple().exponent)))


def _footer(record, edition):
    as_of = f"Data as of {_moment(record.data_as_of)}. " if record.data_as_of else ""
    made = f"Made {_moment(record.generated_at)}" if record.generated_at else "Made"
    code = f" by reportlib {line(record.code_version, 60)}" if record.code_version else " by reportlib"
    return f"{as_of}{made}{code}, and sent automatically for the edition {line(edition, 60)}."


def _moment(iso):
    """ "15 Nov 2026, 17:59 UTC", or the text itself where it is no moment."""
    try:
        return numbers.utc(iso)
    except ValueError:
        return line(iso, 40)
