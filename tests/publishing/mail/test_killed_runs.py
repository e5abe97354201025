"""Runs of the weekly edition killed at random moments: the next finishes what is missing, and mails nothing twice."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest

from reportlib.publishing.store.files import read_lines
from reportlib.warehouse.demo import make_demo

KILLS, FOLDERS = (20, 4) if os.environ.get("ENDURANCE") else (2, 1)
EDITION = """
accounts: [buecher]
reports:
  weekly_review: {weeks: 16}
  post_campaign_review: {breakdowns: [channel]}
mail:
  mailings:
    - {about: weekly_review, to: [ana@example.com, ben@example.com], charts: 1}
    - {about: post_campaign_review, to: [ana@example.com], attach: [html], charts: 0}
"""
WEEK = "2026-W46"
REPORTS = {"weekly_review-buecher-2026-w46", "post_campaign_review-st-martin"}
MAILS = 3


@pytest.fixture(scope="module")
def small_demo(tmp_path_factory):
    address = f"duckdb:///{tmp_path_factory.mktemp('demo') / 'demo.duckdb'}"
    make_demo(address, messages=4_000)
    return address


def start(folder, database):
    """A run of the edition, in a process of its own."""
    edition = folder / "weekly.yaml"
    edition.write_text(EDITION)
    program = [Path(sys.executable).with_name("reportlib"), "weekly", edition, "--week", WEEK, "--mail"]
    return subprocess.Popen(
        [*program, "--output", folder / "out"],
        env={**os.environ, "CAMPAIGN_DATABASE_URL": database},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def killed_at(moment, run):
    """Whether the run was still going at this moment, in seconds; its kernels are gone when this returns."""
    try:
        run.communicate(timeout=moment)
        return False
    except subprocess.TimeoutExpired:
        children = psutil.Process(run.pid).children(recursive=True)
        run.send_signal(signal.SIGKILL)
        run.communicate()
        _, left = psutil.wait_procs(children, timeout=10)
        alive = [process for process in left if _runs(process)]
        assert not alive, f"a kernel outlived its run: {alive}"
        return True


def _runs(process):
    """Whether it does; one that has ended may wait for the machine's first process to take note."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.slow
def test_a_run_killed_at_any_moment_is_finished_by_the_next_and_mails_nothing_twice(small_demo, server, tmp_path):
    draw, in_progress, in_doubt = random.Random(9), 0, 0
    began = time.monotonic()
    (tmp_path / "whole").mkdir()
    out, _ = start(tmp_path / "whole", small_demo).communicate()
    duration = time.monotonic() - began
    assert_complete(tmp_path / "whole", out)
    assert_mailed_once(server, doubtful=0)

    for number in range(FOLDERS):
        folder = tmp_path / str(number)
        folder.mkdir()
        server.taken.clear()
        for _ in range(KILLS // FOLDERS):
            in_progress += killed_at(draw.uniform(0, duration), start(folder, small_demo))
        last = start(folder, small_demo)
        out, _ = last.communicate(timeout=300)
        doubtful = out.count("perhaps mailed")
        assert last.returncode == (1 if doubtful else 0), out
        assert_complete(folder, out)
        assert_mailed_once(server, doubtful)
        in_doubt += doubtful
    assert in_progress >= max(1, KILLS // 3)  # else nothing was shown
    assert in_doubt <= 2  # the moment in which nobody can know is short


def assert_complete(folder, said):
    """Every report whole with its index, and nothing half written."""
    week = folder / "out" / WEEK
    names = {file.name for file in week.iterdir()}
    assert {f"{report}.{kind}" for report in REPORTS for kind in ("html", "ipynb", "json", "pdf")} <= names, said
    assert not [name for name in names if name.endswith(".tmp")]
    for report in REPORTS:
        assert "failure" not in json.loads((week / f"{report}.json").read_text())
        assert (week / f"{report}.html").read_text().rstrip().endswith("</html>")
        assert (week / f"{report}.pdf").read_bytes().rstrip().endswith(b"%%EOF")
        assert f"{report}.html" in (week / "index.html").read_text()
    assert WEEK in (folder / "out" / "index.html").read_text()
    assert {run["report"] for run in read_lines(folder / "out" / "runs.jsonl")} == REPORTS


def assert_mailed_once(server, doubtful):
    """Each of the mails once to each recipient; one that was in doubt once or not at all."""
    mailed = Counter(
        (message["Message-ID"], recipient)
        for (recipients, _), message in zip(server.taken, server.messages(), strict=True)
        for recipient in recipients
    )
    assert set(mailed.values()) <= {1}
    assert MAILS - doubtful <= len(mailed) <= MAILS
