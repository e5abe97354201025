"""Mautic's tables: broadcasts, a variant pair, and mails that its campaigns go on sending."""

import pytest

from tests.warehouse.connect.agreement import assert_agrees, assert_reports_agree, connected
from tests.warehouse.connect.filling import insert, make_schema, utc
from tests.warehouse.connect.population import Population

TOLD = ("sent", "failed", "opened", "clicked", "replied", "unsubscribed")


def fill(cursor, people: Population):
    """The people as Mautic has them. One row of lead_donotcontact per contact: only the first bounce has words."""
    make_schema(cursor, "mautic")
    there = [person for person in people.people if not person.deleted]
    insert(cursor, "mtc_leads", "id, is_published, date_added, email, country, timezone, preferred_locale, city", [
        (p.number, 1, utc(p.joined), p.email, p.country, p.zone or None, p.language, "Köln") for p in there
    ])  # fmt: skip
    insert(cursor, "mtc_lead_lists", "id, is_published, name, alias, filters, is_global", [
        (n, 1, f"Segment {n}", f"s{n}", "a:0:{}", 1) for n in (1, 2, 3, 4)
    ])  # fmt: skip
    insert(cursor, "mtc_lead_lists_leads", "leadlist_id, lead_id, date_added, manually_removed, manually_added", [
        (which, p.number, utc(p.joined), 0, 0) for p in there for which in p.lists
    ])  # fmt: skip
    noted = set()
    for c in people.campaigns:
        insert(
            cursor,
            "mtc_emails",
            "id, is_published, name, subject, email_type, read_count, sent_count, revision, lang, variant_sent_count, "
            "variant_read_count, variant_parent_id",
            [(c.number, 1, c.name, "S", "list", 0, 0, 1, "de", 0, 0, 3 if c.variant == "B" else None)],
        )
        insert(cursor, "mtc_email_list_xref", "email_id, leadlist_id", [(c.number, c.list)])
        for mail in c.mails:
            who = None if mail.person.deleted else mail.person.number
            opens = sorted(at for at, _ in mail.opened)
            insert(
                cursor,
                "mtc_email_stats",
                "id, email_id, lead_id, email_address, date_sent, is_read, is_failed, viewed_in_browser, date_read, "
                "open_count, last_opened, open_details",
                [(mail.number, c.number, who, mail.person.email, utc(mail.sent_at), bool(opens), bool(mail.bounced), 0,
                  utc(opens[0]) if opens else None, len(opens), utc(opens[-1]) if opens else None, "a:0:{}")],
            )  # fmt: skip
            insert(cursor, "mtc_page_hits", "redirect_id, email_id, lead_id, ip_id, date_hit, code, url, tracking_id", [
                (1, c.number, who, 1, utc(at), 200, url, "t") for at, url in mail.clicked
            ])  # fmt: skip
            if mail.replied_at:
                insert(cursor, "mtc_email_stat_replies", "id, stat_id, date_replied, message_id", [
                    (f"00000000-0000-0000-0000-{mail.number:012}", mail.number, utc(mail.replied_at), "<m>")
                ])  # fmt: skip
            if mail.unsubscribed_at or (mail.bounced and who not in noted):
                reason, words = (1, None) if mail.unsubscribed_at else (2, f"{mail.bounced} bounce, 5.1.1")
                noted.add(who)
                insert(cursor, "mtc_lead_donotcontact", "lead_id, date_added, reason, channel, channel_id, comments", [
                    (who, utc(mail.unsubscribed_at or mail.bounced_at), reason, "email", c.number, words)
                ])  # fmt: skip
    joined = utc(people.people[0].joined)
    insert(
        cursor,
        "mtc_emails",
        "id, is_published, name, subject, email_type, read_count, sent_count, revision, lang, variant_sent_count, "
        "variant_read_count",
        [(9, 1, "Welcome", "S", "template", 0, 0, 1, "de", 0, 0)],
    )
    columns = "id, email_id, lead_id, email_address, date_sent, is_read, is_failed, viewed_in_browser"
    insert(cursor, "mtc_email_stats", columns, [
        (9000, 9, 1, "x", joined, 0, 0, 0)
    ])  # fmt: skip
    insert(cursor, "mtc_lead_donotcontact", "lead_id, date_added, reason, channel", [(1, joined, 1, "email")])


@pytest.fixture
def mautic(mariadb_server, mariadb_database, people):
    """A cursor in a filled Mautic, and its address."""
    with mariadb_server.connect(mariadb_database) as connection, connection.cursor() as cursor:
        fill(cursor, people)
        yield cursor, mariadb_server.address(mariadb_database)


def test_its_figures_are_the_peoples(mautic, people, tmp_path):
    warehouse, _ = connected("mautic", mautic[1], tmp_path)
    assert_agrees(warehouse, people, TOLD)
    left = warehouse.sql("SELECT contact_id, kind, campaign_id FROM outcomes")
    assert (
        left[["contact_id", "kind"]].to_numpy().tolist() == [["1", "unsubscribed"]] and left["campaign_id"].isna().all()
    )
    status = warehouse.sql("SELECT status, completed_at FROM campaigns WHERE name = 'Welcome'")
    assert status["status"][0] in ("ongoing", "sending")
    zones = warehouse.sql("SELECT DISTINCT timezone FROM contacts WHERE timezone IS NOT NULL ORDER BY 1")
    assert list(zones["timezone"]) == ["America/Sao_Paulo", "Europe/Berlin"]


@pytest.mark.slow
def test_reports_come_of_it(mautic, people, tmp_path):
    warehouse, _ = connected("mautic", mautic[1], tmp_path)
    assert_reports_agree(warehouse, people, TOLD, {n: f"e{n}" for n in (1, 2, 3, 4)})
