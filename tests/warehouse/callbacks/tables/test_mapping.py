"""What a mapping says beside columns: which rows are read, what people wrote, what events are, whose attributes."""

import pytest

from reportlib.errors import InvalidData, InvalidParameters
from reportlib.warehouse.callbacks.message_table.mapping import read_mapping
from reportlib.warehouse.callbacks.tables.importing import import_detailed
from tests.warehouse.callbacks.imported import after, rows

TABLE = """Who;Mail;Kind;Sent;Arm;Plan;Group;Line;Words
ann;;promo;2026-11-02 10:00;A;pro;vips;Hello;
;bob@example.org;PROMO;2026-11-02 10:00;B;;;Hi;
cy;;receipt;2026-11-02 10:00;A;pro;vips;Hello;
ann;;answer;2026-11-02 10:30;;;;;Yes!
bob@example.org;;answer;2026-11-02 10:40;;;;;stop
"""
MAPPING = """
columns: {contact_id: [Who, Mail], sender: Who, text: Words, sent_at: Sent, variant: Arm, segment: Group, subject: Line}
fixed: {campaign_id: spring, campaign: Spring, channel: email, provider: x, time_zone: America/Sao_Paulo}
clock: UTC
only: {Kind: [promo, answer]}
inbound: {Kind: answer}
attributes: {plan: Plan}
"""


def imported(url, tmp_path, table, mapping):
    (tmp_path / "table.csv").write_text(table)
    (tmp_path / "mapping.yaml").write_text(mapping)
    return import_detailed([str(tmp_path / "table.csv")], url, read_mapping(str(tmp_path / "mapping.yaml")))


def test_a_mapping_says_all_that_a_known_download_is_known_for(sqlite_url, tmp_path):
    summary = imported(sqlite_url, tmp_path, TABLE, MAPPING)
    assert (summary.read, summary.imported, summary.left_out) == (4, 4, 1), summary.reasons
    names = ("campaign_id", "name", "experiment_id", "variant")
    assert rows(sqlite_url, "campaigns", *names) == [
        ("spring/A", "Spring A", "spring", "A"),
        ("spring/B", "Spring B", "spring", "B"),
    ]
    assert rows(sqlite_url, "messages", "contact_id", "sent_at") == [("ann", after(0)), ("bob@example.org", after(0))]
    assert rows(sqlite_url, "contact_attributes", "contact_id", "attribute", "value") == [("ann", "plan", "pro")]
    assert rows(sqlite_url, "segment_members", "segment_id", "contact_id") == [("vips", "ann")]
    assert rows(sqlite_url, "segments", "segment_id", "name", "account_id") == [("vips", "vips", "imported")]
    assert rows(sqlite_url, "campaign_attributes", "campaign_id", "attribute", "value") == [
        ("spring/A", "subject", "Hello"),
        ("spring/B", "subject", "Hi"),
    ]
    assert rows(sqlite_url, "events", "campaign_id", "kind", "occurred_at") == [
        ("spring/A", "replied", after(30)),
        ("spring/B", "unsubscribed", after(40)),
    ]


def test_rows_may_be_events(sqlite_url, tmp_path):
    events = (
        "Ref,Who,Campaign,What,When,Link,Note\n"
        "1,ann,spring,Sent,02/11/2026 10:00,,\n"
        "1,ann,spring,Seen,02/11/2026 10:05,,\n"
        "1,ann,spring,Seen,02/11/2026 10:05,,\n"
        "1,ann,spring,Tapped,13/11/2026 10:09,https://example.org/,\n"
        "2,bob,spring,Sent,02/11/2026 10:00,,\n"
        "2,bob,spring,Lost,02/11/2026 10:01,,no such number\n"
    )
    mapping = (
        "columns: {provider_message_id: Ref, contact_id: Who, campaign_id: Campaign, event: What, occurred_at: When,\n"
        "  url: Link, failure_reason: Note}\n"
        "fixed: {channel: whatsapp, provider: x}\n"
        "events: {Sent: sent, Seen: opened, Tapped: clicked, Lost: failed}\n"
    )
    summary = imported(sqlite_url, tmp_path, events, mapping)
    assert (summary.read, summary.imported, summary.duplicates, summary.messages) == (6, 5, 1, 2), summary.reasons
    names = ("contact_id", "status", "sent_at", "failure_code", "failure_reason")
    assert rows(sqlite_url, "messages", *names) == [
        ("ann", "sent", after(0), None, None),
        ("bob", "failed", after(0), "Lost", "no such number"),
    ]
    assert rows(sqlite_url, "events", "kind", "occurred_at", "url") == [
        ("clicked", after(9 + 11 * 1440), "https://example.org/"),
        ("opened", after(5), None),
    ]


@pytest.mark.parametrize(
    ("mapping", "error", "said"),
    [
        ("events: {Seen: looked}", InvalidParameters, "the event 'Seen' is 'looked', which is none"),
        ("fixed: {channel: [sms, email]}", InvalidParameters, "fixed has several values for 'channel'"),
        ("only: {Knid: promo}", InvalidData, "has no column 'Knid', did you mean 'Kind'"),
        ("columns: {contact_id: [Who, Male]}", InvalidData, "has no column 'Male', did you mean 'Mail'"),
    ],
)
def test_what_a_mapping_cannot_mean_is_a_clear_error(sqlite_url, tmp_path, mapping, error, said):
    with pytest.raises(error, match=said):
        imported(sqlite_url, tmp_path, TABLE, mapping)
