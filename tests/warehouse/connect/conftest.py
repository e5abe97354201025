"""Servers with platforms on them, and people to fill them with."""

from itertools import count

import pytest

from tests import mariadb
from tests.warehouse.connect.population import population


@pytest.fixture(scope="session")
def mariadb_server():
    """A throw-away MariaDB that asks for a password; stopped and deleted when the tests are over."""
    if not mariadb.is_installed():
        pytest.skip(mariadb.MISSING)
    with mariadb.running_mariadb() as server:
        yield server


@pytest.fixture
def mariadb_database(mariadb_server, _numbers=count()):  # noqa: B008  one counter for all
    """The name of an empty MariaDB database of this test's own."""
    name = f"test_{next(_numbers)}"
    with mariadb_server.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        yield name
        cursor.execute(f"DROP DATABASE {name}")


@pytest.fixture
def people():
    """Everyone, and what they did."""
    return population()
