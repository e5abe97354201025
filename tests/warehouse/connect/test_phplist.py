"""phpList's tables: times by the server's clock, clicks as counts, bounces as the mails that came back."""

import pytest

from tests.warehouse.connect.agreement import assert_agrees, assert_reports_agree, connected
from tests.warehouse.connect.filling import by_the_clock, insert, make_schema, utc
from tests.warehouse.connect.population import URLS, Population

TOLD = ("sent", "failed", "opened", "clicked")
CAME_BACK = """This is the mail system.

Final-Recipient: rfc822; somebody
Status: {code}
Diagnostic-Code: smtp; 550 {code} no such user "caf\xe9"
"""
CODES = {"hard": "5.1.1", "soft": "4.2.2"}


def fill(cursor, people: Population):
    """The people as phpList has them: of a person who is deleted since, the message stays."""
    make_schema(cursor, "phplist")
    cursor.execute("SET time_zone = '+00:00'")  # of timestamps; datetimes are what the server's clock showed
    there = [person for person in people.people if not person.deleted]
    insert(cursor, "phplist_list", "id, name", [(n, f"List {n}") for n in (1, 2, 3, 4)])
    insert(cursor, "phplist_user_user", "id, email, entered, modified", [
        (p.number, p.email, by_the_clock(p.joined), utc(p.joined)) for p in there
    ])  # fmt: skip
    insert(cursor, "phplist_user_attribute", "id, name", [(1, "language")])
    insert(
        cursor, "phplist_user_user_attribute", "attributeid, userid, value", [(1, p.number, p.language) for p in there]
    )
    insert(cursor, "phplist_listuser", "userid, listid, entered, modified", [
        (p.number, which, by_the_clock(p.joined), utc(p.joined)) for p in there for which in p.lists
    ])  # fmt: skip
    insert(cursor, "phplist_linktrack_forward", "id, url", [*enumerate(URLS, 1)])
    for c in people.campaigns:
        insert(cursor, "phplist_message", "id, subject, fromfield, status, sendstart, sent", [
            (c.number, c.name, "Shop", "sent", by_the_clock(c.started_at), by_the_clock(c.finished_at))
        ])  # fmt: skip
        insert(cursor, "phplist_listmessage", "messageid, listid", [(c.number, c.list)])
        for mail in c.mails:
            who = (c.number, mail.person.number)
            opens = sorted(at for at, _ in mail.opened)
            insert(cursor, "phplist_usermessage", "messageid, userid, entered, viewed, status", [
                (*who, by_the_clock(mail.sent_at), by_the_clock(opens[0]) if opens else None, "sent")
            ])  # fmt: skip
            insert(
                cursor,
                "phplist_user_message_view",
                "messageid, userid, viewed",
                [(*who, by_the_clock(at)) for at in opens],
            )
            for url in {url for _, url in mail.clicked}:
                times = sorted(at for at, its in mail.clicked if its == url)
                insert(
                    cursor,
                    "phplist_linktrack_uml_click",
                    "messageid, userid, forwardid, firstclick, latestclick, clicked",
                    [(*who, URLS.index(url) + 1, by_the_clock(times[0]), by_the_clock(times[-1]), len(times))],
                )
            if mail.bounced:
                data = CAME_BACK.format(code=CODES[mail.bounced]).encode("latin-1")
                insert(cursor, "phplist_bounce", "id, date, data, status", [
                    (mail.number, by_the_clock(mail.bounced_at), data, f"bounced list message {c.number}")
                ])  # fmt: skip
                insert(cursor, "phplist_user_message_bounce", "user, message, bounce, time", [
                    (who[1], c.number, mail.number, utc(mail.bounced_at))
                ])  # fmt: skip
            if mail.unsubscribed_at:
                cursor.execute("INSERT IGNORE INTO phplist_user_blacklist VALUES (%s, %s)", (
                    mail.person.email, by_the_clock(mail.unsubscribed_at)
                ))  # fmt: skip


@pytest.fixture
def phplist(mariadb_server, mariadb_database, people):
    """A cursor in a filled phpList, and its address."""
    with mariadb_server.connect(mariadb_database) as connection, connection.cursor() as cursor:
        fill(cursor, people)
        yield cursor, mariadb_server.address(mariadb_database)


def test_its_figures_are_the_peoples(phplist, people, tmp_path):
    warehouse, _ = connected("phplist", phplist[1], tmp_path)
    clicks = {c.name: sum(len(m.clicked) for m in c.mails) for c in people.campaigns}
    assert_agrees(warehouse, people, TOLD, clicked_total=lambda campaign: clicks[campaign.name])
    failed = warehouse.sql(
        "SELECT failure_code, count(*) AS n FROM messages WHERE status = 'failed' GROUP BY 1 ORDER BY 1"
    )
    mails = [mail for c in people.campaigns for mail in c.mails]
    expected = {code: sum(mail.bounced == kind for mail in mails) for kind, code in CODES.items()}
    assert dict(zip(failed["failure_code"], failed["n"], strict=True)) == expected


def test_its_times_are_moved_to_utc(phplist, people, tmp_path):
    warehouse, _ = connected("phplist", phplist[1], tmp_path)
    started = warehouse.sql("SELECT started_at FROM campaigns ORDER BY campaign_id")["started_at"]
    assert [moment.to_pydatetime() for moment in started] == [utc(c.started_at) for c in people.campaigns]


@pytest.mark.slow
def test_reports_come_of_it(phplist, people, tmp_path):
    warehouse, _ = connected("phplist", phplist[1], tmp_path)
    assert_reports_agree(warehouse, people, TOLD, {n: n for n in (1, 2, 3, 4)})
