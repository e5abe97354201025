"""`reportlib load`: what is read, what is refused and how it is named, and that a failure changes nothing."""

import csv
import gzip
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, inspect, select

from reportlib.errors import InvalidData, WarehouseError
from reportlib.warehouse import load
from reportlib.warehouse.connection import PROJECT
from reportlib.warehouse.contract.tables import TABLES, key_columns
from reportlib.warehouse.load import LoadedTable, load_folder

ACCOUNTS = "account_id,name,timezone\nacme,Acme,America/Sao_Paulo\n"
CAMPAIGNS = "campaign_id,account_id,name,status\n007,acme,Spring,completed\n008,acme,Autumn,draft\n"
MESSAGES = "message_id,campaign_id,contact_id,channel,status\n1,007,ann,sms,delivered\n2,007,bob,sms,failed\n"


def folder(path: Path, **files: str) -> Path:
    """A folder with these CSV files."""
    path.mkdir(exist_ok=True)
    for name, text in files.items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8", newline="")
    return path


def contents(url) -> dict[str, list[dict]]:
    """Every row of every table, in the order of their keys."""
    engine = create_engine(url)
    with engine.connect() as connection:
        tables = {
            name: [dict(row) for row in connection.execute(select(table).order_by(*key_columns(table))).mappings()]
            for name, table in TABLES.items()
        }
    engine.dispose()
    return tables


def row(url, table) -> dict:
    (only,) = contents(url)[table]
    return only


def utc(*moment) -> datetime:
    return datetime(*moment, tzinfo=UTC)


def as_utc(moment: datetime) -> datetime:
    """DuckDB and SQLite hand out naive UTC, PostgreSQL moments."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def problems(path: Path, duckdb_url) -> str:
    """What a load of this folder complains about."""
    with pytest.raises(InvalidData) as error:
        load_folder(path, duckdb_url)
    assert not Path(duckdb_url.removeprefix("duckdb:///")).exists()
    return str(error.value)


# What is read


def test_messages_are_stored_campaign_by_campaign(database_url, tmp_path):
    mixed = "".join(f"{number},{campaign},ann,sms,delivered\n" for number, campaign in enumerate(("008", "007") * 3))
    load_folder(folder(tmp_path / "files", messages=MESSAGES.splitlines()[0] + "\n" + mixed), database_url)
    engine = create_engine(database_url)
    with engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT campaign_id FROM messages").scalars().all()
    engine.dispose()
    assert stored == ["007"] * 3 + ["008"] * 3


def test_a_subset_of_the_tables_is_loaded_and_all_are_made(tmp_path, database_url):
    summary = load_folder(folder(tmp_path / "in", accounts=ACCOUNTS, campaigns=CAMPAIGNS), database_url)
    assert summary.tables == (
        LoadedTable("accounts", "accounts.csv", added=1, replaced=0),
        LoadedTable("campaigns", "campaigns.csv", added=2, replaced=0),
    )
    assert summary.tables[1].rows == 2
    loaded = contents(database_url)
    assert [campaign["campaign_id"] for campaign in loaded["campaigns"]] == ["007", "008"]
    assert loaded["messages"] == []


def test_loading_twice_changes_nothing(tmp_path, database_url):
    source = folder(tmp_path / "in", accounts=ACCOUNTS, campaigns=CAMPAIGNS, messages=MESSAGES)
    load_folder(source, database_url)
    before = contents(database_url)
    summary = load_folder(source, database_url)
    assert contents(database_url) == before
    assert {(table.added, table.replaced) for table in summary.tables} == {(0, 1), (0, 2)}


def test_rows_with_a_known_key_are_replaced_and_others_kept(tmp_path, database_url):
    load_folder(folder(tmp_path / "one", accounts=ACCOUNTS, campaigns=CAMPAIGNS), database_url)
    changed = "campaign_id,account_id,name,status\n008,acme,Late autumn,sending\n009,acme,Winter,draft\n"
    summary = load_folder(folder(tmp_path / "two", campaigns=changed), database_url)
    assert summary.tables == (LoadedTable("campaigns", "campaigns.csv", added=1, replaced=1),)
    names = {campaign["campaign_id"]: campaign["name"] for campaign in contents(database_url)["campaigns"]}
    assert names == {"007": "Spring", "008": "Late autumn", "009": "Winter"}


def test_a_key_of_two_columns_is_replaced_by_both(tmp_path, database_url):
    header = "contact_id,attribute,value\n"
    load_folder(folder(tmp_path / "one", contact_attributes=f"{header}ann,plan,free\nann,age,30\n"), database_url)
    load_folder(folder(tmp_path / "two", contact_attributes=f"{header}ann,plan,paid\n"), database_url)
    values = {(row["attribute"], row["value"]) for row in contents(database_url)["contact_attributes"]}
    assert values == {("plan", "paid"), ("age", "30")}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-03-01T10:00:00Z", utc(2026, 3, 1, 10)),
        ("2026-03-01 10:00:00", utc(2026, 3, 1, 10)),
        ("2026-03-01T10:00:00.123456+05:30", utc(2026, 3, 1, 4, 30, 0, 123456)),
        ("2026-03-01T10:00:00-0300", utc(2026, 3, 1, 13)),
        ("2026-03-01T10:00", utc(2026, 3, 1, 10)),
        ("2026-03-01 10:00+02:00", utc(2026, 3, 1, 8)),
        ("2026-03-01", utc(2026, 3, 1)),
    ],
)
def test_times(tmp_path, duckdb_url, written, meant):
    text = f"event_id,message_id,campaign_id,kind,occurred_at\n1,1,1,opened,{written}\n"
    load_folder(folder(tmp_path / "in", events=text), duckdb_url)
    assert as_utc(row(duckdb_url, "events")["occurred_at"]) == meant


def test_every_type(tmp_path, database_url):
    source = folder(
        tmp_path / "in",
        campaigns="campaign_id,account_id,name,status,started_at,audience_size\n"
        '007,1,"Ça ""va"", 😀\nok",sent,2026-03-01T10:00:00+01:00,12.0\n',
        messages="message_id;campaign_id;contact_id;channel;status;cost;failure_code\n1;007;9;sms;failed;0.0625;007\n",
        events='EVENT_ID , message_id,campaign_id,kind,occurred_at,is_machine,url\n1,1,7,clicked,2026-03-01,true,""\n',
    )
    load_folder(source, database_url)
    campaign, message, event = (row(database_url, name) for name in ("campaigns", "messages", "events"))
    assert (campaign["name"], campaign["audience_size"]) == ('Ça "va", 😀\nok', 12)
    assert as_utc(campaign["started_at"]) == utc(2026, 3, 1, 9)
    assert (message["cost"], message["failure_code"], message["sent_at"]) == (0.0625, "007", None)
    assert (event["event_id"], event["is_machine"], event["url"]) == ("1", True, None)


def test_compressed_csv_with_a_byte_order_mark(tmp_path, duckdb_url):
    source = folder(tmp_path / "in")
    (source / "accounts.csv.gz").write_bytes(gzip.compress(b"\xef\xbb\xbf" + ACCOUNTS.encode()))
    load_folder(source, duckdb_url)
    assert row(duckdb_url, "accounts")["account_id"] == "acme"


def test_parquet_types_become_the_contracts(tmp_path, database_url):
    source = folder(tmp_path / "odd [name]*'")
    duckdb.execute("SET TimeZone = 'America/New_York'")
    duckdb.sql(
        "SELECT 7::BIGINT AS campaign_id, 1.0::DOUBLE AS account_id, '' AS name, 'sent' AS status, "
        "3.0::DOUBLE AS segment_id, TIMESTAMPTZ '2026-03-01 10:00:00+02' AS started_at, "
        "TIMESTAMP '2026-03-01 10:00:00.5' AS completed_at, 5::UTINYINT AS audience_size"
    ).write_parquet(str(tmp_path / "campaigns.parquet"))
    (tmp_path / "campaigns.parquet").rename(source / "campaigns.parquet")
    load_folder(source, database_url)
    campaign = row(database_url, "campaigns")
    assert [campaign[name] for name in ("campaign_id", "account_id", "segment_id")] == ["7", "1", "3"]
    assert (campaign["name"], campaign["audience_size"]) == ("", 5)
    assert as_utc(campaign["started_at"]) == utc(2026, 3, 1, 8)
    assert as_utc(campaign["completed_at"]) == utc(2026, 3, 1, 10, 0, 0, 500_000)


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8) | st.sampled_from(
    ['"', '""', ",", "\n", "\r\n", "\r", "NULL", "null", "\\N", " ", "=1+1", "a\nb,c\n", "nan", "007", "\ufeff"]
)
moments = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)).flatmap(
    lambda moment: st.sampled_from([-11, 0, 5.5, 14]).map(
        lambda hours: moment.replace(tzinfo=timezone(timedelta(hours=hours)))
    )
)
message_rows = st.lists(
    st.fixed_dictionaries(
        {
            "message_id": texts.filter(bool),
            "campaign_id": texts.filter(bool),
            "contact_id": texts.filter(bool),
            "channel": st.sampled_from(["sms", "email", "whatsapp"]),
            "status": st.sampled_from(["queued", "sent", "delivered", "failed"]),
            "sent_at": st.none() | moments,
            "failure_reason": st.none() | texts,
            "cost": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        }
    ),
    unique_by=lambda message: message["message_id"],
    max_size=6,
)
ROUND_TRIPS = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def loaded_messages(write, rows):
    """What comes out of a database into which the file that `write` makes of these rows was loaded."""
    with tempfile.TemporaryDirectory() as place:
        write(Path(place), rows)
        url = f"duckdb:///{place}/campaigns.duckdb"
        load_folder(place, url)
        found = contents(url)["messages"]
    by_id = {message["message_id"]: message for message in found}
    assert len(by_id) == len(rows)
    picked = [{name: by_id[row["message_id"]][name] for name in row} for row in rows]
    return [message | {"sent_at": message["sent_at"] and as_utc(message["sent_at"])} for message in picked]


@ROUND_TRIPS
@given(message_rows, st.sampled_from(["\n", "\r\n"]), st.sampled_from([",", ";", "\t"]))
def test_round_trip_through_csv(rows, line_end, delimiter):
    def write(place, rows):
        with (place / "messages.csv").open("w", encoding="utf-8", newline="") as file:
            names = list(rows[0]) if rows else [c.name for c in TABLES["messages"].columns if not c.nullable]
            writer = csv.DictWriter(
                file, names, lineterminator=line_end, delimiter=delimiter, quoting=csv.QUOTE_NONNUMERIC
            )
            writer.writeheader()
            writer.writerows(rows)

    expected = [{**row, "failure_reason": row["failure_reason"] or None} for row in rows]
    assert loaded_messages(write, rows) == expected


@ROUND_TRIPS
@given(message_rows)
def test_round_trip_through_parquet(rows):
    def write(place, rows):
        with duckdb.connect() as database:
            database.execute(
                "CREATE TABLE t (message_id TEXT, campaign_id TEXT, contact_id TEXT, channel TEXT, status TEXT, "
                "sent_at TIMESTAMPTZ, failure_reason TEXT, cost DOUBLE)"
            )
            columns = [column for column, *_ in database.execute("DESCRIBE t").fetchall()]
            if rows:
                values = [[row[column] for column in columns] for row in rows]
                database.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
            database.execute(f"COPY t TO '{place}/messages.parquet' (FORMAT parquet)")

    assert loaded_messages(write, rows) == rows


def test_what_is_ignored_is_named(tmp_path, duckdb_url):
    source = folder(tmp_path / "in", accounts=ACCOUNTS.replace("\n", ",nmae\n", 1).replace("Paulo", "Paulo,x"))
    (source / "message.csv").write_text("a,b\n")
    summary = load_folder(source, duckdb_url)
    assert summary.ignored == (
        "message.csv: not a table of the contract, did you mean 'messages.csv'?",
        "accounts.csv: column 'nmae' is not in the contract, did you mean 'name'?",
    )


# What is refused


def test_bad_cells_are_named_by_their_line_however_many_lines_cells_have(tmp_path, duckdb_url):
    text = (
        "message_id,campaign_id,contact_id,channel,status,sent_at,cost,failure_reason\r\n"
        '1,a,ann,sms,sent,,,"two\nlines, ""quoted"""\r\n'
        "\r\n"
        '2,a,bob,SMS,dlivered,yesterday,1.2.3,"x\r\ny"\r\n'
        ",a,cid,sms,sent,2026-02-30,nan,\r\n"
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
        "  messages.csv line 7, cost: 'nan' is not a number",
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
    assert "looked for accounts, campaigns" in empty and "it is empty" in empty
    (tmp_path / "empty" / "Mesages.csv").write_text("")
    assert "Mesages.csv: not a table of the contract" in problems(tmp_path / "empty", duckdb_url)


def test_two_files_for_one_table(tmp_path, duckdb_url):
    source = folder(tmp_path / "in", accounts=ACCOUNTS)
    (source / "accounts.parquet").write_bytes(b"")
    assert "two files for the table accounts, accounts.csv and accounts.parquet" in problems(source, duckdb_url)


# That a failure changes nothing, and the target


def test_a_failed_load_leaves_what_was_there(tmp_path, database_url):
    load_folder(folder(tmp_path / "good", accounts=ACCOUNTS, campaigns=CAMPAIGNS), database_url)
    before = contents(database_url)
    with pytest.raises(InvalidData):
        load_folder(folder(tmp_path / "bad", accounts="account_id,name,timezone\nnew,N,UTC\nold,O,x\n"), database_url)
    assert contents(database_url) == before


def test_a_target_that_refuses_one_table_keeps_the_others_as_they_were(tmp_path, database_url):
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE messages (message_id INTEGER)")
    engine.dispose()
    with pytest.raises(WarehouseError, match="differ from those `reportlib load` makes"):
        load_folder(folder(tmp_path / "in", accounts=ACCOUNTS, messages=MESSAGES), database_url)
    engine = create_engine(database_url)
    assert inspect(engine).get_table_names() == ["messages"]
    engine.dispose()


@pytest.mark.parametrize("database_url", ["duckdb", "sqlite"], indirect=True)
def test_an_interrupted_load_leaves_no_new_file(tmp_path, database_url, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(load, "stage", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load_folder(folder(tmp_path / "in", accounts=ACCOUNTS), database_url)
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_without_an_address_it_says_where_to_put_it(tmp_path, monkeypatch):
    monkeypatch.delenv("CAMPAIGN_DATABASE_URL", raising=False)
    with pytest.raises(WarehouseError, match="give its address with --to, or set CAMPAIGN_DATABASE_URL"):
        load_folder(folder(tmp_path / "in", accounts=ACCOUNTS))


def test_the_environment_names_the_target(tmp_path, duckdb_url, monkeypatch):
    monkeypatch.setenv("CAMPAIGN_DATABASE_URL", duckdb_url)
    assert load_folder(folder(tmp_path / "in", accounts=ACCOUNTS)).address == duckdb_url


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("duckdb:////nowhere/at/all.duckdb", "there is no folder /nowhere/at"),
        ("duckdb:////proc/campaigns.duckdb", "/proc/campaigns.duckdb"),
        ("duckdb:///:memory:", "has no file"),
        ("sqlite:////nowhere/at/all.db", "there is no folder /nowhere/at"),
        ("sqlite:////proc/campaigns.db", "/proc/campaigns.db may not be used by this user"),
        ("sqlite://", "has no file: what is written there is gone at once; use sqlite:////path"),
        ("mysql://host/db", "mysql is not one of duckdb, postgresql, sqlite"),
        ("campaigns.duckdb", "it looks like duckdb:////path"),
    ],
)
def test_targets_that_cannot_be(tmp_path, address, complaint):
    with pytest.raises(WarehouseError, match=complaint):
        load_folder(folder(tmp_path / "in", accounts=ACCOUNTS), address)


def test_nowhere_to_work(tmp_path, duckdb_url, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(WarehouseError, match=r"nothing was loaded: no room to work in .*gone"):
        load_folder(folder(tmp_path / "in", accounts=ACCOUNTS), duckdb_url)


def test_a_target_that_another_program_writes(tmp_path, duckdb_url):
    file = duckdb_url.removeprefix("duckdb:///")
    hold = f"import duckdb; c = duckdb.connect({file!r}); print('open', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", hold], stdin=-1, stdout=-1, text=True) as other:
        assert other.stdout.readline() == "open\n"
        with pytest.raises(WarehouseError, match="is being written by another program"):
            load_folder(folder(tmp_path / "in", accounts=ACCOUNTS), duckdb_url)
        other.communicate("\n")
    assert Path(file).exists()


def test_sqlite_has_the_documented_indexes_and_knows_how_large_its_tables_are(tmp_path, sqlite_url):
    load_folder(folder(tmp_path / "in", accounts=ACCOUNTS, messages=MESSAGES), sqlite_url)
    engine = create_engine(sqlite_url)
    with engine.connect() as connection:
        made = connection.exec_driver_sql("SELECT sql || ';' FROM sqlite_master WHERE type = 'index'").scalars().all()
        sizes = connection.exec_driver_sql("SELECT stat FROM sqlite_stat1 WHERE tbl = 'messages'").scalars().all()
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    engine.dispose()
    document = (PROJECT / "docs" / "engines.md").read_text(encoding="utf-8")
    assert sorted(made) == sorted(line for line in document.splitlines() if line.startswith("CREATE INDEX"))
    assert {size.split()[0] for size in sizes} == {"2"}
    assert mode == "wal"
