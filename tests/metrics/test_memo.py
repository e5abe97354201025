"""What several parts of a report stand on is asked of the database once."""

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from sqlalchemy import event

from reportlib import metrics
from reportlib.metrics.memo import remembered
from tests.small_database import campaign, fill, small_database

DIMENSIONS = ("country", "carrier", "segment", "attribute:plan")


@pytest.fixture
def asked(duckdb):
    """A warehouse, and the statements that it has been asked."""
    warehouse = fill(duckdb, small_database(campaign("a", audience=10).sent(9).delivered(8, opened=4).failed(1)))
    statements = []

    def note(connection, cursor, statement, *_):
        statements.append(statement)

    event.listen(duckdb, "before_cursor_execute", note)
    yield warehouse, statements
    event.remove(duckdb, "before_cursor_execute", note)


def test_a_campaign_and_its_channels_are_counted_in_one_pass(asked):
    warehouse, statements = asked
    metrics.delivery(warehouse, "a")
    before = len(statements)
    metrics.engagement(warehouse, "a", by="channel")
    metrics.breakdown(warehouse, "a", by=("campaign_id", "channel"))
    assert len(statements) == before


def test_breakdowns_by_what_contacts_have_are_one_statement_and_bring_the_channels_along(asked):
    warehouse, statements = asked

    def passes():
        return sum("person_outcomes" in statement for statement in statements)

    metrics.breakdowns(warehouse, "a", by=DIMENSIONS)
    brought = metrics.breakdown(warehouse, "a", by="channel"), metrics.delivery(warehouse, "a")
    assert passes() == 1
    warehouse.opened_ms += 1
    assert_frame_equal(brought[0], metrics.breakdown(warehouse, "a", by="channel"))
    assert_frame_equal(brought[1], metrics.delivery(warehouse, "a"))
    assert passes() == 2


def test_what_was_counted_once_is_not_counted_with_more(asked):
    warehouse, statements = asked
    channels = metrics.breakdown(warehouse, "a", by="channel")
    first = metrics.breakdowns(warehouse, "a", by=("country",))
    before = len(statements)
    assert_frame_equal(metrics.breakdown(warehouse, "a", by="channel"), channels)
    assert_frame_equal(metrics.breakdowns(warehouse, "a", by=("country",)), first)
    assert len(statements) == before
    asked_before = len(warehouse.asked)
    more = metrics.breakdowns(warehouse, "a", by=DIMENSIONS)
    new = "".join(one.statement for one in warehouse.asked[asked_before:])
    assert "'carrier'" in new and "'country'" not in new
    warehouse.opened_ms += 1
    assert_frame_equal(metrics.breakdowns(warehouse, "a", by=DIMENSIONS), more)


def test_a_question_that_says_its_defaults_is_the_same(asked):
    warehouse, _ = asked
    answers = []

    @remembered
    def metric(warehouse, campaigns=None, by=()):
        answers.append(by)
        return pd.DataFrame()

    metric(warehouse, "a")
    metric(warehouse, "a", by=())
    metric(warehouse, campaigns="a")
    assert answers == [()]
    metric(warehouse, "a", by="channel")
    assert answers == [(), "channel"]


def test_a_later_now_is_another_question(asked):
    warehouse, statements = asked
    metrics.delivery(warehouse, "a")
    before = len(statements)
    warehouse.opened_ms += 1
    metrics.delivery(warehouse, "a")
    assert len(statements) > before


def test_an_answer_written_to_stays_as_it_was_for_others(asked):
    warehouse, _ = asked
    answer = metrics.breakdown(warehouse, "a")
    answer.loc[0, "audience"] = 7
    assert metrics.breakdown(warehouse, "a").loc[0, "audience"] == 10
