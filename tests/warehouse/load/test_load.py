"""`reportlib load`: what is read, and what becomes of it on each engine."""

import gzip

import duckdb
import pytest
from sqlalchemy import create_engine

from reportlib.errors import InvalidData
from reportlib.warehouse.load import LoadedTable, load_folder
from tests.warehouse.load.loaded import ACCOUNTS, CAMPAIGNS, MESSAGES, as_utc, contents, folder, row, utc


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


def test_words_for_a_missing_value_are_empty_and_told(tmp_path, database_url):
    header = "campaign_id,account_id,name,status,experiment_id,variant,started_at,audience_size\n"
    rows = ["a,acme,None,sent,NULL,\\N,NULL,nan", "b,acme,Sale,sent,none,B,,7", "c,acme,Sale,sent,spring,B,,7"]
    summary = load_folder(folder(tmp_path / "in", accounts=ACCOUNTS, campaigns=header + "\n".join(rows)), database_url)
    loaded = [[one[name] for name in header.split(",")[2:6]] for one in contents(database_url)["campaigns"]]
    assert loaded == [["None", "sent", None, None], ["Sale", "sent", None, "B"], ["Sale", "sent", "spring", "B"]]
    assert summary.emptied == (
        "campaigns.csv: 2 words for nothing, like NULL, in the column 'experiment_id'",
        "campaigns.csv: 1 words for nothing, like NULL, in the column 'variant'",
        "campaigns.csv: 1 words for nothing, like NULL, in the column 'started_at'",
        "campaigns.csv: 1 words for nothing, like NULL, in the column 'audience_size'",
    )


def test_people_whose_id_is_a_word_for_nothing_are_not_one(tmp_path, duckdb_url):
    source = folder(tmp_path / "in", accounts=ACCOUNTS, contacts="contact_id,account_id\nann,acme\nNone,acme\n")
    with pytest.raises(InvalidData, match=r"contacts.csv line 3, contact_id: a value is required"):
        load_folder(source, duckdb_url)


def test_what_is_ignored_is_named(tmp_path, duckdb_url):
    source = folder(tmp_path / "in", accounts=ACCOUNTS.replace("\n", ",nmae\n", 1).replace("Paulo", "Paulo,x"))
    (source / "message.csv").write_text("a,b\n")
    summary = load_folder(source, duckdb_url)
    assert summary.ignored == (
        "message.csv: not a table of the contract, did you mean 'messages.csv'?",
        "accounts.csv: column 'nmae' is not in the contract, did you mean 'name'?",
    )
