"""Files of callbacks in every form, and what an envelope tells."""

import base64
import gzip
import json
from pathlib import Path

import pytest

from reportlib.errors import InvalidData, InvalidParameters
from reportlib.warehouse.callbacks.importing import import_callbacks
from reportlib.warehouse.callbacks.lines import LONGEST
from reportlib.warehouse.callbacks.message_table.mapping import read_mapping
from reportlib.warehouse.callbacks.message_table.sheet import open_sheet
from reportlib.warehouse.callbacks.model import Unusable
from reportlib.warehouse.callbacks.payloads import decode, read_payloads
from tests.warehouse.callbacks.imported import after, database_with, import_lines, rows, state, status


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    "form",
    [
        lambda told: "\n".join(map(json.dumps, told)),
        lambda told: "\ufeff" + "\r\n\r\n".join(map(json.dumps, told)),
        lambda told: json.dumps(told),
        lambda told: json.dumps(told, indent=2),
        lambda told: "\n".join(json.dumps(one, indent=2) for one in told),
        lambda told: "[\n" + ",\n".join(map(json.dumps, told)) + "\n]\n",
        lambda told: "\n".join("\ufeff" + json.dumps(one) for one in told),
        lambda told: "\n".join(map(json.dumps, told)).encode("utf-16"),
        lambda told: json.dumps(told, indent=2).encode("utf-16"),
    ],
    ids=[
        *("lines", "lines with a mark and blanks", "an array", "an indented array", "documents", "an array of lines"),
        *("files one behind the other", "lines in UTF-16", "an array in UTF-16"),
    ],
)
def test_every_form_of_a_file(sqlite_url, tmp_path, form, packed):
    url = database_with(sqlite_url, {}, {})
    told = [status("w1", "sent", 1), status("w1", "delivered", 2), status("w2", "sent", 3)]
    folder = tmp_path / "callbacks"
    folder.mkdir()
    content = form(told)
    content = content.encode() if isinstance(content, str) else content
    (folder / "day.log").write_bytes(gzip.compress(content) if packed else content)
    (folder / ".hidden").write_text("not read")
    summary = import_callbacks("whatsapp", [str(folder)], url)
    assert (summary.read, summary.imported) == (3, 3)


def test_a_document_is_read_on_after_what_is_broken_in_it(sqlite_url, tmp_path):
    url = database_with(sqlite_url, {}, {})
    whole = json.dumps(status("w1", "sent", 1), indent=1)
    (tmp_path / "log.json").write_text(whole[:40] + "\n" + whole + "\n}\n" + whole.replace("w1", "w2"))
    summary = import_callbacks("whatsapp", [str(tmp_path / "log.json")], url)
    assert (summary.imported, summary.rejected) == (2, 2)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_line_that_is_too_long_is_told_as_one_and_costs_no_other(sqlite_url, tmp_path, place):
    url = database_with(sqlite_url, {}, {})
    told = [json.dumps(status(message, "sent", 1)).encode() for message in ("w1", "w2")]
    length = 2 * LONGEST + 7
    told.insert(place, b'{"statuses": "' + bytes(length - 14).replace(b"\0", b"x"))
    summary = import_lines(url, "whatsapp", told, tmp_path)
    assert (summary.read, summary.imported, summary.rejected) == (3, 2, 1)
    [reason] = summary.reasons
    assert reason == f"is a line of {length + (place < 2):,} bytes: more than {LONGEST:,} are not read"
    [(kept, raw)] = rows(url, "rejected_events", "reason", "raw")
    assert kept.startswith(reason) and len(raw) < LONGEST


def test_a_damaged_archive_is_imported_as_far_as_it_goes(sqlite_url, tmp_path):
    url = database_with(sqlite_url, {})
    lines = b"\n".join(json.dumps(status("w1", "sent", 1)).encode() for _ in range(2000))
    (tmp_path / "cut.gz").write_bytes(gzip.compress(lines)[:-20])
    with pytest.raises(InvalidData, match=r"cut\.gz cannot be read to its end"):
        import_callbacks("whatsapp", [str(tmp_path / "cut.gz")], url)
    assert state(url)[0] == "sent"


def test_an_envelope_tells_when_a_callback_arrived(sqlite_url, tmp_path):
    url = database_with(sqlite_url, {"provider": "twilio", "provider_message_id": "SM1", "channel": "sms"})
    form = "MessageSid=SM1&MessageStatus=delivered&To=%2B5511988&From=%2B1555"
    told = [{"received_at": after(5).isoformat() + "Z", "body": form}, form.encode()]
    summary = import_lines(url, "twilio", told, tmp_path)
    assert (summary.imported, summary.duplicates) == (1, 1)
    assert state(url) == ("delivered", None, after(5), None, None)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("clock", ["timeEpoch", "requestTimeEpoch"])
def test_a_request_that_a_gateway_handed_on(packed, clock):
    form = b"MessageSid=SM1&MessageStatus=delivered"
    told = {"headers": {}, "isBase64Encoded": packed, "requestContext": {clock: 1793613605000}}
    body = base64.b64encode(form) if packed else form
    found = decode(json.dumps({**told, "body": body.decode()}).encode())
    assert found == {"MessageSid": "SM1", "MessageStatus": "delivered", "received_at": 1793613605000}
    with pytest.raises(Unusable, match="base64"):
        decode(json.dumps({**told, "isBase64Encoded": True, "body": "no=1"}).encode())


def test_of_one_callback_told_twice_the_earlier_arrival_counts(database_url, tmp_path):
    told = [
        {"received_at": after(minutes).isoformat() + "Z", "body": {"MessageSid": "SM1", "MessageStatus": "sent"}}
        for minutes in (7, 5, 9)
    ]
    for order in (told, told[::-1]):
        url = database_with(database_url, {"provider": "twilio", "provider_message_id": "SM1", "channel": "sms"})
        for callback in order:
            import_lines(url, "twilio", [callback], tmp_path)
        assert state(url)[:2] == ("sent", after(5))
        assert len(rows(url, "provider_events", "event_key")) == 1


def test_an_id_that_is_a_number_is_itself_or_refused(duckdb_url, tmp_path):
    """Of one with too many digits for a number the first ones would be left, and be another message's id."""
    url = database_with(
        duckdb_url, *[{"provider": "sendgrid", "provider_message_id": id} for id in ("1", "9007199254740993")]
    )
    lines = [
        f'{{"event": "delivered", "timestamp": 1793613900, "sg_event_id": "e{number}", "sg_message_id": {number}}}'
        for number in (9007199254740993, 12345678901234567890123)
    ]
    summary = import_lines(url, "sendgrid", [line.encode() for line in lines], tmp_path)
    assert (summary.imported, summary.rejected) == (1, 1)
    assert [row[0] for row in rows(url, "messages", "status", "provider_message_id")] == ["delivered", "queued"]


def test_what_has_no_end_is_refused():
    """A mapping of zeros without end took all of the machine's memory."""
    endless = "/dev/zero"
    for read in (lambda: list(read_payloads([endless])), lambda: open_sheet(Path(endless), len)):
        with pytest.raises(InvalidData, match="is a device, and no file"):
            read()
    with pytest.raises(InvalidParameters, match="more than 1,048,576 bytes"):
        read_mapping(endless)
