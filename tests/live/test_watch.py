"""`reportlib watch` as a service, while the database is stopped and started, and while it is itself."""

import json
import signal
import subprocess
import sys
import time

from tests import PROJECT
from tests.publishing.chat.conftest import SECRET, chat_server  # noqa: F401
from tests.publishing.mail.conftest import authority, start_server  # noqa: F401

PATIENCE_S = 180
FAILING = "Failures above 5"


def until(holds, what):
    give_up = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < give_up, what
        time.sleep(0.2)


def test_an_alarm_arrives_once_while_database_and_watch_are_restarted(
    server,
    database,
    chat_server,  # noqa: F811
    start_server,  # noqa: F811
    tmp_path,
    monkeypatch,
):
    mail_server = start_server()
    monkeypatch.setenv("CAMPAIGN_DATABASE_URL", server.address())
    words = [
        "watch",
        "--all-sending",
        "--interval",
        "1",
        "--imports-every",
        "100000",
        "--state",
        str(tmp_path / "state"),
    ]
    who = ["--mail", "ana@example.com", "--chat", "slack=SLACK_WEBHOOK", "--state", str(tmp_path / "state")]
    log = (tmp_path / "log").open("w+")

    def started():
        command = [sys.executable, "-m", "reportlib", *words, *who]
        return subprocess.Popen(command, cwd=PROJECT, stdout=log, stderr=log)

    def said():
        return (tmp_path / "log").read_text()

    def heard(mail, chat=None):
        """How many mails and messages to the chat of this kind are about failures."""
        subjects = [one["Subject"] for one in mail_server.messages()]
        texts = [json.dumps(one, ensure_ascii=False) for one in chat_server.messages]
        mails = [one for one in subjects if one.startswith(mail) and FAILING in one]
        return len(mails), len([one for one in texts if f'"text": "{chat or mail}' in one and FAILING in one])

    watching = started()
    try:
        database(
            "UPDATE messages SET status = 'failed', failed_at = delivered_at, delivered_at = NULL"
            " WHERE campaign_id = 'big' AND status = 'delivered'"
        )
        until(lambda: heard("Alarm ·") == (1, 1), said)
        server.stop()
        until(lambda: "no answer" in said(), said)
        server.start()
        watching.send_signal(signal.SIGTERM)
        assert watching.wait(PATIENCE_S) in (0, 1)
        before = said().count("no answer")
        watching = started()
        database("UPDATE campaigns SET status = 'completed', completed_at = started_at WHERE campaign_id = 'big'")
        until(lambda: heard("Over ·", "Alarm over ·") == (1, 1), said)
        watching.send_signal(signal.SIGTERM)
        assert watching.wait(PATIENCE_S) == 0, said()
    finally:
        watching.kill()
        watching.wait()
        log.close()
        database("UPDATE campaigns SET status = 'sending', completed_at = NULL WHERE campaign_id = 'big'")
        database(
            "UPDATE messages SET status = 'delivered', delivered_at = failed_at, failed_at = NULL"
            " WHERE campaign_id = 'big' AND status = 'failed'"
        )
    assert heard("Alarm ·") == heard("Over ·", "Alarm over ·") == (1, 1)
    assert said().count("no answer") == before and SECRET not in said() and "Traceback" not in said()
