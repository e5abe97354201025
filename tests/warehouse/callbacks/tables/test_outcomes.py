"""Tables of orders: known by what shops call their columns, each order once, each refused row told by its line."""

from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from reportlib.cli import main
from reportlib.errors import InvalidData
from reportlib.warehouse.callbacks.message_table.mapping import Mapping
from reportlib.warehouse.callbacks.model import Unusable
from reportlib.warehouse.callbacks.money import money
from reportlib.warehouse.callbacks.tables.outcome_table.importing import DIFFERS, import_outcomes
from reportlib.warehouse.callbacks.tables.outcome_table.merging import NOBODY, SEVERAL
from reportlib.warehouse.load import load_folder
from tests.warehouse.callbacks.tables.downloaded import as_workbook
from tests.warehouse.load.loaded import ACCOUNTS, CAMPAIGNS, contents, folder

CONTACTS = "contact_id,account_id\nann,acme\nbob,acme\ntom,acme\ntim,acme\n"
ADDRESSES = (
    "contact_id,attribute,value\nann,email,ann@example.com\nbob,phone,+49 151 1234567\n"
    "tom,email,both@example.com\ntim,email,both@example.com\n"
)
ORDERS = """Name;Email;Created at;Total;Currency;Notes
#1;ANN@example.com;2026-11-02 09:30;1.234,50;EUR;
#1;ann@example.com;2026-11-02 09:30;;;a further line of it
#2;ann@example.com;2026-11-03 10:00;-12,00;EUR;given back
#3;nobody@example.com;2026-11-03 10:00;5,00;EUR;
#4;both@example.com;2026-11-03 10:00;5,00;EUR;
#5;ann@example.com;;5,00;EUR;
#6;ann@example.com;2026-11-03 10:00;5,0x;EUR;
#2;ann@example.com;2026-11-03 10:00;-13,00;EUR;
"""


@pytest.fixture
def shop(database_url, tmp_path):
    """The address of a database with four contacts."""
    tables = {"accounts": ACCOUNTS, "campaigns": CAMPAIGNS, "contacts": CONTACTS, "contact_attributes": ADDRESSES}
    header = "message_id,campaign_id,contact_id,channel,status\n"
    load_folder(
        folder(tmp_path / "in", **tables, messages=header, events="event_id,message_id,campaign_id,kind\n"),
        database_url,
    )
    return database_url


def test_orders_come_in_once_and_refused_rows_are_told(shop, tmp_path):
    (path := tmp_path / "orders.csv").write_text(ORDERS)
    for imported in (2, 0):
        said = import_outcomes([str(path)], shop, timezone="Europe/Berlin")
        assert (said.read, said.imported, said.duplicates, said.rejected) == (8, imported, 3 - imported, 5)
        kept = contents(shop)["outcomes"]
        assert [(row["outcome_id"], row["contact_id"], row["kind"], row["value"]) for row in kept] == [
            ("order/#1", "ann", "order", 1234.5),
            ("order/#2", "ann", "order", -12.0),
        ]
    assert kept[0]["occurred_at"].replace(tzinfo=UTC) == datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
    assert said.places[NOBODY] == ["orders.csv line 5"] and said.places[SEVERAL] == ["orders.csv line 6"]
    assert said.places["has no time"] == ["orders.csv line 7"] and said.places[DIFFERS] == ["orders.csv line 9"]
    assert said.ignored == ["orders.csv: column 'Notes'"]


def test_the_command_says_it_and_a_mapping_names_columns(shop, tmp_path):
    (path := tmp_path / "visits.csv").write_text(
        "wer,wann\n+49-151-1234567,2026-11-02T10:00:00Z\nann,2026-11-02T11:00:00Z\n"
    )
    (mapping := tmp_path / "map.yaml").write_text("columns: {contact_id: wer, occurred_at: wann}\n")
    command = ["import", "outcomes", str(path), "--to", shop, "--kind", "visit", "--mapping", str(mapping)]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    assert {(row["contact_id"], row["kind"], row["value"]) for row in contents(shop)["outcomes"]} == {
        ("ann", "visit", None),
        ("bob", "visit", None),
    }
    path.write_text("wer,wann\nnobody,2026-11-02T10:00:00Z\n")
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 1 and "its person is no contact (1): visits.csv line 2" in done.output


def test_a_workbook_has_its_orders_as_a_csv_has_them(sqlite_url, tmp_path):
    """Money is a number there, and times are days since 1900, in the time zone asked for."""
    tables = {"accounts": ACCOUNTS, "campaigns": CAMPAIGNS, "contacts": CONTACTS, "contact_attributes": ADDRESSES}
    tables |= {"messages": "message_id,campaign_id,contact_id,channel,status\n"}
    load_folder(folder(tmp_path / "in", **tables, events="event_id,message_id,campaign_id,kind\n"), sqlite_url)
    rows = [
        ["Name", "Email", "Created at", "Total", "Currency"],
        ["#1", "ann@example.com", datetime(2026, 11, 2, 9, 30), 1234.5, "EUR"],
        ["#2", "nobody@example.com", datetime(2026, 11, 2, 12), 5, "EUR"],
    ]
    (path := tmp_path / "orders.xlsx").write_bytes(as_workbook(rows))
    said = import_outcomes([str(path)], sqlite_url, timezone="Europe/Berlin")
    (order,) = contents(sqlite_url)["outcomes"]
    assert (order["outcome_id"], order["value"], order["currency"]) == ("order/#1", 1234.5, "EUR")
    assert order["occurred_at"].replace(tzinfo=UTC, microsecond=0) == datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
    assert (said.read, said.imported, said.rejected) == (2, 1, 1)


def test_a_table_that_says_no_time_is_refused(shop, tmp_path):
    (path := tmp_path / "orders.csv").write_text("Email,Total\nann@example.com,5\n")
    with pytest.raises(InvalidData, match=r"no column that is known as occurred_at \('Email', 'Total'\): name it"):
        import_outcomes([str(path)], shop, Mapping())


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12", 12.0),
        ("1.234,56", 1234.56),
        ("1,234.56", 1234.56),
        ("1.234.567", 1234567.0),
        ("12,5", 12.5),
        ("R$ 1.234,56", 1234.56),
        ("€ -12,00", -12.0),
        ("(12.00)", -12.0),
        ("1'234.50", 1234.5),
        ("", None),
    ],
)
def test_money_is_read_as_it_is_written(text, amount):
    assert money(text, None)[0] == amount


def test_what_may_be_thousands_or_a_fraction_is_refused_unless_the_file_tells():
    assert money("1.234", "comma")[0] == 1234.0 and money("1.234", "point")[0] == 1.234
    for text in ("1.234", "nan%", "12 % off", "abc", "9" * 20):
        with pytest.raises(Unusable):
            money(text, None)
    assert money("12.50 USD", None) == (12.5, "USD")
