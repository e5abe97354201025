"""A few random databases, the same ones on every engine, each opened as a report opens it."""

import os
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from reportlib.metrics.conformance.questions import answers
from reportlib.metrics.conformance.subject import Subject, subject_of
from reportlib.warehouse import Warehouse, open_warehouse
from reportlib.warehouse.connection import connect
from tests.parquet_files import write_parquet
from tests.random_database import databases
from tests.small_database import SmallDatabase, fill
from tests.spark_cluster import missing

ALL = os.environ.get("CONFORMANCE") == "all"  # every question about each database: `make conformance`
THOUGHT_OF = 60
REFERENCE, OTHERS = "duckdb", ("postgresql", "sqlite", "parquet")  # and Spark, in test_spark.py
ON_PARQUET = 2  # of the random databases, the last: it is DuckDB all the same
collect_ignore = ["test_spark.py"] if missing() else []  # a line at the end says so


@dataclass(repr=False)
class Everywhere:
    """One database on several engines: `warehouses` by the engine's name; `known` has the reference's answers."""

    database: SmallDatabase
    reference: Warehouse
    subject: Subject = None
    warehouses: dict[str, Warehouse] = field(default_factory=dict)
    known: dict[str, list] = field(default_factory=dict)

    def __post_init__(self):
        self.subject = subject_of(self.reference)

    def expected(self, name: str) -> list:
        """The reference's answers to a metric's questions."""
        if name not in self.known:
            self.known[name] = answers(self.reference, self.subject, name)
        return self.known[name]

    def dispose(self):
        for warehouse in (self.reference, *self.warehouses.values()):
            warehouse.engine.dispose()


def random_databases() -> list[SmallDatabase]:
    """Of those that hypothesis thinks of, an empty one, and the fullest with ids, or failure codes, of each kind."""
    found = []

    @settings(max_examples=THOUGHT_OF, phases=[Phase.generate], database=None, suppress_health_check=list(HealthCheck))
    @given(databases())
    def collect(database):
        found.append(database)

    collect()
    fullest_last = sorted(found, key=lambda one: len(one.messages) * len(one.events))
    return list({kind_of(database): database for database in fullest_last}.values())


def kind_of(database) -> str:
    if not database.messages:
        return "empty"
    if any(isinstance(row.get("failure_code"), int) for row in database.messages):
        return "integer codes"
    account = database.accounts[0]["account_id"]
    if isinstance(account, int):
        return "integers"
    return "texts" if account.isascii() else "letters beyond ASCII"


def asked_of(databases: list[Everywhere], turn: int) -> list[Everywhere]:
    """Those that a question is put to: in turn one of the full ones and, every other time, the empty one."""
    if ALL:
        return databases
    full, empty = ([one for one in databases if bool(one.database.messages) == is_full] for is_full in (True, False))
    return [full[turn % len(full)], *(empty if turn % 2 else [])]


@pytest.fixture(scope="session")
def new_postgresql(postgresql_server):
    """Makes an empty PostgreSQL database, in which texts are in the order of English: no answer may depend on it."""
    numbers = count()

    def new() -> str:
        name = f"conformance_{next(numbers)}"
        with postgresql_server.connect(autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'")
        return postgresql_server.address(name)

    return new


@pytest.fixture(scope="session")
def new_address(request, tmp_path_factory):
    """Makes the address of an empty database of an engine; skips where the engine is not installed."""
    numbers, folder = count(), tmp_path_factory.mktemp("conformance")

    def new(engine: str) -> str:
        if engine == "postgresql":
            return request.getfixturevalue("new_postgresql")()
        place = folder / str(next(numbers))
        if engine == "parquet":
            place.mkdir()
        return f"{engine}:///{place}"

    return new


@pytest.fixture(scope="session")
def everywhere(new_address) -> list[Everywhere]:
    """The random databases on the reference."""
    found = [Everywhere(database, opened(new_address(REFERENCE), database)) for database in random_databases()]
    yield found
    for one in found:
        one.dispose()


@pytest.fixture(params=OTHERS)
def other(request, everywhere, new_address) -> str:
    """Another engine, which now has the random databases too."""
    for one in everywhere[-ON_PARQUET:] if request.param == "parquet" else everywhere:
        if request.param not in one.warehouses:
            one.warehouses[request.param] = opened(new_address(request.param), one.database)
    return request.param


@pytest.fixture(scope="session", params=(REFERENCE, *OTHERS))
def connection(request, new_address):
    """A connection to write with, to each engine in turn, in a zone of its own where the engine has any."""
    address, elsewhere = new_address(request.param), {"options": "-c timezone=Asia/Kathmandu"}
    if request.param == "postgresql":
        engine = create_engine(address, connect_args=elsewhere)
    elif request.param == "parquet":  # in whose memory there may be tables
        engine = open_warehouse(address).engine
    else:
        engine = connect(address)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def opened(address: str, database: SmallDatabase) -> Warehouse:
    """The database at this address, opened at its moment as a report opens it."""
    url = make_url(address)
    if url.get_backend_name() == "parquet":
        opened_ms = write_parquet(database, Path(url.database), by_campaign=True)
    else:
        engine = create_engine(url)
        opened_ms = fill(engine, database).opened_ms
        engine.dispose()
    warehouse = open_warehouse(address)
    warehouse.opened_ms = opened_ms
    return warehouse
