"""Runs with real kernels under what happens seldom: `make endurance`. Minutes each, so no part of `make test`."""

import os
import shutil
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from reportlib.publishing.store.files import read_lines
from tests.small_database import START, campaign, fill, small_database

COMMAND = [sys.executable, "-P", "-m", "reportlib"]
PROJECT = Path(__file__).parents[2]
WEEK, ACCOUNTS = "2026-W45", 500
NOBODY = 65534
MEMORY_DISK = Path("/dev/shm")


@pytest.fixture
def made(tmp_path):
    """A function that writes a database of so many accounts, each with a campaign, and an edition on it: how to run."""

    def make(accounts=1):
        url, done = f"duckdb:///{tmp_path / 'campaigns.duckdb'}", START + timedelta(hours=2)
        held = small_database()
        for number in range(accounts):
            held.account(f"a{number}")
            campaign(f"c{number}", audience=4, account=f"a{number}", completed_at=done).sent(3).delivered(2).add_to(
                held
            )
        engine = create_engine(url)
        fill(engine, held)
        engine.dispose()
        (tmp_path / "weekly.yaml").write_text("reports: {post_campaign_review: {breakdowns: [channel]}}")
        for file in (tmp_path, tmp_path / "weekly.yaml", tmp_path / "campaigns.duckdb"):
            file.chmod(0o777)
        return {**os.environ, "CAMPAIGN_DATABASE_URL": url, "PYTHONPATH": str(PROJECT)}

    return make


def start(folder, output, environment, **options):
    command = [*COMMAND, "weekly", folder / "weekly.yaml", "--week", WEEK, "--output", output]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, **options)


def test_of_two_runs_at_once_one_leaves_it_to_the_other(made, tmp_path):
    environment = made()
    runs = [start(tmp_path, tmp_path / "out", environment) for _ in range(2)]
    said = [run.communicate(timeout=600)[1] for run in runs]
    assert sorted(run.returncode for run in runs) == [0, 1], said
    assert any("another run (process" in one for one in said)
    assert len(read_lines(tmp_path / "out" / "runs.jsonl")) == 1


def test_output_and_temporary_files_may_be_on_different_disks(made, tmp_path):
    environment = made()
    assert MEMORY_DISK.stat().st_dev != tmp_path.stat().st_dev
    with tempfile.TemporaryDirectory(dir=MEMORY_DISK) as other:
        run = start(tmp_path, Path(other) / "out", environment)
        _, said = run.communicate(timeout=600)
        assert run.returncode == 0, said
        assert (Path(other) / "out" / WEEK / "post_campaign_review-c0.html").exists()
    environment["TMPDIR"] = tempfile.mkdtemp(dir=MEMORY_DISK)
    run = start(tmp_path, tmp_path / "out", environment)
    _, said = run.communicate(timeout=600)
    shutil.rmtree(environment["TMPDIR"])
    assert run.returncode == 0, said


@pytest.mark.skipif(os.getuid() != 0, reason="only root may become another user")
def test_another_user_of_the_folder_is_told_in_a_line(made, tmp_path):
    environment = {**made(), "HOME": str(tmp_path)}
    (tmp_path / "out").mkdir(mode=0o700)
    assert start(tmp_path, tmp_path / "out", environment).wait(600) == 0
    other = start(tmp_path, tmp_path / "out", environment, user=NOBODY, group=NOBODY, extra_groups=[])
    _, said = other.communicate(timeout=600)
    assert (other.returncode, "Permission denied" in said, "Traceback" in said) == (1, True, False), said


def test_of_500_accounts_each_has_its_report(made, tmp_path):
    environment = made(ACCOUNTS)
    run = start(tmp_path, tmp_path / "out", environment)
    _, said = run.communicate(timeout=7200)
    assert run.returncode == 0, said[-2000:]
    assert len(list((tmp_path / "out" / WEEK).glob("post_campaign_review-c*.html"))) == ACCOUNTS
    again = start(tmp_path, tmp_path / "out", environment)
    _, said = again.communicate(timeout=1200)
    assert said.count("unchanged since") == ACCOUNTS
