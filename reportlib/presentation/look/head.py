"""The head and the foot of every report: what it says first, and where it all came from."""

import json
import shlex
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from html import escape
from importlib.metadata import version

import pandas as pd

from reportlib import metrics, scope
from reportlib.code_version import code_version
from reportlib.errors import InvalidParameters
from reportlib.presentation.look import cards, feeds, first_screen, numbers, table
from reportlib.presentation.look.cards import Card
from reportlib.presentation.look.display import REPORT_MIME, Display, name_html, one_below_the_other, stylesheet
from reportlib.presentation.look.finding import SYMBOLS, Finding, worst
from reportlib.presentation.look.first_screen import FirstScreen
from reportlib.presentation.look.table import notes, shown_cards
from reportlib.warehouse import Warehouse
from reportlib.warehouse.connect.calls import copied

LIBRARIES = ("pandas", "altair", "sqlalchemy", "statsmodels", "duckdb")


def head(about: dict, first: FirstScreen, ended: str = "") -> Display:
    """What a report says first, with its style.

    `about`, which has title and subtitle, goes along as REPORT_MIME with what the first screen says: level, cards,
    findings (the verdict, then those of `about`), actions, what to believe, and before that the feeds that `ended`.
    """
    first = replace(first, believe=" ".join(filter(None, (ended, first.believe))))
    said = first_screen.shown(first)
    told = {"language": "en", **about} | {
        "account_id": about.get("account_id") or scope.latest().account_id,
        "level": first.verdict.level,
        "cards": cards.records(first.cards),
        "findings": [vars(first.verdict), *about.get("findings", [])],
        "actions": [vars(one) for one in first.actions],
        "believe": first.believe,
    }
    text = f"{about['title']}\n{about['subtitle']}\n{said.text}"
    return Display(f"<style>{stylesheet()}</style>{said.html}", text, {REPORT_MIME: told}, _titled(about))


def headline(
    title: str,
    findings: Sequence[Finding | str] = (),
    cards: Sequence[Card] = (),
    *,
    base: str = "",
    subtitle: str = "",
    verdict: str | None = None,
    table: pd.DataFrame | None = None,
    started_at=None,
    data_as_of=None,
    totals: dict | None = None,
    figures: pd.DataFrame | None = None,
) -> Display:
    """The head of a report of one's own: its findings, and beside them its cards.

    Besides HTML and text it carries what the page's title, the index, a mail and the record need to know.

    Parameters
    ----------
    title, subtitle : str, plain text, above all else on the page
    findings : `Finding`s, or sentences
    cards : `Card`s; a count that is a number is written as one
    base : str, a sentence below the cards: what their shares are of
    verdict : str, the whole in a few words, as a mail's subject has it; without one the first finding
    table : DataFrame, shown in mails
    started_at, data_as_of : datetime with its time zone; when what the report is about began (the index has the latest
        first), and up to when there are data
    totals : numbers by name, on which mails can be conditional (`only_if`)
    figures : DataFrame, kept in the record

    Raises
    ------
    InvalidParameters
        A level that is none, or a number that JSON does not know.

    Example
    -------
    >>> head = headline("Coupons", ["4 of 10 coupons came back."], [Card("Coupons", 10, "40 % used")])
    >>> head.text.splitlines()[0]
    'Coupons'
    """
    found = [Finding("", "note", one) if isinstance(one, str) else one for one in findings]
    if wrong := next((one.level for one in found if one.level not in SYMBOLS), None):
        raise InvalidParameters(f"a finding has the level {wrong!r}: use one of {', '.join(SYMBOLS)}")
    shown = [one if isinstance(one.count, str) else replace(one, count=_number(one.count)) for one in cards]
    about = {
        "title": str(title),
        "subtitle": str(subtitle),
        "language": "en",
        "started_at": _moment(started_at),
        "data_as_of": _moment(data_as_of),
        "verdict": verdict,
        "level": worst(one.level for one in found),
        "cards": [asdict(one) for one in shown],
        "table": None if table is None else plain_table(table),
        "totals": totals,
        "figures": None if figures is None else records(figures),
        "findings": [vars(one) for one in found],
    }
    about["account_id"] = scope.latest().account_id
    said = {name: value for name, value in about.items() if value is not None}
    try:
        said = json.loads(json.dumps(said, allow_nan=False, default=_plain_number))
    except ValueError:
        raise InvalidParameters("a total of the headline is no number: leave out what is not known") from None
    parts = [notes(found)] * bool(found) + [shown_cards(shown, base)] * bool(shown)
    below = one_below_the_other(parts)
    text = f"{said['title']}\n{said['subtitle']}\n{below.text}"
    return Display(f"<style>{stylesheet()}</style>{below.html}", text, {REPORT_MIME: said}, _titled(said))


def _titled(about):
    """Title and subtitle, which a page has above all: for a notebook."""
    account = f"<b>{name_html(about['account'])}</b> · " if about.get("account") else ""
    return f'<h2 class="title">{name_html(about["title"])}</h2><p class="base">{account}{escape(about["subtitle"])}</p>'


def plain_table(frame: pd.DataFrame, caption: str = "") -> dict:
    """A frame as mails show it: numbers as numbers, moments and missing ones as text."""
    known = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    rows = [[one if one is None or isinstance(one, (int, float, str)) else str(one) for one in row] for row in known]
    return {"caption": caption, "heads": [str(name) for name in frame.columns], "rows": rows}


def _number(count) -> str:
    return numbers.count(count) if pd.isna(count) or float(count).is_integer() else numbers.decimal(count, 2)


def _plain_number(value):
    """A number of numpy's, as those of frames are; any other value as text."""
    return value.item() if hasattr(value, "item") else str(value)


def _moment(moment):
    return None if moment is None else iso(pd.Timestamp(moment).tz_convert("UTC"))


def provenance(warehouse: Warehouse, campaigns, parameter_file: str, *, among=None, **parameters) -> Display:
    """Where the figures came from, and the command that makes them anew.

    `campaigns` are those asked for, None for all; `among` those of them that were read, where others were left out.

    Example
    -------
    >>> print(provenance(warehouse, ["spring-sale"], "demo.yaml").text)
    How this report was made
    Data as of  Sun 15 Nov 2026, 15:00 (America/Sao_Paulo)
    Account time zone  America/Sao_Paulo
    ...
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
    as_of = f"{numbers.moment(metrics.data_as_of(warehouse), zone)} ({zone})"
    return table.facts(
        {
            "Data as of": "; ".join(filter(None, (as_of, feeds.ended(metrics.freshness(warehouse, read), zone)))),
            "Account time zone": ", ".join(zones),
            "Database": _database(warehouse, zone),
            "Rows read": f"{numbers.count(rows['messages'])} messages, {numbers.count(rows['events'])} events",
            "Parameters": "; ".join(f"{name}: {value}" for name, value in asked.items()),
            "Code": code_version(),
            "Libraries": ", ".join(f"{library} {version(library)}" for library in LIBRARIES),
            "Made": f"{numbers.moment(pd.Timestamp(warehouse.opened_ms, unit='ms', tz='UTC'), zone)}, "
            f"in {numbers.decimal(time.time() - warehouse.opened_ms / 1000, 1)} s",
            "To make it again": shlex.join(again),
        },
        "How this report was made",
    )


def _database(warehouse, zone) -> str:
    """Its address; of a copy also what it is one of, and when that was read."""
    if (call := copied(warehouse)) is None:
        return warehouse.address
    read = numbers.moment(pd.Timestamp(call.read_at, tz="UTC"), zone)
    return f"{warehouse.address}, a copy of {call.address}, read {read}"


def records(frame: pd.DataFrame) -> list[dict]:
    """The rows as JSON has them: numbers as numbers, missing ones as null, moments as ISO 8601."""
    return json.loads(frame.to_json(orient="records", date_format="iso", double_precision=10))


def iso(timestamp):
    return None if pd.isna(timestamp) else timestamp.strftime("%Y-%m-%dT%H:%M:%SZ")
