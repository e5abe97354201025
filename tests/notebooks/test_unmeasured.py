"""Of what no source measures nothing that is shown says that it did not happen, gives a rate, or judges."""

import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pandas as pd
import pytest

from reportlib import metrics
from reportlib.definitions import COMPARED
from reportlib.metrics.comparison.verdict import verdict_table
from reportlib.metrics.people.summary import RATES
from reportlib.presentation.look.display import REPORT_MIME
from reportlib.publishing.export.summary import write_csv
from reportlib.publishing.mail.content import report_content, report_subject
from reportlib.publishing.mail.made_report import read_made
from reportlib.publishing.page.index import write_index
from reportlib.reports.record import record_of, written
from tests import few
from tests.notebooks.cells import NAMES, outputs, text_of
from tests.small_database import START, SmallDatabase, fill, in_memory_engine

WEEKS, PEOPLE = 14, 48
CAMPAIGN = f"week {WEEKS - 1}"
ASKED = {
    "audience_health": {"account": "acme"},
    "campaign_comparison": {"campaigns": ["week 12", CAMPAIGN], "breakdowns": ["channel", "country"]},
    "campaign_impact": {"experiment": None},
    "exploring": {"campaign": CAMPAIGN},
    "live_monitor": {"campaign": CAMPAIGN},
    "post_campaign_review": {"campaign": CAMPAIGN, "breakdowns": ["country", "carrier"]},
    "send_time_heatmap": {},
    "weekly_review": {"account": "acme", "week": "2026-W45"},
    "what_works": {"account": "acme"},
}
DENIED = r"nobody (has (opened|clicked|responded)|was reached|failed|opened|clicked|replied)"
DENIED += r"|nothing (has )?(failed|was sent|been delivered)"
JUDGED = r"(below|above|at|at the|the) (the )?95|healthy|investigat|than usual|usual for you|\bas usual\b"
RATED = r"(delivered|reached|opened|clicked|replied|unsubscribed)[^.;\n|]{0,12}\b\d+(\.\d+)?\s?%(?! interval)"
FAILURES_RATED = r"failed[^.;\n|]{0,12}\b\d+(\.\d+)?\s?%(?! interval)|within (the )?5|(above|at) (the )?5\s?%"
ZERO = r"(?<![\d.,:+−-])0(\.0+)?(\s?%)? (of \w+ )?(deliver|fail|pending|reach|open|click|repl|unsub|complain)"


def sent_only(status=lambda number: "sent"):
    """Fourteen campaigns on three channels, of which no more than the `status` of each message was ever heard."""
    database = SmallDatabase()
    database.account("acme")
    for week in range(WEEKS):
        at = START - timedelta(weeks=WEEKS - 1 - week)
        database.campaign(f"week {week}", start=at, completed_at=at, audience=PEOPLE, template_id=f"t{week}")
        for number in range(PEOPLE):
            database.contact(f"p{number}", country="DE" if number % 2 else "BR", carrier="X")
            row = {"channel": ("email", "sms", "whatsapp")[number % 3], "provider": "own"}
            database.message(f"week {week}", f"p{number}", status(number), at=at, **row)
    return fill(in_memory_engine(), database)


@pytest.fixture(scope="module")
def unmeasured():
    """Handed over and never heard of again."""
    return sent_only()


@pytest.fixture(scope="module")
def received():
    """Receipts come in, for seven of eight, and nothing else ever did."""
    return sent_only(lambda number: "delivered" if number % 8 else "sent")


@pytest.fixture(scope="module")
def shown(unmeasured):
    """What each notebook's cells show, once."""
    made = {}
    return lambda name: made.setdefault(name, outputs(name, unmeasured, **ASKED[name]))


def texts(found):
    said = map(text_of, found)
    return [text for text in said if "The words of this report" not in text and "What it counts" not in text]


def not_said(text, *wrong):
    for one in wrong:
        found = re.search(one, text, re.IGNORECASE)
        assert not found, text[max(0, found.start() - 80) : found.end() + 80]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_denied_judged_or_rated(shown, name):
    said = texts(shown(name))
    assert any("not measured" in text for text in said) or name in ("campaign_impact", "send_time_heatmap")
    for text in said:
        not_said(text, DENIED, JUDGED, RATED, FAILURES_RATED, ZERO)


@pytest.mark.parametrize(
    "name", few(["post_campaign_review", "live_monitor", "campaign_comparison", "weekly_review"], 2)
)
def test_nor_failures_where_only_receipts_come_in(received, name):
    for text in texts(outputs(name, received, **ASKED[name])):
        not_said(text, DENIED, FAILURES_RATED, r"(?<![\d.,:+−-])0(\.0+)?(\s?%)? (of \w+ )?(fail|pending)")


def test_nor_in_an_index_or_a_mail(shown, tmp_path):
    for name in NAMES:
        heads = [one.also[REPORT_MIME] for one in shown(name) if REPORT_MIME in getattr(one, "also", {})]
        for about in heads:
            record = record_of({"notebook": name, "subject": name} | about)
            (tmp_path / f"{name}.json").write_bytes(written(record))
            (tmp_path / f"{name}.html").write_text("<html><body></body></html>", encoding="utf-8")
            content = report_content(read_made(tmp_path, name), "edition", [], None)
            told = [report_subject(record), content.subtitle, content.believe, content.table]
            mail = re.sub(r"'", " ", repr([*told, content.findings, content.cards, content.actions]))
            not_said(mail.replace(", share= ", " "), DENIED, JUDGED, RATED, FAILURES_RATED, ZERO)
    index = re.sub(r"<style>.*?</style>|<[^>]+>", " ", write_index(tmp_path).read_text(encoding="utf-8"))
    index = re.sub(r"\s+", " ", unescape(index))
    assert index.count("not measured") >= 5
    not_said(index, DENIED, JUDGED, RATED, FAILURES_RATED, ZERO, r"\b0\.0\s?%")


def test_nor_in_an_export(unmeasured, received, tmp_path):
    def exported(frame) -> pd.DataFrame:
        return pd.read_csv(write_csv(frame, Path(tmp_path / "export.csv")))

    told = {"sent_pct_of_audience", "delivered_pct_of_audience", "delivered_pct_of_sent"}
    for warehouse, known in ((unmeasured, {"sent_pct_of_audience"}), (received, told)):
        rows = exported(metrics.summary(warehouse))
        assert {rate for rate in RATES if rows[rate].notna().any()} == known
        assert rows[["failed", "pending", "opened", "clicked", "replied", "opened_total"]].isna().all(axis=None)
        compared = metrics.comparable(warehouse, ["week 12", CAMPAIGN])
        design = metrics.design(warehouse, compared)
        verdicts = [*metrics.compare_campaigns(compared, design), *metrics.explore_campaigns(compared, design)]
        rows = exported(verdict_table(verdicts)).set_index("metric")
        judged = {"delivered"} if "delivered_pct_of_sent" in known else set()
        assert {metric for metric in COMPARED if rows.loc[[metric], "base"].notna().any()} == judged
