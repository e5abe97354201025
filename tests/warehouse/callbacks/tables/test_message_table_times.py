"""Times in the forms in which tables write them: what is read, and what is refused with a hint."""

from datetime import UTC, datetime

import pytest

from reportlib.warehouse.callbacks.message_table.mapping import Mapping, read_mapping
from reportlib.warehouse.callbacks.tables.importing import import_detailed
from tests.warehouse.callbacks.imported import rows

SENT = datetime(2025, 11, 2, 10, 0)
EPOCH = int(SENT.replace(tzinfo=UTC).timestamp())


def written(folder, cells, zone="UTC", name="p"):
    """A table of people of this name, a row for each of these cells."""
    path = folder / f"{name}.csv"
    lines = [f'c,{name}{number},sms,sent,{zone},"{cell}"' for number, cell in enumerate(cells)]
    path.write_text("\n".join(["campaign_id,contact_id,channel,status,time_zone,sent_at", *lines]))
    return str(path)


def imported(url, folder, cells, zone="UTC", dates=None):
    """sent_at of a row for each of these cells, None where it was refused, and the reasons."""
    summary = import_detailed([written(folder, cells, zone)], url, Mapping(dates=dates))
    assert summary.read == len(cells) == summary.imported + summary.rejected
    found = dict(rows(url, "messages", "contact_id", "sent_at"))
    return [found.get(f"p{number}") for number in range(len(cells))], list(summary.reasons)


def each_imported(url, folder, columns):
    """sent_at of the rows of each of these columns, which are in a file each."""
    import_detailed([written(folder, cells, name=f"{at}-") for at, cells in enumerate(columns)], url, Mapping())
    found = dict(rows(url, "messages", "contact_id", "sent_at"))
    return [[found.get(f"{at}-{number}") for number in range(len(cells))] for at, cells in enumerate(columns)]


def test_a_column_of_one_form_is_read(sqlite_url, tmp_path):
    forms = [
        *(str(EPOCH), f"{EPOCH}.0", str(EPOCH * 1000), str(EPOCH * 1_000_000)),
        *("45963.4166666667", "20251102100000", "202511021000", "20251102T100000"),
        *("2025-11-02 10:00", "2025-11-02T10:00:00.000Z", "2025-11-02T12:00:00+02:00"),
        *("2025/11/02 10:00:00", "11/13/2025 10:00", "13/11/2025 10:00", "02.11.2025 10:00"),
        *("Nov 2, 2025 10:00 AM", "2 Nov 2025 10:00", "November 2nd, 2025 at 10:00:00", "02-Nov-2025 10:00"),
        *("Sun, 02 Nov 2025 10:00:00 +0000", "Sun, 02 Nov 2025 12:00:00 +0200", "Nov 2, 2025, 10:00:00 am UTC"),
        *("2025-11-02 10:00:00 UTC", "2025-11-02 12:00 UTC+2", "2025-11-02 11:00 GMT+01:00", "2025-11-2 10:00"),
        *("2025-11-02T11:00:00[Europe/Berlin]", "2025-11-02T11:00:00+01:00[Europe/Berlin]"),
        *("2025-11-02 07:00:00 America/Sao_Paulo", "Sun Nov 02 2025 12:00:00 GMT+0200 (EET)"),
        *("2 de novembro de 2025 10:00", "2. Nov. 2025 10:00", "2 nov. 2025 10:00", "02.11.25 10:00"),
    ]
    found = each_imported(sqlite_url, tmp_path, [[cell, "", cell] for cell in forms])
    for cell, times in zip(forms, found, strict=True):
        there = SENT.replace(day=13 if "13" in cell else 2)
        assert times == [there, None, there], cell


@pytest.mark.parametrize("cell", ["45963.4166666667", "20251102100000", "202511021000"])
def test_a_form_that_not_all_of_a_column_has_is_refused_with_a_hint(sqlite_url, tmp_path, cell):
    found, reasons = imported(sqlite_url, tmp_path, [str(EPOCH), cell])
    assert found == [SENT, None]
    assert len(reasons) == 1 and "others of its column do not" in reasons[0]


@pytest.mark.parametrize(
    ("cells", "dates", "months"),
    [
        (["11/02/2025", "11/13/2025"], None, [11, 11]),
        (["02/11/2025", "13/11/2025"], None, [11, 11]),
        (["11/02/2025", "11/03/2025"], None, [None, None]),
        (["11/02/2025", "11/03/2025"], "month first", [11, 11]),
        (["11/02/2025", "11/03/2025"], "day first", [2, 3]),
        (["11/02/2025", "11/13/2025", "13/11/2025"], None, [None, 11, 11]),  # not one file's way: each by itself
        (["02.11.2025", "02.12.2025"], None, [11, 12]),
        (["11/2/25 10:00 PM", "11/13/25 9:05"], None, [11, 11]),
    ],
)
def test_dates_with_slashes(sqlite_url, tmp_path, cells, dates, months):
    found, reasons = imported(sqlite_url, tmp_path, cells, dates=dates)
    assert [at and at.month for at in found] == months
    assert all("month first" in reason for reason in reasons)


def test_what_is_no_time_is_refused(sqlite_url, tmp_path):
    cells = [
        *("1999-12-31T23:59:59Z", "2100-01-01", "0", "12", "1e9", "tomorrow", "99999999999999999999", "25/25/2025"),
        *("13:00 pm", "2025-02-30", "Foo 2, 2025", "2025-11-02T10:00:00+99:00", "０１/02/2025", "inf", "-1761111141"),
        *("2025-11-02 10:00 CST", "2025-11-02 10:00 Mars/Olympus", "2 marraskuuta 2025", "02.11.99", "2 jui 2025"),
    ]
    found = each_imported(sqlite_url, tmp_path, [[cell, ""] for cell in cells])
    assert found == [[None, None]] * len(cells)
    read = {contact for (contact,) in rows(sqlite_url, "messages", "contact_id")}
    assert [cells[at] for at in range(len(cells)) if f"{at}-0" in read] == []
    assert len(read) == len(cells)


def test_months_are_read_in_the_languages_of_columns(duckdb_url, tmp_path):
    written = ["März", "mars", "marzo", "março", "Mär.", "mai", "maio", "mayo", "août", "déc.", "Dezember", "juil."]
    found, reasons = imported(duckdb_url, tmp_path, [f"2 {month} 2025" for month in written])
    assert ([at.month for at in found], reasons) == ([3, 3, 3, 3, 3, 5, 5, 5, 8, 12, 12, 7], [])


def test_what_programs_write_for_nothing_is_no_time_and_costs_no_row(duckdb_url, tmp_path):
    """Else only those who opened would come in."""
    nothing = ["NULL", r"\N", "-", "0000-00-00 00:00:00", "NaT", "N/A", "None", "(null)"]
    found, reasons = imported(duckdb_url, tmp_path, [*nothing, "45963.4166666667"])
    assert (found, reasons) == ([None] * len(nothing) + [SENT], [])


@pytest.mark.parametrize("cell", ["2025-11-02 10:00", "45963.4166666667", "20251102100000", "Nov 2, 2025 10:00"])
def test_a_time_without_an_offset_is_on_the_clock_of_its_zone(sqlite_url, tmp_path, cell):
    [found], _ = imported(sqlite_url, tmp_path, [cell], zone="America/Sao_Paulo")
    assert found == SENT.replace(hour=13)


def test_the_hour_that_comes_twice_is_read_so_that_nothing_precedes_its_message(sqlite_url, tmp_path):
    lines = (
        "night,p1,delivered,2026-10-25 02:50:00,2026-10-25 02:50:04,2026-10-25 02:10:00",
        "night,p2,delivered,2026-10-25 02:55:00,2026-10-25 02:05:00,2026-10-25 02:20:00",
        "night,p3,delivered,2026-10-25 02:55:00,2026-10-25 03:05:00,2026-10-25 03:20:00",
        "spring,p4,delivered,2026-03-29 02:30:00,2026-03-29 02:30:05,2026-03-29 03:10:00",
    )
    header = "campaign_id,contact_id,status,sent_at,delivered_at,opened_at"
    (tmp_path / "table.csv").write_text("\n".join([header, *lines]))
    fixed = {"time_zone": "Europe/Berlin", "channel": "whatsapp"}
    assert import_detailed([str(tmp_path / "table.csv")], sqlite_url, Mapping(fixed=fixed)).imported == 4
    sent = dict(rows(sqlite_url, "messages", "contact_id", "sent_at"))
    messages = {identity: who for identity, who in rows(sqlite_url, "messages", "message_id", "contact_id")}
    opened = {messages[identity]: at for identity, at in rows(sqlite_url, "events", "message_id", "occurred_at")}
    assert {who: at.strftime("%H:%M") for who, at in sent.items()} == dict(
        p1="00:50", p2="00:55", p3="00:55", p4="00:30"
    )
    assert {who: at.strftime("%H:%M") for who, at in opened.items()} == dict(
        p1="01:10", p2="01:20", p3="02:20", p4="01:10"
    )


def test_dates_in_a_mapping_are_one_of_two(tmp_path):
    (tmp_path / "mapping.yaml").write_text("dates: month first")
    assert read_mapping(str(tmp_path / "mapping.yaml")).dates == "month first"
