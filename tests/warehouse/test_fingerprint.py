"""A campaign's fingerprint changes with what its people did, those held out of its experiment included."""

from datetime import timedelta

from sqlalchemy import create_engine

from reportlib.warehouse.fingerprint import data_fingerprints
from tests.small_database import START, campaign, fill, small_database


def marks(database_url, database):
    engine = create_engine(database_url)
    try:
        warehouse = fill(engine, database)
        found = data_fingerprints(warehouse)
        assert found == {name: data_fingerprints(warehouse, [name])[name] for name in found}
        return found
    finally:
        engine.dispose()


def test_outcomes_of_those_written_to_and_of_those_held_out(duckdb_url):
    database = small_database(
        campaign("a", experiment_id="x", variant="A").sent(2).delivered(2), campaign("b").sent(2).delivered(2)
    )
    before = marks(duckdb_url, database)
    database.outcome("a/0", value=20.0)
    bought = marks(duckdb_url, database)
    assert bought["a"] != before["a"] and bought["b"] == before["b"]
    database.contact("zoe")
    database.assigned("x", "held out", None, ["zoe"])
    held_out = marks(duckdb_url, database)
    assert held_out["a"] != bought["a"] and held_out["b"] == before["b"]
    database.outcome("zoe", at=START + timedelta(days=1), value=5.0)
    assert marks(duckdb_url, database)["a"] != held_out["a"]
