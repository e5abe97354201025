"""Chats: what each is told, as its publisher says that a message may be; each once; addresses that nobody sees."""

import base64
import io
import json
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from PIL import Image
from pydantic import ValidationError

from reportlib.presentation.look.first_screen import Action
from reportlib.publishing.chat import post as post_module
from reportlib.publishing.chat.address import address_of
from reportlib.publishing.chat.messages import payload_of
from reportlib.publishing.chat.send import tell_chats
from reportlib.publishing.chat.settings import NAMES, Chat, ChatError, NotifySettings
from reportlib.publishing.chat.texts import Picture
from reportlib.publishing.mail.content import Content, Figure, Said
from reportlib.publishing.mail.failure_digest import FailedReport
from tests.publishing.chat.conftest import SECRET
from tests.publishing.chat.published import CHECKS, LIMITS, check_slack, check_teams

REVIEW = "weekly_review-acai"
HOSTILE = "<!channel> <b>&amp; *Sale* [x](http://evil.example) @all {{DATE(2026-01-01T00:00Z)}} www.evil.example 🌸"
SLACK_CHAT = {"to": "slack", "url": "${SLACK_WEBHOOK}", "about": "weekly_review"}


def settings(*chats, **others):
    return NotifySettings(chats=[{**SLACK_CHAT, **chat} for chat in chats or [{}]], **others)


@pytest.fixture
def told(edition):
    """A function that tells the chats of an edition: the outcome, and what was said."""

    def telling(asked=None, made=(REVIEW,), failed=(), dry_run=False, force=False, link=None, **payload):
        said = []
        folder = edition(REVIEW, pdf=False, **payload)
        outcome = tell_chats(
            folder, "2026-W47", asked or settings(), link, list(made), list(failed), dry_run, force, said.append
        )
        return outcome, "\n".join(said)

    return telling


def content(text=HOSTILE, times=1):
    figure = Figure(text[:40], "41,200", "96.1 % of audience", "", Said("good", text[:80]))
    return Content(
        kicker="Weekly review",
        title=text[:120],
        account=text[:80],
        subtitle=text[:300],
        findings=[Said(level, text * times, text) for level in ("bad", "good", "note", "warning")],
        cards=[figure] * 6,
        actions=[Action(text[:160], text, text[:60])] * 3,
        believe=text * times,
        link="https://reports.example.com/2026-W47/a.html",
        link_words="Open the full report",
    )


def picture(url=None):
    png = io.BytesIO()
    noise = Image.effect_noise((600, 338), 90).convert("RGB")
    noise.save(png, "PNG")
    return Picture(png.getvalue(), HOSTILE, url)


@pytest.mark.parametrize(
    "said", [content(), content("x" * 500), content("&" * 500), Content("", ""), content("春" * 500)]
)
@pytest.mark.parametrize("shown", [None, picture("https://pictures.example.com/a.png")])
def test_each_chat_is_told_what_its_maker_says_that_a_message_may_be(said, shown):
    for kind, check in CHECKS.items():
        message = payload_of(kind, said, shown)
        assert len(json.dumps(message, ensure_ascii=False).encode()) <= LIMITS.get(kind, 100_000)
        check(message)


def test_what_names_hold_is_neither_mention_nor_markup_nor_link():
    slack, teams, google, mattermost, webhook = (
        json.dumps(payload_of(kind, content()), ensure_ascii=False) for kind in NAMES
    )
    assert "<!channel>" not in slack and "&lt;!channel&gt;" in slack and "mrkdwn" not in slack
    assert "{{" not in teams and '"TextBlock"' not in teams  # which reads Markdown
    assert "<b>" not in google and "&lt;b&gt;" in google and "http://evil" not in google and "www.evil" not in google
    assert "@all" not in mattermost and "\\\\*Sale\\\\*" in mattermost and "http://evil" not in mattermost
    assert json.loads(webhook)["title"] == HOSTILE[:120]  # a program gets it as it is


def test_teams_has_a_picture_that_fits_or_none():
    flat = io.BytesIO()
    Image.new("RGB", (1200, 675), "white").save(flat, "PNG")
    whole = payload_of("teams", content("short"), Picture(flat.getvalue(), "white"))
    (image,) = [one for one in whole["attachments"][0]["content"]["body"] if one["type"] == "Image"]
    assert Image.open(io.BytesIO(base64.b64decode(image["url"].partition(",")[2]))).width == 900
    noisy = payload_of("teams", content("short"), picture())
    assert "Image" not in [one["type"] for one in noisy["attachments"][0]["content"]["body"]]
    check_teams(whole)


def test_each_kind_of_chat_is_told_once(chat_server, told):
    chats = [
        {"to": kind, "url": f"${{{name}_WEBHOOK}}"}
        for kind, name in zip(NAMES, ("SLACK", "TEAMS", "CHAT", "MATTERMOST", "OWN"), strict=True)
    ]
    outcome, said = told(settings(*chats), link="https://reports.example.com")
    assert (outcome.ok, outcome.sent, outcome.already) == (True, 5, 0)
    assert f"{REVIEW}: Slack (SLACK_WEBHOOK): told" in said and SECRET not in said
    slack, teams, google, mattermost, webhook = chat_server.messages
    assert all("41,200 people were reached" in json.dumps(one, ensure_ascii=False) for one in chat_server.messages)
    assert slack["blocks"][-1]["elements"][0]["url"] == f"https://reports.example.com/2026-W47/{REVIEW}.html"
    assert webhook["cards"][1]["verdict"].startswith("healthy")
    assert google["cardsV2"][0]["card"] and mattermost["attachments"][0]["title_link"] and teams["type"] == "message"
    again, said = told(settings(*chats))
    assert (again.sent, again.already, said, len(chat_server.taken)) == (0, 5, "", 5)
    forced, _ = told(settings({}), force=True)
    assert (forced.sent, len(chat_server.taken)) == (1, 6)


def test_a_picture_is_there_by_its_address_and_left_out_where_the_chat_cannot_fetch_it(chat_server, told, edition):
    folder = edition(REVIEW)
    (folder / f"{REVIEW}.png").write_bytes(picture().png)
    base = {"picture_base_url": "https://pictures.example.com"}
    told(settings({"to": "google_chat"}, **base))
    assert f"https://pictures.example.com/2026-W47/{REVIEW}.png" in json.dumps(chat_server.messages[0])
    chat_server.answers = [(400, {}, "invalid_blocks")]
    outcome, _ = told(settings({}, **base))
    assert (outcome.sent, chat_server.heard) == (1, 3)
    assert "image" not in [block["type"] for block in chat_server.messages[-1]["blocks"]]


def test_what_is_not_taken_is_tried_again_when_the_chat_says(chat_server, told, monkeypatch):
    waited = []
    monkeypatch.setattr("reportlib.publishing.chat.send.time.sleep", waited.append)
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    chat_server.answers = [(429, {"Retry-After": "7"}, "slow down"), (503, {"Retry-After": soon}, "")]
    outcome, _ = told()
    assert (outcome.ok, outcome.sent, waited[0]) == (True, 1, 7) and 10 < waited[1] <= 20
    chat_server.answers = [(429, {"Retry-After": "3600"}, "")]
    outcome, said = told(made=[REVIEW], force=True)
    assert (outcome.postponed, outcome.ok, len(waited)) == (1, False, 2) and "next time" in said
    outcome, _ = told()
    assert outcome.sent == 1  # the next time


@pytest.mark.parametrize(
    ("answers", "state", "then"),
    [
        ([None], "in_doubt", "in_doubt"),  # the line breaks off after all was sent
        ([(504, {}, "")], "in_doubt", "in_doubt"),
        ([(404, {}, "no_service {url}")], "refused", "sent"),
        ([(302, {"Location": "http://127.0.0.1:1/"}, "")], "refused", "sent"),
        ([(500, {}, "")] * 3, "postponed", "sent"),
    ],
)
def test_what_became_of_it_is_told_without_the_address(chat_server, told, answers, state, then):
    chat_server.answers = [one and (*one[:2], one[2].format(url=chat_server.url)) for one in answers]
    outcome, said = told()
    assert (getattr(outcome, state), outcome.ok) == (1, False)
    assert "secret" not in said.lower()
    again, _ = told()
    assert getattr(again, then) == 1


def test_a_chat_that_is_away_or_silent_costs_no_more_than_its_time(told, monkeypatch, chat_server):
    with socket.socket() as silent, socket.socket() as closed:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setattr(post_module, "TIMEOUT_S", 0.2)
        monkeypatch.setenv("OWN_WEBHOOK", f"http://127.0.0.1:{silent.getsockname()[1]}/{SECRET}")
        monkeypatch.setenv("TEAMS_WEBHOOK", f"http://127.0.0.1:{closed.getsockname()[1]}/{SECRET}")
        chats = [{"to": "webhook", "url": "${OWN_WEBHOOK}"}, {"to": "teams", "url": "${TEAMS_WEBHOOK}"}, {}]
        outcome, said = told(settings(*chats))
    assert (outcome.in_doubt, outcome.postponed, outcome.sent) == (1, 1, 1)
    assert "Connection refused" in said and SECRET not in said


def test_conditions_failures_and_dry_runs(chat_server, told, edition):
    asked = settings({"only_if": "failed_pct_of_audience > 5"}, {"about": "failures", "to": "webhook"})
    failed = [FailedReport("a", "Loja", "KernelDied", "it died")]
    outcome, said = told(asked, failed=failed)
    assert (outcome.not_due, outcome.sent) == (1, 1) and "only if failed_pct" in said
    assert "could not be made" in chat_server.messages[0]["title"]
    outcome, said = told(dry_run=True)
    assert (outcome.sent, len(chat_server.taken)) == (1, 1)
    written = json.loads((edition(REVIEW) / "chat" / f"{REVIEW}-slack.json").read_text())
    check_slack(written)


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": f"https://hooks.slack.com/services/{SECRET}"},
        *({"url": "$SLACK_WEBHOOK"}, {"to": "irc"}, {"only_if": "x > 1"}, {"channel": "#a"}),
    ],
)
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(ValidationError):
        settings(wrong)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        *(
            ("", "set SLACK_WEBHOOK"),
            ("hooks.slack.com/a", "is no address"),
            ("https://a:b@x.example/", "is no address"),
        ),
        *(("http://hooks.example.com/secret", "in clear"), ("https://[x/secret", "is no address")),
        *(("ftp://x.example/secret", "is no address"), ("https://x.example/a b", "is no address")),
    ],
)
def test_an_address_that_is_none_is_told_and_not_shown(monkeypatch, url, why):
    monkeypatch.setenv("SLACK_WEBHOOK", url)
    with pytest.raises(ChatError, match=why) as raised:
        address_of(Chat(**SLACK_CHAT))
    assert "secret" not in str(raised.value) and "x.example" not in str(raised.value)


def test_an_address_is_in_no_text_about_it(monkeypatch):
    monkeypatch.setenv("SLACK_WEBHOOK", f"https://hooks.example.com/services/{SECRET}?sig=abcdefgh")
    address = address_of(Chat(**SLACK_CHAT))
    echoed = address.without(f"GET {address.url} failed at hooks.example.com: very-secret-token, abcdefgh")
    assert echoed == "GET *** failed at ***: ***, ***"
    assert "secret" not in repr(address) and "secret" not in str(address)
