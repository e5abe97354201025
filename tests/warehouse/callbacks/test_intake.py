"""What comes in from providers: each line by itself, ids and phones as they are written, all of it told."""

import base64
import gzip
import json

import psutil
import pytest

from reportlib.metrics.failures.catalogue import meaning, read_catalogue
from reportlib.warehouse.callbacks import batch
from reportlib.warehouse.callbacks.batch import as_bytes, as_text
from reportlib.warehouse.callbacks.importing import import_callbacks, retry_rejected
from reportlib.warehouse.callbacks.merging.phones import numbers
from reportlib.warehouse.callbacks.opt_outs import is_opt_out
from reportlib.warehouse.callbacks.providers import PROVIDERS, mailgun, postmark, ses, twilio, vonage, whatsapp
from tests import few
from tests.in_process import reportlib
from tests.test_documents import TEXTS
from tests.warehouse.callbacks.imported import after, database_with, import_lines, rows, state, status
from tests.warehouse.callbacks.test_matching import reply
from tests.warehouse.callbacks.test_whatsapp import message, webhook


def form(number):
    return f"MessageSid=SM{number}&MessageStatus=delivered&To=%2B1415".encode()


@pytest.mark.parametrize("first", [b"a line of a log", b"[broken", b'{"id": 1,', b'"text"', b"x" * 5_000])
def test_each_line_is_by_itself_whatever_the_first_one_is(sqlite_url, tmp_path, first):
    messages = [{"provider": "twilio", "provider_message_id": f"SM{n}", "channel": "sms"} for n in range(50)]
    url = database_with(sqlite_url, *messages)
    summary = import_lines(url, "twilio", [first, *map(form, range(50))], tmp_path)
    assert (summary.read, summary.imported, summary.rejected) == (51, 50, 1)
    assert rows(url, "rejected_events", "raw") == [(first.decode().lstrip("["),)]  # arrays are taken apart


@pytest.mark.parametrize(
    ("provider", "stored", "told"),
    [
        (
            "mailgun",
            "<2026.1@mg.example.com>",
            {"event": "opened", "timestamp": 1793613600.5, "recipient": "a@b.example"},
        ),
        ("sendgrid", "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0", {"sg_message_id": "14c5d75ce93.other"}),
        ("ses", "0102-0000@email.amazonses.com", {"notificationType": "Delivery", "mail": {"messageId": "0102-0000"}}),
        ("ses", "<0102-0000@eu-west-1.amazonses.com>", {"eventType": "Send", "mail": {"messageId": "0102-0000"}}),
        ("postmark", "<883953f4-6105@mtasv.net>", {"RecordType": "Delivery", "MessageID": "883953f4-6105"}),
        ("brevo", "<2017.5@relay.example>", {"event": "delivered", "message-id": "<2017.5@relay.example>"}),
    ],
)
def test_ids_as_sending_returns_them(database_url, tmp_path, provider, stored, told):
    at = "2026-11-02T10:05:00Z"
    told = {**told, "email": "a@b.example", "DeliveredAt": at, "ts_epoch": 1793613900000, "Recipient": "a@b.example"}
    if provider == "sendgrid":
        told |= {"event": "delivered", "timestamp": 1793613900}
    if provider == "ses":
        told["mail"] |= {"destination": ["a@b.example"], "timestamp": at}
        told["delivery"] = {"timestamp": at}
    if provider == "mailgun":
        told |= {"message": {"headers": {"message-id": "2026.1@mg.example.com"}}, "event": "delivered"}
    others = [{"provider": provider, "provider_message_id": f"other{n}", "channel": "email"} for n in range(3)]
    mail = {"provider": provider, "provider_message_id": stored, "channel": "email"}
    url = database_with(database_url, *others, mail)
    summary = import_lines(url, provider, [told], tmp_path)
    assert (summary.imported, summary.rejected) == (1, 0), summary
    assert rows(url, "provider_events", "message_id") == [("m4",)]


@pytest.mark.parametrize("name", ["360dialog", "Gupshup", "whatsapp", None])
def test_another_name_of_the_provider(sqlite_url, tmp_path, name):
    url = database_with(sqlite_url, {"provider": name})
    assert import_lines(url, "whatsapp", [status("w1", "sent", 1)], tmp_path).imported == 1


def test_a_provider_is_imported_by_its_alias_and_the_help_names_all(sqlite_url, tmp_path):
    url = database_with(sqlite_url, {"provider": "nexmo", "channel": "sms", "provider_message_id": "v1"})
    feed = tmp_path / "feed.jsonl"
    feed.write_text('{"messageId": "v1", "status": "delivered", "message-timestamp": "2026-11-02 10:00:00"}\n')
    done = reportlib("import", "nexmo", feed, database=url)
    assert done.returncode == 0, done.stderr
    assert state(url)[0] == "delivered"
    told = " ".join(reportlib("import", "--help", database=url).stdout.split())
    assert all(name in told for name in PROVIDERS)


@pytest.mark.parametrize(("known", "code"), [(2, 0), (1, 0), (0, 1)])
def test_the_exit_code_tells_whether_half_of_a_file_came_in(sqlite_url, tmp_path, known, code):
    url = database_with(sqlite_url, {}, {})
    feed, whole = tmp_path / "feed.jsonl", tmp_path / "whole.jsonl"
    feed.write_text("\n".join(json.dumps(status(f"w{n}" if n <= known else "x", "sent")) for n in (1, 2)))
    whole.write_text("\n".join(json.dumps(status("w1", "sent", n)) for n in range(9)))
    done = reportlib("import", "whatsapp", feed, whole, database=url)
    assert done.returncode == code, done.stdout + done.stderr
    assert ("Less than half of" in done.stderr) == bool(code)


PHONES = [
    *("+5511987650001", "+55 (11) 98765-0001", "(11) 98765-0001", "5511987650001", "tel:+5511987650001"),
    *("whatsapp:+5511987650001", "00 55 11 98765-0001", "+55.11.98765.0001", "+55 11 8765-0001", "011987650001"),
]


SENDERS = ("551187650001", "5511987650001")


@pytest.mark.parametrize(
    ("written", "sender"),
    few([(written, SENDERS[(at + turn) % 2]) for turn in (0, 1) for at, written in enumerate(PHONES)], len(PHONES)),
)
def test_a_brazilian_is_found_however_the_number_is_written(sqlite_url, tmp_path, written, sender):
    found_by(sqlite_url, tmp_path, written, sender, None if written[0] in "+5t(w" or written[:2] == "00" else "BR")


@pytest.mark.parametrize(
    ("written", "sender", "country"),
    few(
        [
            *(("+52 55 1234 0109", "5215512340109", None), ("011 15-2345-0111", "5491123450111", "AR")),
            *(("07700 900107", "447700900107", "GB"), ("(415) 555-0105", "14155550105", "US")),
            *(("044 55 1234 0109", "5215512340109", "MX"), ("447400123456", "07400 123456", None)),
            *(("+52 1 55 1234 0109", "525512340109", None), ("+54 11 2345 0111", "5491123450111", None)),
            *(("0044 7700 900106", "447700900106", None), ("+1.415.555.0105", "14155550105", None)),
            *(("01 55 1234 0109", "525512340109", "MX"), ("+44 7700 900106", "07700900106", "GB")),
        ],
        6,
    ),
)
def test_other_countries(database_url, tmp_path, written, sender, country):
    found_by(database_url, tmp_path, written, sender, country)


def found_by(url, folder, written, sender, country):
    contact = {"contact_id": "ann", "queued_at": after(0)}
    url = database_with(url, contact, attributes={"ann": {"phone": written}}, countries={"ann": country})
    told = [reply(sender, 5, identity="r1"), reply(f"{sender[:-1]}2", 5, identity="r2")]
    summary = import_lines(url, "whatsapp", told, folder)
    assert (summary.imported, summary.rejected) == (1, 1)
    assert rows(url, "events", "message_id", "event_id") == [("m1", "whatsapp:r1")]


def test_who_a_status_was_of_is_known_by_that_address(database_url, tmp_path):
    url = database_with(database_url, {"contact_id": "ann", "queued_at": after(0)})
    told = status("w1", "delivered", 1, recipient_id="US.1349")
    import_lines(url, "whatsapp", [told, told], tmp_path)
    assert rows(url, "known_addresses", "address", "contact_id") == [("US.1349", "ann")]
    assert import_lines(url, "whatsapp", [reply("US.1349", 5)], tmp_path).imported == 1
    import_lines(url, "whatsapp", [told], tmp_path)
    assert len(rows(url, "known_addresses", "address")) == 1


def test_two_numbers_are_not_one():
    assert not numbers("5511987650001", None) & numbers("5521987650001", None)
    assert not numbers("5511987650001", None) & numbers("(11) 98765-0001", "AR")
    assert numbers("not a number", "BR") == frozenset()


def kinds(module, payload):
    return [callback.kind for piece in module.pieces(payload) for callback in module.callbacks(piece)]


@pytest.mark.parametrize("kind", ["revoke", "edit", "request_welcome", "unsupported", "system"])
def test_what_is_no_reply(kind):
    with pytest.raises(Exception, match=r"reply|nobody wrote"):
        kinds(whatsapp, webhook(messages=[message(kind)]))


def test_a_payment_is_no_failure_and_a_status_does_not_hide_what_comes_with_it():
    paid = {"id": "p1", "status": "failed", "type": "payment", "timestamp": "1749416383", "recipient_id": "1650"}
    with pytest.raises(Exception, match="payment"):
        kinds(whatsapp, webhook(statuses=[paid]))
    both = webhook(statuses=[{**paid, "type": "message", "status": "sent"}])
    both["entry"][0]["changes"].append({"field": "message_template_status_update", "value": {"event": "PAUSED"}})
    assert len(whatsapp.pieces(both)) == 2
    assert whatsapp.pieces(both)[1]["field"] == "message_template_status_update"
    with_error = webhook(statuses=[{**paid, "status": "sent"}], errors=[{"code": 1}])
    assert len(whatsapp.pieces(with_error)) == 2


def test_opt_outs_by_the_platforms_marker_and_a_users_own_words(tmp_path, monkeypatch):
    button = message("button", button={"payload": "STOP_PROMOTIONS", "text": "Не присылать"})
    assert kinds(whatsapp, webhook(messages=[button])) == ["clicked", "unsubscribed"]
    chosen = message(
        "interactive", interactive={"type": "button_reply", "button_reply": {"id": "stop", "title": "Nej"}}
    )
    assert kinds(whatsapp, webhook(messages=[chosen])) == ["clicked", "unsubscribed"]
    setting = message("system", system={"type": "user_preference_changed", "marketing": "stop", "body": "…"})
    assert kinds(whatsapp, webhook(messages=[setting])) == ["unsubscribed"]
    assert not is_opt_out("hagir")
    (tmp_path / "words.txt").write_text("Hagir\n\nnema poruka\n", encoding="utf-8")
    monkeypatch.setenv("REPORTLIB_OPT_OUT_WORDS", str(tmp_path / "words.txt"))
    assert is_opt_out("HAGIR!") and is_opt_out("nema  poruka") and is_opt_out("stop") and not is_opt_out("")


def complaint(**more):
    told = {"complainedRecipients": [{"emailAddress": "a@b.example"}], "timestamp": "2026-11-02T10:00:00Z", **more}
    return {"notificationType": "Complaint", "mail": {"messageId": "0102"}, "complaint": told}


def packed(told):
    return base64.b64encode(json.dumps(told).encode()).decode()


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda one: {"detail-type": "Email Complaint Received", "detail": one},
        lambda one: {"Records": [{"Sns": {"Type": "Notification", "Message": json.dumps(one)}}]},
        lambda one: {"Messages": [{"Body": json.dumps({"Message": json.dumps(one)})}]},
        lambda one: {"Message": json.dumps({"Message": json.dumps(one)})},
        lambda one: {"Records": [{"eventSource": "aws:kinesis", "kinesis": {"data": packed(one)}}]},
        lambda one: {"Records": [{"Data": packed(one), "PartitionKey": "a"}], "MillisBehindLatest": 0},
        lambda one: {"requestId": "r", "timestamp": 1578090901599, "records": [{"data": packed({"Message": one})}]},
    ],
    ids=["EventBridge", "Lambda", "SQS", "SNS in SNS", "Kinesis, Lambda", "Kinesis, fetched", "SNS in Firehose"],
)
def test_ses_in_envelopes(wrapped):
    assert kinds(ses, wrapped(complaint())) == ["complained"]


def test_what_providers_do_now_and_then():
    with pytest.raises(Exception, match="no complaint"):
        kinds(ses, complaint(complaintFeedbackType="not-spam"))
    dropped = {"event": "dropped", "token": "t", "recipient": "a@b.example", "timestamp": "1793613900", "code": "605"}
    [old] = mailgun.callbacks({**dropped, "Message-Id": "<x@y>", "reason": "hardfail"})
    assert (old.kind, old.code, old.message) == ("failed", "code:605", "x@y")
    assert len(mailgun.pieces([{"items": [dropped, dropped]}, {"items": [dropped]}, dropped])) == 4
    receipt = {"messageId": "v1", "status": "delivered", "message-timestamp": "2026-11-02 10:00:00"}
    assert kinds(vonage, receipt) == ["delivered"]
    change = {"RecordType": "SubscriptionChange", "MessageID": "00000000-0000-0000-0000-000000000000"}
    change |= {"Recipient": "a@b.example", "ChangedAt": "2026-11-02T10:00:00Z", "SuppressSending": "false"}
    [changed] = postmark.callbacks(change)
    assert (changed.kind, changed.message) == ("subscribed", None)
    assert kinds(twilio, {"MessageSid": "SM1", "MessageStatus": "read", "To": "whatsapp:+1"}) == ["opened"]


def test_a_read_without_a_time_counts(database_url, tmp_path):
    url = database_with(database_url, {"provider": "twilio", "provider_message_id": "SM1"})
    told = {"MessageSid": "SM1", "MessageStatus": "read", "To": "whatsapp:+1415"}
    assert import_lines(url, "twilio", [told], tmp_path).imported == 1
    assert rows(url, "events", "kind", "occurred_at") == [("opened", None)]


def test_who_complains_had_the_message(sqlite_url, tmp_path):
    url = database_with(sqlite_url, {"provider": "ses", "provider_message_id": "0102", "channel": "email"})
    import_lines(url, "ses", [complaint()], tmp_path)
    assert state(url)[0] == "sent"


def test_memory_goes_by_bytes(sqlite_url, tmp_path):
    url = database_with(sqlite_url, {})
    zeros = tmp_path / "zeros.gz"
    with gzip.open(zeros, "wb", compresslevel=1) as packed:
        for _ in range(200):
            packed.write(bytes(1 << 20))
    before = psutil.Process().memory_info().rss
    summary = import_callbacks("whatsapp", [str(zeros)], url)
    assert summary.rejected == summary.read == 1
    assert psutil.Process().memory_info().rss - before < 250e6
    [(raw, reason)] = set(rows(url, "rejected_events", "raw", "reason")[:1])
    assert len(raw) < 5 * batch.KEPT_BYTES
    assert f"of its {200 << 20:,} bytes the first {batch.KEPT_BYTES:,} are kept" in reason
    assert retry_rejected(url) == []  # what is not whole is not tried
    assert rows(url, "rejected_events", "raw")


BYTES = [b"\xff{", b"\\xff{", b"\xfe{", b"a\x00b", b"a\\x00b", b"bytes:a", "é…".encode(), b"end \xe2\x80\xa6cut"]


@pytest.mark.parametrize("raw", BYTES)
def test_bytes_that_are_no_text_come_back(raw):
    assert as_bytes(as_text(raw)) == raw
    assert "\x00" not in as_text(raw)


def test_a_retry_merges_nothing(database_url, tmp_path):
    url = database_with(database_url, {})
    import_lines(url, "whatsapp", BYTES, tmp_path)
    before = rows(url, "rejected_events", "event_key", "raw")
    assert len(before) == len(BYTES)
    for _ in range(2):
        [summary] = retry_rejected(url)
        assert summary.rejected == len(BYTES)
        assert rows(url, "rejected_events", "event_key", "raw") == before


def test_the_documentation_lists_what_the_modules_read():
    told = [line for line in TEXTS["importing.md"].splitlines() if line.startswith("| `") and line.count("|") == 4]
    lines = [
        f"| `{name}` | {', '.join(f'`{alias}`' for alias in module.ALIASES)} | {module.READS} |"
        for name, module in PROVIDERS.items()
    ]
    assert [line for line in told if line in lines] == lines


def test_another_name_of_a_provider_has_its_codes():
    catalogue = read_catalogue()
    pairs = (("360dialog", "whatsapp", "131026"), ("nexmo", "vonage", "dlr/6"), ("gupshup", "whatsapp", "131049"))
    for name, provider, code in pairs:
        assert meaning(catalogue, "whatsapp", name, code, None) == meaning(catalogue, "whatsapp", provider, code, None)
        assert meaning(catalogue, "whatsapp", name, code, None).category != "unknown"
    assert meaning(catalogue, "email", "Sendinblue", "hard_bounce", None).permanence == "permanent"
    assert meaning(catalogue, "sms", "somebody", "131026", None).category == "unknown"
