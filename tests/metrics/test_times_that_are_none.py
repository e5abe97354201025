"""Rows whose times are no times fail no report, are counted, are in nothing that has to do with time, and are named."""

from datetime import UTC, datetime, timedelta

import pytest

from reportlib import metrics
from reportlib.publishing.export.messages import write_detailed
from reportlib.warehouse.check.check import check_warehouse
from reportlib.warehouse.warehouse import Warehouse
from tests import few
from tests.notebooks.cells import NAMES, outputs, text_of
from tests.small_database import MINUTE, SmallDatabase, fill

PARSED = ["1970-01-01 00:00:00", "0001-01-01 00:00:00", "9999-12-31 23:59:59"]
TIMES = {
    "duckdb": [*PARSED, "20000-01-01 00:00:00", "infinity", "-infinity"],
    "postgresql": [f"{text}+00" for text in (*PARSED, "20000-01-01 00:00:00")] + ["infinity", "-infinity"],
    "sqlite": [*(f"{text}.000000" for text in PARSED), "20000-01-01 00:00:00", "infinity"],
}
SENT = datetime(2026, 11, 9, 9, tzinfo=UTC)
PEOPLE = 30
ASKED = [  # those that have most to do with time first
    ("post_campaign_review", {"campaign": "b", "breakdowns": ["country"]}),
    ("weekly_review", {"account": "acme", "week": "2026-W46"}),
    ("send_time_heatmap", {}),
    ("post_campaign_review", {"campaign": "no 0", "breakdowns": []}),
    ("audience_health", {"account": "acme"}),
    ("campaign_comparison", {"campaigns": ["a", "b"], "breakdowns": ["channel", "country"]}),
    ("campaign_impact", {"experiment": None}),
    ("exploring", {"campaign": "b"}),
    ("live_monitor", {"campaign": "b"}),
    ("what_works", {"account": "acme", "fewest": 2}),
]


def two_campaigns():
    database = SmallDatabase()
    database.account("acme", "Europe/Berlin")
    for name in "ab":
        database.campaign(name, start=SENT, completed_at=SENT + timedelta(hours=1), template_id=name)
        for number in range(PEOPLE):
            database.contact(f"{name}{number}", country="DE" if number % 2 else "BR")
            row = {"at": SENT + number * MINUTE, "provider": "own", "channel": "email" if number % 3 else "whatsapp"}
            if number % 10 == 9:
                database.message(name, f"{name}{number}", "failed", failure_code="30003", **row)
            else:
                database.event(database.message(name, f"{name}{number}", **row), "clicked")
    return database


@pytest.fixture
def warehouse(engine):
    """Two campaigns as usual, and in b for each such time a delivered, a failed and a sent message and their clicks; a
    click on a usual message; a campaign of its own."""
    opened_ms = fill(engine, two_campaigns()).opened_ms
    with engine.begin() as connection:

        def insert(table, **values):
            texts = ", ".join(f"'{value}'" for value in values.values())
            connection.exec_driver_sql(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({texts})")

        for n, at in enumerate(TIMES[engine.dialect.name]):
            of = dict(account_id="acme", name=f"no {n}", status="completed")
            insert("campaigns", campaign_id=f"no {n}", **of, scheduled_at=at, started_at=at, completed_at=at)
            rows = [("b", status) for status in ("delivered", "failed", "sent")] + [(f"no {n}", "delivered")]
            for name, status in rows:
                row = f"{name} {status} {n}"
                final = {"delivered": {"delivered_at": at}, "failed": {"failed_at": at, "failure_code": "30003"}}
                insert("contacts", contact_id=row, account_id="acme", country="DE", created_at=at)
                ids = dict(message_id=row, campaign_id=name, contact_id=row, channel="email", provider="own")
                insert("messages", **ids, status=status, queued_at=at, sent_at=at, **final.get(status, {}))
                insert("events", event_id=row, message_id=row, campaign_id=name, kind="clicked", occurred_at=at)
            insert("events", event_id=f"late {n}", message_id="m31", campaign_id="b", kind="replied", occurred_at=at)
    opened = Warehouse(engine)
    opened.opened_ms = opened_ms
    return opened


@pytest.mark.parametrize(("name", "asked"), few(ASKED, 4))
def test_no_report_fails_and_no_time_is_made_of_them(warehouse, name, asked):
    said = " ".join(map(text_of, outputs(name, warehouse, **asked)))
    assert said
    assert " 1970" not in said and "9999" not in said and "0001" not in said


def test_every_report_is_asked():
    assert {name for name, _ in ASKED} == {*NAMES}


def test_they_are_in_no_figure_that_has_to_do_with_time(warehouse, engine, tmp_path):
    times = len(TIMES[engine.dialect.name])
    write_detailed(warehouse, ["a", "b", "no 0", "no 1"], tmp_path / "rows.csv")
    assert len((tmp_path / "rows.csv").read_text().splitlines()) == 1 + 2 * PEOPLE + 3 * times + 2

    row = metrics.delivery(warehouse, "b").iloc[0]
    assert row[["audience", "delivered", "failed", "pending"]].tolist() == [
        PEOPLE + 3 * times,
        27 + times,
        3 + times,
        times,
    ]
    assert metrics.data_as_of(warehouse) == SENT + timedelta(minutes=28 + 10)
    timeline = metrics.delivery_timeline(warehouse, "b")
    assert timeline[["sent", "delivered", "failed"]].sum().tolist() == [PEOPLE, 27, 3]
    assert timeline.attrs["untimed"] == 5 * times
    assert metrics.send_slots(warehouse, "b")["delivered"].sum() == 27
    assert metrics.activity(warehouse, "b")["events"].sum() == 27
    assert metrics.breakdown(warehouse, "b")["replied_total"].iloc[0] in (0, None)


def test_check_names_each_of_them(warehouse, engine):
    found = check_warehouse(warehouse)
    found = found[found["problem"].str.contains("is not between|is no time")]
    counts = found.assign(column=found["table"] + "." + found["problem"].str.split().str[0]).groupby("column")["count"]
    times = len(TIMES[engine.dialect.name])
    moments = dict(counts.sum())
    assert moments == {
        **dict.fromkeys(("campaigns.scheduled_at", "campaigns.started_at", "campaigns.completed_at"), times),
        **dict.fromkeys(("messages.queued_at", "messages.sent_at", "contacts.created_at"), 4 * times),
        **{"messages.delivered_at": 2 * times, "messages.failed_at": times, "events.occurred_at": 5 * times},
    }
