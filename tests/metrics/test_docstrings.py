"""`help(metrics.delivery)` answers: every public metric's docstring names each column that it returns."""

import inspect
import re

import pandas as pd
import pytest

from reportlib import metrics
from reportlib.metrics.conformance.questions import QUESTIONS
from reportlib.metrics.conformance.subject import Asked, subject_of
from reportlib.metrics.selection.grouping import GROUPINGS
from tests.small_database import fill, in_memory_engine, small_database


@pytest.fixture(scope="module")
def warehouse():
    """Two campaigns, with one failure, on one of which somebody clicked, and an experiment with outcomes."""
    database = small_database()
    for campaign in ("a", "b"):
        database.campaign(campaign, audience=4)
        for contact in ("ann", "bob", "eve"):
            database.contact(contact)
            message = database.message(campaign, contact)
        database.event(message, "clicked")
        database.contact("sam")
        database.message(campaign, "sam", status="failed")
    for variant, campaign in (("A", "a"), ("B", None)):
        database.assigned("x", variant, campaign, ["ann"] if campaign else ["zoe"])
    database.contact("zoe")
    database.outcome("ann", value=20.0)
    return fill(in_memory_engine(), database)


def documented(name):
    """A metric's docstring, with those of the metrics whose columns it says it has too."""
    text = inspect.getdoc(getattr(metrics, name))
    named = re.findall(r"(?:columns|rows) of `(\w+)`", text)
    return "\n".join([text, *(documented(other) for other in named if other in QUESTIONS)])


@pytest.mark.parametrize("name", QUESTIONS)
def test_each_column_is_named(warehouse, name):
    text = documented(name)
    answer = next(iter(QUESTIONS[name](Asked(warehouse, subject_of(warehouse)))))
    columns = set(answer.columns) if isinstance(answer, pd.DataFrame) else set()
    if "by" in inspect.signature(getattr(metrics, name)).parameters:
        columns -= {*GROUPINGS}  # which the question named
    assert not [column for column in columns if not re.search(rf"\b{re.escape(column)}\b", text)]
