"""Callbacks that cannot be used: kept with their reason, and taken up again."""

import json
from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from reportlib.errors import WarehouseError
from reportlib.warehouse import load
from reportlib.warehouse.callbacks.batch import Batch
from reportlib.warehouse.callbacks.importing import retry_rejected
from tests.warehouse.callbacks.imported import after, database_with, import_lines, rows, state, status


def test_what_cannot_be_used_is_kept_with_its_reason(database_url, tmp_path):
    url = database_with(database_url, {})
    payloads = [
        status("nobody", "sent"),
        status("w1", "delivered", minutes=-60 * 24 * 365 * 40),
        status("w1", "teleported"),
        b'{"statuses": [',
        b"\xff\x00",
        {"object": "whatsapp_business_account", "entry": []},
        status("w1", "delivered", 1),
    ]
    summary = import_lines(url, "whatsapp", payloads, tmp_path)
    assert (summary.read, summary.imported, summary.duplicates, summary.rejected) == (7, 1, 0, 6)
    reasons = dict(rows(url, "rejected_events", "raw", "reason"))
    assert sum(summary.reasons.values()) == len(reasons) == 6
    unknown = "its message is not in the database"
    assert summary.reasons[unknown] == 1
    named = "provider_message_id 'nobody' of whatsapp or 360dialog or gupshup or meta"
    assert reasons[json.dumps(status("nobody", "sent"), separators=(",", ":"))] == f"{unknown}: {named}"
    assert summary.places[unknown] == [named]
    assert reasons['{"statuses": ['].startswith("is not JSON")
    assert set(reasons.values()) > {"has an impossible time", "the status 'teleported' is not known"}


NAMELESS = {  # the least of each provider that names nobody
    "mailgun": {"event": "delivered", "timestamp": 1},
    "sendgrid": {"event": "delivered"},
    "brevo": {"event": "delivered", "ts_epoch": 1760000000000},
    "postmark": {"RecordType": "Delivery"},
    "aws_sms": {"inboundMessageId": "i", "originationNumber": "", "messageBody": "Yes"},
    "infobip": {"messageId": "i", "receivedAt": "2026-11-09T16:00:00.000+0000", "text": "Yes"},
    "whatsapp": {"messages": [{"id": "i", "type": "text", "text": {"body": "Yes"}}]},
}


@pytest.mark.parametrize("provider", NAMELESS)
def test_what_names_neither_a_message_nor_a_person_is_refused(provider, tmp_path):
    batch = Batch(provider, tmp_path)
    batch.add(json.dumps(NAMELESS[provider]).encode())
    [(_, _, reason, raw)] = batch.rejections
    assert (batch.staged, reason) == (0, "names neither a message nor a person")
    again = Batch(provider, tmp_path)
    again.add(raw.encode())
    assert again.rejections == batch.rejections


def test_rejected_callbacks_are_taken_up_once_their_message_is_known(database_url, tmp_path):
    url = database_with(database_url, {})
    told = [status("w1", "sent", 1), status("w2", "delivered", 2), b"broken"]
    import_lines(url, "whatsapp", told, tmp_path)
    assert [summary.rejected for summary in retry_rejected(url)] == [2]
    folder = tmp_path / "late"
    folder.mkdir()
    header = "message_id,campaign_id,contact_id,channel,provider,provider_message_id,status\n"
    (folder / "messages.csv").write_text(header + "m2,spring,c2,whatsapp,whatsapp,w2,queued\n")
    load.load_folder(folder, url)
    [summary] = retry_rejected(url)
    assert (summary.read, summary.imported, summary.rejected) == (2, 1, 1)
    assert state(url, "m2") == ("delivered", None, after(2), None, None)
    assert rows(url, "rejected_events", "raw") == [("broken",)]


def test_of_rejections_of_one_thing_the_same_is_kept_in_any_order(database_url, tmp_path):
    told = [status("nobody", "sent", minutes) for minutes in (3, 1, 2)]
    kept = set()
    for order in permutations(told):
        url = database_with(database_url, {})
        for parts in ([*order[:2]], [order[2]]):
            import_lines(url, "whatsapp", parts, tmp_path)
        kept |= set(rows(url, "rejected_events", "raw"))
    assert kept == {(json.dumps(told[1], separators=(",", ":")),)}


def test_importing_a_file_again_clears_its_rejections(duckdb_url, tmp_path):
    url = database_with(duckdb_url, {"provider_message_id": None})
    import_lines(url, "whatsapp", [status("w1", "sent", 1)], tmp_path)
    assert len(rows(url, "rejected_events", "reason")) == 1
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE messages SET provider_message_id = 'w1'")
    engine.dispose()
    import_lines(url, "whatsapp", [status("w1", "sent", 1)], tmp_path)
    assert rows(url, "rejected_events", "reason") == []


def test_there_must_be_messages_to_import_callbacks_of(duckdb_url, tmp_path):
    with pytest.raises(WarehouseError, match=r"has no campaigns.*reportlib load"):
        import_lines(duckdb_url, "whatsapp", [status("w1", "sent")], tmp_path)
    assert not Path(duckdb_url.removeprefix("duckdb:///")).exists()


def test_tables_that_refuse_the_rows_are_named(postgresql_url, tmp_path):
    url = database_with(postgresql_url, {"message_id": 7})
    with pytest.raises(WarehouseError, match="import into a database that `reportlib load` made"):
        import_lines(url, "whatsapp", [status("w1", "sent", 1)], tmp_path)
