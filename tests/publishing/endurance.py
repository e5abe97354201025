"""Runs with real kernels under what happens seldom: `make endurance`. Minutes each, so no part of `make test`.

Another user takes `setpriv`, another clock a C compiler, statements that are stopped a PostgreSQL server. ACCOUNTS=50
makes the largest edition a smaller one.
"""

import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from reportlib.publishing.store.files import read_lines
from reportlib.reports.record import read_record
from tests.small_database import START, campaign, fill, small_database

COMMAND = [sys.executable, "-P", "-m", "reportlib"]
PROJECT = Path(__file__).parents[2]
WEEK, ACCOUNTS = "2026-W45", int(os.environ.get("ACCOUNTS", "500"))
SUNDAY_NIGHT = datetime(2026, 11, 8, 23, 59, tzinfo=UTC)  # of that week
MEMORY_DISK = Path("/dev/shm")
# Nobody's rights, but for reading whatever there is: the Python of the tests may lie in a folder of root's.
AS_ANOTHER = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
AS_ANOTHER += ["--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"]
CLOCK = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *at) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
  int failed = real(clock, at);
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) {
    char text[32] = "";
    int file = open(getenv("CLOCK_SHIFT"), O_RDONLY);
    if (file >= 0 && read(file, text, 31) > 0) at->tv_sec += atol(text);
    if (file >= 0) close(file);
  }
  return failed;
}
time_t time(time_t *to) {
  struct timespec at;
  clock_gettime(CLOCK_REALTIME, &at);
  return to ? (*to = at.tv_sec) : at.tv_sec;
}
int gettimeofday(struct timeval *to, void *zone) {
  struct timespec at;
  clock_gettime(CLOCK_REALTIME, &at);
  to->tv_sec = at.tv_sec;
  to->tv_usec = at.tv_nsec / 1000;
  return 0;
}
"""


@pytest.fixture
def made(tmp_path):
    """A function that writes a database of so many accounts, each with a campaign, and an edition on it: the
    environment of its runs."""

    def make(accounts=1, url=f"duckdb:///{tmp_path / 'campaigns.duckdb'}"):
        held, finished = small_database(), {"completed_at": START + timedelta(hours=2)}
        for number in range(accounts):
            held.account(f"a{number}")
            sent = campaign(f"c{number}", audience=4, account=f"a{number}", **finished).sent(3)
            sent.delivered(2).add_to(held)
        engine = create_engine(url)
        fill(engine, held)
        engine.dispose()
        (tmp_path / "weekly.yaml").write_text("reports: {post_campaign_review: {breakdowns: [channel]}}")
        return {**os.environ, "CAMPAIGN_DATABASE_URL": url, "PYTHONPATH": str(PROJECT)}

    return make


@pytest.fixture
def clock(tmp_path):
    """The environment of a process whose clock is wrong, and a function that sets by how much."""
    (tmp_path / "clock.c").write_text(CLOCK)
    library, shift = tmp_path / "clock.so", tmp_path / "shift"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, tmp_path / "clock.c", "-ldl"], check=True)
    shift.write_text("0")
    return {"LD_PRELOAD": str(library), "CLOCK_SHIFT": str(shift)}, lambda seconds: shift.write_text(str(seconds))


def start(folder, output, environment, week=WEEK, user=(), **options):
    command = [*user, *COMMAND, "weekly", folder / "weekly.yaml", "--week", week, "--output", output]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, **options)


def said_of(run, timeout=600):
    """How a run ended, and what it said."""
    said = run.communicate(timeout=timeout)[1]
    assert "Traceback" not in said, said
    return run.returncode, said


def test_of_two_runs_at_once_one_leaves_it_to_the_other(made, tmp_path):
    environment = made()
    runs = [start(tmp_path, tmp_path / "out", environment) for _ in range(2)]
    ends = sorted(said_of(run) for run in runs)
    assert [code for code, _ in ends] == [0, 1], ends
    assert "another run (process" in ends[1][1]
    assert len(read_lines(tmp_path / "out" / "runs.jsonl")) == 1


def test_output_and_temporary_files_may_be_on_different_disks(made, tmp_path):
    environment = made()
    assert MEMORY_DISK.stat().st_dev != tmp_path.stat().st_dev
    with tempfile.TemporaryDirectory(dir=MEMORY_DISK) as other:
        code, said = said_of(start(tmp_path, Path(other) / "out", environment))
        assert code == 0, said
        assert (Path(other) / "out" / WEEK / "post_campaign_review-c0.html").exists()
        (Path(other) / "scratch").mkdir()
        elsewhere = {**environment, "TMPDIR": str(Path(other) / "scratch")}
        code, said = said_of(start(tmp_path, tmp_path / "out", elsewhere))
        assert code == 0, said
        assert not list((Path(other) / "scratch").iterdir())


def test_another_user_of_the_folder_is_told_in_a_line(made, tmp_path):
    environment = {**made(), "HOME": str(tmp_path)}
    (tmp_path / "out").mkdir()
    for folder in (tmp_path, *tmp_path.parents[:2]):  # pytest's own, which others may not enter
        folder.chmod(0o755)
    code, said = said_of(start(tmp_path, tmp_path / "out", environment))
    assert code == 0, said
    code, said = said_of(start(tmp_path, tmp_path / "out", environment, user=AS_ANOTHER))
    assert (code, said.count("\n"), "Permission denied" in said) == (1, 1, True), said


def test_a_clock_that_goes_backwards_makes_nothing_anew(made, clock, tmp_path):
    environment, shift_by = {**made(), **clock[0]}, clock[1]
    run = start(tmp_path, tmp_path / "out", environment)
    assert "to be made: it is new" in run.stderr.readline()
    shift_by(-7200)
    code, said = said_of(run)
    assert code == 0, said
    for seconds in (-7200, -3600, 0):
        shift_by(seconds)
        code, said = said_of(start(tmp_path, tmp_path / "out", environment))
        assert (code, said.count("unchanged since")) == (0, 1), said
    assert len(read_lines(tmp_path / "out" / "runs.jsonl")) == 1


def test_a_week_that_ends_while_it_runs_is_the_week_it_began_with(made, clock, tmp_path):
    environment, shift_by = {**made(), **clock[0]}, clock[1]
    (tmp_path / "weekly.yaml").write_text("reports: {weekly_review: {}}")
    now = datetime.now(UTC)
    shift_by(int((SUNDAY_NIGHT - now).total_seconds()))
    run = start(tmp_path, tmp_path / "out", environment, week="last")
    assert "to be made: it is new" in run.stderr.readline()
    shift_by(int((SUNDAY_NIGHT + timedelta(minutes=2) - now).total_seconds()))
    code, said = said_of(run)
    assert code == 0, said
    assert [folder.name for folder in (tmp_path / "out").glob("????-W??")] == ["2026-W44"]
    record = read_record(tmp_path / "out" / "2026-W44" / "weekly_review-a0-2026-w44.json")
    assert (record.parameters["week"], record.failure) == ("2026-W44", None)
    code, said = said_of(start(tmp_path, tmp_path / "out", environment, week="last"))
    assert code == 0, said
    assert {folder.name for folder in (tmp_path / "out").glob("????-W??")} == {"2026-W44", WEEK}


def test_statements_that_are_stopped_cost_their_reports_until_they_are_not(made, postgresql_url, tmp_path):
    environment = made(url=postgresql_url)
    code, said = said_of(start(tmp_path, tmp_path / "out", {**environment, "REPORTLIB_STATEMENT_TIMEOUT": "1ms"}))
    assert (code, "stopped a question" in said) == (1, True), said
    code, said = said_of(start(tmp_path, tmp_path / "out", environment))
    assert code == 0, said


def test_of_500_accounts_each_has_its_report(made, tmp_path):
    environment = made(ACCOUNTS)
    code, said = said_of(start(tmp_path, tmp_path / "out", environment), timeout=7200)
    assert code == 0, said[-2000:]
    assert len(list((tmp_path / "out" / WEEK).glob("post_campaign_review-c*.html"))) == ACCOUNTS
    code, said = said_of(start(tmp_path, tmp_path / "out", environment), timeout=1200)
    assert said.count("unchanged since") == ACCOUNTS
