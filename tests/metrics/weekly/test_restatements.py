"""What late events changed in figures that were reported: against tables made by hand."""

import json
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from reportlib import earlier_review, metrics
from reportlib.errors import InvalidParameters
from reportlib.metrics import Week
from reportlib.metrics.weekly.restatements import FIGURES, SNAPSHOT, EarlierReview, vanished
from tests.small_database import SmallDatabase, fill

WEEK = Week(2026, 46)
START = datetime(2026, 11, 9, 9, tzinfo=UTC)


def rows(*told):
    """A snapshot of rows (campaign, channel, delivered, clicked, opened); the other figures are 100, 0, 0, 0 and 0."""
    found = [
        (campaign, f"Campaign {campaign}", channel, 100, 100, delivered, 0, opened, clicked, 0, 0)
        for campaign, channel, delivered, clicked, opened in told
    ]
    return pd.DataFrame(found, columns=SNAPSHOT).astype(dict.fromkeys(FIGURES, "Int64"))


BEFORE = rows(
    ("a", "whatsapp", 90, 10, 40),
    ("a", "all", 90, 10, 40),
    ("b", "sms", 80, 0, None),
    ("b", "all", 80, 0, None),
    ("gone", "all", 70, 7, 7),
)
NOW = rows(
    ("new", "all", 60, 6, 6),
    ("a", "whatsapp", 91, 12, 40),
    ("a", "all", 91, 12, 40),
    ("b", "sms", 80, 3, None),
    ("b", "all", 80, 3, None),
)


def test_each_figure_that_changed_is_told_with_its_change_in_percent():
    frame = metrics.restatements(NOW, BEFORE)
    assert frame.drop(columns="campaign_name").astype(object).where(frame.notna(), None).to_numpy().tolist() == [
        ["a", "whatsapp", "delivered", 90, 91, pytest.approx(100 / 90)],
        ["a", "whatsapp", "clicked", 10, 12, 20.0],
        ["a", "all", "delivered", 90, 91, pytest.approx(100 / 90)],
        ["a", "all", "clicked", 10, 12, 20.0],
        ["b", "sms", "clicked", 0, 3, None],  # from zero there is no change in percent
        ["b", "all", "clicked", 0, 3, None],
    ]


def test_the_totals_are_of_the_campaigns_in_both():
    frame = metrics.restated_totals(NOW, BEFORE)
    assert frame["figure"].tolist() == ["delivered", "clicked"]
    assert frame[["before", "now"]].to_numpy().tolist() == [[170, 171], [10, 15]]
    assert frame["change_pct"].tolist() == [pytest.approx(100 / 170), 50.0]


def test_what_was_not_measured_then_is_told_but_in_no_total():
    then, now = rows(("b", "all", 80, 0, None)), rows(("b", "all", 80, 0, 9))
    (found,) = metrics.restatements(now, then).itertuples()
    assert (found.figure, pd.isna(found.before), found.now) == ("opened", True, 9)
    assert metrics.restated_totals(now, then).empty


def test_the_same_twice_restates_nothing():
    assert metrics.restatements(NOW, NOW).empty
    assert metrics.restated_totals(NOW, NOW).empty


def database_with(events):
    """Two campaigns in week 46: 3 e-mails, to which so many clicks came, and an SMS, which cannot be opened."""
    database = SmallDatabase(opened_at=START + timedelta(days=9))
    database.account("acme")
    database.campaign(7, start=START)
    for number in range(3):
        database.contact(f"c{number}")
        message = database.message(7, f"c{number}", at=START)
        if number < events:
            database.event(message, "clicked")
    database.campaign(8, start=START)
    database.message(8, "c0", channel="sms", at=START)
    return database


def weekly(engine, events, earlier=None, week="2026-W46"):
    return metrics.weekly_figures(fill(engine, database_with(events)), "acme", week, 12, earlier_review(earlier))


def stored(path, figures, **changes):
    """The JSON that a report on these figures leaves, as far as the next one reads it."""
    about = {
        "notebook": "weekly_review",
        "subject": "acme-2026-w46",
        "account_id": "acme",
        "week": str(figures.week),
        "data_as_of": "2026-11-09T09:10:00Z",
        "campaign_ids": ["7"],
    }
    about["snapshot"] = json.loads(figures.snapshot.to_json(orient="records"))
    path.write_text(json.dumps(about | changes))
    return str(path)


def test_a_later_review_finds_what_came_late_whatever_kind_of_id(engine, tmp_path):
    before = stored(tmp_path / "w46.json", weekly(engine, 1))
    now = weekly(engine, 3, before, "2026-W47")
    frame = metrics.restatements(now.snapshot, now.earlier.snapshot)
    assert frame[frame["channel"] == "all"][["campaign_id", "figure", "before", "now"]].to_numpy().tolist() == [
        ["7", "clicked", 1, 3]
    ]
    assert (now.earlier.week, now.earlier.data_as_of) == (WEEK, pd.Timestamp("2026-11-09T09:10:00Z"))


def test_a_campaign_that_vanished_is_told_and_one_outside_the_weeks_is_not(duckdb):
    warehouse = fill(duckdb, database_with(1))
    earlier = EarlierReview("w46.json", "acme", WEEK, (), pd.NaT, rows(("7", "all", 3, 1, 0), ("gone", "all", 1, 1, 1)))
    assert vanished(warehouse, earlier)["campaign_id"].tolist() == ["gone"]
    assert vanished(warehouse, None).empty


@pytest.fixture(scope="module")
def of_week_46(duckdb):
    return weekly(duckdb, 1)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"account_id": "zenith"}, "is about the account 'zenith', not 'acme'"),
        ({"week": "2026-W47"}, "is about 2026-W47, a later week than 2026-W46"),
        ({"week": "2026-W99"}, "is not the record of a weekly review"),
        ({"campaign_ids": None}, "is not the record of a weekly review"),
        ({"snapshot": None}, "is not the record of a weekly review"),
        ({"notebook": None}, "is no record of a report, or not whole: notebook"),
        ({"snapshot": [{"campaign_id": "a"}]}, "is not the record of a weekly review"),
        ({"snapshot": [dict.fromkeys(SNAPSHOT, "many")]}, "is not the record of a weekly review"),
        ({"snapshot": [dict.fromkeys(SNAPSHOT, -1)]}, "is not the record of a weekly review"),
        ({"snapshot": [dict.fromkeys(SNAPSHOT, True)]}, "is not the record of a weekly review"),
        ({"data_as_of": 7}, "is no record of a report, or not whole: data_as_of"),
    ],
)
def test_a_file_that_is_no_earlier_review_is_an_error_that_names_it(duckdb, of_week_46, tmp_path, changes, said):
    path = stored(tmp_path / "x.json", of_week_46, **changes)
    with pytest.raises(InvalidParameters) as raised:
        weekly(duckdb, 1, path)
    assert str(raised.value).startswith(path)
    assert said in str(raised.value)


@pytest.mark.parametrize("content", [b"", b"[1]", b"{}", b"\xff\xfe", b'"text"', b'{"failure": {}}'])
def test_a_damaged_or_foreign_file(tmp_path, content):
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(InvalidParameters, match=r"is no JSON|is no record of a report"):
        earlier_review(str(path))


def test_a_file_that_is_missing(tmp_path):
    with pytest.raises(InvalidParameters, match="cannot be read"):
        earlier_review(str(tmp_path / "none.json"))
