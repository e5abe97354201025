"""What several rooms meet: a PostgreSQL server, databases to read and write, the demo, and the command."""

import fcntl
import gc
import os
import signal
import subprocess
import sys
from collections import defaultdict
from contextlib import nullcontext
from itertools import count
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import settings
from hypothesis.internal.conjecture import providers
from xdist.scheduler import LoadFileScheduling

from reportlib.warehouse.demo import make_demo
from tests import postgresql, spark_cluster

# A background job of a shell ignores Ctrl-C, one of `nohup` the end of its terminal, and both would hand that on to the
# commands whose end by it is tested.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# Where nobody keeps bytecode, each command that the tests start would compile all anew: more than what most of them do.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# The same random examples each time, so that a change is judged by what it changed; `make explore` looks for new ones.
# Hypothesis also draws constants from the modules that happen to be loaded, which differ with the order of the tests.
STEADY = os.environ.get("HYPOTHESIS_PROFILE", "steady") == "steady"
if STEADY:
    providers._get_local_constants = lambda: providers._local_constants
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", derandomize=False, deadline=None)
settings.load_profile("steady" if STEADY else "explore")


class ByFile(LoadFileScheduling):
    """Hands each file to one process, and a folder whose files share what takes long to make."""

    def _split_scope(self, nodeid):
        folder = "tests/made_reports/"
        return folder if nodeid.startswith(folder) else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config, log):
    return ByFile(config, log)


ENGINES = ("duckdb", "postgresql", "sqlite")


@pytest.hookimpl(tryfirst=True)  # before those that are slow are left out
def pytest_collection_modifyitems(items):
    """A test that each engine is put to is put to one of them, by turns of the tests; on the others it is slow."""
    of_one_test = defaultdict(list)
    for item in items:
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        engine = next((one for one in parameters.values() if isinstance(one, str) and one in ENGINES), None)
        if engine and "conformance" not in item.path.parts and not item.get_closest_marker("slow"):
            of_one_test[item.nodeid.replace(engine, "", 1)].append(item)
    for test, on_engines in of_one_test.items():
        kept = crc32(test.encode()) % len(on_engines)
        for item in on_engines[:kept] + on_engines[kept + 1 :]:
            item.add_marker("slow")


def pytest_collection_finish():
    """What is imported by now stays, and is not looked through for what nobody needs: a twentieth of all the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_terminal_summary(terminalreporter):
    """Tests that are not even collected are told of."""
    if why := spark_cluster.missing():
        terminalreporter.line(f"Spark was not tested: {why}")


def reportlib(*arguments, database, **environment):
    """Run the command as a user does; the finished process."""
    return subprocess.run(
        [Path(sys.executable).with_name("reportlib"), *map(str, arguments)],
        env={**os.environ, "CAMPAIGN_DATABASE_URL": database, **environment},
        capture_output=True,
        text=True,
        timeout=600,
    )


@pytest.fixture
def warm(request):
    """Reports made in this process fork their kernels from, and are drawn in, processes that are there already."""
    from tests.warm import lent  # which imports all that makes reports

    with nullcontext() if request.node.get_closest_marker("cold") else lent():
        yield


@pytest.fixture(scope="session")
def demo_url(tmp_path_factory):
    """The address of a demo of its usual size, to be read only."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # of all processes: the first makes it
    file, unfinished = folder / "demo.duckdb", folder / "unfinished.duckdb"
    with (folder / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            make_demo(f"duckdb:///{unfinished}")
            unfinished.rename(file)
    return f"duckdb:///{file}"


@pytest.fixture(scope="session")
def postgresql_server():
    """A throw-away PostgreSQL that asks for a password; stopped and deleted when the tests are over."""
    if not postgresql.programs():
        pytest.skip(postgresql.MISSING)
    with postgresql.running_postgresql() as server:
        yield server


@pytest.fixture
def postgresql_url(postgresql_server, _numbers=count()):  # noqa: B008  one counter for all
    """The address of an empty PostgreSQL database of this test's own."""
    name = f"test_{next(_numbers)}"
    with postgresql_server.connect(autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield postgresql_server.address(name)
    with postgresql_server.connect(autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def duckdb_url(tmp_path):
    """The address of a DuckDB file that does not exist yet."""
    return f"duckdb:///{tmp_path / 'campaigns.duckdb'}"


@pytest.fixture
def sqlite_url(tmp_path):
    """The address of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'campaigns.db'}"


@pytest.fixture(params=["duckdb", "postgresql", "sqlite"])
def database_url(request):
    """The address of an empty database, on each engine in turn."""
    return request.getfixturevalue(f"{request.param}_url")
