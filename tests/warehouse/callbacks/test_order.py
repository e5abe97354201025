"""Callbacks in any order, in any parts, with any repeated: the same database, and the one that plain Python expects."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from reportlib.warehouse.callbacks.importing import import_callbacks
from tests import examples
from tests.warehouse.callbacks.imported import SENT_AT, after, contents, database_with, rows, status

MINUTES = st.integers(0, 6)  # few, so that things happen at once
LOADED = (
    {"status": "queued"},
    {"status": "sent", "sent_at": SENT_AT},
    {"status": "delivered", "sent_at": SENT_AT, "delivered_at": after(3)},
    {"status": "failed", "sent_at": SENT_AT, "failed_at": after(2), "failure_code": "1"},
    {"status": "failed", "sent_at": None, "failed_at": None, "failure_code": None},
)


@st.composite
def whatsapp_status(draw):
    said = draw(st.sampled_from(["sent", "delivered", "read", "failed"]))
    errors = {"errors": [{"code": draw(st.sampled_from([131026, 131049])), "title": "No"}]} if said == "failed" else {}
    if said in ("sent", "delivered") and draw(st.booleans()):
        errors = {
            "pricing": {"category": draw(st.sampled_from(["marketing", "utility"])), "billable": draw(st.booleans())}
        }
    return "whatsapp", status(draw(st.sampled_from(["w1", "w2", "nobody"])), said, draw(MINUTES), **errors)


@st.composite
def twilio_status(draw):
    said = draw(st.sampled_from(["queued", "sent", "delivered", "undelivered", "read"]))
    form = {"MessageSid": draw(st.sampled_from(["SM1", "SM2"])), "MessageStatus": said, "To": "+5511988"}
    form |= {"ErrorCode": draw(st.sampled_from(["30003", "30005"]))} if said == "undelivered" else {}
    arrived = {"received_at": after(draw(MINUTES)).isoformat() + "Z"} if draw(st.booleans()) else {"received_at": None}
    return "twilio", {**arrived, "body": form}


@st.composite
def histories(draw):
    loaded = draw(st.lists(st.sampled_from(LOADED), min_size=4, max_size=4))
    told = draw(st.lists(st.one_of(whatsapp_status(), twilio_status()), max_size=8))
    again = draw(st.lists(st.sampled_from(told), max_size=3)) if told else []
    return loaded, told, draw(st.permutations([*told, *again])), draw(st.integers(1, 4))


def database(url, loaded):
    ids = [("whatsapp", "w1"), ("whatsapp", "w2"), ("sms", "SM1"), ("sms", "SM2")]
    provider = {"whatsapp": "whatsapp", "sms": "twilio"}
    messages = [
        {**columns, "channel": channel, "provider": provider[channel], "provider_message_id": identity}
        for columns, (channel, identity) in zip(loaded, ids, strict=True)
    ]
    return database_with(url, *messages)


def tell(url, told, folder, parts=1):
    """Import callbacks of several providers in their order, cut into so many parts; read, and what became of them."""
    total = [0, 0]
    size = -(-len(told) // parts) or 1
    for start in range(0, len(told), size):
        for provider in ("whatsapp", "twilio"):
            lines = [json.dumps(payload) for who, payload in told[start : start + size] if who == provider]
            path = folder / "callbacks.jsonl"
            path.write_text("\n".join(lines))
            summary = import_callbacks(provider, [str(path)], url)
            total[0] += summary.read
            total[1] += summary.imported + summary.duplicates + summary.rejected
    return total


def expected(loaded, said, channel):
    """status, sent_at, delivered_at, failed_at and code: the fold, told once more in plain Python."""
    sent, delivered, reads, failures = [], [], [], []
    if loaded["status"] != "queued":
        sent.append(loaded.get("sent_at"))
    if loaded["status"] == "delivered":
        delivered.append(loaded["delivered_at"])
    if loaded["status"] == "failed":
        failures.append((loaded.get("failed_at"), loaded.get("failure_code")))
    for kind, at, code in said:
        {"sent": sent, "delivered": delivered, "read": reads}.get(kind, []).append(at)
        if kind in ("failed", "undelivered"):
            failures.append((at, code))
    first = {
        kind: min(filter(None, map(plain, times)), default=None)
        for kind, times in (("sent", sent), ("delivered", delivered))
    }
    sent_at = plain(loaded.get("sent_at")) or first["sent"]
    arrived = [plain(at) for at in delivered + (reads if channel == "whatsapp" else []) if at]
    if failures:
        latest = max(failures, key=lambda one: (plain(one[0]) or after(-1), -int(one[1] or 10**9)))
        failed_at, code = plain(latest[0]), latest[1]
        later = arrived and (
            failed_at is None or max(arrived) > failed_at or (max(arrived) == failed_at and channel == "whatsapp")
        )
        if not later:
            return "failed", sent_at, None, failed_at, code
    if delivered:
        return "delivered", sent_at, first["delivered"], None, None
    has_left = loaded["status"] != "queued" or any(kind != "queued" for kind, _, _ in said)
    return "sent" if has_left else "queued", sent_at, None, None, None


def plain(moment):
    return moment and moment.replace(tzinfo=None)


def said_of(told, identity):
    """What was said of a message: kind, when, code; of one thing said twice the earlier, as the ledger has it."""
    found = {}
    for provider, payload in told:
        if provider == "whatsapp":
            one = payload["statuses"][0]
            at = after((int(one["timestamp"]) - int(SENT_AT.timestamp())) / 60)
            key, code = one["id"], str(one["errors"][0]["code"]) if "errors" in one else None
            kind = one["status"]
        else:
            one = payload["body"]
            at = None if payload["received_at"] is None else after_text(payload["received_at"])
            key, code, kind = one["MessageSid"], one.get("ErrorCode"), one["MessageStatus"]
            if kind == "read" and at is None:
                continue  # refused: an event needs a time
        if key == identity:
            known = found.get((kind, code))
            found[kind, code] = min(filter(None, (known, at)), default=None)
    return [(kind, at, code) for (kind, code), at in found.items()]


def after_text(text):
    from datetime import datetime

    return datetime.fromisoformat(text).replace(tzinfo=None)


@settings(max_examples=examples(4), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories())
def test_any_order_gives_the_same_database_and_the_expected_one(tmp_path_factory, history):
    """On SQLite, which opens a small file in a fifth of the time of others."""
    loaded, told, shuffled, parts = history
    folder = tmp_path_factory.mktemp("order")
    one, other = (database(f"sqlite:///{folder / name}.db", loaded) for name in ("one", "other"))
    read, became = tell(one, told, folder)
    assert read == became == len(told)
    read, became = tell(other, shuffled, folder, parts)
    assert read == became == len(shuffled)
    assert contents(one) == contents(other)
    states = {
        row[0]: row[1:]
        for row in rows(one, "messages", "message_id", "status", "sent_at", "delivered_at", "failed_at", "failure_code")
    }
    for number, (identity, channel) in enumerate(
        [("w1", "whatsapp"), ("w2", "whatsapp"), ("SM1", "sms"), ("SM2", "sms")]
    ):
        said = said_of(told, identity)
        if said:
            assert states[f"m{number + 1}"] == expected(loaded[number], said, channel), (loaded[number], said)


@settings(max_examples=examples(2), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories())
@pytest.mark.parametrize("database_url", ["postgresql", "duckdb"], indirect=True)
def test_any_order_on_other_engines(database_url, tmp_path_factory, history):
    loaded, told, shuffled, parts = history
    folder = tmp_path_factory.mktemp("order")
    tell(database(database_url, loaded), told, folder)
    one = contents(database_url)
    tell(database(database_url, loaded), shuffled, folder, parts)
    assert contents(database_url) == one


KILLS = 3
CHILD = """
import sys
from reportlib.warehouse.callbacks import importing
importing.FIRST_BATCH = 40
importing.import_callbacks("whatsapp", [sys.argv[2]], sys.argv[1])
"""


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["duckdb", "postgresql", "sqlite"])
def test_killed_at_any_moment_and_repeated_it_ends_the_same(request, tmp_path, engine):
    url = request.getfixturevalue(f"{engine}_url")
    messages = [{} for _ in range(400)]
    told = [status(f"w{n}", said, n % 7) for said in ("read", "sent", "delivered") for n in range(1, 420)]
    feed = tmp_path / "feed.jsonl"
    feed.write_text("\n".join(map(json.dumps, told)) + "\nbroken\n")
    database_with(url, *messages)
    began = time.monotonic()
    run = [sys.executable, "-c", CHILD, url, str(feed)]
    subprocess.run(run, check=True)
    whole, undisturbed = time.monotonic() - began, contents(url)
    database_with(url, *messages)
    for number in range(1, KILLS + 1):
        child = subprocess.Popen(run, cwd=Path(__file__).parents[3])
        time.sleep(whole * number / (KILLS + 1))
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    subprocess.run(run, check=True)
    assert contents(url) == undisturbed
