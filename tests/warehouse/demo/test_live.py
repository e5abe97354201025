"""The demo that runs live: its script, and a short run of it through the real importers."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from reportlib.errors import WarehouseError
from reportlib.warehouse.callbacks.providers import twilio, whatsapp
from reportlib.warehouse.demo.live import CAMPAIGN, make_live_demo
from reportlib.warehouse.demo.live_script import (
    BURST,
    BURST_CODE,
    BURST_RATE,
    SENDING_S,
    SETTLED_S,
    STALL,
    Told,
    channel_of,
    payload,
    script,
)

AT = datetime(2026, 11, 27, 12, 0, 5, tzinfo=UTC)


def test_each_message_is_handed_over_once_and_settled_at_most_once():
    told = script(2000)
    assert told == sorted(told, key=lambda one: one.at_s) == script(2000)
    kinds = {number: [one.kind for one in told if one.number == number] for number in range(0, 2000, 37)}
    assert all(said[0] == "sent" and len(said) <= 2 for said in kinds.values())
    counted = Counter(one.kind for one in told)
    assert counted["sent"] == 2000
    assert 0.97 * 2000 < counted["delivered"] + counted["failed"] < 2000  # some are never heard of again
    assert max(one.at_s for one in told) < SETTLED_S


def test_its_moments_are_in_it():
    told = script(5000)
    sent = {one.number: one.at_s for one in told if one.kind == "sent"}
    assert not [one for one in told if one.kind != "sent" and STALL[0] <= one.at_s < STALL[1]]
    burst = [one for one in told if one.code == BURST_CODE]
    assert all(BURST[0] <= sent[one.number] < BURST[1] for one in burst)
    during = [n for n, at in sent.items() if BURST[0] <= at < BURST[1] and channel_of(n) == "whatsapp"]
    assert len(burst) == pytest.approx(BURST_RATE * len(during), rel=0.15)
    assert max(sent.values()) <= SENDING_S


@pytest.mark.parametrize(("number", "read"), [(0, whatsapp), (1, twilio)])
@pytest.mark.parametrize("kind", ["sent", "delivered", "failed"])
def test_what_a_provider_posts_is_read_by_its_importer(number, read, kind):
    told = Told(1.0, number, kind, *(("131042", "No money") if kind == "failed" else ()))
    [piece] = read.pieces(json.loads(payload(told, "live-1", AT)))
    [callback] = read.callbacks(piece)
    assert (callback.kind, callback.message, callback.at_ms) == (kind, "live-1", int(AT.timestamp() * 1000))
    assert callback.code == (told.code or None)


def test_a_duckdb_file_is_refused(duckdb_url):
    with pytest.raises(WarehouseError, match="SQLite or PostgreSQL"):
        make_live_demo(duckdb_url, 200)


def counts(url):
    engine = create_engine(url)
    question = text("SELECT status, count(*) FROM messages WHERE campaign_id = :campaign GROUP BY status")
    with engine.connect() as connection:
        found = dict(connection.execute(question, {"campaign": CAMPAIGN}).fetchall())
        status = connection.scalar(text("SELECT status FROM campaigns WHERE campaign_id = :c"), {"c": CAMPAIGN})
    engine.dispose()
    return found, status


def begun(url, *options):
    command = [Path(sys.executable).with_name("reportlib"), "demo-live", "--to", url, "--messages", "400", *options]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


@pytest.mark.slow
def test_the_command_runs_until_the_campaign_completes(sqlite_url):
    with begun(sqlite_url, "--speed", "20") as command:
        said, _ = command.communicate(timeout=300)
    assert command.returncode == 0, said
    assert f"CAMPAIGN_DATABASE_URL={sqlite_url}" in said
    assert said.rstrip().endswith("The campaign has completed.")
    found, status = counts(sqlite_url)
    expected = Counter(one.kind for one in script(400))
    settled = expected["delivered"] + expected["failed"]
    assert found == {"delivered": expected["delivered"], "failed": expected["failed"], "sent": 400 - settled}
    assert status == "completed"


@pytest.mark.slow
def test_ctrl_c_ends_it_cleanly(sqlite_url):
    with begun(sqlite_url) as command:
        while "To watch" not in command.stdout.readline():  # before, the campaign is that of the demo
            assert command.poll() is None
        give_up = time.monotonic() + 200
        while "sent" not in counts(sqlite_url)[0]:
            assert time.monotonic() < give_up
            assert command.poll() is None
            time.sleep(0.2)
        command.send_signal(signal.SIGINT)
        said, _ = command.communicate(timeout=60)
    assert command.returncode == 0, said
    assert "Stopped" in said
    assert "Traceback" not in said
