"""Workbooks: a sheet per table, numbers as numbers, texts as texts; CSV for a double-click in Excel."""

import gzip
import io
import json
import zipfile
from datetime import timedelta

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import create_engine

from reportlib import metrics
from reportlib.errors import OutputError
from reportlib.presentation.look.brand.brand import Brand
from reportlib.publishing.batch.workbooks import add_workbooks
from reportlib.publishing.export.workbook import TABLES, workbook_of, write_workbook
from tests.in_process import reportlib
from tests.small_database import START, campaign, fill, small_database

ODD = '=HYPERLINK("http://evil.example","x")'


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """The address of a database of two campaigns, one with a name that a spreadsheet would run; its warehouse."""
    address = f"sqlite:///{tmp_path_factory.mktemp('book') / 'a.db'}"
    engine = create_engine(address)
    arms = [campaign(one, audience=8, name=ODD, completed_at=START + timedelta(hours=2)) for one in ("a", "b")]
    made = [one.sent(8).delivered(5, opened=2, clicked=1).failed(2, code="550") for one in arms]
    yield address, fill(engine, small_database(*made))
    engine.dispose()


def read(content) -> dict[str, list[list]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def parts(content, name) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        return files.read(name).decode()


def test_a_sheet_per_table_with_numbers_and_where_they_are_from(database, tmp_path):
    address, warehouse = database
    path = tmp_path / "book.xlsx"
    said = reportlib("export", "workbook", "--campaign", "a", "--campaign", "b", "--to", path, database=address)
    content = path.read_bytes()
    sheets = read(content)
    assert said.stdout == f"{len(sheets)} sheets in {path}\n"
    assert {*sheets} <= {*TABLES, "Definitions", "About"} and {"Summary", "Failures", "About"} <= {*sheets}
    head, *rows = sheets["Summary"]
    frame = metrics.priced_summary(warehouse, ["a", "b"])
    assert head == list(frame.columns) and len(rows) == len(frame)
    for name in ("audience", "delivered", "failed_pct_of_audience", "clicked"):
        scale = 100 if "_pct" in name else 1
        written = [scale * row[head.index(name)] for row in rows]
        assert written == pytest.approx(frame[name].astype(float).tolist()), name
    assert rows[0][head.index("opened_pct_of_delivered")] != 0 or frame["opened"].iloc[0] == 0
    about = dict(row[:2] for row in sheets["About"])
    assert about["campaign a"] == ODD and about["database"] == warehouse.address and about["by"].startswith("reportlib")
    assert len(sheets["Definitions"]) == len(metrics.DEFINITIONS) + 1
    first = parts(content, "xl/worksheets/sheet1.xml")
    assert "<f>" not in first and "hyperlink" not in first.lower() and 'state="frozen"' in first
    assert "0.00%" in parts(content, "xl/styles.xml")


def test_every_value_is_what_it_is():
    moments = pd.to_datetime(["2026-11-01T10:00:00Z", None])
    frame = pd.DataFrame(
        {
            "text": ["=1+1", "\x00+44 7\ud800" + "x" * 40_000],
            "link": ["http://a.example", "007"],
            "n": pd.array([7, None], "Int64"),
            "share_pct": [12.5, float("nan")],
            "money": [1.25, float("inf")],
            "told": [True, False],
            "at": moments,
            "local": moments.tz_localize(None),
        }
    )
    book = workbook_of({"T": frame}, Brand(accent="#00784f", locale="de_DE"))
    assert 'formatCode="d.m.yyyy hh:mm:ss"' in parts(book, "xl/styles.xml")
    (sheet,) = read(book).values()
    _, first, second = sheet
    assert first[:6] == ["=1+1", "http://a.example", 7, 0.125, 1.25, True]
    assert str(first[6]) == str(first[7]) == "2026-11-01 10:00:00"
    assert second[0].startswith("+44 7x") and len(second[0]) == 32_767 and second[1] == "007"
    assert second[2:5] == ["", "", ""] and second[5] is False and second[6:] == ["", ""]


def test_beside_a_report_and_what_has_none(database, tmp_path, monkeypatch):
    monkeypatch.setenv("CAMPAIGN_DATABASE_URL", database[0])
    about = {"notebook": "n", "subject": "s", "version": 2}
    for name, said in (
        ("a", {"parameters": {"campaign": "a"}}),
        ("b", {"campaign_ids": ["a", "b"]}),
        ("none", {}),
        ("gone", {"campaign_ids": ["gone"]}),
        ("failed", {"campaign_ids": ["a"], "failure": {"name": "E", "message": "no"}}),
    ):
        (tmp_path / f"{name}.json").write_text(json.dumps(about | said))
    (tmp_path / "failed.xlsx").write_text("old")
    lines = []
    add_workbooks([tmp_path / f"{name}.html" for name in ("a", "b", "none", "gone", "failed")], lines.append)
    assert sorted(file.stem for file in tmp_path.glob("*.xlsx")) == ["a", "b"] and len(lines) == 3
    rows = {name: len(read((tmp_path / f"{name}.xlsx").read_bytes())["Summary"]) for name in ("a", "b")}
    assert rows["b"] > rows["a"]


def test_a_name_without_its_ending_is_refused(database, tmp_path):
    with pytest.raises(OutputError, match=r"does not end in \.xlsx"):
        write_workbook(database[1], ["a"], tmp_path / "book.xls")


@pytest.mark.parametrize("command", ["summary", "detailed"])
def test_csv_for_excel_begins_with_its_mark(database, tmp_path, command):
    plain, marked = tmp_path / "a.csv", tmp_path / "b.csv.gz" if command == "detailed" else tmp_path / "b.csv"
    for path, options in ((plain, []), (marked, ["--excel"])):
        done = reportlib("export", command, "--campaign", "a", "--to", path, *options, database=database[0])
        assert done.returncode == 0, done.stderr
    read_back = gzip.decompress(marked.read_bytes()) if marked.suffix == ".gz" else marked.read_bytes()
    assert sorted(read_back.removeprefix(b"\xef\xbb\xbf").splitlines()) == sorted(plain.read_bytes().splitlines())
    assert read_back.startswith(b"\xef\xbb\xbf") and not plain.read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_mark_is_for_csv_only(database, tmp_path):
    asked = ["export", "detailed", "--campaign", "a", "--to", tmp_path / "a.parquet", "--excel"]
    done = reportlib(*asked, database=database[0])
    assert done.returncode == 1 and "--excel is for CSV" in done.stderr and not (tmp_path / "a.parquet").exists()
