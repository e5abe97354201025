"""`reportlib load`: what is refused, and how it is named."""

import gzip

import duckdb
import pytest

from reportlib.warehouse.contract.tables import TABLES
from tests.warehouse.load.loaded import ACCOUNTS, CAMPAIGNS, folder, problems


def test_bad_cells_are_named_by_their_line_however_many_lines_cells_have(tmp_path, duckdb_url):
    text = (
        "message_id,campaign_id,contact_id,channel,status,sent_at,cost,failure_reason\r\n"
        '1,a,ann,sms,sent,,,"two\nlines, ""quoted"""\r\n'
        "\r\n"
        '2,a,bob,SMS,dlivered,yesterday,1.2.3,"x\r\ny"\r\n'
        ",a,cid,sms,sent,2026-02-30,n/a,\r\n"
    )
    assert problems(folder(tmp_path / "in", messages=text), duckdb_url).splitlines() == [
        "nothing was loaded: 7 problems:",
        "  messages.csv line 5, channel: 'SMS' is not one of whatsapp, sms, email, did you mean 'sms'?",
        "  messages.csv line 5, status: 'dlivered' is not one of queued, sent, delivered, failed, "
        "did you mean 'delivered'?",
        "  messages.csv line 5, sent_at: 'yesterday' is not a time as ISO 8601 has it (2026-11-23T09:30:00Z)",
        "  messages.csv line 5, cost: '1.2.3' is not a number",
        "  messages.csv line 7, message_id: a value is required",
        "  messages.csv line 7, sent_at: '2026-02-30' is not a time as ISO 8601 has it (2026-11-23T09:30:00Z)",
        "  messages.csv line 7, cost: 'n/a' is not a number",
    ]


@pytest.mark.parametrize(
    ("table", "header", "cells", "complaint"),
    [
        ("accounts", "account_id,name,timezone", "1,Acme,America/Sao_Paolo", "did you mean 'America/Sao_Paulo'?"),
        ("accounts", "account_id,name,timezone", f"1,Acme,{'x' * 99}", f"'{'x' * 40}…' is not an IANA time zone"),
        ("accounts", "account_id,name,timezone", "1,A\0cme,UTC", "has a NUL character"),
        ("campaigns", "campaign_id,account_id,name,status,audience_size", "1,1,A,sent,12.7", "not a whole number"),
        (
            "campaigns",
            "campaign_id,account_id,name,status,started_at",
            "1,1,A,sent,infinity",
            "'infinity' is not a time",
        ),
        ("campaigns", "campaign_id,account_id,name,status,started_at", "1,1,A,sent,1735689600", "is not a time"),
        (
            "events",
            "event_id,message_id,campaign_id,kind,occurred_at,is_machine",
            "1,1,1,opened,2026-01-01,maybe",
            "true",
        ),
    ],
)
def test_a_bad_cell(tmp_path, duckdb_url, table, header, cells, complaint):
    message = problems(folder(tmp_path / "in", **{table: f"{header}\n{cells}\n"}), duckdb_url)
    assert message.startswith(f"nothing was loaded: {table}.csv line 2, ")
    assert complaint in message


def test_rows_that_share_a_key_are_all_named(tmp_path, duckdb_url):
    message = problems(folder(tmp_path / "in", accounts=ACCOUNTS + "b,B,UTC\nacme,Again,UTC\n"), duckdb_url)
    assert "accounts.csv line 2, account_id: 'acme' another row has the same account_id" in message
    assert "accounts.csv line 4, account_id: 'acme' another row has the same account_id" in message
    assert "line 3" not in message


def test_parquet_rows_are_counted(tmp_path, duckdb_url):
    source = folder(tmp_path / "in")
    duckdb.sql(
        "SELECT * FROM (VALUES (1, 'a', 'UTC'), (2, 'b', 'Utopia')) t(account_id, name, timezone)"
    ).write_parquet(str(source / "accounts.parquet"))
    assert "accounts.parquet row 2, timezone: 'Utopia' is not" in problems(source, duckdb_url)


def test_the_first_twenty_problems_of_all_files_are_listed_and_all_counted(tmp_path, duckdb_url):
    rows = "".join(f"{i},Acme,nowhere\n" for i in range(1500))
    header = "account_id,name,timezone\n"
    message = problems(folder(tmp_path / "in", accounts=header + rows, campaigns=CAMPAIGNS + "9,,,\n"), duckdb_url)
    first, *listed = message.splitlines()
    assert first == "nothing was loaded: 1,503 problems, the first 20:"
    assert len(listed) == 20


def test_missing_columns_name_what_is_there_instead(tmp_path, duckdb_url):
    message = problems(folder(tmp_path / "in", campaigns="campaign_id,account_id,nmae,name,name\n"), duckdb_url)
    assert "campaigns.csv: the required column 'status' is missing" in message
    assert "campaigns.csv: has the column 'name' twice" in message
    message = problems(folder(tmp_path / "other", accounts="account_id,nmae,timezone\n1,a,UTC\n"), duckdb_url)
    assert message.endswith("accounts.csv: the required column 'name' is missing; the file has 'nmae'")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (
            b'account_id,name,timezone\n1,"a\nb",UTC\n2,b\n3,c,UTC,x\n4,d,UTC\n',
            "2 problems:\n  accounts.csv line 4: has 2 cells, and the header 3\n  accounts.csv line 5: has 4",
        ),
        (b'account_id,name,timezone\n1,a,UTC\n2,"b,UTC\n', "accounts.csv line 3: cannot be read from here on: a quote"),
        (b'account_id,name,timezone\n1,"a"b,UTC\n', "accounts.csv line 2: cannot be read from here on: a quote"),
        (b"account_id,name,timezone\n1,a,UTC\n2,\xe9,UTC\n", "accounts.csv line 3: is not UTF-8 text"),
        (
            b"account_id,name,timezone\r\n1,a,UTC\n2,b,UTC\r\n",
            "accounts.csv: cannot be read: does it mix line endings?",
        ),
        ("account_id,name,timezone\n1,a,UTC\n".encode("utf-16"), "accounts.csv is not UTF-8 text"),
        (b"", "accounts.csv: the required column 'account_id' is missing"),
    ],
)
def test_files_that_are_not_csv(tmp_path, duckdb_url, content, complaint):
    source = folder(tmp_path / "in")
    (source / "accounts.csv").write_bytes(content)
    assert complaint in problems(source, duckdb_url)


def test_a_truncated_archive_is_not_half_loaded(tmp_path, duckdb_url):
    source = folder(tmp_path / "in")
    packed = gzip.compress((ACCOUNTS + "".join(f"{i},{i},UTC\n" for i in range(10_000))).encode())
    (source / "accounts.csv.gz").write_bytes(packed[: len(packed) // 2])
    assert "accounts.csv.gz cannot be read" in problems(source, duckdb_url)


def test_a_file_that_is_not_parquet(tmp_path, duckdb_url):
    source = folder(tmp_path / "in")
    (source / "accounts.parquet").write_text(ACCOUNTS)
    assert "accounts.parquet is not a Parquet file" in problems(source, duckdb_url)


def test_folders_without_anything_to_load(tmp_path, duckdb_url):
    assert "there is no folder" in problems(tmp_path / "nowhere", duckdb_url)
    empty = problems(folder(tmp_path / "empty"), duckdb_url)
    assert f"looked for {', '.join(TABLES)}" in empty and "it is empty" in empty
    (tmp_path / "empty" / "Mesages.csv").write_text("")
    assert "Mesages.csv: not a table of the contract" in problems(tmp_path / "empty", duckdb_url)


def test_two_files_for_one_table(tmp_path, duckdb_url):
    source = folder(tmp_path / "in", accounts=ACCOUNTS)
    (source / "accounts.parquet").write_bytes(b"")
    assert "two files for the table accounts, accounts.csv and accounts.parquet" in problems(source, duckdb_url)
