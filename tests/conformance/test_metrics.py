"""Every public metric, on every engine, on the same random databases: the same frames, values and types.

PostgreSQL and SQLite are asked every fourth question each, about one of them and every other time about an empty one,
and Parquet, which is DuckDB all the same, every twentieth; `make conformance` asks all of each about all."""

import pytest

from reportlib import metrics
from reportlib.metrics.conformance.questions import NO_QUESTIONS, QUESTIONS, answers
from reportlib.metrics.conformance.sameness import first_difference
from tests.conformance.conftest import ALL, OTHERS, REFERENCE, Everywhere, asked_of, opened
from tests.small_database import START, small_database

# Answers in which texts are in an order, or one stands for several.
ORDERED = ("accounts", "attributes", "campaigns", "channels", "data_problems", "failures", "overlap")


TURNS = {"postgresql": slice(0, None, 4), "sqlite": slice(2, None, 4), "parquet": slice(1, None, 20)}


@pytest.mark.parametrize(
    ("other", "name"),
    [(engine, name) for engine in OTHERS for name in [*QUESTIONS][slice(None) if ALL else TURNS[engine]]],
    indirect=["other"],
)
def test_the_answers_are_the_same(everywhere, other, name):
    there = [one for one in everywhere if other in one.warehouses]
    for one in asked_of(there, [*QUESTIONS].index(name) // 4):
        assert one.expected(name)
        assert not first_difference(answers(one.warehouses[other], one.subject, name), one.expected(name)), one.database


def test_every_public_name_is_asked_or_has_nothing_to_ask():
    assert set(metrics.__all__) == QUESTIONS.keys() | NO_QUESTIONS


def test_the_databases_hold_what_is_awkward(everywhere):
    """Ids of each kind, an empty one, what is missing, and letters beyond ASCII: or the suite says little."""
    contents = [one.database for one in everywhere]
    ids = [database.accounts[0]["account_id"] for database in contents]
    assert {type(each) for each in ids} == {int, str}
    assert any("🎉" in str(each) for each in ids)
    assert any(not database.messages for database in contents)
    messages = [row for database in contents for row in database.messages]
    assert {row["status"] for row in messages} == {"queued", "sent", "delivered", "failed"}
    assert any(row["sent_at"] is None for row in messages)
    assert {row["is_machine"] for database in contents for row in database.events} == {True, False, None}
    assert len({database.accounts[0]["timezone"] for database in contents}) > 2


@pytest.fixture(scope="module")
def of_languages(new_address):
    """Texts that a language orders otherwise: "b" before "B", and "é" before "z"."""
    database = small_database()
    for campaign in ("b", "B", "é", "z"):
        database.campaign(campaign, audience=4)
        for contact in ("ann", "Bob", "Éva", "eve"):
            database.contact(contact, attributes={campaign: contact})
            for nth, reason in enumerate(("zu spät", "Zu spät", "à tard")):
                columns = {
                    "message_id": f"{contact}{campaign}{'bBé'[nth]}",
                    "provider": "ses",
                    "failure_reason": reason,
                }
                database.message(campaign, contact, "failed", failure_code="9.9.9", failed_at=START, **columns)
    database.event(database.messages[0], "clicked", event_id="é")
    database.event(database.messages[1], "clicked", event_id="a")
    database.event(database.messages[2], "clicked", event_id="B")
    one = Everywhere(database, opened(new_address(REFERENCE), database))
    yield one
    one.dispose()


def test_texts_are_in_the_order_of_their_bytes(of_languages, new_address, other):
    one = of_languages
    one.warehouses[other] = opened(new_address(other), one.database)
    for name in ORDERED:
        assert not first_difference(answers(one.warehouses[other], one.subject, name), one.expected(name), where=name)
