"""Callbacks into the database, on each engine: states, repetition, what is rejected and taken up again."""

import gzip
import json
import signal
import subprocess
import sys
import threading
import time
from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from reportlib.errors import InvalidData, WarehouseError
from reportlib.warehouse import load, open_warehouse
from reportlib.warehouse.callbacks import importing
from reportlib.warehouse.callbacks.importing import follow_callbacks, import_callbacks, retry_rejected
from reportlib.warehouse.check.check import check_warehouse
from tests.conftest import reportlib
from tests.warehouse.callbacks.imported import after, contents, database_with, failed, import_lines, rows, status

STATE = ("status", "sent_at", "delivered_at", "failed_at", "failure_code")


def state(url, message="m1"):
    [found] = [row[1:] for row in rows(url, "messages", "message_id", *STATE) if row[0] == message]
    return found


def test_a_message_goes_through_its_states(database_url, tmp_path):
    url = database_with(database_url, {})
    summary = import_lines(url, "whatsapp", [status("w1", "sent", 1)], tmp_path)
    assert (summary.read, summary.imported, summary.duplicates, summary.rejected) == (1, 1, 0, 0)
    assert state(url) == ("sent", after(1), None, None, None)
    import_lines(url, "whatsapp", [status("w1", "delivered", 2)], tmp_path)
    assert state(url) == ("delivered", after(1), after(2), None, None)
    import_lines(url, "whatsapp", [status("w1", "read", 3)], tmp_path)
    assert state(url) == ("delivered", after(1), after(2), None, None)
    assert rows(url, "events", "message_id", "campaign_id", "kind", "occurred_at") == [
        ("m1", "spring", "opened", after(3))
    ]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param([status("w1", "read", 3)], ("sent", None, None, None, None), id="read alone: it has left"),
        pytest.param(
            [status("w1", "delivered", 2), failed("w1", 131026, 3)],
            ("failed", None, None, after(3), "131026"),
            id="a failure after a delivery",
        ),
        pytest.param(
            [failed("w1", 131049, 1), status("w1", "delivered", 4)],
            ("delivered", None, after(4), None, None),
            id="a retry that succeeds",
        ),
        pytest.param(
            [failed("w1", 131049, 1), failed("w1", 131026, 5)],
            ("failed", None, None, after(5), "131026"),
            id="a final failure after a transient one",
        ),
        pytest.param(
            [failed("w1", 131049, 1), status("w1", "read", 4), status("w1", "sent", 0)],
            ("sent", after(0), None, None, None),
            id="read after a failure",
        ),
        pytest.param(
            [failed("w1", 131049, 4), status("w1", "read", 4)],
            ("sent", None, None, None, None),
            id="read and failed at once: read wins on WhatsApp",
        ),
    ],
)
def test_which_word_counts(database_url, tmp_path, told, expected):
    for order in (told, told[::-1]):
        url = database_with(database_url, {})
        for callback in order:
            import_lines(url, "whatsapp", [callback], tmp_path)
        assert state(url) == expected


def test_what_the_platform_said_counts_too(database_url, tmp_path):
    url = database_with(database_url, {"status": "failed", "failed_at": after(1), "failure_code": "1"})
    import_lines(url, "whatsapp", [status("w1", "sent", 0)], tmp_path)
    assert state(url)[0] == "failed"
    import_lines(url, "whatsapp", [status("w1", "delivered", 2)], tmp_path)
    assert state(url)[0] == "delivered"


def test_messages_loaded_again_keep_their_callbacks(database_url, tmp_path):
    url = database_with(database_url, {}, {})
    import_lines(url, "whatsapp", [status("w1", "delivered", 2)], tmp_path)
    folder = tmp_path / "again"
    folder.mkdir()
    header = "message_id,campaign_id,contact_id,channel,provider,provider_message_id,status,cost\n"
    (folder / "messages.csv").write_text(header + "m1,spring,c1,whatsapp,whatsapp,w1,sent,0.25\n")
    load.load_folder(folder, url)
    assert state(url) == ("delivered", None, after(2), None, None)
    assert (0.25,) in rows(url, "messages", "cost")


def test_importing_again_changes_nothing(database_url, tmp_path):
    url = database_with(database_url, {}, {})
    told = [status("w1", "delivered", 2), failed("w2", 131026, 3), status("w1", "read", 4), status("nobody", "sent")]
    import_lines(url, "whatsapp", [*told, b"{broken"], tmp_path)
    before = contents(url)
    summary = import_lines(url, "whatsapp", [*told, b"{broken"], tmp_path)
    assert (summary.read, summary.imported, summary.duplicates, summary.rejected) == (5, 0, 3, 2)
    assert contents(url) == before


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
    assert reasons[json.dumps(status("nobody", "sent"), separators=(",", ":"))] == "its message is not in the database"
    assert reasons['{"statuses": ['].startswith("is not JSON")
    assert set(reasons.values()) > {"has an impossible time", "the status 'teleported' is not known"}


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


def reply(sender, minutes, context=None, identity="r1"):
    at = status("x", "sent", minutes)["statuses"][0]["timestamp"]
    message = {"from": sender, "id": identity, "timestamp": at, "type": "text", "text": {"body": "Sim!"}}
    return {"messages": [{**message, **({"context": {"id": context}} if context else {})}]}


def test_a_reply_without_a_pointer_answers_the_last_message_to_its_sender(database_url, tmp_path):
    url = database_with(
        database_url,
        {"contact_id": "ann", "queued_at": after(0)},
        {"contact_id": "ann", "queued_at": after(10)},
        {"contact_id": "5511977", "queued_at": after(0)},
        {"contact_id": "bob", "queued_at": after(0)},
        attributes={"ann": {"phone": "+55 11-988"}, "bob": {"phone": "+55 11-966"}},
    )
    told = [
        reply("5511988", 20, identity="r1"),
        reply("5511988", 5, identity="r2"),
        reply("5511977", 5, identity="r3"),
        reply("5511966", 60 * 24 * 8, identity="too late"),
        reply("4900000", 5, identity="a stranger"),
    ]
    summary = import_lines(url, "whatsapp", told, tmp_path)
    assert rows(url, "events", "message_id", "event_id") == [
        ("m1", "whatsapp:r2"),
        ("m2", "whatsapp:r1"),
        ("m3", "whatsapp:r3"),
    ]
    assert summary.reasons == {"names no message, and none to this person fits": 2}


def test_one_provider_id_for_many_people_goes_by_their_address(database_url, tmp_path):
    shared = {"provider": "whatsapp", "provider_message_id": "w1"}
    url = database_with(
        database_url,
        {"contact_id": "ann", **shared},
        {"contact_id": "bob", **shared},
        attributes={"ann": {"phone": "551199"}, "bob": {"phone": "+551188"}},
    )
    told = [
        status("w1", "delivered", 1, recipient_participant_id="551188", recipient_type="group"),
        status("w1", "delivered", 2, recipient_participant_id="550000", recipient_type="group"),
    ]
    summary = import_lines(url, "whatsapp", told, tmp_path)
    assert (summary.imported, summary.rejected) == (1, 1)
    assert state(url, "m1")[0] == "queued"
    assert state(url, "m2")[0] == "delivered"


def test_another_providers_message_is_another_message(database_url, tmp_path):
    url = database_with(database_url, {"provider": "Twilio"}, {"provider": None, "provider_message_id": "w2"})
    summary = import_lines(url, "whatsapp", [status("w1", "sent", 1), status("w2", "sent", 1)], tmp_path)
    assert (summary.imported, summary.rejected) == (1, 1)


def test_an_imported_database_keeps_the_contract(database_url, tmp_path):
    url = database_with(database_url, {}, {}, {})
    told = [status("w1", "read", 4), failed("w2", 131026, 3), status("w3", "sent", 1), reply("5511988", 9, "w1")]
    import_lines(url, "whatsapp", told, tmp_path)
    problems = check_warehouse(open_warehouse(url))
    assert problems[problems["severity"] == "breaks"].empty


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
    ],
    ids=["lines", "lines with a mark and blanks", "an array", "an indented array", "documents", "an array of lines"],
)
def test_every_form_of_a_file(duckdb_url, tmp_path, form, packed):
    url = database_with(duckdb_url, {}, {})
    told = [status("w1", "sent", 1), status("w1", "delivered", 2), status("w2", "sent", 3)]
    folder = tmp_path / "callbacks"
    folder.mkdir()
    content = form(told).encode()
    (folder / "day.log").write_bytes(gzip.compress(content) if packed else content)
    (folder / ".hidden").write_text("not read")
    summary = import_callbacks("whatsapp", [str(folder)], url)
    assert (summary.read, summary.imported) == (3, 3)


def test_a_document_is_read_on_after_what_is_broken_in_it(duckdb_url, tmp_path):
    url = database_with(duckdb_url, {}, {})
    whole = json.dumps(status("w1", "sent", 1), indent=1)
    (tmp_path / "log.json").write_text(whole[:40] + "\n" + whole + "\n}\n" + whole.replace("w1", "w2"))
    summary = import_callbacks("whatsapp", [str(tmp_path / "log.json")], url)
    assert (summary.imported, summary.rejected) == (2, 2)


def test_a_damaged_archive_is_imported_as_far_as_it_goes(duckdb_url, tmp_path):
    url = database_with(duckdb_url, {})
    lines = b"\n".join(json.dumps(status("w1", "sent", 1)).encode() for _ in range(2000))
    (tmp_path / "cut.gz").write_bytes(gzip.compress(lines)[:-20])
    with pytest.raises(InvalidData, match=r"cut\.gz cannot be read to its end"):
        import_callbacks("whatsapp", [str(tmp_path / "cut.gz")], url)
    assert state(url)[0] == "sent"


def test_an_envelope_tells_when_a_callback_arrived(duckdb_url, tmp_path):
    url = database_with(duckdb_url, {"provider": "twilio", "provider_message_id": "SM1", "channel": "sms"})
    form = "MessageSid=SM1&MessageStatus=delivered&To=%2B5511988&From=%2B1555"
    told = [{"received_at": after(5).isoformat() + "Z", "body": form}, form.encode()]
    summary = import_lines(url, "twilio", told, tmp_path)
    assert (summary.imported, summary.duplicates) == (1, 1)
    assert state(url) == ("delivered", None, after(5), None, None)


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


def test_there_must_be_messages_to_import_callbacks_of(duckdb_url, tmp_path):
    with pytest.raises(WarehouseError, match=r"has no campaigns.*reportlib load"):
        import_lines(duckdb_url, "whatsapp", [status("w1", "sent")], tmp_path)
    assert not Path(duckdb_url.removeprefix("duckdb:///")).exists()


def test_tables_that_refuse_the_rows_are_named(postgresql_url, tmp_path):
    url = database_with(postgresql_url, {"message_id": 7})
    with pytest.raises(WarehouseError, match="import into a database that `reportlib load` made"):
        import_lines(url, "whatsapp", [status("w1", "sent", 1)], tmp_path)


def test_a_file_is_followed_and_readers_get_in_between(duckdb_url, tmp_path, monkeypatch):
    url = database_with(duckdb_url, {}, {})
    path = tmp_path / "feed.jsonl"
    path.write_text(json.dumps(status("w1", "sent", 1)) + "\n" + json.dumps(status("w1", "delivered", 2))[:30])
    told, stop = [], threading.Event()

    class Stopped(Exception):
        pass

    def tell(summary):
        told.append((time.monotonic(), summary.imported))
        if stop.is_set():
            raise Stopped

    def follow():
        with pytest.raises(Stopped):
            follow_callbacks("whatsapp", str(path), url, tell)

    def until(count):
        deadline = time.monotonic() + 30
        while not told or told[-1][1] < count:
            assert time.monotonic() < deadline
            time.sleep(0.02)

    follower = threading.Thread(target=follow)
    follower.start()
    until(1)
    with path.open("a") as feed:
        feed.write(json.dumps(status("w1", "delivered", 2))[30:] + "\n")
    until(2)
    path.rename(tmp_path / "feed.1")  # a log is rotated
    path.write_text(json.dumps(status("w2", "sent", 3)) + "\n")
    until(3)
    stop.set()
    with path.open("a") as feed:
        feed.write(json.dumps(status("w2", "delivered", 4)) + "\n")
    follower.join(30)
    assert not follower.is_alive()
    assert state(url, "m1")[0] == state(url, "m2")[0] == "delivered"


def test_a_batch_waits_for_programs_that_read(duckdb_url, tmp_path):
    url = database_with(duckdb_url, {})
    path = duckdb_url.removeprefix("duckdb:///")
    reader = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import duckdb,sys,time; c=duckdb.connect(sys.argv[1], read_only=True); print('in', "
            "flush=True); time.sleep(1.5)",
            path,
        ],
        stdout=subprocess.PIPE,
    )
    assert reader.stdout.readline() == b"in\n"
    assert import_lines(url, "whatsapp", [status("w1", "sent", 1)], tmp_path).imported == 1
    reader.wait()


def test_the_command_counts_what_it_read(duckdb_url, tmp_path):
    url = database_with(duckdb_url, {})
    (tmp_path / "a.jsonl").write_text(json.dumps(status("w1", "sent", 1)) + "\nbroken\x1b[2J\n")
    done = reportlib("import", "whatsapp", tmp_path / "a.jsonl", database=url)
    assert done.returncode == 0, done.stderr
    assert [line.split() for line in done.stdout.splitlines()[1:5]] == [
        ["read", "2"],
        ["imported", "1"],
        ["duplicates", "0"],
        ["rejected", "1"],
    ]
    assert "Rejected: is not JSON" in done.stderr
    assert "reportlib import --retry" in done.stdout
    done = reportlib("import", "--retry", database=url)
    assert done.returncode == 0
    assert ["rejected", "1"] in [line.split() for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["watsapp", "x"], "did you mean 'whatsapp'"),
        ([], "name one of whatsapp, twilio"),
        (["whatsapp"], "name a file, a folder"),
        (["whatsapp", "--follow", "a", "b"], "name the one file"),
        (["whatsapp", "--retry"], "goes without PROVIDER"),
        (["whatsapp", "nowhere.jsonl"], "there is no file or folder 'nowhere.jsonl'"),
    ],
)
def test_the_command_says_what_is_wrong(duckdb_url, arguments, said):
    done = reportlib("import", *arguments, database=database_with(duckdb_url, {}))
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_batches_are_written_while_the_next_is_read(duckdb_url, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "FIRST_BATCH", 3)
    url = database_with(duckdb_url, *[{} for _ in range(20)])
    told = [status(f"w{n}", said, n) for n in range(1, 21) for said in ("sent", "delivered")]
    summary = import_lines(url, "whatsapp", [*told, *told[:5]], tmp_path)
    assert (summary.read, summary.imported, summary.duplicates) == (45, 40, 5)
    assert {state(url, f"m{n}")[0] for n in range(1, 21)} == {"delivered"}


@pytest.mark.parametrize(
    ("stop", "database_url"),
    [(signal.SIGINT, "duckdb"), (signal.SIGTERM, "duckdb"), (signal.SIGINT, "sqlite")],
    indirect=["database_url"],
)
def test_to_follow_is_ended_by_ctrl_c_and_by_a_service_manager(database_url, tmp_path, stop):
    url = database_with(database_url, {})
    feed = tmp_path / "feed.jsonl"
    feed.write_text(json.dumps(status("w1", "sent", 1)) + "\n")
    command = [Path(sys.executable).with_name("reportlib"), "import", "whatsapp", "--follow", feed, "--to", url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr.readline() == "1 imported, 0 known, 0 rejected\n"
        with feed.open("a") as more:
            more.write(json.dumps(status("w1", "delivered", 2)) + "\n")
        assert child.stderr.readline() == "2 imported, 0 known, 0 rejected\n"
        child.send_signal(stop)
        told = child.communicate(timeout=30)[0]
    assert child.returncode == 0
    assert ["imported", "2"] in [line.split() for line in told.splitlines()]
    assert state(url)[0] == "delivered"


@pytest.mark.parametrize("database_url", ["postgresql", "sqlite"], indirect=True)
def test_two_imports_at_once_count_each_callback_once(database_url, tmp_path):
    url = database_with(database_url, *[{} for _ in range(300)])
    feed = tmp_path / "feed.jsonl"
    told = [status(f"w{n}", said, n % 9) for said in ("sent", "delivered") for n in range(1, 301)]
    feed.write_text("\n".join(map(json.dumps, told)))
    command = [Path(sys.executable).with_name("reportlib"), "import", "whatsapp", feed, "--to", url]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    counts = [dict(map(str.split, child.communicate(timeout=60)[0].splitlines()[1:5])) for child in both]
    assert [child.returncode for child in both] == [0, 0]
    assert sum(int(count["imported"]) for count in counts) == sum(int(count["duplicates"]) for count in counts) == 600
    assert len(rows(url, "provider_events", "event_key")) == 600
    assert {status for (status,) in rows(url, "messages", "status")} == {"delivered"}
