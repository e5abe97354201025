"""Per-contact tables of other tools, through a mapping, and what of them cannot be used."""

import pytest

from reportlib.errors import InvalidData, InvalidParameters
from reportlib.warehouse.callbacks.importing import retry_rejected
from reportlib.warehouse.callbacks.message_table.mapping import Mapping, read_mapping
from reportlib.warehouse.callbacks.tables.importing import import_detailed
from tests.in_process import reportlib
from tests.warehouse.callbacks.imported import after, contents, database_with, import_lines, rows, status

# The columns of Kaleyra's WhatsApp report: providers.md, section 6
KALEYRA = (
    "WABA ID;WHATSAPP_ID;TO;REASON_FOR_FAILURE;COUNTRY;TEMPLATE_NAME;STATE;SENT_AT;DELIVERED_AT;FAILED_AT;READ_AT\n"
    "1;w1;5511;;BR;spring;READ;2026-11-02 10:00:00;2026-11-02 10:00:05;;2026-11-02 11:30:00\n"
    "1;w2;5522;'=no such number;BR;spring;FAILED;2026-11-02 10:00:00;;2026-11-02 10:00:07;\n"
    "1;w3;5533;;BR;spring;HUH;2026-11-02 10:00:00;;;\n"
    "1;w4;5544;;BR;spring;SENT;yesterday;;;\n"
    "1;w5;5555\n"
)
MAPPING = """
columns: {provider_message_id: WHATSAPP_ID, contact_id: TO, campaign_id: TEMPLATE_NAME, status: STATE,
  sent_at: SENT_AT, delivered_at: DELIVERED_AT, failed_at: FAILED_AT, opened_at: READ_AT,
  failure_reason: REASON_FOR_FAILURE}
fixed: {channel: whatsapp, provider: kaleyra, account_id: acme, account: Acme, time_zone: America/Sao_Paulo}
statuses: {READ: delivered, DELIVERED: delivered, SENT: sent, FAILED: failed}
"""


W1 = "kaleyra/w1/spring/5511/whatsapp/1793624400000"


@pytest.fixture
def table(tmp_path):
    (tmp_path / "kaleyra.csv").write_text(KALEYRA)
    (tmp_path / "kaleyra.yaml").write_text(MAPPING)
    return tmp_path / "kaleyra.csv"


def test_another_tools_table_becomes_campaigns_contacts_and_messages(database_url, table):
    summary = import_detailed([str(table)], database_url, read_mapping(str(table.with_suffix(".yaml"))))
    assert (summary.read, summary.imported, summary.duplicates, summary.rejected) == (5, 2, 0, 3)
    assert rows(database_url, "messages", "message_id", "contact_id", "status", "sent_at", "failure_reason") == [
        (W1, "5511", "delivered", after(180), None),  # 10 h in São Paulo is 13 h UTC
        (W1.replace("w1", "w2").replace("5511", "5522"), "5522", "failed", after(180), "=no such number"),
    ]
    assert rows(database_url, "events", "message_id", "kind", "occurred_at") == [(W1, "opened", after(270))]
    assert rows(database_url, "accounts", "account_id", "timezone") == [("acme", "America/Sao_Paulo")]
    assert rows(database_url, "campaigns", "campaign_id", "status", "started_at") == [
        ("spring", "completed", after(180))
    ]
    assert dict(summary.reasons) == {
        "'HUH' is no status": 1,
        "'yesterday' is no time": 1,
        "has 3 cells, and the header 11": 1,
    }
    before = contents(database_url)
    again = import_detailed([str(table)], database_url, read_mapping(str(table.with_suffix(".yaml"))))
    assert (again.imported, again.duplicates, again.rejected) == (0, 2, 3)
    assert contents(database_url) == before
    [retried] = retry_rejected(database_url)
    assert (retried.read, retried.rejected) == (3, 3)


def test_callbacks_and_a_table_of_the_same_messages_agree(sqlite_url, tmp_path):
    url = database_with(sqlite_url, {"message_id": "w1", "contact_id": "5511"})
    import_lines(url, "whatsapp", [status("w1", "sent", 1), status("w1", "read", 9)], tmp_path)
    (tmp_path / "table.csv").write_text(
        "message_id,campaign_id,contact_id,channel,provider,provider_message_id,status,sent_at,opened_at,opens\n"
        "w1,spring,5511,whatsapp,whatsapp,w1,sent,2026-11-02T09:00:00Z,2026-11-02T10:08:00Z,1\n"
    )
    import_detailed([str(tmp_path / "table.csv")], url)
    import_lines(url, "whatsapp", [status("w1", "delivered", 2)], tmp_path)
    assert rows(url, "events", "kind", "occurred_at") == [("opened", after(9))]  # the callback's, and once
    assert rows(url, "messages", "status", "delivered_at") == [("delivered", after(2))]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("spring,,sms,sent,,,", "has no contact_id"),
        ("spring,ann,fax,sent,,,", "'fax' is no channel"),
        ("spring,ann,sms,sent,Europe/Berln,,", "'Europe/Berln' is no time zone"),
        ("spring,ann,sms,sent,,,many", "'many' is no number"),
        ("spring,ann,sms,sent,,,1_000", "'1_000' is no number"),
        ("spring,ann,sms,sent,,,1.5", "'1.5' clicks"),
        ("spring,ann,sms,sent,,2026-11-02T10:00:00Z,999999", "999999 clicks"),
        ("spring,ann,sms,sent,,2026-11-02T10:00:00Z,-1", "'-1' clicks"),
        ("spring,ann,sms,sent,,2026-11-02T10:00:00Z,0", "0 clicks, but clicked_at"),
        ("spring,None,sms,sent,,,", "has no contact_id"),
        (
            "spring,5.5119E+12,sms,sent,,,",
            "a spreadsheet has cut the contact_id to a number like 5.5119E+12: export it as text",
        ),
        ("spring,ann,sms,sent,,1761-01-01T10:00:00Z,", "'1761-01-01T10:00:00Z' is no time between 2000 and 2100"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(sqlite_url, tmp_path, row, reason):
    (tmp_path / "table.csv").write_text(
        f"campaign_id,contact_id,channel,status,time_zone,clicked_at,clicks\n{row}\nspring,bob,sms,sent,,,\n"
    )
    summary = import_detailed([str(tmp_path / "table.csv")], sqlite_url)
    assert (summary.imported, dict(summary.reasons)) == (1, {reason: 1})


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ("columns: [a]", "is no mapping"),
        ("just text", "is no mapping"),
        ("columns: {contact: TO}", "'contact' is not one of our columns"),
        ("colums: {contact_id: TO}", "did you mean 'columns'"),
        ("columns: {a: b", "cannot be read as a mapping"),
        ('fixed: {channel: "\\ud800"}', "half a character"),
        ("columns: {status: " + "[" * 1000, "nested more than 20 deep"),
        (
            "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}' if n else 'x'] * 9)}]" for n in range(9)),
            "more than 20,000",
        ),
    ],
)
def test_a_mapping_that_is_none_is_a_clear_error(tmp_path, mapping, said):
    (tmp_path / "mapping.yaml").write_text(mapping)
    with pytest.raises(InvalidParameters, match=said):
        read_mapping(str(tmp_path / "mapping.yaml"))


@pytest.mark.parametrize(
    ("content", "mapping", "said"),
    [
        (b"a,b\n1,2\n", Mapping(), "none of the columns of a detailed export"),
        (b"Person\n1\n", Mapping(columns={"contact_id": "Persons"}), "has no column 'Persons', did you mean 'Person'"),
        (b"contact_id\n\xff\n", Mapping(), "is not UTF-8 text"),
        (b"\x1f\x8bnot gzip", Mapping(), "cannot be read"),
        (b"\xef\xbb\xbf \n", Mapping(), "is empty"),
    ],
)
def test_a_file_that_is_no_such_table_is_a_clear_error(sqlite_url, tmp_path, content, mapping, said):
    (tmp_path / "table.csv").write_bytes(content)
    with pytest.raises(InvalidData, match=said):
        import_detailed([str(tmp_path / "table.csv")], sqlite_url, mapping)


def test_the_command_makes_a_database_of_a_table(sqlite_url, table):
    arguments = ("detailed", table, "--mapping", table.with_suffix(".yaml"))
    done = reportlib("import", *arguments, database=sqlite_url)
    assert done.returncode == 1, done.stderr  # rows were refused
    assert "Rejected: 'HUH' is no status (1): kaleyra.csv line 4" in done.stderr
    done = reportlib("import", *arguments, "--tolerate", "60%", database=sqlite_url)
    assert done.returncode == 0, done.stderr
    done = reportlib("import", *arguments, "--tolerate", "59%", database=sqlite_url)
    assert done.returncode == 1, done.stderr
    done = reportlib("campaigns", database=sqlite_url)
    assert done.stdout.splitlines()[1].split()[:3] == ["spring", "completed", "whatsapp"]
    done = reportlib("check", database=sqlite_url)
    assert done.returncode == 0, done.stdout
