"""Braze Currents as Parquet files: sends, outcomes and acts in folders of their own, joined by user and dispatch."""

from datetime import timedelta

import duckdb
import pytest

from reportlib import metrics
from tests.warehouse.connect.agreement import assert_agrees, assert_reports_agree, connected
from tests.warehouse.connect.population import MONDAY, Population

TOLD = ("sent", "failed", "opened", "clicked", "unsubscribed", "complained")
COMMON = {"campaign_name": "VARCHAR", "message_variation_id": "VARCHAR", "message_variation_name": "VARCHAR"}
COMMON |= {"canvas_id": "VARCHAR", "canvas_step_id": "VARCHAR", "dispatch_id": "VARCHAR", "timezone": "VARCHAR"}


def epoch(moment) -> int:
    """Whole seconds, as Currents has times."""
    return int(moment.timestamp())


def events_of(people: Population) -> dict[str, list[dict]]:
    """The rows of each type of event; the experiment is one campaign of two variations, of which some are held out."""
    rows = {}

    def happened(what, c, m, at, **more):
        campaign = "ab" if c.variant else f"c{c.number}"
        row = {
            "id": f"{what}-{m.number}-{len(rows.get(what, []))}",
            "user_id": f"u{m.person.number}",
            "time": epoch(at),
        }
        row |= {"campaign_id": campaign, "campaign_name": "Experiment" if c.variant else c.name}
        row |= {"message_variation_id": f"v{c.number}", "message_variation_name": c.variant or "Variant 1"}
        row |= {"dispatch_id": f"d{c.number}", "timezone": m.person.zone}
        rows.setdefault(what, []).append(row | more)

    for c in people.campaigns:
        for m in c.mails:
            happened("email.Send", c, m, m.sent_at, email_address=m.person.email)
            if m.bounced:
                happened("email.Bounce", c, m, m.bounced_at, bounce_reason="550 no", esp="SENDGRID")
            else:
                happened("email.Delivery", c, m, m.sent_at)
            for at, machine in m.opened:
                happened("email.Open", c, m, at, machine_open="true" if machine else None)
            for at, url in m.clicked:
                happened("email.Click", c, m, at, url=url, is_suspected_bot_click=False)
            if m.unsubscribed_at:
                happened("email.Unsubscribe", c, m, m.unsubscribed_at)
            if m.complained_at:
                happened("email.MarkAsSpam", c, m, m.complained_at)
    return rows


@pytest.fixture
def currents(people, tmp_path):
    """A folder of Parquet files, a day's in a file, in folders as the connector writes them."""
    folder = tmp_path / "currents"
    for what, rows in events_of(people).items():
        write(folder / f"users.messages.{what}", rows)
    return folder


def write(folder, rows):
    """Rows as Parquet files, each of at most a hundred."""
    with duckdb.connect() as database:
        for n in range(0, len(rows), 100):
            day = folder / f"date=2026-11-{10 + n // 100:02}"
            day.mkdir(parents=True, exist_ok=True)
            kinds = {"time": "BIGINT", "is_suspected_bot_click": "BOOLEAN", "price": "DOUBLE"}
            kinds |= {"conversion_behavior_index": "BIGINT"}
            names = ", ".join(f"{name} {kinds.get(name, 'VARCHAR')}" for name in {**COMMON, **rows[0]})
            database.execute(f"CREATE OR REPLACE TABLE written ({names})")
            for row in rows[n : n + 100]:
                places = ", ".join("?" * len(row))
                database.execute(f"INSERT INTO written ({', '.join(row)}) VALUES ({places})", [*row.values()])
            database.execute(f"COPY written TO '{day / 'part.parquet'}'")


def name_of(campaign):
    return f"Experiment – {campaign.variant}" if campaign.variant else campaign.name


def test_its_figures_are_the_peoples(currents, people, tmp_path):
    human = {
        c.number: len({m.person.number for m in c.mails if any(not by for _, by in m.opened)}) for c in people.campaigns
    }
    warehouse, _ = connected("braze", f"parquet:///{currents}", tmp_path)
    assert_agrees(
        warehouse, people, TOLD, name=name_of, opened_human=lambda c: human[c.number],
        delivered=lambda c: sum(not mail.bounced for mail in c.mails),
    )  # fmt: skip
    warehouse.engine.dispose()
    _, again = connected("braze", f"parquet:///{currents}", tmp_path)
    assert again.is_whole  # files have no time of change: all are read each time


def test_a_reply_on_whatsapp_belongs_to_the_latest_message_before_it(currents, tmp_path):
    row = {"user_id": "w", "campaign_id": "wa", "campaign_name": "By WhatsApp", "message_variation_id": "wv"}
    at = epoch(MONDAY)
    write(currents / "users.messages.whatsapp.Send", [
        row | {"id": f"s{n}", "time": at + 3600 * n, "dispatch_id": f"d{n}", "message_id": f"wamid.{n}"} for n in (1, 2)
    ])  # fmt: skip
    write(currents / "users.messages.whatsapp.Read", [row | {"id": "r1", "time": at + 3660, "dispatch_id": "d1"}])
    write(currents / "users.messages.whatsapp.InboundReceive", [{"id": "i1", "user_id": "w", "time": at + 7300}])
    warehouse, _ = connected("braze", f"parquet:///{currents}", tmp_path)
    found = warehouse.sql("SELECT event_id, message_id, kind FROM events WHERE campaign_id = 'wv' ORDER BY event_id")
    assert [tuple(line) for line in found.itertuples(index=False)] == [("i1", "s2", "replied"), ("r1", "s1", "opened")]


def test_who_was_held_out_is_assigned(currents, people, tmp_path):
    held_out = people.people[0]
    at = epoch(people.campaigns[2].started_at - timedelta(hours=1))
    write(currents / "users.campaigns.EnrollInControl", [
        {"id": "h1", "user_id": f"u{held_out.number}", "time": at, "campaign_id": "ab"}
    ])  # fmt: skip
    warehouse, _ = connected("braze", f"parquet:///{currents}", tmp_path)
    found = warehouse.sql("SELECT experiment_id, contact_id, variant FROM assignments WHERE variant = 'control'")
    assert [tuple(line) for line in found.itertuples(index=False)] == [("ab", f"u{held_out.number}", "control")]


@pytest.mark.slow
def test_reports_come_of_it(currents, people, tmp_path):
    warehouse, _ = connected("braze", f"parquet:///{currents}", tmp_path)
    ids = {n: f"v{n}" for n in (1, 2, 3, 4)}
    assert_reports_agree(warehouse, people, TOLD, ids, name=name_of)


def test_who_was_held_out_and_never_written_to_converts_too(currents, people, tmp_path):
    """The experiment of what was sent: two variations, and a person who never got anything."""
    at = epoch(people.campaigns[2].started_at)
    mail = people.campaigns[2].mails[0]
    write(currents / "users.campaigns.EnrollInControl", [
        {"id": "h1", "user_id": "nobody", "time": at, "campaign_id": "ab", "timezone": "Europe/Berlin"},
        {"id": "h2", "user_id": "nobody", "time": at + 60, "campaign_id": "ab"},
    ])  # fmt: skip
    writer = f"u{mail.person.number}"
    write(currents / "users.campaigns.Conversion", [
        {"id": "k1", "user_id": "nobody", "time": at + 3600, "campaign_id": "ab", "conversion_behavior_index": 0,
         "conversion_behavior": '{"type": "Performs Custom Event", "custom_event_name": "Signed up"}'},
        {"id": "k2", "user_id": writer, "time": at + 3600, "campaign_id": "ab", "conversion_behavior_index": 1,
         "conversion_behavior": '{"type": "Starts Session", "window": 259200}'},
        {"id": "k3", "user_id": writer, "time": at + 3700, "campaign_id": "ab", "conversion_behavior_index": 1},
        {"id": "k4", "user_id": writer, "time": at + 3800, "campaign_id": "ab", "conversion_behavior": "{broken"},
    ])  # fmt: skip
    write(currents / "users.behaviors.Purchase", [
        {"id": "p1", "user_id": writer, "time": at + 3900, "price": 19.9, "currency": "EUR"}
    ])  # fmt: skip
    warehouse, said = connected("braze", f"parquet:///{currents}", tmp_path)
    found = warehouse.sql("SELECT outcome_id, contact_id, kind, value, currency FROM outcomes ORDER BY outcome_id")
    assert found["kind"].tolist() == ["Signed up", "Starts Session", "conversion B", "conversion", "order"]
    assert found["contact_id"].tolist() == ["nobody", *[writer] * 4]
    assert found.iloc[-1][["value", "currency"]].tolist() == [19.9, "EUR"]
    arms = metrics.trial(warehouse, "ab").arms.set_index("variant")
    assert arms["held_out"].to_dict() == {"control": True} | {c.variant: False for c in people.campaigns if c.variant}
    assert arms["assigned"].to_dict() == {"control": 1} | {
        c.variant: len({one.person.number for one in c.mails}) for c in people.campaigns if c.variant
    }
    assert not said.no_place
