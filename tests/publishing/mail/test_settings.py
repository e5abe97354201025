"""What an edition file may say of mail, and what it is told when that is wrong."""

import pytest
from pydantic import ValidationError

from reportlib.errors import InvalidParameters
from reportlib.metrics.people.summary import COLUMNS
from reportlib.publishing.mail.addresses import each_once, parse_address
from reportlib.publishing.mail.conditions import FIGURES, Condition, holds, parse_condition
from reportlib.publishing.mail.settings import MailSettings, told_of_failures
from tests.publishing.mail.conftest import settings


def test_the_defaults():
    asked = MailSettings(mailings=[{"to": ["ana@example.com"], "about": "weekly_review"}])
    (mailing,) = asked.mailings
    assert (mailing.attach, mailing.charts, mailing.only_if) == (["pdf", "html"], 2, None)
    assert (asked.on_failure, asked.link_base_url, asked.size_limit_kb, asked.sender) == (None, None, 1000, None)


@pytest.mark.parametrize(
    "mailing",
    [
        *({"to": []}, {"to": "ana@example.com"}, {"to": ["ana"]}, {"to": ["a@b.c\r\nBcc: eve@example.com"]}),
        *({"to": ["a@b.c, d@e.f"]}, {"to": ["a@b.c, Ana <d@e.f>"]}, {"to": ["ána@-example.com"]}, {"to": [7]}),
        *({"attach": ["docx"]}, {"charts": 4}, {"charts": "2"}, {"cc": ["a@b.c"]}, {"only_if": "x > 1"}),
    ],
)
def test_a_wrong_mailing_is_refused(mailing):
    with pytest.raises(ValidationError):
        settings(mailing)


@pytest.mark.parametrize(
    "others",
    [
        *({"link_base_url": "ftp://x"}, {"link_base_url": "javascript:alert(1)"}, {"link_base_url": "https://"}),
        *({"link_base_url": "https://user:secret@x.example"}, {"link_base_url": 'https://x.example/"><script>'}),
        *({"link_base_url": "https://x.example/\r\n"}, {"link_base_url": "https://x.example/?a=b"}),
        *({"size_limit_kb": 0}, {"sender": "nobody"}, {"on_failure": ["nobody"]}, {"smtp": "x"}),
    ],
)
def test_wrong_settings_are_refused(others):
    with pytest.raises(ValidationError):
        settings(**others)


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("ana@example.com", "", "ana@example.com"),
        (" Ana Lima <ana+reports@example.com> ", "Ana Lima", "ana+reports@example.com"),
        ('"Lima, Ana" <ana@mail.example.com>', "Lima, Ana", "ana@mail.example.com"),
        ("Ação <o'neil@localhost>", "Ação", "o'neil@localhost"),
        ("Jörg <jörg@bücher.example>", "Jörg", "jörg@xn--bcher-kva.example"),
    ],
)
def test_addresses(text, name, address):
    found = parse_address(text)
    assert (found.display_name, found.addr_spec) == (name, address)


@pytest.mark.parametrize(
    "text",
    [
        *("", "@", "a@", "a b@c.de", ".a@b.c", "a..b@c.d", "a@-b.c", "a@b..c", "<a@b.c", "a@b.c\u202e"),
        *("x" * 251 + "@b.c", "a@b.c\n", "a@b.c\r\nx: y"),
    ],
)
def test_no_addresses(text):
    with pytest.raises(ValueError, match=r"is no mail address|control character"):
        parse_address(text)


def test_each_recipient_once():
    found = each_once(["Ana <ana@example.com>", "bo@example.com", "ANA@example.com"])
    assert [one.addr_spec for one in found] == ["ana@example.com", "bo@example.com"]


def test_who_is_told_of_failures():
    two = settings({}, {"to": ["bo@example.com"]})
    assert told_of_failures(two) == ["ana@example.com", "bo@example.com"]
    assert told_of_failures(settings(on_failure=["it@example.com"])) == ["it@example.com"]
    assert told_of_failures(settings(on_failure=[])) == []


def test_every_number_of_the_summary_can_be_asked_for():
    texts = {"campaign_id", "campaign_name", "status", "channel", "data_as_of", "engagement_base_name"}
    assert set(FIGURES) == set(COLUMNS) - texts


@pytest.mark.parametrize(
    ("text", "value", "true"),
    [
        ("failed > 5", 5, False),
        ("failed >= 5", 5, True),
        ("failed<5.5", 5, True),
        (" failed <= -1 ", 0, False),
        ("failed == 5", 5.0, True),
        ("failed != 5", 4, True),
        ("failed != 5", None, False),
        ("failed < 5", float("nan"), False),
        ("failed < 5", "4", False),
        ("failed == 1", True, False),
    ],
)
def test_conditions(text, value, true):
    assert holds(parse_condition(text), {"failed": value}) is true
    assert not holds(parse_condition(text), {})


def test_a_condition_is_read():
    assert parse_condition("failed_pct_of_audience > 5") == Condition("failed_pct_of_audience", ">", 5.0)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("faild > 5", "no figure 'faild', did you mean 'failed'"),
        ("campaign_name == 5", "no figure 'campaign_name'"),
        ("failed => 5", "'=>' compares nothing"),
        ("failed > five", "is no condition"),
        ("failed > 5 or sent > 1", "is no condition"),
        ("", "is no condition"),
        ("__import__('os') > 1", "is no condition"),
    ],
)
def test_a_wrong_condition_says_what_is_wrong(text, match):
    with pytest.raises(InvalidParameters, match=match):
        parse_condition(text)
