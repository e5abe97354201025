"""listmonk's tables, filled as it fills them: no row per recipient, lists that are shared, people deleted since."""

import json
from pathlib import Path

import psycopg
import pytest

from tests.in_process import reportlib
from tests.warehouse.connect.agreement import assert_agrees, assert_reports_agree, connected
from tests.warehouse.connect.population import URLS, WEEK, Population

SCHEMA = Path(__file__).with_name("schemas") / "listmonk.sql"
TOLD = ("sent", "failed", "opened", "clicked", "complained")


def fill(connection: psycopg.Connection, people: Population):
    """The people as listmonk has them: who is deleted since is gone, and `sent` is the number that it was."""
    connection.execute(SCHEMA.read_text())
    with connection.cursor() as cursor:

        def insert(table, columns, rows):
            places = ", ".join(["%s"] * len(columns.split(", ")))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)

        insert("settings", "key, value", [
            ("app.site_name", '"Shop & Co"'), ("privacy.individual_tracking", "true"),
            ("smtp", '[{"password": "hidden-smtp-password"}]'),
        ])  # fmt: skip
        insert("lists", "id, name, type, optin", [(n, f"List {n}", "public", "single") for n in (1, 2, 3, 4)])
        insert("links", "id, url", [*enumerate(URLS, 1)])
        insert("subscribers", "id, email, name, attribs, created_at, updated_at", [
            (p.number, p.email, "N", json.dumps({"language": p.language, "tags": ["x"]}), p.joined, p.joined)
            for p in people.people
        ])  # fmt: skip
        insert("subscriber_lists", "subscriber_id, list_id, created_at, updated_at", [
            (p.number, which, p.joined, p.joined) for p in people.people for which in p.lists
        ])  # fmt: skip
        bounce = "campaign_id, subscriber_id, type, created_at"
        for c in people.campaigns:
            last = max(mail.person.number for mail in c.mails)
            insert(
                "campaigns",
                "id, name, subject, from_email, body, status, tags, messenger, to_send, sent, last_subscriber_id, "
                "started_at, updated_at",
                [(c.number, c.name, "S", "F", "B", "finished", ["x"], "email", len(c.mails), len(c.mails), last,
                  c.started_at, c.finished_at)],
            )  # fmt: skip
            insert("campaign_lists", "campaign_id, list_id, list_name", [(c.number, c.list, f"List {c.list}")])
            for mail in c.mails:
                who = (c.number, mail.person.number)
                insert(
                    "campaign_views", "campaign_id, subscriber_id, created_at", [(*who, at) for at, _ in mail.opened]
                )
                insert("link_clicks", "campaign_id, subscriber_id, link_id, created_at", [
                    (*who, URLS.index(url) + 1, at) for at, url in mail.clicked
                ])  # fmt: skip
                if mail.bounced:
                    insert("bounces", bounce, [(*who, mail.bounced, mail.bounced_at)])
                if mail.complained_at:
                    insert("bounces", bounce, [(*who, "complaint", mail.complained_at)])
                if mail.unsubscribed_at:
                    cursor.execute(
                        "UPDATE subscriber_lists SET status = 'unsubscribed', updated_at = %s "
                        "WHERE subscriber_id = %s AND list_id = %s",
                        (mail.unsubscribed_at, who[1], c.list),
                    )
        cursor.execute("DELETE FROM subscribers WHERE id = ANY(%s)", ([p.number for p in people.people if p.deleted],))
    connection.commit()


@pytest.fixture
def listmonk(postgresql_server, postgresql_url, people):
    """A connection to a filled listmonk, and its address."""
    with postgresql_server.connect(postgresql_url.rsplit("/", 1)[1]) as connection:
        fill(connection, people)
        yield connection, postgresql_url


def test_its_figures_are_the_peoples(listmonk, people, tmp_path):
    warehouse, said = connected("listmonk", listmonk[1], tmp_path)
    assert_agrees(warehouse, people, TOLD)
    mails = [mail for campaign in people.campaigns for mail in campaign.mails if not mail.person.deleted]
    left = {str(mail.person.number) for mail in mails if mail.unsubscribed_at}
    assert (
        left and set(warehouse.sql("SELECT contact_id FROM outcomes WHERE kind = 'unsubscribed'")["contact_id"]) == left
    )
    assert said.timezone
    assert not [sentence for sentence in said.not_told if "hidden" in sentence]


def test_reports_come_of_it(listmonk, people, tmp_path):
    warehouse, _ = connected("listmonk", listmonk[1], tmp_path)
    edition = tmp_path / "weekly.yaml"
    edition.write_text("reports: {weekly_review: {}}\n")
    made = reportlib("weekly", edition, "--week", WEEK, "--output", tmp_path / "made", database=warehouse.address)
    assert made.returncode == 0, made.stderr
    assert_reports_agree(warehouse, people, TOLD, {n: n for n in (1, 2, 3, 4)})


def refreshed(listmonk, tmp_path, statement, **options):
    """What the next call says once this has happened on listmonk."""
    listmonk[0].execute(statement)
    listmonk[0].commit()
    return connected("listmonk", listmonk[1], tmp_path, **options)


def test_the_next_call_brings_what_changed(listmonk, people, tmp_path):
    warehouse, first = connected("listmonk", listmonk[1], tmp_path)
    warehouse.engine.dispose()
    click = "INSERT INTO link_clicks (campaign_id, link_id, subscriber_id) SELECT 2, 1, %s"
    quiet = next(
        mail for mail in people.campaigns[1].mails if not (mail.clicked or mail.bounced or mail.person.deleted)
    )
    warehouse, second = refreshed(listmonk, tmp_path, click % quiet.person.number)
    warehouse.engine.dispose()
    quiet.clicked = [(quiet.sent_at, URLS[0])]
    assert_agrees(warehouse, people, TOLD)
    assert second.came["events"] < first.came["events"] / 3
    assert second.there["events"] == first.there["events"] + 1


@pytest.mark.slow
def test_a_person_deleted_since_is_counted_and_goes_with_full(listmonk, people, tmp_path):
    warehouse, first = connected("listmonk", listmonk[1], tmp_path)
    warehouse.engine.dispose()
    gone = next(mail.person for mail in people.campaigns[1].mails if mail.clicked)
    warehouse, second = refreshed(listmonk, tmp_path, f"DELETE FROM subscribers WHERE id = {gone.number}")
    warehouse.engine.dispose()
    assert second.there["contacts"] == first.there["contacts"]
    warehouse, third = refreshed(listmonk, tmp_path, "SELECT 1", full=True)
    for campaign in people.campaigns:
        for mail in campaign.mails:
            if mail.person is gone:
                mail.opened = mail.clicked = []
                mail.bounced, mail.complained_at = "", None
    assert_agrees(warehouse, people, TOLD)
    assert third.there["messages"] == first.there["messages"]


def test_a_campaign_that_goes_on_sending_is_followed(listmonk, people, tmp_path):
    listmonk[0].execute("UPDATE campaigns SET status = 'running', last_subscriber_id = 80, sent = 0 WHERE id = 2")
    listmonk[0].commit()
    warehouse, _ = connected("listmonk", listmonk[1], tmp_path)
    half = warehouse.sql("SELECT count(*) AS messages FROM messages WHERE campaign_id = '2'")["messages"][0]
    warehouse.engine.dispose()
    assert 0 < half < len(people.campaigns[1].mails)
    sent = len(people.campaigns[1].mails)
    done = f"""UPDATE campaigns SET status = 'finished', last_subscriber_id = 200, sent = {sent}
        WHERE id = 2"""
    warehouse, _ = refreshed(listmonk, tmp_path, done)
    assert_agrees(warehouse, people, TOLD)


@pytest.mark.slow
def test_a_campaign_that_is_new_since_has_its_people(listmonk, people, tmp_path):
    sql = """DELETE FROM campaigns WHERE id = 2"""
    kept = people.campaigns.pop(1)
    listmonk[0].execute(sql)
    listmonk[0].commit()
    warehouse, _ = connected("listmonk", listmonk[1], tmp_path)
    assert_agrees(warehouse, people, TOLD)
    warehouse.engine.dispose()
    for mail in kept.mails:
        mail.bounced, mail.opened, mail.clicked, mail.complained_at = "", [], [], None
    people.campaigns.append(kept)
    sent, name = len(kept.mails), kept.name.replace("'", "''")
    columns = "id, name, subject, from_email, body, status, messenger, to_send, sent, last_subscriber_id, started_at"
    values = f"2, '{name}', 'S', 'F', 'B', 'finished', 'email', {sent}, {sent}, 200, '{kept.started_at}'"
    begin = f"""INSERT INTO campaigns ({columns}) VALUES ({values});
        INSERT INTO campaign_lists (campaign_id, list_id) VALUES (2, 2)"""
    warehouse, _ = refreshed(listmonk, tmp_path, begin)
    assert_agrees(warehouse, people, TOLD)
