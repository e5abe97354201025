"""The detailed export: what is in it, that it agrees with the reports, and that it comes back whole."""

import csv
import gzip
import hashlib
import hmac
import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import create_engine

from reportlib import metrics, open_warehouse
from reportlib.errors import CampaignNotStarted, InvalidParameters, OutputError
from reportlib.publishing.export.messages import write_detailed
from reportlib.warehouse.callbacks.tables.importing import import_detailed
from tests import examples
from tests.in_process import reportlib
from tests.small_database import START, SmallDatabase, campaign, fill, small_database

CAMPAIGNS = [
    "spring-sale",
    "delivery-notice",
    "childrens-day",
    "book-fair",
    "clock-change",
    "survey",
    "points-reminder",
]


def exported(url, path, campaigns, **how):
    """The rows of an export, as dicts of texts."""
    warehouse = open_warehouse(url)
    written = write_detailed(warehouse, campaigns, path, **how)
    warehouse.engine.dispose()
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert written == len(rows)
    return rows


def stored(url, database):
    engine = create_engine(url)
    fill(engine, database)
    engine.dispose()
    return url


@pytest.fixture(scope="module")
def demo_rows(demo_url, tmp_path_factory):
    return exported(demo_url, tmp_path_factory.mktemp("export") / "demo.csv", CAMPAIGNS)


def test_it_adds_up_to_what_the_review_counts(demo_url, demo_rows):
    warehouse = open_warehouse(demo_url)
    for campaign_id in CAMPAIGNS:
        rows = [row for row in demo_rows if row["campaign_id"] == campaign_id]
        ledger = metrics.delivery(warehouse, campaign_id).iloc[0]
        people = {}
        for row in rows:
            best = ("not sent", "failed", "pending", "delivered").index(row["outcome"])
            people[row["contact_id"]] = max(best, people.get(row["contact_id"], 0))
        assert [list(people.values()).count(place) for place in range(4)] == list(
            ledger[["not_sent", "failed", "pending", "delivered"]]
        )
        engagement = metrics.engagement(warehouse, campaign_id).iloc[0]
        assert sum(int(row["opens"]) for row in rows) == engagement["opened_total"]
        human = sum(int(row["clicks"]) - int(row["clicks_by_machines"] or 0) for row in rows)
        assert human == engagement["clicked_total"]
        if not pd.isna(engagement["replied_in_base"]):
            assert sum(int(row["replies"]) for row in rows) == engagement["replied_total"]
        assert len({row["contact_id"] for row in rows if row["unsubscribed_at"]}) == engagement["unsubscribed"]


@pytest.mark.parametrize(("which", "permanence"), [("retryable", "transient"), ("permanent", "permanent")])
def test_who_to_send_again_and_whom_to_leave_is_what_the_review_counts(demo_url, tmp_path, which, permanence):
    for campaign_id in ("spring-sale", "delivery-notice", "app-launch"):
        rows = exported(demo_url, tmp_path / "rows.csv", campaign_id, which=which)
        failures = metrics.failures(open_warehouse(demo_url), campaign_id)
        assert len(rows) == failures.loc[failures["permanence"] == permanence, "failed"].sum() > 0
        assert {row["failure_class"] for row in rows} == {permanence}
        assert len({row["contact_id"] for row in rows}) == len(rows)
        told = set(zip(failures["code"], failures["title"], failures["advice"], strict=True))
        assert {(row["failure_code"], row["failure_title"], row["advice"]) for row in rows} <= told


def test_failed_only(demo_url, demo_rows, tmp_path):
    rows = exported(demo_url, tmp_path / "rows.csv", CAMPAIGNS, which="failed")
    assert sorted(map(str, rows)) == sorted(str(row) for row in demo_rows if row["status"] == "failed")


def test_every_format_holds_the_same(demo_url, tmp_path):
    plain = exported(demo_url, tmp_path / "rows.csv", "vip-dinner")
    assert exported(demo_url, tmp_path / "rows.csv.gz", "vip-dinner") == plain
    write_detailed(open_warehouse(demo_url), "vip-dinner", tmp_path / "rows.parquet")
    table = duckdb.sql(f"FROM '{tmp_path / 'rows.parquet'}'")
    assert table.columns == list(plain[0])
    assert len(table) == len(plain)
    assert {row[table.columns.index("message_id")] for row in table.fetchall()} == {row["message_id"] for row in plain}


def test_the_engines_write_the_same(duckdb_url, postgresql_url, sqlite_url, tmp_path):
    database = small_database(
        campaign("100%", audience=9)
        .sent(8, provider="ses")
        .delivered(5, opened=4, clicked=2, replied=1)
        .failed(2, code="5.1.1")
    )
    database.account("kathmandu", "Asia/Kathmandu")
    database.campaign("b", account="kathmandu")
    database.contact("k", "kathmandu")
    database.message("b", "k", "failed", channel="email", provider="ses", failure_reason="smtp; 550 5.1.1 no such user")
    first, *others = [
        exported(stored(url, database), tmp_path / f"{number}.csv", None)
        for number, url in enumerate((duckdb_url, postgresql_url, sqlite_url))
    ]
    assert [sorted(map(str, rows)) for rows in others] == [sorted(map(str, first))] * 2
    assert {row["queued_at"][-6:] for row in first} == {"+00:00", "+05:45"}


def test_a_time_has_the_offset_that_its_accounts_zone_had(duckdb_url, tmp_path):
    database = SmallDatabase()
    database.account("acme", "Europe/Berlin")
    database.campaign("a")
    moments = [datetime(2026, 10, 25, 0, 59, 59, tzinfo=UTC) + timedelta(seconds=n) for n in range(3)]
    moments += [datetime(2026, 7, 1, 12, 0, 0, 123_000, tzinfo=UTC)]
    for number, moment in enumerate(moments):
        database.contact(f"c{number}")
        database.message("a", f"c{number}", at=moment)
    rows = exported(stored(duckdb_url, database), tmp_path / "rows.csv", "a")
    expected = [moment.astimezone(ZoneInfo("Europe/Berlin")).isoformat(timespec="milliseconds") for moment in moments]
    assert sorted(row["queued_at"] for row in rows) == sorted(expected)


TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), min_size=1, max_size=12)
AWKWARD = st.sampled_from(
    ["=1+1", "'=1", "''@x", "a\tb", "-5", "a,b", 'say "hi"', "two\nlines", "a\rb", "\u0378=1", "𝛼"]
)
NAMES = (TEXT | AWKWARD).map(str.strip).filter(bool)  # blanks around a cell are no part of it on the way in


@settings(max_examples=examples(2), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_what_is_exported_and_imported_is_exported_the_same(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("round")
    database = SmallDatabase()
    database.account(data.draw(NAMES), data.draw(st.sampled_from(["Europe/Berlin", "America/Sao_Paulo"])))
    account = database.accounts[0]["account_id"]
    database.campaign("a", account=account, name=data.draw(NAMES))
    times = st.none() | st.integers(0, 10**9).map(lambda ms: START + timedelta(milliseconds=ms))
    for number in range(data.draw(st.integers(1, 5))):
        contact = f"{number}{data.draw(NAMES)}"
        database.contact(contact, account)
        message = database.message(
            "a",
            contact,
            data.draw(st.sampled_from(["queued", "sent", "delivered", "failed"])),
            channel=data.draw(st.sampled_from(["email", "sms", "whatsapp"])),
            **{name: data.draw(times) for name in ("queued_at", "sent_at", "delivered_at", "failed_at")},
            **{
                name: data.draw(st.none() | NAMES)
                for name in ("provider", "provider_message_id", "currency", "category")
            },
            **{name: data.draw(st.none() | NAMES) for name in ("failure_code", "failure_reason")},
            cost=data.draw(st.none() | st.floats(0, 10)),
            parts=data.draw(st.none() | st.integers(1, 9)),
            billable=data.draw(st.sampled_from([None, True, False])),
        )
        for _ in range(data.draw(st.integers(0, 4))):
            kind = data.draw(st.sampled_from(["opened", "clicked", "replied", "unsubscribed", "complained"]))
            database.event(message, kind, machine=data.draw(st.sampled_from([None, True, False])))
    one, other = f"duckdb:///{folder}/one.duckdb", f"duckdb:///{folder}/other.duckdb"
    exported(stored(one, database), folder / "one.csv", "a")
    summary = import_detailed([str(folder / "one.csv")], other)
    assert (summary.imported, summary.rejected) == (len(database.messages), 0)
    exported(other, folder / "other.csv", "a")
    assert sorted(read(folder / "one.csv")) == sorted(read(folder / "other.csv"))


def read(path):
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))


@pytest.mark.slow
def test_the_demo_comes_back_and_imports_into_itself_without_a_change(demo_url, demo_rows, tmp_path):
    write_detailed(open_warehouse(demo_url), CAMPAIGNS, tmp_path / "demo.csv")
    other = f"duckdb:///{tmp_path}/other.duckdb"
    for _ in range(2):  # twice is as good as once
        import_detailed([str(tmp_path / "demo.csv")], other)
        rows = exported(other, tmp_path / "other.csv", CAMPAIGNS)
        assert sorted(map(str, rows)) == sorted(map(str, demo_rows))


def test_no_cell_runs_as_a_formula(demo_rows):
    assert {row["campaign"] for row in demo_rows if row["campaign_id"] == "survey"} == {"'=SUM(1+1) pesquisa"}


def test_anonymised_ids_are_keyed_hashes_and_nothing_names_a_person(demo_url, demo_rows, tmp_path, monkeypatch):
    monkeypatch.setenv("REPORTLIB_ANONYMISE_KEY", "k" * 70)  # longer than a block of SHA-256
    rows = exported(demo_url, tmp_path / "rows.csv", "delivery-notice", anonymise=True)
    ids = {row["contact_id"] for row in demo_rows if row["campaign_id"] == "delivery-notice"}
    hashed = {hmac.new(b"k" * 70, identity.encode(), hashlib.sha256).hexdigest() for identity in ids}
    assert {row["contact_id"] for row in rows} == hashed
    assert {row["failure_reason"] + row["provider_message_id"] for row in rows} == {""}
    assert not {row["message_id"] for row in rows} & {row["message_id"] for row in demo_rows}


def test_anonymising_needs_a_key(demo_url, tmp_path, monkeypatch):
    monkeypatch.delenv("REPORTLIB_ANONYMISE_KEY", raising=False)
    with pytest.raises(InvalidParameters, match="set REPORTLIB_ANONYMISE_KEY"):
        write_detailed(open_warehouse(demo_url), "vip-dinner", tmp_path / "rows.csv", anonymise=True)
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written_is_a_clear_error(demo_url, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="cannot be written"):
        write_detailed(open_warehouse(demo_url), "vip-dinner", tmp_path / "file" / "rows.csv")
    with pytest.raises(InvalidParameters, match=r"ends in none of \.csv"):
        write_detailed(open_warehouse(demo_url), "vip-dinner", tmp_path / "rows.xlsx")
    with pytest.raises(CampaignNotStarted):
        write_detailed(open_warehouse(demo_url), "black-friday", tmp_path / "rows.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_command_writes_what_was_asked_for(demo_url, tmp_path):
    path = tmp_path / "it's a file.csv"
    done = reportlib("export", "detailed", "--campaign", "vip-dinner", "--failed-only", "--to", path, database=demo_url)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{len(read(path)) - 1} rows in {path}\n"
    assert done.stderr == ""
