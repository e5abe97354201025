"""`warehouse.asked`: the SQL behind a figure, which asked again gives that figure."""

import re

import pytest
from sqlalchemy import func, select

from reportlib import metrics
from reportlib.warehouse import open_warehouse
from reportlib.warehouse.contract.tables import campaigns, messages
from tests.conftest import reportlib
from tests.small_database import campaign, fill, small_database

NAME = "O'Hara\x1b[2J \\ :x %s ; -- 😀"


@pytest.fixture
def warehouse(database_url):
    """On each engine in turn, a campaign with a name that means mischief."""
    from reportlib.warehouse.connection import connect

    database = small_database(campaign("a", audience=10).sent(9).delivered(8, opened=4).failed(1))
    database.campaigns[0]["name"] = NAME
    engine = connect(database_url)
    fill(engine, database)
    engine.dispose()
    warehouse = open_warehouse(database_url)
    yield warehouse
    warehouse.engine.dispose()


def test_what_was_asked_can_be_asked_again(warehouse):
    found = metrics.delivery(warehouse, "a")
    first = warehouse.asked
    assert found["audience"].tolist() == [10]
    assert all(one.seconds > 0 for one in first)
    for one in first:
        assert len(warehouse.sql(one.statement)) == one.rows
    assert [one.statement for one in warehouse.asked[len(first) :]] == [one.statement for one in first]
    metrics.delivery(warehouse, "a")  # from memory
    assert len(warehouse.asked) == 2 * len(first)


def test_values_are_in_it_and_cannot_do_harm(warehouse):
    named = select(func.count().label("campaigns")).where(campaigns.c.name == NAME)
    assert warehouse.sql(named)["campaigns"].tolist() == [1]
    (one,) = warehouse.asked
    assert "'O''Hara\\x1b[2J" in one.statement
    assert " :x %s ; -- 😀'" in one.statement
    assert "\x1b" not in repr(one)
    assert repr(one).endswith(f";\n-- 1 rows in {one.seconds:.3f} s\n")
    safe = NAME.replace("\x1b", "")
    assert warehouse.sql(select(func.count().label("campaigns")).where(campaigns.c.name == safe)).iloc[0, 0] == 0
    assert warehouse.sql(warehouse.asked[-1].statement).iloc[0, 0] == 0


def test_only_the_latest_are_kept(warehouse, monkeypatch):
    for number in range(1_005):
        warehouse._asked.append(number)
    assert warehouse.asked == [*range(5, 1_005)]


def test_the_log_says_what_is_asked_and_no_password(postgresql_url):
    from reportlib.warehouse.connection import connect

    engine = connect(postgresql_url)
    fill(engine, small_database(campaign("a", audience=10).sent(9).delivered(8, opened=4).failed(1)))
    engine.dispose()
    said = reportlib("campaigns", database=postgresql_url, REPORTLIB_LOG="sql")
    assert said.returncode == 0, said.stderr
    assert re.search(r"SELECT .*\n-- \d+ rows in [\d.]+ s\n", said.stderr, re.DOTALL)
    assert "s3cret" not in said.stderr
    assert reportlib("campaigns", database=postgresql_url).stderr == ""


def test_a_text_is_shown_as_it_was_typed(warehouse):
    typed = "select count(*) as n from messages where channel <> ':x' and message_id like 'm%'"
    warehouse.sql(typed)
    assert warehouse.asked[-1].statement == typed
    assert warehouse.sql(select(func.count().label("n")).select_from(messages))["n"].tolist() == [9]


def test_rows_that_several_questions_stand_on_are_made_once_where_they_can_be_kept(warehouse):
    """In DuckDB in this process's own memory: every connection sees them, and the file stays as it is."""
    rows = select(messages.c.message_id, messages.c.status).where(messages.c.status != "queued")
    kept = warehouse.kept(rows, "sent")
    for status, count in (("delivered", 8), ("failed", 1)):
        with warehouse.engine.connect():  # so that the question has another
            asked = select(func.count().label("rows")).select_from(kept).where(kept.c.status == status)
            assert warehouse.sql(asked)["rows"].tolist() == [count]
    assert warehouse.kept(rows, "sent") is kept or warehouse.engine.dialect.name != "duckdb"
    making = [one for one in warehouse.asked if one.statement.startswith("CREATE TABLE kept.sent")]
    assert len(making) == (warehouse.engine.dialect.name == "duckdb")
    again = open_warehouse(warehouse.engine.url.render_as_string(hide_password=False))
    assert again.kept(rows, "sent").name != kept.name or again.engine.dialect.name != "duckdb"
    assert again.sql(select(func.count().label("rows")).select_from(again.kept(rows, "sent")))["rows"].tolist() == [9]
    again.engine.dispose()
