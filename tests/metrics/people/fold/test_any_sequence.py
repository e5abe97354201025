"""After any sequence of loads, imports, calls of `connect`, retries, kills and changes by others, all figures are the
same with the fold and without."""

import os
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from reportlib.metrics.conformance.questions import QUESTIONS
from reportlib.metrics.people.counted import FUTURE_MS
from reportlib.metrics.people.fold.reading import fits
from reportlib.metrics.people.folding.keeping import keep_fold
from reportlib.warehouse import open_warehouse
from tests import examples
from tests.metrics.people.fold.contents import contents_of_fold, differing, figures_differ, has_tables
from tests.metrics.people.fold.steps import (
    FOREIGN,
    RESHAPED,
    Clock,
    address,
    change,
    command,
    copy,
    write_folder,
    write_lines,
)
from tests.random_database import databases
from tests.small_database import fill
from tests.warehouse.callbacks.imported import status as callback

TURNS = 8 if os.environ.get("HYPOTHESIS_PROFILE") == "explore" else 40  # in so many sequences every metric is asked
OF_PEOPLE = ("summary", "breakdowns")
KILLS = st.none() | st.none() | st.tuples(st.integers(1, 150), st.sampled_from((0, 0, 1, 5, 20, 60)))
ROWS = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.integers(1, 9),
        st.sampled_from(("sent", "delivered", "failed", "queued")),
        st.integers(0, 90),
        st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


class AnySequence(RuleBasedStateMachine):
    """A file, and what happens to it; `must_fit`: whether its fold has just been kept."""

    def __init__(self):
        super().__init__()
        self.held = TemporaryDirectory(prefix="fold-")
        self.folder = Path(self.held.name)
        self.file = self.folder / "campaigns.duckdb"
        self.must_fit = False
        self.source = None
        self.is_another_time = False

    @initialize(
        database=databases(), way=st.sampled_from(("load", "connect", "foreign")), turn=st.integers(0, TURNS - 1)
    )
    def begin(self, database, way, turn):
        self.asked = (*OF_PEOPLE, *[*QUESTIONS][turn::TURNS])
        for number, row in enumerate(database.messages, 1):
            row["provider_message_id"] = f"p{number}"
        self.database, self.clock = database, Clock(database.opened_at.timestamp())
        if way == "load":
            self.load(database, None)
            assert self.must_fit
        else:
            self.source = self.folder / "source.db" if way == "connect" else None
            engine = create_engine(f"sqlite:///{self.source}" if self.source else address(self.file))
            fill(engine, database)
            engine.dispose()
            if self.source:
                self.connect(None)
            if not self.file.exists():
                self.source = None
                self.load(database, None)

    def run(self, *arguments, killed=None):
        return command(self.file, self.clock, arguments, killed)

    def ran(self, code, killed):
        """A command that keeps the fold has ended so."""
        self.must_fit = code == 0 and not killed

    @rule(database=databases(), killed=KILLS)
    def load(self, database, killed):
        self.ran(self.run("load", write_folder(self.folder / "in", database), killed=killed), killed)

    @rule(said=st.sampled_from(("sent", "queued", "delivered")), third=st.integers(0, 2), killed=KILLS)
    def load_over(self, said, third, killed):
        into = self.folder / "over"
        into.mkdir(exist_ok=True)
        with duckdb.connect(str(self.file), read_only=True) as database:
            rows = f"SELECT * REPLACE ('{said}' AS status) FROM messages WHERE hash(message_id) % 3 = {third}"
            database.execute(f"COPY ({rows}) TO '{into / 'messages.parquet'}' (FORMAT parquet)")
        self.ran(self.run("load", into, killed=killed), killed)

    @rule(rows=ROWS, killed=KILLS)
    def import_table(self, rows, killed):
        lines = ["campaign_id,contact_id,channel,provider,provider_message_id,status,sent_at,clicked_at"]
        for campaign, contact, said, minutes, clicked in rows:
            at = self.database.opened_at - timedelta(hours=4)
            then = (at + timedelta(minutes=minutes)).isoformat() if clicked else ""
            lines.append(f"{campaign},{contact},email,acme,t{contact}-{minutes},{said},{at.isoformat()},{then}")
        table = self.folder / "table.csv"
        table.write_text("\n".join(lines) + "\n")
        code = self.run("import", "detailed", table, killed=killed)
        self.ran(code, killed)

    @rule(said=st.lists(st.tuples(st.integers(1, 30), st.sampled_from(("sent", "delivered", "read", "failed")),
                                  st.integers(0, 600)), min_size=1, max_size=9), killed=KILLS)  # fmt: skip
    def import_callbacks(self, said, killed):
        told = [callback(f"p{number}", one, minutes) for number, one, minutes in said]
        self.run("import", "whatsapp", write_lines(self.folder / "callbacks.jsonl", told), killed=killed)
        self.must_fit = False

    @rule(killed=KILLS)
    def retry(self, killed):
        self.run("import", "--retry", killed=killed)
        self.must_fit = False

    @precondition(lambda self: self.source)
    @rule(killed=KILLS)
    def connect(self, killed):
        arguments = ("connect", "contract", "--from", f"sqlite:///{self.source}", "--to", address(self.file))
        self.ran(self.run(*arguments, killed=killed), killed)

    @precondition(lambda self: self.source)
    @rule(statement=st.sampled_from(FOREIGN))
    def source_changes(self, statement):
        engine = create_engine(f"sqlite:///{self.source}")
        with suppress(DBAPIError), engine.begin() as connection:  # as of words that only DuckDB knows
            connection.exec_driver_sql(statement)
        engine.dispose()

    @rule(killed=KILLS)
    def weekly(self, killed):
        had = self.has_fold()
        self.run("renew", killed=killed)
        self.must_fit = had and not killed

    def has_fold(self):
        with duckdb.connect(str(self.file), read_only=True) as database:
            return database.execute("FROM duckdb_tables() WHERE table_name = 'fold_state'").fetchall() != []

    @rule(
        statements=st.lists(st.sampled_from((*FOREIGN, *RESHAPED)), min_size=1, max_size=2),
        is_checkpointed=st.booleans(),
        then_weekly=st.booleans(),
    )
    def foreign(self, statements, is_checkpointed, then_weekly):
        for one in statements:
            with suppress(duckdb.Error):  # as where messages are a view
                change(self.file, one, is_checkpointed)
        self.must_fit = False
        if then_weekly:
            self.weekly(None)

    @rule(with_time=st.booleans())
    def copied(self, with_time):
        other = self.folder / "other.duckdb"
        copy(self.file, other, with_time)
        copy(other, self.file, with_time=True)
        self.must_fit &= with_time

    @rule(seconds=st.sampled_from((-(10**8), 10**8, 86_400 * 30)))
    def touched(self, seconds):
        at = self.file.stat().st_mtime + seconds
        os.utime(self.file, (at, at))
        self.must_fit = False

    @rule(hours=st.sampled_from((1, 30, 24 * 400, -1, -30, -24 * 400)))
    def time_passes(self, hours):
        self.clock.now += 3600 * hours
        self.is_another_time = True

    @invariant()
    def it_is_as_made_anew(self):
        anew = self.folder / "anew.duckdb"
        before = self.file.read_bytes(), self.file.stat().st_mtime_ns
        is_fitting = self.is_fitting()
        assert before == (self.file.read_bytes(), self.file.stat().st_mtime_ns)
        if is_fitting and not self.is_another_time:
            copy(self.file, anew, with_time=False)
            change(anew, "DROP SCHEMA reportlib CASCADE")
            with self.clock:
                keep_fold(address(anew))
            with duckdb.connect(str(self.file), read_only=True) as database:
                since_ms = database.execute("SELECT since_ms FROM reportlib.fold_state").fetchone()[0]
            found = differing(contents_of_fold(self.file, since_ms), contents_of_fold(anew, since_ms))
            assert not found, found

    def is_fitting(self):
        """Whether the fold fits, which it has to where it was kept last."""
        must_fit = self.must_fit and has_tables(self.file)
        warehouse = open_warehouse(address(self.file))
        warehouse.opened_ms = int(self.clock.now * 1000)
        try:
            is_fitting = fits(warehouse)
            if must_fit:
                until_ms = warehouse.sql("SELECT until_ms FROM reportlib.fold_state")["until_ms"].item()
                assert is_fitting == (until_ms <= warehouse.opened_ms + FUTURE_MS)
            return is_fitting
        finally:
            warehouse.engine.dispose()

    def teardown(self):
        try:
            if self.file.exists():
                assert not figures_differ(self.file, self.asked, int(self.clock.now * 1000))
        finally:
            self.held.cleanup()


TestAnySequence = AnySequence.TestCase
TestAnySequence.settings = settings(
    max_examples=examples(2), stateful_step_count=5, suppress_health_check=list(HealthCheck)
)


@pytest.mark.slow
def test_long_sequences():
    long = settings(max_examples=examples(20), stateful_step_count=12, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(AnySequence, settings=long)
