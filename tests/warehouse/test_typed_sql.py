"""`warehouse.sql("select …")`: what an analyst types, on each engine."""

import pytest

from reportlib.errors import InvalidQuery
from reportlib.warehouse import open_warehouse
from reportlib.warehouse.connection import connect
from tests.small_database import campaign, fill, small_database

COUNTED = "select status, count(*) as messages from messages group by status order by status"


@pytest.fixture
def warehouse(database_url):
    """A campaign with 8 messages delivered and 2 failed."""
    return opened(database_url)


def opened(url):
    engine = connect(url)
    fill(engine, small_database(campaign("a", audience=10).sent(10).delivered(8).failed(2)))
    engine.dispose()
    return open_warehouse(url)


def test_a_select_is_answered_and_anything_else_is_refused(warehouse):
    assert warehouse.sql(COUNTED).to_dict("list") == {"status": ["delivered", "failed"], "messages": [8, 2]}
    for same in (f"  {COUNTED};\n", f"-- how many; by status\n{COUNTED}", f"WITH s AS ({COUNTED}) SELECT * FROM s"):
        assert len(warehouse.sql(same)) == 2
    assert warehouse.sql("select '100 %; :no parameter' as said")["said"].tolist() == ["100 %; :no parameter"]
    for wrong, said in {
        "delete from messages": "begins with 'delete'",
        "select 1; delete from messages": "a semicolon",
        "  ": "nothing",
        "select * from mesages": "mesages",
        "select statuss from messages": "statuss",
    }.items():
        with pytest.raises(InvalidQuery, match=said):
            warehouse.sql(wrong)
    assert warehouse.sql(COUNTED)["messages"].sum() == 10


def test_what_begins_as_a_select_still_cannot_write(postgresql_url):
    with pytest.raises(InvalidQuery, match="read-only"):
        opened(postgresql_url).sql("with gone as (delete from messages returning 1) select * from gone")
