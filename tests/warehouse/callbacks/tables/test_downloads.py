"""Files as they are downloaded: known by their header, whatever they are packed in."""

import gzip

import pytest

from reportlib.errors import InvalidData
from reportlib.warehouse.callbacks.importing import retry_rejected
from reportlib.warehouse.callbacks.tables.downloads import DOWNLOADS, listing, recognised
from reportlib.warehouse.callbacks.tables.importing import import_tables
from reportlib.warehouse.callbacks.tables.opening import Said, open_download
from tests import PROJECT
from tests.in_process import reportlib
from tests.warehouse.callbacks.imported import contents, rows
from tests.warehouse.callbacks.tables.downloaded import DOWNLOADED, PEOPLE, SENT, as_csv, as_workbook, at

SAID = {"--campaign": "campaign", "--sent-at": "sent_at"}


def said_of(download, **more):
    options = dict(zip(download.options[::2], download.options[1::2], strict=True))
    return Said(**{SAID[option]: value for option, value in options.items()}, **more)


def imported(path, url, said):
    name, table = open_download(path, said)
    return name, import_tables([table], url)


def expected(download):
    """Who was written to and how that went; who did what, and when."""
    states, events = set(), set()
    for person in PEOPLE:
        who = person.email if download.channel == "email" else person.phone
        if person.failed and not download.failures:
            continue
        reached = "delivered" if download.receipts and person.delivered else "sent"
        states.add((who, "failed" if person.failed else reached))
        did = {"opened": person.opened, "clicked": person.clicked}
        if person.wrote:
            did["unsubscribed" if person.wrote[1] == "STOP" else "replied"] = person.wrote[0]
        events |= {(who, kind, at(minutes)) for kind, minutes in did.items() if minutes and kind in download.kinds}
    return states, events


@pytest.mark.parametrize("name", DOWNLOADED)
def test_each_download_tells_what_became_of_each_message(sqlite_url, tmp_path, name):
    download, path = DOWNLOADED[name], tmp_path / "download.csv"
    path.write_text(as_csv(name))
    known_as, summary = imported(path, sqlite_url, said_of(download))
    assert known_as == name
    assert (summary.read, summary.imported) == (len(download.rows()), len(download.rows())), summary.reasons
    states, events = expected(download)
    prefix = "" if name not in ("kaleyra_whatsapp", "wolkvox_whatsapp") else "+"  # they write digits alone
    assert {(prefix + who, state) for who, state in rows(sqlite_url, "messages", "contact_id", "status")} == states
    whose = dict(rows(sqlite_url, "messages", "message_id", "contact_id"))
    found = {
        (prefix + whose[message], kind, when if download.timed else None)
        for message, kind, when in rows(sqlite_url, "events", "message_id", "kind", "occurred_at")
    }
    assert found == {(who, kind, when.replace(tzinfo=None) if download.timed else None) for who, kind, when in events}
    assert rows(sqlite_url, "campaigns", "campaign_id", "started_at") == [("spring", SENT.replace(tzinfo=None))]
    if download.channel != "email":
        countries = [country for _, country in rows(sqlite_url, "contacts", "contact_id", "country")]
        assert sorted(countries) == ["BR", "BR", "DE", "DE", "US", "US"]


@pytest.mark.parametrize("name", ["twilio_log", "sendgrid_activity"])  # rows that are messages, rows that are events
def test_to_import_it_again_changes_nothing(database_url, tmp_path, name):
    download, path = DOWNLOADED[name], tmp_path / "download.csv"
    path.write_text(as_csv(name))
    _, first = imported(path, database_url, said_of(download))
    before = contents(database_url)
    _, again = imported(path, database_url, said_of(download))
    assert (again.imported, again.duplicates) == (0, first.imported) == (0, len(download.rows()))
    assert contents(database_url) == before


def test_each_download_has_a_test_and_a_line_in_the_docs():
    assert {*DOWNLOADED, "detailed"} == set(DOWNLOADS)
    header, lines = listing()
    table = [header, ("---",) * len(header), *lines]
    told = "\n".join(f"| {' | '.join(cells)} |" for cells in table)
    assert told in (PROJECT / "docs" / "importing.md").read_text()


def in_a_workbook():
    def typed(text):
        return int(text) if isinstance(text, str) and text.isdecimal() else text

    header, *lines = [line.split(",") for line in as_csv("twilio_log").splitlines()]
    lines = [[SENT if header[n] == "SentDate" else typed(cell) for n, cell in enumerate(line)] for line in lines]
    return as_workbook([["Message log"], [], header, *lines])


PACKED = {
    "log.csv": lambda: as_csv("twilio_log", preamble="Message log\nof,Acme\n\n").encode(),
    "log.csv.gz": lambda: gzip.compress(as_csv("twilio_log").encode()),
    "semicolons.csv": lambda: ("sep=;\n" + as_csv("twilio_log", ";")).encode("utf-8-sig"),
    "unicode.txt": lambda: as_csv("twilio_log", "\t").encode("utf-16"),
    "log.xlsx": in_a_workbook,
}


@pytest.mark.parametrize("packed", PACKED)
def test_however_it_is_packed_it_is_the_same(sqlite_url, tmp_path, packed):
    (tmp_path / packed).write_bytes(PACKED[packed]())
    name, summary = imported(tmp_path / packed, sqlite_url, Said(campaign="spring"))
    assert (name, summary.rejected, summary.imported) == ("twilio_log", 0, 8)
    found = rows(sqlite_url, "messages", "contact_id", "channel", "status", "sent_at")
    assert found[0] == ("+14155550105", "whatsapp", "delivered", SENT.replace(tzinfo=None))
    assert [kind for (kind,) in rows(sqlite_url, "events", "kind")] == ["opened", "opened", "replied", "unsubscribed"]


def test_a_number_in_a_workbook_is_a_number_and_one_that_was_cut_is_refused(sqlite_url, tmp_path):
    header, first, *_ = [line.split(",") for line in as_csv("wolkvox_whatsapp").splitlines()]
    lines = [["spring", number, "Submitted", "", SENT, SENT] for number in (5511987650001, 55119876500012345678)]
    (tmp_path / "report.xlsx").write_bytes(as_workbook([header, first, *lines]))
    _, summary = imported(tmp_path / "report.xlsx", sqlite_url, Said())
    [reason] = summary.reasons
    assert "cut the contact_id" in reason
    assert summary.places[reason] == ["report.xlsx line 4"]


def test_rows_that_cannot_be_used_are_told_by_name(sqlite_url, tmp_path):
    header, *lines = as_csv("sendgrid_activity").splitlines()
    (tmp_path / "activity.csv").write_text(
        "\n".join(
            [
                *(header, lines[0].replace("delivered", "wobbled").replace("processed", "wobbled")),
                *(lines[1].replace("2026-11-02", "yesterday"), lines[2].replace("spring", ""), lines[3], "short"),
            ]
        )
    )
    _, summary = imported(tmp_path / "activity.csv", sqlite_url, Said())
    assert (summary.read, summary.imported, summary.rejected, summary.messages) == (5, 1, 4, 2)
    assert {reason.split(" (")[0]: summary.places[reason][0] for reason in summary.reasons} == {
        "the event 'wobbled' is not known": "activity.csv line 2",
        "'yesterday 10:01:00' is no time": "activity.csv line 3",
        "has no campaign_id": "activity.csv line 4",
        "has 1 cells, and the header 28": "activity.csv line 6",
    }
    [retried] = retry_rejected(sqlite_url)
    assert (retried.read, retried.rejected) == (4, 4)


def test_what_people_wrote_answers_what_they_were_sent(sqlite_url, tmp_path):
    header, *lines = as_csv("twilio_log").splitlines()
    stranger = next(line for line in lines if ",inbound," in line).replace("+4915112345003", "+4915199999999")
    late = next(line for line in lines if ",SMI1," in line).replace("2026-11-02", "2026-11-20").replace("SMI1", "SMI7")
    (tmp_path / "log.csv").write_text("\n".join([header, *lines, stranger.replace("SMI2", "SMI8"), late]))
    _, summary = imported(tmp_path / "log.csv", sqlite_url, Said(campaign="spring"))
    assert (summary.read, summary.imported, summary.rejected) == (10, 8, 2)
    assert summary.places == {"names no message, and none to this person fits": ["log.csv line 10", "log.csv line 11"]}


def test_messages_that_the_platform_loaded_stay_as_they_are(sqlite_url, tmp_path):
    (tmp_path / "loaded.csv").write_text(
        "message_id,campaign_id,contact_id,channel,provider,provider_message_id,status,sent_at,cost\n"
        "ours,launch,ann,email,sendgrid,id0,sent,2026-11-02T09:59:00Z,0.5\n"
    )
    imported(tmp_path / "loaded.csv", sqlite_url, Said())
    (tmp_path / "activity.csv").write_text(as_csv("sendgrid_activity"))
    _, summary = imported(tmp_path / "activity.csv", sqlite_url, Said())
    assert (summary.rejected, summary.messages) == (0, 5)
    stored = rows(sqlite_url, "messages", "message_id", "status", "cost", "campaign_id")
    assert ("ours", "delivered", 0.5, "launch") in stored
    assert rows(sqlite_url, "campaigns", "campaign_id") == [("launch",), ("spring",)]


@pytest.mark.parametrize(
    ("text", "said", "reason"),
    [
        (as_csv("twilio_log"), Said(), "does not say which campaign"),
        (as_csv("mailchimp_recipients"), Said(campaign="x"), "does not say when its messages were sent: --sent-at"),
        (as_csv("twilio_log"), Said(campaign_column="Campaing"), "has no column 'Campaing'"),
        ("Name,Day\nann,1\n", Said(), r"no download that is known by its header \('Name', 'Day'\)"),
        ("", Said(), r"\(it is empty\)"),
        ("PK\x03\x04 broken", Said(), "cannot be read as a workbook"),
        (as_csv("twilio_log").replace("Sid,", "Sid,Sid,", 1), Said(campaign="x"), "has the column 'Sid' twice"),
    ],
)
def test_what_a_file_does_not_say_is_asked_for_and_never_guessed(tmp_path, text, said, reason):
    (tmp_path / "file.csv").write_text(text)
    with pytest.raises(InvalidData, match=reason):
        open_download(tmp_path / "file.csv", said)


def test_of_two_that_fit_it_is_the_one_that_asks_for_more():
    names = [name for module in DOWNLOADS.values() for name in module.HEADER]
    assert recognised(names) == max(DOWNLOADS, key=lambda name: len(DOWNLOADS[name].HEADER))
    assert all(recognised(list(module.HEADER)) == name for name, module in DOWNLOADS.items())


def test_the_command_needs_no_word_about_the_format(sqlite_url, tmp_path):
    log = tmp_path / "log.csv"
    log.write_text(as_csv("twilio_log").replace("undelivered", "bewitched"))
    done = reportlib("import", log, "--campaign", "Spring sale", "--timezone", "America/Sao_Paulo", database=sqlite_url)
    assert done.returncode == 1, done.stderr
    assert f"{log}: Twilio: message log" in done.stderr
    assert "'bewitched' is no status (1): log.csv line" in done.stderr
    options = ("--campaign", "Spring sale", "--tolerate", "20%")
    done = reportlib("import", log, *options, database=sqlite_url)
    assert done.returncode == 0, done.stderr
    assert rows(sqlite_url, "accounts", "timezone") == [("America/Sao_Paulo",)]
    done = reportlib("import", log, database=sqlite_url)
    assert done.returncode == 1
    assert '--campaign "Spring sale"' in done.stderr
