"""What spreadsheets leave in a table: words for nothing, errors, ="007", day numbers with a comma, open formulas."""

import io
import zipfile

import pytest
import xlsxwriter

from reportlib.errors import InvalidData
from reportlib.warehouse.callbacks.tables.importing import import_detailed
from tests.warehouse.callbacks.imported import rows

HEADER = ["campaign_id", "contact_id", "channel", "status", "sent_at"]
DAY = "2026-11-02T10:00:00Z"


def imported(url, folder, *lines):
    path = folder / "table.csv"
    path.write_text("\n".join(";".join(line) for line in (HEADER, *lines)))
    return import_detailed([str(path)], url)


def workbook(*pages):
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        for lines in pages:
            page = book.add_worksheet()
            for number, cells in enumerate(lines):
                page.write_row(number, 0, cells)
    return content.getvalue()


def test_nothing_is_no_person_and_an_error_is_told(sqlite_url, tmp_path):
    people = ["<NA>", "--", "#N/A", "#NV", "#VALUE!", "#REF!", "#WERT!", "#¿NOMBRE?", '="007"', "#sale!"]
    summary = imported(sqlite_url, tmp_path, *(["c", who, "sms", "sent", DAY] for who in people))
    assert (summary.read, summary.imported, summary.rejected) == (10, 2, 8)
    assert rows(sqlite_url, "messages", "contact_id") == [("#sale!",), ("007",)]
    assert [places for reason, places in summary.places.items() if "#REF!" in reason] == [["table.csv line 7"]]


def test_day_numbers_of_a_german_spreadsheet(sqlite_url, tmp_path):
    imported(sqlite_url, tmp_path, *(["c", who, "sms", "sent", f"46328,{part}"] for who, part in (("a", 5), ("b", 25))))
    told = [at.isoformat() for _, at in rows(sqlite_url, "messages", "contact_id", "sent_at")]
    assert told == ["2026-11-02T12:00:00", "2026-11-02T06:00:00"]


def test_a_table_goes_on_under_the_same_header(sqlite_url, tmp_path):
    first, second = ([HEADER, ["c", who, "sms", "sent", DAY]] for who in "ab")
    last = [["Report"], HEADER, ["c", "c", "sms", "sent", DAY], ["c", "", "sms", "sent", DAY]]
    (tmp_path / "log.xlsx").write_bytes(workbook([["Notes"], ["by hand"]], first, second, last))
    summary = import_detailed([str(tmp_path / "log.xlsx")], sqlite_url)
    assert rows(sqlite_url, "messages", "contact_id") == [("a",), ("b",), ("c",)]
    assert list(summary.places.values()) == [["log.xlsx line 4 of the page 'Sheet4'"]]


@pytest.mark.parametrize("cell", [b"<f>E1+1</f><v></v>", b"<f>E1+1</f>", b'<f t="shared" si="0"/><v/>'])
def test_a_formula_that_was_not_worked_out_is_no_empty_cell(sqlite_url, tmp_path, cell):
    whole = io.BytesIO(workbook([HEADER, ["c", "a", "sms", "sent", 46328.5]]))
    with zipfile.ZipFile(whole) as given, zipfile.ZipFile(tmp_path / "log.xlsx", "w") as changed:
        for name in given.namelist():
            content, count = given.read(name).replace(b"<v>46328.5</v>", cell), given.read(name).count(b"46328.5")
            assert count == name.endswith("sheet1.xml")
            changed.writestr(name, content)
    with pytest.raises(InvalidData, match="formulas"):
        import_detailed([str(tmp_path / "log.xlsx")], sqlite_url)
