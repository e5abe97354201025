"""MailPoet's tables, in a WordPress: machine opens told apart, mails of the shop left out, mails that never end."""

import pytest

from tests.warehouse.connect.agreement import assert_agrees, assert_reports_agree, connected
from tests.warehouse.connect.filling import insert, make_schema, utc
from tests.warehouse.connect.population import URLS, ZONE, Population

TOLD = ("sent", "failed", "opened", "clicked", "unsubscribed")


def fill(cursor, people: Population):
    """The people as MailPoet has them: rows of those deleted since name subscribers that are not there."""
    make_schema(cursor, "mailpoet")
    cursor.execute("SET time_zone = '+00:00'")  # its timestamps are moments
    insert(cursor, "wp_options", "option_name, option_value", [
        ("blogname", "Shop & Co"), ("timezone_string", ZONE), ("mailserver_pass", "hidden"),
    ])  # fmt: skip
    there = [person for person in people.people if not person.deleted]
    insert(cursor, "wp_mailpoet_segments", "id, name", [(n, f"List {n}") for n in (1, 2, 3, 4)])
    insert(cursor, "wp_mailpoet_subscribers", "id, email, status, created_at, updated_at", [
        (p.number, p.email, "subscribed", utc(p.joined), utc(p.joined)) for p in there
    ])  # fmt: skip
    insert(cursor, "wp_mailpoet_subscriber_segment", "subscriber_id, segment_id, status, updated_at", [
        (p.number, which, "subscribed", utc(p.joined)) for p in there for which in p.lists
    ])  # fmt: skip
    insert(cursor, "wp_mailpoet_custom_fields", "id, name, type, params", [(1, "Language", "text", "a:0:{}")])
    insert(cursor, "wp_mailpoet_subscriber_custom_field", "subscriber_id, custom_field_id, value", [
        (p.number, 1, p.language) for p in there
    ])  # fmt: skip
    insert(cursor, "wp_mailpoet_newsletter_links", "id, newsletter_id, queue_id, url, hash", [
        (n, 1, 1, url, f"h{n}") for n, url in enumerate(URLS, 1)
    ])  # fmt: skip
    for c in people.campaigns:
        queue = 100 + c.number
        insert(cursor, "wp_mailpoet_newsletters", "id, subject, type, sender_address, status, sent_at", [
            (c.number, c.name, "standard", "shop@example.com", "sent", utc(c.finished_at))
        ])  # fmt: skip
        insert(cursor, "wp_mailpoet_newsletter_segment", "newsletter_id, segment_id", [(c.number, c.list)])
        insert(cursor, "wp_mailpoet_sending_queues", "id, task_id, newsletter_id", [(queue, 200 + c.number, c.number)])
        for mail in c.mails:
            who = (c.number, mail.person.number, queue)
            refused = mail.bounced == "soft"  # here: by the sending server, at once
            tasks = "task_id, subscriber_id, processed, failed, error, updated_at"
            insert(cursor, "wp_mailpoet_scheduled_task_subscribers", tasks, [
                (200 + c.number, who[1], 1, int(refused), "unavailable" if refused else None, utc(mail.sent_at))
            ])  # fmt: skip
            columns = "newsletter_id, subscriber_id, queue_id"
            if not refused:
                insert(cursor, "wp_mailpoet_statistics_newsletters", f"{columns}, sent_at", [(*who, utc(mail.sent_at))])
            if mail.bounced == "hard":
                insert(
                    cursor, "wp_mailpoet_statistics_bounces", f"{columns}, created_at", [(*who, utc(mail.bounced_at))]
                )
            insert(cursor, "wp_mailpoet_statistics_opens", f"{columns}, user_agent_type, created_at", [
                (*who, int(machine), utc(at)) for at, machine in mail.opened
            ])  # fmt: skip
            for url in {url for _, url in mail.clicked}:
                times = sorted(at for at, its in mail.clicked if its == url)
                insert(cursor, "wp_mailpoet_statistics_clicks", f"{columns}, link_id, count, created_at, updated_at", [
                    (*who, URLS.index(url) + 1, len(times), utc(times[0]), utc(times[-1]))
                ])  # fmt: skip
            if mail.unsubscribed_at:
                insert(cursor, "wp_mailpoet_statistics_unsubscribes", f"{columns}, created_at", [
                    (*who, utc(mail.unsubscribed_at))
                ])  # fmt: skip
    joined = utc(people.people[0].joined)
    insert(cursor, "wp_mailpoet_newsletters", "id, subject, type, status", [
        (8, "Your order", "automation_transactional", "active"), (9, "Welcome", "welcome", "active"),
    ])  # fmt: skip
    insert(cursor, "wp_mailpoet_statistics_newsletters", "newsletter_id, subscriber_id, queue_id, sent_at", [
        (8, 1, 300, joined), (9, 1, 301, joined)
    ])  # fmt: skip
    insert(cursor, "wp_mailpoet_statistics_unsubscribes", "newsletter_id, subscriber_id, queue_id, created_at", [
        (None, 1, None, joined)
    ])  # fmt: skip


@pytest.fixture
def mailpoet(mariadb_server, mariadb_database, people):
    """A cursor in a filled WordPress, and its address."""
    with mariadb_server.connect(mariadb_database) as connection, connection.cursor() as cursor:
        fill(cursor, people)
        yield cursor, mariadb_server.address(mariadb_database)


def test_its_figures_are_the_peoples(mailpoet, people, tmp_path):
    warehouse, said = connected("mailpoet", mailpoet[1], tmp_path, timezone="")
    assert said.timezone == ZONE
    human = {
        c.name: len({m.person.number for m in c.mails if any(not by for _, by in m.opened)}) for c in people.campaigns
    }
    assert_agrees(warehouse, people, TOLD, opened_human=lambda campaign: human[campaign.name])
    assert said.no_place["mails of the shop and of WordPress itself, each to one person"] == 1
    left = warehouse.sql("SELECT contact_id, kind FROM outcomes")
    assert left.to_numpy().tolist() == [["1", "unsubscribed"]]
    assert warehouse.sql("SELECT status FROM campaigns WHERE name = 'Welcome'")["status"][0] in ("ongoing", "sending")


def test_two_installations_are_told_apart_by_their_prefix(mailpoet, people, tmp_path):
    mailpoet[0].execute("SHOW TABLES")
    for (name,) in mailpoet[0].fetchall():
        mailpoet[0].execute(f"CREATE TABLE {name.replace('wp_', 'wp_2_', 1)} LIKE {name}")
    with pytest.raises(Exception, match=r"more than once: say which, --prefix 'wp_' or --prefix 'wp_2_'"):
        connected("mailpoet", mailpoet[1], tmp_path)
    assert_agrees(connected("mailpoet", mailpoet[1], tmp_path, prefix="wp_")[0], people, TOLD)


@pytest.mark.slow
def test_reports_come_of_it(mailpoet, people, tmp_path):
    warehouse, _ = connected("mailpoet", mailpoet[1], tmp_path)
    assert_reports_agree(warehouse, people, TOLD, {n: n for n in (1, 2, 3, 4)})
