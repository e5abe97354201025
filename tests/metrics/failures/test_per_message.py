"""What a failure means is decided message by message, once: review, patterns, live monitor and export agree on it."""

import csv

import pytest

from reportlib import metrics
from reportlib.metrics.failures.catalogue import meaning, read_catalogue
from reportlib.metrics.live.outcomes import live_failures
from reportlib.publishing.export.messages import write_detailed
from tests.small_database import campaign, fill, in_memory_engine, small_database


def one_code_two_meanings():
    """20 e-mails that failed with the code "bounce": 8 have no such user, 12 a full mailbox."""
    sent = campaign("a").sent(30).delivered(10)
    gone = sent.failed(8, code="bounce", reason="550 5.1.1 no such user")
    return small_database(gone.failed(12, code="bounce", reason="452 4.2.2 mailbox full"))


def by_permanence(frame):
    return frame.groupby("permanence")["failed"].sum().to_dict()


EXPECTED = {"permanent": 8, "transient": 12}


def test_the_review_tells_them_apart(duckdb):
    frame = metrics.failures(fill(duckdb, one_code_two_meanings()), "a")
    assert by_permanence(frame) == EXPECTED
    assert frame["code"].tolist() == ["bounce", "bounce"]


def test_so_does_the_live_monitor(duckdb):
    warehouse = fill(duckdb, one_code_two_meanings())
    assert by_permanence(live_failures(metrics.live_outcomes(warehouse, "a"))) == EXPECTED


def test_and_who_can_be_had_back(duckdb):
    frame = metrics.recoverable(fill(duckdb, one_code_two_meanings()), "a")
    assert frame.set_index("permanence")["failed"].to_dict() == {"transient": 12}


@pytest.mark.parametrize(("which", "people"), [("retryable", 12), ("permanent", 8), ("failed", 20)])
def test_the_lists_have_the_people_of_the_review(tmp_path, which, people):
    path = tmp_path / "people.csv"
    assert write_detailed(fill(in_memory_engine(), one_code_two_meanings()), "a", path, which) == people
    rows = list(csv.DictReader(path.open(encoding="utf-8")))
    assert len({row["contact_id"] for row in rows}) == people


@pytest.mark.parametrize(
    ("channel", "provider", "code", "reason", "permanence"),
    [
        ("email", "acme", "hard_bounce", None, "permanent"),
        ("email", None, "Soft", None, "transient"),
        ("email", "acme", "x", "Suppressed: on our list", "permanent"),
        ("email", "acme", "blocked", "550 5.1.1 no such user", "permanent"),  # the status tells more than the word
        ("sms", "acme", None, "hard bounce", "permanent"),
        ("whatsapp", None, None, "131047: Re-engagement message", "fixable"),
        ("whatsapp", "whatsapp", "x", "error 131047", "fixable"),
        ("email", "acme", "bounce", "softly rejected", "unknown"),
        ("email", "acme", "x", "no idea", "unknown"),
        ("sms", "acme", "x", "call 131047", "unknown"),  # no code of that provider
    ],
)
def test_words_are_understood_of_any_provider(channel, provider, code, reason, permanence):
    assert meaning(read_catalogue(), channel, provider, code, reason).permanence == permanence
