"""Platforms that a connector has copied into a warehouse: Fivetran's schemas, on PostgreSQL."""

import zlib
from datetime import timedelta

import pytest

from tests import few
from tests.warehouse.connect.agreement import assert_agrees, assert_reports_agree, connected
from tests.warehouse.connect.filling import insert, make_schema, utc
from tests.warehouse.connect.population import MONDAY, Population

SYNCED = utc(MONDAY + timedelta(days=14))


def fill_mailchimp(cursor, people: Population):
    """The people as Mailchimp has them: who is deleted since is a recipient whom no table knows."""
    for p in people.people:
        if not p.deleted:
            for which in ("a", "b")[: 1 + p.number % 2]:  # the same person in two audiences
                columns = "id, list_id, email_address, country_code, language, timezone, status, _fivetran_synced"
                row = (f"m{p.number}", which, p.email, p.country, p.language, p.zone, "subscribed", SYNCED)
                insert(cursor, "member", columns, [row])
    insert(cursor, "segment_member", "segment_id, member_id, _fivetran_synced", [("s1", "nobody", SYNCED)])
    insert(cursor, "segment", "id, name, _fivetran_deleted", [("s1", "Segment", False)])
    activity = 'campaign_id, member_id, action, "timestamp", bounce_type, url, ip, _fivetran_synced'
    for c in people.campaigns:
        campaign = f"c{c.number}"
        insert(cursor, "campaign", "id, title, subject_line, status, send_time", [
            (campaign, c.name, "S", "sent", c.started_at)
        ])  # fmt: skip
        for m in c.mails:
            who = (campaign, f"m{m.person.number}")
            insert(cursor, "campaign_recipient", "campaign_id, member_id, _fivetran_synced", [(*who, SYNCED)])
            rows = [(*who, "open", at, None, None, "1.2.3.4", SYNCED) for at, _ in m.opened]
            rows += [(*who, "click", at, None, url, "1.2.3.4", SYNCED) for at, url in m.clicked]
            rows += [(*who, "bounce", m.bounced_at, m.bounced, None, None, SYNCED)] if m.bounced else []
            insert(cursor, "campaign_recipient_activity", activity, rows)
            if m.unsubscribed_at:
                columns = 'campaign_id, member_id, "timestamp", reason, _fivetran_synced'
                insert(cursor, "unsubscribe", columns, [(*who, m.unsubscribed_at, "NORMAL", SYNCED)])
    insert(cursor, "automation_email", "id, title, status", [("auto", "Welcome", "sending")])
    insert(cursor, "automation_recipient", "automation_email_id, member_id, _fivetran_synced", [("auto", "m1", SYNCED)])


def fill_klaviyo(cursor, people: Population):
    """The people as Klaviyo has them: the experiment is one campaign of two variations."""
    insert(cursor, "person", "id, email, country, timezone, created, _fivetran_synced", [
        (f"p{p.number}", p.email, p.country, p.zone, p.joined, SYNCED) for p in people.people if not p.deleted
    ])  # fmt: skip
    columns = 'id, person_id, campaign_id, _variation, type, "timestamp", property_bounce_type, property_url, '
    columns += "_fivetran_deleted, _fivetran_synced"
    for c in people.campaigns:
        campaign = "ab" if c.variant else f"c{c.number}"
        if c.variant != "B":
            insert(cursor, "campaign", "id, name, subject, status, send_time, sent_at, _fivetran_deleted", [
                (campaign, c.name, "S", "sent", utc(c.started_at), utc(c.finished_at), False)
            ])  # fmt: skip
        for m in c.mails:
            happened = [
                ("Bounced Email" if m.bounced else "Received Email", m.bounced_at or m.sent_at, m.bounced or None, None)
            ]
            happened += [("Opened Email", at, None, None) for at, _ in m.opened]
            happened += [("Clicked Email", at, None, url) for at, url in m.clicked]
            happened += [("Unsubscribed", m.unsubscribed_at, None, None)] if m.unsubscribed_at else []
            happened += [("Marked Email as Spam", m.complained_at, None, None)] if m.complained_at else []
            insert(cursor, "event", columns, [
                (f"{m.number}-{n}", f"p{m.person.number}", campaign, c.variant or None, *of_it, False, SYNCED)
                for n, of_it in enumerate(happened)
            ])  # fmt: skip
    insert(cursor, "flow", "id, name", [("f1", "Welcome")])
    insert(cursor, "event", 'id, person_id, flow_id, flow_message_id, type, "timestamp", _fivetran_synced', [
        ("flow", "p1", "f1", "fm1", "Received Email", MONDAY, SYNCED),
        ("loose", "p1", None, None, "Unsubscribed", MONDAY, SYNCED),
    ])  # fmt: skip


def numbered(mail, happened):
    """What happened to a mail, each with a number that depends on its kind and place alone."""
    for one in happened:
        alike = [other for other in happened if other[0] == one[0]]
        yield int(f"{mail.number}{zlib.crc32(one[0].encode()) % 900 + 100}{alike.index(one):02}"), one


def fill_hubspot(cursor, people: Population):
    """The people as HubSpot has them: opens by machines are marked; what happens later changes no id."""
    for c in people.campaigns:
        insert(cursor, "email_campaign", "id, name, subject, type, num_included", [
            (c.number, c.name, "S", "BATCH_EMAIL", len(c.mails))
        ])  # fmt: skip
        for m in c.mails:
            send = f"send-{m.number}"
            happened = [
                ("PROCESSED", m.sent_at, None),
                ("BOUNCE" if m.bounced else "DELIVERED", m.bounced_at or m.sent_at, None),
            ]
            happened += [("OPEN", at, machine) for at, machine in m.opened]
            happened += [("CLICK", at, False) for at, _ in m.clicked]
            happened += [("STATUSCHANGE", m.unsubscribed_at, None)] if m.unsubscribed_at else []
            happened += [("SPAMREPORT", m.complained_at, None)] if m.complained_at else []
            columns = "id, type, recipient, email_campaign_id, created, sent_by_id, filtered_event, _fivetran_synced"
            rows = [(send, "SENT", m.person.email.upper(), c.number, m.sent_at, send, None, SYNCED)]
            for number, (what, at, machine) in numbered(m, happened):
                rows.append((f"e{number}", what, m.person.email, c.number, at, send, machine, SYNCED))
                if what == "BOUNCE":
                    insert(cursor, "email_event_bounce", "id, category, status, response, _fivetran_synced", [
                        (f"e{number}", "UNKNOWN_USER" if m.bounced == "hard" else "MAILBOX_FULL", "550", "no", SYNCED)
                    ])  # fmt: skip
                if what == "STATUSCHANGE":
                    insert(cursor, "email_event_status_change", "id, portal_subscription_status, _fivetran_synced", [
                        (f"e{number}", "UNSUBSCRIBED", SYNCED)
                    ])  # fmt: skip
            insert(cursor, "email_event", columns, rows)


def fill_marketo(cursor, people: Population):
    """The people as Marketo has them: what it skipped was not sent; what happens later changes no id."""
    insert(cursor, "lead", "id, email, country, created_at, _fivetran_synced", [
        (p.number, p.email, p.country, p.joined, SYNCED) for p in people.people if not p.deleted
    ])  # fmt: skip
    columns = "id, lead_id, activity_date, campaign_id, campaign_run_id, primary_attribute_value_id, "
    columns += "primary_attribute_value, _fivetran_synced"
    for c in people.campaigns:
        for m in c.mails:
            happened = [("send_email", m.sent_at, "")]
            happened += [] if m.bounced else [("email_delivered", m.sent_at, "")]
            happened += [("email_bounced", m.bounced_at, "")] if m.bounced else []
            happened += [("open_email", at, "") for at, _ in m.opened] + [
                ("click_email", at, url) for at, url in m.clicked
            ]
            happened += [("unsubscribe_email", m.unsubscribed_at, "")] if m.unsubscribed_at else []
            for number, (what, at, _url) in numbered(m, happened):
                row = (number, m.person.number, at, 7, 100 + c.number, c.number, c.name, SYNCED)
                insert(cursor, f"activity_{what}", columns, [row])
    row = (0, 1, MONDAY, 7, 101, 1, "x", SYNCED, "skipped")
    insert(cursor, "activity_send_email", f"{columns}, action_result", [row])


def fill_iterable(cursor, people: Population):
    """The people as Iterable has them: a campaign's newest row counts."""
    columns = "id, updated_at, name, campaign_state, type, start_at, ended_at, send_size"
    for c in people.campaigns:
        insert(cursor, "campaign_history", columns, [
            (c.number, c.started_at, "old", "Running", "Blast", c.started_at, None, None),
            (c.number, MONDAY + timedelta(9), c.name, "Finished", "Blast", c.started_at, c.finished_at, len(c.mails)),
        ])  # fmt: skip
        for m in c.mails:
            happened = [("emailSend", m.sent_at, None)] + [("emailOpen", at, None) for at, _ in m.opened]
            happened += [("emailClick", at, url) for at, url in m.clicked]
            happened += [("emailBounce", m.bounced_at, None)] if m.bounced else []
            happened += [("emailUnSubscribe", m.unsubscribed_at, None)] if m.unsubscribed_at else []
            happened += [("emailComplaint", m.complained_at, None)] if m.complained_at else []
            for n, (what, at, url) in enumerate(happened):
                one = f"{m.number}-{n}"
                columns_of_events = (
                    "_fivetran_id, email, campaign_id, message_id, created_at, event_name, _fivetran_synced"
                )
                row = (one, m.person.email.title(), c.number, f"msg{m.number}", at, what, SYNCED)
                insert(cursor, "event", columns_of_events, [row])
                if url:
                    insert(cursor, "event_extension", "_fivetran_id, link_url, _fivetran_synced", [(one, url, SYNCED)])


SENT, CLICKED = ("sent", "failed", "opened"), ("clicked", "unsubscribed")
PLATFORMS = {  # how it is filled; what it can tell; the name of the second arm; ids of the campaigns
    "mailchimp": (fill_mailchimp, (*SENT, *CLICKED), None, "c{}"),
    "klaviyo": (fill_klaviyo, (*SENT, *CLICKED, "complained"), "Experiment, first – {}", "c{}"),
    "hubspot": (fill_hubspot, (*SENT, *CLICKED, "complained"), None, "{}"),
    "marketo": (fill_marketo, (*SENT, *CLICKED), None, "{0}-10{0}"),
    "iterable": (fill_iterable, (*SENT, *CLICKED, "complained"), None, "{}"),
}
HAS_RECEIPTS = ("klaviyo", "hubspot", "marketo")


@pytest.fixture(params=few(PLATFORMS))
def synced(request, postgresql_server, postgresql_url, people):
    """A platform's name, a cursor in its filled schema, and the address; another schema is there that is none."""
    with postgresql_server.connect(postgresql_url.rsplit("/", 1)[1], autocommit=True) as connection:
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute("CREATE SCHEMA another; CREATE TABLE another.campaign (id int)")
            cursor.execute("CREATE SCHEMA synced; SET search_path = synced")
            make_schema(cursor, request.param)
            PLATFORMS[request.param][0](cursor, people)
        yield request.param, connection.cursor(), postgresql_url


def _name(pattern):
    return lambda campaign: pattern.format(campaign.variant) if pattern and campaign.variant else campaign.name


def test_its_figures_are_the_peoples(synced, people, tmp_path):
    name, cursor, address = synced
    _, told, arm, _ = PLATFORMS[name]
    delivered = {}
    if name in HAS_RECEIPTS:
        delivered = {"delivered": lambda c: sum(not mail.bounced for mail in c.mails)}
    warehouse, _ = connected(name, address, tmp_path)
    assert_agrees(warehouse, people, told, name=_name(arm), **delivered)
    warehouse.engine.dispose()
    warehouse, again = connected(name, address, tmp_path)
    assert_agrees(warehouse, people, told, name=_name(arm), **delivered)
    assert not again.came["messages"]
    cursor.execute("SELECT current_schema")
    assert cursor.fetchone() == ("synced",)


@pytest.mark.parametrize("synced", ["mailchimp", "hubspot"], indirect=True)
def test_an_opt_out_of_no_campaign_is_an_outcome(synced, people, tmp_path):
    name, cursor, address = synced
    person, at = next(one for one in people.people if not one.deleted), people.campaigns[0].started_at
    if name == "mailchimp":
        columns = 'campaign_id, member_id, "timestamp", _fivetran_synced'
        insert(cursor, "unsubscribe", columns, [("gone", f"m{person.number}", at, SYNCED)])
    else:
        columns = "id, type, recipient, created, _fivetran_synced"
        insert(cursor, "email_event", columns, [("left", "STATUSCHANGE", person.email.upper(), at, SYNCED)])
        columns = "id, portal_subscription_status, _fivetran_synced"
        insert(cursor, "email_event_status_change", columns, [("left", "UNSUBSCRIBED", SYNCED)])
    warehouse, _ = connected(name, address, tmp_path)
    left = warehouse.sql("SELECT contact_id, kind, campaign_id FROM outcomes")
    known = f"m{person.number}" if name == "mailchimp" else person.email
    assert left["contact_id"].tolist() == [known] and left["kind"].tolist() == ["unsubscribed"]
    assert left["campaign_id"].isna().all()


def test_a_click_that_comes_later_is_brought(synced, people, tmp_path):
    name, cursor, address = synced
    fill, told, arm, _ = PLATFORMS[name]
    warehouse, first = connected(name, address, tmp_path)
    warehouse.engine.dispose()
    quiet = next(m for m in people.campaigns[1].mails if m.opened and not m.clicked)
    quiet.clicked = [(quiet.sent_at + timedelta(hours=2), "https://shop.example/a")]
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'synced'")
    for (table,) in cursor.fetchall():
        cursor.execute(f"TRUNCATE {table}")
    with cursor.connection.transaction():
        fill(cursor, people)
    warehouse, second = connected(name, address, tmp_path)
    assert_agrees(warehouse, people, told, name=_name(arm))
    assert second.there["events"] == first.there["events"] + 1
    assert second.came["events"] < first.came["events"] / 2


@pytest.mark.slow
def test_reports_come_of_it(synced, people, tmp_path):
    name, _, address = synced
    _, told, arm, ids = PLATFORMS[name]
    warehouse, _ = connected(name, address, tmp_path)
    by_number = {n: ids.format(n) for n in (1, 2, 3, 4)}
    if name == "klaviyo":
        by_number |= {3: "ab/A", 4: "ab/B"}
    assert_reports_agree(warehouse, people, told, by_number, name=_name(arm))
