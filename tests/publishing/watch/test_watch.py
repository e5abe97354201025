"""A watch without a browser: who is to hear of an alarm hears of it once, and when it is over."""

import json
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from sqlalchemy import create_engine, text

from reportlib.errors import InvalidParameters, OutputError
from reportlib.metrics.weekly.iso_week import parse_week
from reportlib.presentation.look.finding import Finding
from reportlib.publishing.chat.settings import Chat, NotifySettings
from reportlib.publishing.mail.ledger import LEDGER
from reportlib.publishing.mail.settings import ALARMS, MailSettings
from reportlib.publishing.store.files import read_lines
from reportlib.publishing.store.lock import alone_in
from reportlib.publishing.watch import tell as tell_module
from reportlib.publishing.watch.notices import Alarm, Notice, Scene
from reportlib.publishing.watch.state import CALM_MS, FILE, State, read_state
from reportlib.publishing.watch.tell import FOLDER, TELLING, audience_named, audience_of, require_audience, tell_all
from reportlib.publishing.weekly.alarmed import tell_alerts
from reportlib.publishing.weekly.edition import Edition
from tests.in_process import reportlib
from tests.publishing.chat.conftest import SECRET, chat_server  # noqa: F401
from tests.publishing.mail.conftest import authority, server, start_server  # noqa: F401
from tests.small_database import START, SmallDatabase, campaign, fill, small_database

ODD = "Sale <b>&amp;</b>\r\nBcc: eve@example.com"
STALLED = Alarm("stalled", Finding("stalled", "bad", "Deliveries stalled.", "Ask the provider."))
FAILING = Alarm("failure rate", Finding("failure rate", "bad", f"{ODD} failed."))
CHAT = Chat(to="slack", url="${SLACK_WEBHOOK}", about=ALARMS)


def scene(*alarms, campaign="big", **others):
    return Scene(campaign, ODD, "Acme", "acme", "sending", [], list(alarms), **others)


def kept(state, folder):
    """The state as the next watch finds it."""
    state.write(folder)
    return read_state(folder)


def told(state):
    """What is to be told, in order, and forgotten."""
    subjects, state.unsent = [one.subject.partition(" ·")[0] for one in state.unsent], []
    return subjects


def test_an_alarm_is_told_once_and_when_it_is_over(tmp_path):
    state, now = State(), 1_000_000
    state.seen(scene(STALLED), now, None)
    state.seen(scene(STALLED), now + 1, None)
    assert told(state) == ["Alarm"]
    state = kept(state, tmp_path)
    state.seen(scene(), now + 2, None)
    state = kept(state, tmp_path)
    state.seen(scene(STALLED, FAILING), now + CALM_MS, None)  # the same alarm again, since it was not over
    assert told(state) == ["Alarm"]
    state.seen(scene(FAILING), now + CALM_MS + 1, None)
    state.seen(scene(FAILING), now + 2 * CALM_MS + 1, None)
    assert told(state) == ["Over"] and state.open_campaigns() == ["big"]
    state.seen(scene(STALLED, campaign="other"), now, None)
    state.seen(scene(completed=True), now, None)
    assert told(state) == ["Alarm", "Over"] and state.open_campaigns() == ["other"]
    state.seen(scene(STALLED), now, None)
    again = kept(state, tmp_path).unsent
    assert len({one.key for one in again}) == 1 and again == state.unsent  # another than the first, and kept whole


def test_an_alert_that_holds_at_the_end_is_told_once_and_is_not_over(tmp_path):
    state = State()
    for _ in range(2):
        state.seen(scene(FAILING, completed=True), 0, None)
        state = kept(state, tmp_path)
    assert told(state) == ["Alarm"] and not state.open_campaigns()  # nobody looks at it for ever
    state.seen(scene(FAILING), 1, None)
    assert not told(state) and state.open_campaigns() == ["big"]  # sending again


def test_a_file_that_is_no_state_is_told(tmp_path):
    (tmp_path / FILE).write_text("[]")
    with pytest.raises(OutputError, match="no state of a watch"):
        read_state(tmp_path)


def test_by_mail_and_chat_once_each_also_where_one_was_away(chat_server, server, tmp_path, monkeypatch):  # noqa: F811
    state, lines = State(), []
    state.seen(scene(FAILING), 0, "https://reports.example.com")
    audience = audience_named(None, ["ana@example.com"], [CHAT], None)
    require_audience(audience)
    address = f"smtp+plain://localhost:{server.port}"
    monkeypatch.setenv("REPORTLIB_SMTP_URL", "smtp+plain://localhost:1")
    assert tell_all(tmp_path, state.unsent, audience, lines.append) == set()
    monkeypatch.setenv("REPORTLIB_SMTP_URL", address)
    assert tell_all(tmp_path, state.unsent, audience, lines.append) == {state.unsent[0].key}
    assert tell_all(tmp_path, state.unsent, audience, lines.append) == {state.unsent[0].key}
    (mail,), (message,) = server.messages(), chat_server.messages
    assert (
        mail["Subject"]
        == "Alarm · Sale <b>&amp;</b> Bcc: eve@example.com: Sale <b>&amp;</b> Bcc: eve@example.com failed."
    )
    assert mail["Bcc"] is None and "&lt;b&gt;" in mail.get_body(("html",)).get_content()
    assert message["blocks"][-1]["elements"][0]["url"] == "https://reports.example.com/index.html"
    assert "no mail went out" in lines[0] and SECRET not in "".join(lines)


def test_who_hears_of_alarms():
    mail = MailSettings(
        mailings=[{"to": ["a@example.com"], "about": "weekly_review"}, {"to": ["b@example.com"], "about": ALARMS}],
        link_base_url="https://reports.example.com",
    )
    found = audience_of(mail, NotifySettings(chats=[CHAT, {**CHAT.model_dump(), "about": "failures"}]))
    assert (found.to, found.chats, found.link_base_url) == (["b@example.com"], [CHAT], "https://reports.example.com")
    with pytest.raises(InvalidParameters, match="nobody would hear"):
        require_audience(audience_of(None, None))


@pytest.fixture
def sending(tmp_path):
    """The address of a database with a campaign that is sending, of which 60 of 400 messages failed."""
    database, now = SmallDatabase(opened_at=datetime.now(UTC)), datetime.now(UTC)
    database.account("acme", "Europe/Berlin")
    began = now - timedelta(minutes=5)
    database.campaign("big", status="sending", start=began, audience=500, name=ODD.replace("\r\n", " "))
    for number in range(400):
        database.contact(f"p{number}")
        status = "failed" if number % 20 < 3 else "delivered"
        at = began + timedelta(seconds=number * 290 / 400)
        database.message("big", f"p{number}", status, channel="sms", provider="twilio", at=at)
    address = f"sqlite:///{tmp_path / 'live.db'}"
    engine = create_engine(address)
    fill(engine, database)
    yield address, engine
    engine.dispose()


def test_the_command_looks_once_tells_and_tells_when_it_is_over(sending, chat_server, server, tmp_path):  # noqa: F811
    address, engine = sending
    (tmp_path / "weekly.yaml").write_text("reports: {}\n")
    who = ["--mail", "ana@example.com", "--chat", "webhook=OWN_WEBHOOK", "--edition", tmp_path / "weekly.yaml"]
    asked = ["watch", "--all-sending", "--once", *who, "--state", tmp_path / "watch"]
    for _ in range(2):
        done = reportlib(*asked, database=address)
        assert done.returncode == 0, done.stderr
    assert len(server.taken) == len(chat_server.taken) == 1
    (message,) = chat_server.messages
    assert message["kind"] == "Alarm" and "Failures above 5" in message["findings"][0]["text"]
    assert [card["label"] for card in message["cards"]]
    with engine.begin() as connection:
        connection.execute(text("UPDATE campaigns SET status = 'completed', completed_at = started_at"))
    assert reportlib(*asked, database=address).returncode == 0
    assert len(server.taken) == 2 and chat_server.messages[1]["kind"] == "Alarm over"
    assert json.loads((tmp_path / "watch" / FILE).read_text())["unsent"] == []
    wrong = reportlib("watch", "--campaign", "bog", "--once", *who, "--state", tmp_path / "watch", database=address)
    assert wrong.returncode == 1 and "did you mean 'big'" in wrong.stderr
    assert reportlib("watch", "--once", *who, database=address).returncode == 2


def test_who_is_named_on_the_command_line_is_checked(sending, tmp_path):
    done = reportlib("watch", "--all-sending", "--mail", "007", database=sending[0])
    assert done.returncode == 2 and "--mail 007: '007' is no mail address" in done.stderr
    for chat, said in (("irc=X", "should be"), ("slack=https://hooks.example.com", "an environment variable")):
        done = reportlib("watch", "--all-sending", "--chat", chat, database=sending[0])
        assert done.returncode == 2 and said in done.stderr
        assert "hooks.example" not in done.stderr


def test_an_edition_tells_the_alerts_that_hold_of_its_week_once(tmp_path, chat_server, monkeypatch):  # noqa: F811
    finished = {"completed_at": START + timedelta(hours=2)}
    bad = campaign("bad", audience=300, **finished).sent(300, channel="sms").delivered(200).failed(100)
    later = campaign("later", audience=300, completed_at=START + timedelta(days=9)).sent(300).failed(300)
    small = campaign("small", audience=4, **finished).sent(4).failed(1)
    address = f"sqlite:///{tmp_path / 'week.db'}"
    engine = create_engine(address)
    fill(engine, small_database(bad, later, small))
    engine.dispose()
    for folder in ("notebooks", "parameters"):
        (tmp_path / folder).mkdir()
    (tmp_path / "parameters" / "alerts.yaml").write_text("alerts: [{when: 'failed above 5 %, surely', name: Failing}]")
    monkeypatch.setenv("CAMPAIGN_DATABASE_URL", address)
    monkeypatch.setenv("REPORTLIB_SUITE", str(tmp_path))
    week, lines = parse_week("2026-W45", pd.Timestamp.now("UTC"), "UTC"), []
    audience, folder = audience_named(None, [], [CHAT], None), tmp_path / "output" / "2026-W45"
    ledger = tmp_path / "output" / FOLDER

    def tells(dry_run=False):
        return tell_alerts(Edition(), week, folder, audience, dry_run, lines.append)

    assert tells(dry_run=True)
    assert len(lines) == 1 and "Failing: Failed above 5.0" in lines[0] and not chat_server.taken
    assert tells() and tells()
    assert len(chat_server.taken) == 1 and "of 300" in chat_server.messages[0]["text"]
    monkeypatch.setattr(tell_module, "PATIENCE_S", 0)
    with alone_in(ledger), alone_in(ledger, TELLING):  # a watch that is just telling
        assert not tells() and "at work" in lines[-1]
    (seen,) = read_lines(ledger / LEDGER)[-1:]
    watched = Notice(seen["report"], "", "acme", "Alarm", "bad", "", "", [], [], None)
    assert tell_all(ledger, [watched], audience, lines.append) == {
        seen["report"]
    }  # what an edition told, a watch does not
    folder.mkdir()
    (ledger / LEDGER).rename(folder / LEDGER)  # where an edition of before told it
    assert tells() and len(chat_server.taken) == 1
