"""Keila's tables: several projects, persons deleted since, mails of no campaign."""

import json

import pytest

from tests.warehouse.connect.agreement import assert_agrees, assert_reports_agree, connected
from tests.warehouse.connect.filling import insert, make_schema, utc
from tests.warehouse.connect.population import URLS, Population

TOLD = ("sent", "failed", "opened", "clicked", "unsubscribed", "complained")


def fill(cursor, people: Population):
    """The people as Keila has them: the messages of those deleted since are of nobody."""
    make_schema(cursor, "keila")
    insert(cursor, "projects", "id, name", [(1, "Shop & Co"), (2, "Another")])
    insert(cursor, "contacts_segments", "id, name, project_id", [(n, f"Segment {n}", 1) for n in (1, 2, 3, 4)])
    insert(cursor, "contacts", "id, email, data, project_id, inserted_at, updated_at", [
        (p.number, p.email, json.dumps({"language": p.language, "nested": {"a": 1}}), 1, utc(p.joined), utc(p.joined))
        for p in people.people
    ])  # fmt: skip
    for c in people.campaigns:
        insert(cursor, "mailings_campaigns", "id, subject, sent_at, segment_id, project_id", [
            (c.number, c.name, utc(c.started_at), c.list, 1)
        ])  # fmt: skip
        insert(cursor, "tracking_links", "id, url, campaign_id", [
            (10 * c.number + n, url, c.number) for n, url in enumerate(URLS)
        ])  # fmt: skip
        for mail in c.mails:
            opens = sorted(at for at, _ in mail.opened)
            moments = [mail.sent_at, mail.bounced_at, mail.unsubscribed_at, mail.complained_at, *opens]
            moments += [at for at, _ in mail.clicked]
            insert(
                cursor,
                "messages",
                "id, contact_id, campaign_id, project_id, recipient_email, status, receipt, queued_at, sent_at, "
                "opened_at, soft_bounce_received_at, hard_bounce_received_at, complaint_received_at, unsubscribed_at, "
                "inserted_at, updated_at",
                [(mail.number, mail.person.number, c.number, 1, mail.person.email, 10, f"<{mail.number}>",
                  utc(c.started_at), utc(mail.sent_at), utc(min(opens, default=None)),
                  utc(mail.bounced_at) if mail.bounced == "soft" else None,
                  utc(mail.bounced_at) if mail.bounced == "hard" else None, utc(mail.complained_at),
                  utc(mail.unsubscribed_at), utc(c.started_at), utc(max(filter(None, moments))))],
            )  # fmt: skip
            insert(cursor, "contacts_events", "type, contact_id, message_id, inserted_at", [
                (5, mail.person.number, mail.number, utc(at)) for at in opens
            ])  # fmt: skip
            insert(cursor, "tracking_clicks", "link_id, message_id, inserted_at", [
                (10 * c.number + URLS.index(url), mail.number, utc(at)) for at, url in mail.clicked
            ])  # fmt: skip
    insert(cursor, "messages", "id, contact_id, form_id, status, sent_at, inserted_at, updated_at", [
        (9000 + n, n, 1, 10, utc(people.people[0].joined), utc(people.people[0].joined), utc(people.people[0].joined))
        for n in (1, 2)
    ])  # fmt: skip
    cursor.execute("DELETE FROM contacts WHERE id = ANY(%s)", ([p.number for p in people.people if p.deleted],))


@pytest.fixture
def keila(postgresql_server, postgresql_url, people):
    """A cursor in a filled Keila, and its address."""
    with postgresql_server.connect(postgresql_url.rsplit("/", 1)[1], autocommit=True) as connection:
        with connection.transaction():
            fill(connection.cursor(), people)
        yield connection.cursor(), postgresql_url


def test_its_figures_are_the_peoples(keila, people, tmp_path):
    warehouse, said = connected("keila", keila[1], tmp_path)
    assert_agrees(warehouse, people, TOLD)
    assert [count for sentence, count in said.no_place.items() if "opt-in" in sentence] == [2]


@pytest.mark.slow
def test_reports_come_of_it(keila, people, tmp_path):
    warehouse, _ = connected("keila", keila[1], tmp_path)
    assert_reports_agree(warehouse, people, TOLD, {n: n for n in (1, 2, 3, 4)})
