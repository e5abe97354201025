"""Odoo's marketing tables: traces whose status moves on, persons told by their address."""

import pytest

from tests.warehouse.connect.agreement import assert_agrees, assert_reports_agree, connected
from tests.warehouse.connect.filling import insert, make_schema, utc
from tests.warehouse.connect.population import URLS, Population

TOLD = ("sent", "failed", "opened", "clicked", "replied")


def fill(cursor, people: Population):
    """The people as Odoo has them: contacts deleted since are gone, their traces stay."""
    make_schema(cursor, "odoo")
    insert(cursor, "res_company", "name", [("Shop & Co",)])
    insert(cursor, "res_country", "id, name, code", [(n, "{}", code) for n, code in enumerate(("DE", "FR", "BR"), 1)])
    insert(cursor, "utm_campaign", "id, name, title", [(1, "T", "{}")])
    insert(cursor, "mailing_list", "id, name", [(n, f"List {n}") for n in (1, 2, 3, 4)])
    insert(cursor, "link_tracker", "id, url", [*enumerate(URLS, 1)])
    there = [person for person in people.people if not person.deleted]
    insert(cursor, "mailing_contact", "id, email, email_normalized, country_id, create_date, write_date", [
        (p.number, p.email, p.email.lower(), ("DE", "FR", "BR").index(p.country) + 1, utc(p.joined), utc(p.joined))
        for p in there
    ])  # fmt: skip
    insert(cursor, "mailing_subscription", "contact_id, list_id, opt_out", [
        (p.number, which, False) for p in there for which in p.lists
    ])  # fmt: skip
    for c in people.campaigns:
        insert(
            cursor,
            "mailing_mailing",
            "id, subject, email_from, schedule_type, state, mailing_type, mailing_model_id, ab_testing_enabled, "
            "campaign_id, sent_date",
            [(c.number, c.name, "shop@example.com", "now", "done", "mail", 1, bool(c.variant), 1 if c.variant else None,
              utc(c.finished_at))],
        )  # fmt: skip
        insert(cursor, "mail_mass_mailing_list_rel", "mailing_mailing_id, mailing_list_id", [(c.number, c.list)])
        for mail in c.mails:
            moments = [mail.sent_at, mail.bounced_at, mail.replied_at, *(at for at, _ in mail.opened + mail.clicked)]
            opens = [at for at, _ in mail.opened]
            status = "bounce" if mail.bounced else "reply" if mail.replied_at else "open" if mail.opened else "sent"
            insert(
                cursor,
                "mailing_trace",
                "id, trace_type, email, message_id, model, res_id, mass_mailing_id, sent_datetime, open_datetime, "
                "reply_datetime, trace_status, failure_type, failure_reason, create_date, write_date",
                [(mail.number, "mail", mail.person.email.upper(), f"<{mail.number}@odoo>", "mailing.contact",
                  mail.person.number, c.number, utc(mail.sent_at), utc(min(opens, default=None)),
                  utc(mail.replied_at), status, "mail_bounce" if mail.bounced else None, None, utc(mail.sent_at),
                  utc(max(filter(None, moments))))],
            )  # fmt: skip
            insert(cursor, "link_tracker_click", "link_id, mailing_trace_id, create_date, write_date", [
                (URLS.index(url) + 1, mail.number, utc(at), utc(at)) for at, url in mail.clicked
            ])  # fmt: skip


@pytest.fixture
def odoo(postgresql_server, postgresql_url, people):
    """A cursor in a filled Odoo, and its address."""
    with postgresql_server.connect(postgresql_url.rsplit("/", 1)[1], autocommit=True) as connection:
        with connection.transaction():
            fill(connection.cursor(), people)
        yield connection.cursor(), postgresql_url


def test_its_figures_are_the_peoples(odoo, people, tmp_path):
    warehouse, _ = connected("odoo", odoo[1], tmp_path)
    assert_agrees(warehouse, people, TOLD)
    variants = warehouse.sql("SELECT variant FROM campaigns WHERE experiment_id IS NOT NULL ORDER BY campaign_id")
    assert list(variants["variant"]) == ["A", "B"]


def test_what_is_held_back_was_not_sent_and_an_sms_has_receipts(odoo, people, tmp_path):
    moment = utc(people.campaigns[0].started_at)
    columns = (
        "id, trace_type, sms_number, sms_id_int, email, model, res_id, mass_mailing_id, trace_status, failure_type"
    )
    named = "id, subject, email_from, schedule_type, state, mailing_type, mailing_model_id"
    insert(odoo[0], "mailing_mailing", named, [
        (9, "By SMS", "x", "now", "done", "sms", 1)
    ])  # fmt: skip
    insert(odoo[0], "mailing_trace", f"{columns}, create_date, write_date", [
        (9000 + n, "sms", f"+49{n}", n, None, "res.partner", n, 9, status, why, moment, moment)
        for n, (status, why) in enumerate(
            [("sent", None)] * 3 + [("pending", None)] * 2 + [("error", "sms_expired"), ("cancel", "sms_optout")], 1)
    ])  # fmt: skip
    warehouse, _ = connected("odoo", odoo[1], tmp_path)
    assert_agrees(warehouse, people, TOLD)
    statuses = warehouse.sql("SELECT status, count(*) AS n FROM messages WHERE campaign_id = '9' GROUP BY 1 ORDER BY 1")
    assert dict(zip(statuses["status"], statuses["n"], strict=True)) == {
        "delivered": 3, "failed": 1, "queued": 1, "sent": 2,
    }  # fmt: skip


@pytest.mark.slow
def test_reports_come_of_it(odoo, people, tmp_path):
    warehouse, _ = connected("odoo", odoo[1], tmp_path)
    assert_reports_agree(warehouse, people, TOLD, {n: n for n in (1, 2, 3, 4)})
