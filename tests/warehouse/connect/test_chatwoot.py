"""Chatwoot's tables: WhatsApp campaigns whose messages are kept, and those whose recipients nobody knows."""

import pytest

from reportlib.errors import WarehouseError
from tests.warehouse.connect.agreement import assert_agrees, assert_reports_agree, connected
from tests.warehouse.connect.filling import insert, make_schema, utc
from tests.warehouse.connect.population import Population

TOLD = ("sent", "failed", "opened", "replied")


def fill(cursor, people: Population):
    """The people as Chatwoot has them; a read message is a delivered one, an answer a conversation of the campaign."""
    make_schema(cursor, "chatwoot")
    insert(cursor, "accounts", "id, name", [(1, "Shop & Co")])
    insert(cursor, "inboxes", "id, channel_id, account_id, name, channel_type, timezone", [
        (1, 1, 1, "WA", "Channel::Whatsapp", "Europe/Berlin"), (2, 2, 1, "SMS", "Channel::TwilioSms", "UTC"),
    ])  # fmt: skip
    insert(cursor, "contacts", "id, email, phone_number, country_code, account_id, created_at, updated_at", [
        (p.number, p.email, f"+4915{p.number:07}", p.country, 1, utc(p.joined), utc(p.joined))
        for p in people.people if not p.deleted
    ])  # fmt: skip
    columns = "id, display_id, title, message, account_id, inbox_id, campaign_type, campaign_status"
    for c in people.campaigns:
        insert(cursor, "campaigns", columns, [(c.number, c.number, c.name, "M", 1, 1, 1, 1)])
        for m in c.mails:
            read_at = min((at for at, _ in m.opened), default=None)
            status = "failed" if m.bounced else "read" if read_at else "delivered"
            times = [
                m.sent_at,
                None if m.bounced else m.sent_at,
                read_at,
                m.sent_at,
                read_at or m.bounced_at or m.sent_at,
            ]
            insert(
                cursor,
                "campaign_messages",
                "id, campaign_id, contact_id, status, error_code, sent_at, delivered_at, read_at, created_at, "
                "updated_at",
                [(m.number, c.number, m.person.number, status, "131026" if m.bounced else None, *map(utc, times))],
            )
            if m.replied_at:
                names = "account_id, inbox_id, contact_id, display_id, campaign_id, created_at, updated_at"
                at = utc(m.replied_at)
                insert(cursor, "conversations", names, [(1, 1, m.person.number, m.number, c.number, at, at)])
    insert(cursor, "campaigns", columns, [(9, 9, "By SMS, recipients unknown", "M", 1, 2, 1, 1)])
    joined = utc(people.people[0].joined)
    names = "account_id, inbox_id, contact_id, display_id, campaign_id, created_at, updated_at"
    insert(cursor, "conversations", names, [
        (1, 2, 1, 9000, 9, joined, joined)
    ])  # fmt: skip


@pytest.fixture
def chatwoot(postgresql_server, postgresql_url, people):
    """A cursor in a filled Chatwoot, and its address."""
    with postgresql_server.connect(postgresql_url.rsplit("/", 1)[1], autocommit=True) as connection:
        with connection.transaction():
            fill(connection.cursor(), people)
        yield connection.cursor(), postgresql_url


def test_its_figures_are_the_peoples(chatwoot, people, tmp_path):
    warehouse, said = connected("chatwoot", chatwoot[1], tmp_path, timezone="")
    assert_agrees(
        warehouse, people, TOLD, channel="whatsapp", delivered=lambda c: sum(not mail.bounced for mail in c.mails)
    )
    assert said.timezone == "Europe/Berlin"
    assert said.no_place == {
        "campaigns whose recipients are not kept": 1,
        "conversations that began with such a campaign": 1,
    }


def test_a_version_that_keeps_no_recipients_says_so(chatwoot, tmp_path):
    chatwoot[0].execute("DROP TABLE campaign_messages")
    with pytest.raises(WarehouseError, match="has sent no campaign yet"):
        connected("chatwoot", chatwoot[1], tmp_path)


@pytest.mark.slow
def test_reports_come_of_it(chatwoot, people, tmp_path):
    warehouse, _ = connected("chatwoot", chatwoot[1], tmp_path)
    assert_reports_agree(warehouse, people, TOLD, {n: n for n in (1, 2, 3, 4)}, metric="replied")
