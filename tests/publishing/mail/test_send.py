"""Who gets which mail, once."""

import os
import signal
import subprocess
import sys
from email.parser import BytesParser
from email.policy import default

import pytest

from reportlib.errors import OutputError
from reportlib.publishing.mail import hand_over, send as send_module, smtp
from reportlib.publishing.mail.errors import MailError
from reportlib.publishing.mail.ledger import LEDGER, Ledger
from reportlib.publishing.page import letters
from reportlib.publishing.store import files
from tests.publishing.mail.conftest import settings

REVIEW = "weekly_review-acme"
TWO = {"to": ["ana@example.com", "Bo <BO@example.com>"]}


def test_each_report_goes_to_those_who_asked_for_its_kind(server, edition, send):
    folder = edition()
    edition("post_campaign_review-a", notebook="post_campaign_review")
    edition("post_campaign_review-b", notebook="post_campaign_review")
    asked = settings(TWO, {"to": ["cy@example.com"], "about": "post_campaign_review"})
    outcome, told = send(folder, asked, made=[REVIEW, "post_campaign_review-a", "post_campaign_review-b"])
    assert (outcome.ok, outcome.sent) == (True, 4)
    assert server.recipients() == [["ana@example.com", "BO@example.com"], ["cy@example.com"], ["cy@example.com"]]
    assert server.messages()[0]["To"] == "ana@example.com, Bo <BO@example.com>"
    assert server.heard.count("EHLO") == 1  # one connection for all
    assert f"{REVIEW}: mailed to ana@example.com, BO@example.com" in told


def test_letters_that_no_font_has_are_told_of_charts(server, edition, send, monkeypatch):
    monkeypatch.setattr(letters, "_has_font", lambda letter: False)
    folder = edition()
    (folder / f"{REVIEW}.html").write_text("<p>春</p>")
    assert "no font here" not in send(folder, dry_run=True)[1]
    _, told = send(folder, settings({"charts": 1}), dry_run=True)
    assert "the charts of mails: no font here has Chinese like 春" in told


def test_nothing_due_needs_no_server(edition, send, monkeypatch):
    monkeypatch.delenv("REPORTLIB_SMTP_URL", raising=False)
    outcome, _ = send(edition(notebook="send_time_heatmap"))
    assert (outcome.ok, outcome.sent) == (True, 0)


def test_sent_once(server, edition, send):
    folder = edition()
    send(folder, settings(TWO))
    outcome, told = send(folder, settings(TWO))
    assert (outcome.ok, outcome.sent, outcome.already) == (True, 0, 2)
    assert len(server.taken) == 1
    assert not told


def test_a_new_recipient_gets_it_alone(server, edition, send):
    folder = edition()
    send(folder)
    outcome, _ = send(folder, settings(TWO))
    assert (outcome.sent, outcome.already) == (1, 1)
    assert server.recipients() == [["ana@example.com"], ["BO@example.com"]]
    assert server.messages()[1]["To"] == "Bo <BO@example.com>"


def test_an_address_written_otherwise_is_the_same_person(server, edition, send):
    folder = edition()
    send(folder)
    outcome, _ = send(folder, settings({"to": ["Ana <ANA@Example.com>", "ana@example.com"]}))
    assert (outcome.sent, outcome.already) == (0, 1)


def test_nobody_gets_a_report_twice_for_being_in_two_mailings(server, edition, send):
    for force in (False, True):
        send(edition(), settings({}, TWO), force=force)
        assert server.recipients()[-2:] == [["ana@example.com"], ["BO@example.com"]]
    assert len(server.taken) == 4


def test_forced_it_is_sent_again_and_is_no_duplicate(server, edition, send):
    folder = edition()
    send(folder)
    outcome, _ = send(folder, force=True)
    assert (outcome.ok, outcome.sent) == (True, 1)
    first, again = server.messages()
    assert first["Message-ID"] != again["Message-ID"]  # or Gmail would show the first one only


def test_the_same_mail_has_the_same_id(server, edition, send, tmp_path):
    folder = edition()
    send(folder)
    (folder / LEDGER).unlink()
    send(folder)
    first, again = server.messages()
    assert first["Message-ID"] == again["Message-ID"]


@pytest.mark.parametrize(
    ("only_if", "due"),
    [
        ("failed_pct_of_audience > 5", False),
        ("failed_pct_of_audience > 3", True),
        ("opened_pct_of_delivered >= 0", False),  # not measured
        ("clicked < 5", False),  # not in the totals
    ],
)
def test_only_if(server, edition, send, only_if, due):
    outcome, told = send(edition(), settings({"only_if": only_if}))
    assert (outcome.ok, outcome.sent, outcome.not_due) == (True, int(due), int(not due))
    assert (f"{REVIEW}: not mailed, since only if {only_if}" in told) is not due


def test_a_dry_run_writes_the_mails_and_records_nothing(edition, send, monkeypatch):
    for name in ("REPORTLIB_SMTP_URL", "REPORTLIB_MAIL_FROM"):
        monkeypatch.delenv(name, raising=False)
    folder = edition()
    outcome, told = send(folder, settings(TWO, {"to": ["cy@example.com"]}), dry_run=True)
    assert (outcome.ok, outcome.sent) == (True, 3)
    assert {file.name for file in (folder / "mail").iterdir()} == {f"{REVIEW}.eml", f"{REVIEW}-2.eml"}
    message = BytesParser(policy=default).parsebytes((folder / "mail" / f"{REVIEW}.eml").read_bytes())
    assert message["To"] == "ana@example.com, Bo <BO@example.com>"
    assert not (folder / LEDGER).exists()
    assert "REPORTLIB_MAIL_FROM" in told


def test_a_dry_run_shows_what_was_mailed_already(server, edition, send):
    folder = edition()
    send(folder)
    before = (folder / LEDGER).read_bytes()
    _, told = send(folder, settings(TWO), dry_run=True)
    assert "for 2 recipients, 1 of whom have it already" in told
    assert (folder / LEDGER).read_bytes() == before
    assert len(server.taken) == 1


def test_one_refused_does_not_stop_the_others(server, edition, send):
    server.replies["BO@example.com"] = ["550 5.1.1 no such user"]
    folder = edition()
    outcome, told = send(folder, settings(TWO))
    assert (outcome.ok, outcome.sent, outcome.refused) == (False, 1, 1)
    assert "BO@example.com: refused for good (550 5.1.1 no such user)" in told
    assert server.recipients() == [["ana@example.com"]]
    outcome, _ = send(folder, settings(TWO))  # the mailbox is there now
    assert (outcome.ok, outcome.sent, outcome.already) == (True, 1, 1)
    assert server.recipients() == [["ana@example.com"], ["BO@example.com"]]


def test_a_report_that_is_refused_does_not_stop_the_next(server, edition, send):
    server.replies["DATA"] = ["554 5.7.1 looks like spam"]
    folder = edition()
    edition("weekly_review-other")
    outcome, _ = send(folder, made=[REVIEW, "weekly_review-other"])
    assert (outcome.ok, outcome.sent, outcome.refused) == (False, 1, 1)
    assert Ledger(folder).state(REVIEW, "ana@example.com") == "refused"
    assert Ledger(folder).state("weekly_review-other", "ana@example.com") == "sent"


@pytest.mark.parametrize("place", ["ana@example.com", "DATA"])
def test_a_busy_server_is_asked_again(server, edition, send, place):
    server.replies[place] = ["451 4.7.1 greylisted"] * 2
    outcome, _ = send(edition())
    assert (outcome.ok, outcome.sent) == (True, 1)
    assert len(server.taken) == 1


def test_who_waits_does_not_make_others_get_it_twice(server, edition, send):
    server.replies["BO@example.com"] = ["451 4.7.1 greylisted"]
    outcome, _ = send(edition(), settings(TWO))
    assert (outcome.ok, outcome.sent) == (True, 2)
    assert server.recipients() == [["ana@example.com"], ["BO@example.com"]]


def test_a_server_that_stays_busy_is_told_and_tried_again_next_time(server, edition, send):
    server.replies["DATA"] = ["452 4.2.2 full"] * 3
    folder = edition()
    outcome, told = send(folder)
    assert (outcome.ok, outcome.postponed) == (False, 1)
    assert "not taken for now (452 4.2.2 full); mail again later" in told
    assert send(folder)[0].sent == 1


def test_no_answer_to_the_end_of_a_mail_leaves_it_in_doubt(server, edition, send):
    server.hang_up = True
    folder = edition()
    outcome, told = send(folder)
    assert (outcome.ok, outcome.in_doubt) == (False, 1)
    assert "perhaps mailed, perhaps not" in told
    assert "`reportlib weekly --mail --resend`" in told
    server.hang_up = False
    outcome, told = send(folder)
    assert (outcome.ok, outcome.in_doubt, len(server.taken)) == (False, 1, 1)
    assert "perhaps mailed by a run that was interrupted" in told
    outcome, _ = send(folder, force=True)
    assert (outcome.ok, outcome.sent, len(server.taken)) == (True, 1, 2)
    assert send(folder)[0].already == 1


def test_a_connection_that_drops_is_opened_anew(server, edition, send):
    folder = edition()
    edition("weekly_review-other")
    server.hang_up = True
    outcome, _ = send(folder, made=[REVIEW, "weekly_review-other"])
    assert (outcome.in_doubt, len(server.taken), server.heard.count("EHLO")) == (2, 2, 2)


@pytest.mark.parametrize("said", ["421 4.3.0 not this one", ""])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_one_whom_the_line_is_dropped_for_does_not_starve_the_others(server, edition, send, said, at):
    folder = edition()
    edition("weekly_review-other")
    to = ["ana@example.com", "bo@example.com"]
    to.insert(at, "odd@example.com")
    server.drops["odd@example.com"] = said
    outcome, told = send(folder, settings({"to": to}), made=[REVIEW, "weekly_review-other"])
    assert (outcome.ok, outcome.sent, outcome.postponed) == (False, 4, 2)
    assert sorted(server.recipients()) == [["ana@example.com"]] * 2 + [["bo@example.com"]] * 2
    assert f"odd@example.com: not taken for now ({said or 'Connection'}" in told
    server.drops.clear()
    assert send(folder, settings({"to": to}), made=[REVIEW, "weekly_review-other"])[0].sent == 2


def test_letters_of_any_script_in_an_address(start_server, edition, send):
    to = ["ana@example.com", "Jörg <jörg@bücher.example>", "Bo <bo@bücher.example>"]
    server = start_server("utf8")
    outcome, _ = send(edition(), settings({"to": to}))
    assert (outcome.ok, outcome.sent) == (True, 3)
    domain = "xn--bcher-kva.example"
    assert server.recipients() == [["ana@example.com", f"bo@{domain}"], [f"jörg@{domain}"]]
    assert f"To: Jörg <jörg@{domain}>".encode() in server.taken[1][1]
    assert send(edition(), settings({"to": to}))[0].already == 3


def test_a_server_of_plain_letters_only_takes_what_it_can(server, edition, send):
    outcome, told = send(edition(), settings({"to": ["jörg@bücher.example", "ana@example.com"]}))
    assert (outcome.ok, outcome.sent, outcome.refused) == (False, 1, 1)
    assert "jörg@xn--bcher-kva.example: refused for good (the server takes no address with letters beyond" in told


def test_a_busy_server_holds_the_folder_for_seconds_whatever_the_number_of_mails(server, edition, send, monkeypatch):
    slept = []
    monkeypatch.setattr(send_module.time, "sleep", slept.append)
    names = [f"weekly_review-{number}" for number in range(5)]
    *_, folder = map(edition, names)
    server.replies["ana@example.com"] = ["451 4.7.1 greylisted"] * 100
    outcome, _ = send(folder, made=names)
    assert outcome.postponed == 5
    assert slept == [0, *send_module.PAUSES_S]


def test_a_server_that_says_nothing_is_not_waited_for_again_and_again(server, edition, send, monkeypatch):
    monkeypatch.setattr(smtp, "TIMEOUT_S", 0.5)
    monkeypatch.setattr(hand_over, "LOST_S", 0.4)
    names = [f"weekly_review-{number}" for number in range(5)]
    *_, folder = map(edition, names)
    server.silent.add("ana@example.com")
    outcome, told = send(folder, made=names)
    assert server.heard.count("RCPT ana@example.com") == 1
    assert outcome.postponed == 5
    assert "timed out" in told
    server.silent.clear()
    assert send(folder, made=names)[0].sent == 5


PROGRAM = """
import sys
from pathlib import Path
from reportlib.publishing.mail.settings import MailSettings
from reportlib.publishing.mail.send import send_mails
asked = MailSettings(mailings=[{"to": ["ana@example.com"], "about": "weekly_review", "charts": 0}])
send_mails(Path(sys.argv[1]), "2026-W47", asked, ["weekly_review-acme"], [], False, False, print)
"""


@pytest.mark.parametrize(("moment", "sent_later"), [("RCPT", 1), ("DATA", 0)])
def test_a_run_killed_while_mailing_never_mails_twice(server, edition, send, moment, sent_later):
    folder = edition()
    process = None

    def kill():
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        return "250 OK"

    if moment == "DATA":
        server.on_data = kill
    else:
        server.replies["ana@example.com"] = Calls(kill)
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, folder], stdout=subprocess.DEVNULL)
    assert process.wait(timeout=60) == -signal.SIGKILL
    server.replies.clear()
    server.on_data = lambda: None
    before = len(server.taken)
    outcome, _ = send(folder)
    assert (outcome.sent, outcome.in_doubt) == (sent_later, 1 - sent_later)
    assert len(server.taken) == 1
    assert len(server.taken) - before == sent_later


class Calls(list):
    """Replies that are made when they are asked for."""

    def __init__(self, make):
        super().__init__([make])

    def pop(self, _):
        return self[0]()


def test_a_ledger_that_ends_within_a_line_is_read_and_goes_on(server, edition, send):
    folder = edition()
    send(folder)
    whole = (folder / LEDGER).read_bytes()
    (folder / LEDGER).write_bytes(whole + b'{"report": "weekly_review-acme", "to": "bo@exa')
    outcome, _ = send(folder, settings(TWO))
    assert (outcome.sent, outcome.already) == (1, 1)
    assert send(folder, settings(TWO))[0].already == 2
    assert (folder / LEDGER).read_bytes().startswith(whole)


def test_what_cannot_be_written_down_is_not_sent(server, edition, send, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    folder = edition()
    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        send(folder)
    monkeypatch.undo()
    assert not server.taken


def test_a_report_that_cannot_be_read_does_not_stop_the_others(server, edition, send):
    folder = edition()
    edition("broken", findings="x")
    edition("no-notebook")
    (folder / "no-notebook.ipynb").write_text("{")
    (folder / "not-json.json").write_text("{")
    made = ["broken", "no-notebook", "not-json", "gone", REVIEW]
    outcome, told = send(folder, settings({"charts": 1}), made)
    assert (outcome.ok, outcome.sent, outcome.not_made) == (False, 1, 4)
    for name in ("broken", "no-notebook", "not-json", "gone"):
        assert f"{name}: not mailed: {folder / name}" in told


def test_a_mail_that_no_leaving_out_makes_small_is_told(server, edition, send):
    outcome, told = send(edition(), settings(size_limit_kb=2))
    assert (outcome.ok, outcome.not_made) == (False, 1)
    assert "raise size_limit_kb" in told


def test_without_a_sender_it_says_what_to_set(server, edition, send, monkeypatch):
    monkeypatch.delenv("REPORTLIB_MAIL_FROM")
    with pytest.raises(MailError, match="set REPORTLIB_MAIL_FROM"):
        send(edition())
    assert send(edition(), settings(sender="other@example.org"))[0].sent == 1
    assert server.messages()[0]["From"] == "other@example.org"
