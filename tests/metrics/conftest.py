"""Engines to count on: `fill` replaces what they hold, so that one serves many databases."""

import pytest
from sqlalchemy import create_engine

from reportlib.warehouse.connection import connect
from tests.small_database import in_memory_engine

pytest.register_assert_rewrite("tests.metrics.against_oracle")


@pytest.fixture(scope="session")
def duckdb():
    return in_memory_engine()


@pytest.fixture(scope="session")
def postgresql(postgresql_server):
    """A PostgreSQL whose session is in a zone of its own: no figure may depend on it."""
    engine = create_engine(postgresql_server.address(), connect_args={"options": "-c timezone=Asia/Kathmandu"})
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory):
    engine = connect(f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'campaigns.db'}")
    yield engine
    engine.dispose()


@pytest.fixture(params=["duckdb", "postgresql", "sqlite"])
def engine(request):
    """Each engine in turn."""
    return request.getfixturevalue(request.param)
