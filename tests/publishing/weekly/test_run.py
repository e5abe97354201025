"""A run of an edition with real kernels and notebooks that are quick: what is made, skipped, retried, kept out."""

import json
import os
import time
from datetime import timedelta

import pytest

from reportlib.errors import DatabaseUnavailable, FolderInUse
from reportlib.publishing.batch import retries
from reportlib.publishing.batch.order import Making
from reportlib.publishing.store.files import append_lines, read_lines
from reportlib.publishing.store.lock import alone_in
from reportlib.publishing.weekly.edition import read_edition
from reportlib.publishing.weekly.posting import Posting
from reportlib.publishing.weekly.run import RUNS, plan_edition, run_weekly
from tests.publishing.batch.test_run import GOOD
from tests.publishing.chat.conftest import chat_server  # noqa: F401
from tests.small_database import MINUTE, START, campaign, fill, small_database

WEEK = "2026-W45"
ODD = "if campaign == 'c2':\n    raise ValueError('no luck')"


@pytest.fixture
def notebook(quick_notebook):
    """A function that writes the notebook which stands for the review."""
    return quick_notebook


@pytest.fixture
def database(duckdb_url, monkeypatch):
    """A function that adds to a database of three campaigns that finished in week 45, and writes it anew."""
    from sqlalchemy import create_engine

    monkeypatch.setenv("CAMPAIGN_DATABASE_URL", duckdb_url)
    finished = {"completed_at": START + timedelta(hours=2)}
    arms = [campaign(f"c{n}", audience=4, **finished).sent(3).delivered(2, opened=1) for n in range(1, 4)]
    held = small_database(*arms)

    def write():
        engine = create_engine(duckdb_url)
        fill(engine, held)
        engine.dispose()
        return held

    write()
    return write


class Said:
    """Keeps what a run tells."""

    def __init__(self):
        self.lines, self.results = [], []

    def begins(self, total):
        self.lines.append(f"{total} to be made")

    def ends(self, result):
        self.results.append(result)

    def says(self, text):
        self.lines.append(text)

    @property
    def made(self):
        return sorted(result.report.parameters["campaign"] for result in self.results)


@pytest.fixture
def weekly(tmp_path, database):
    """A function that runs the edition; whether all was well, and what was told."""
    file = tmp_path / "weekly.yaml"
    file.write_text("reports: {post_campaign_review: {}}")

    def run(force=False, week=WEEK, **how):
        said = Said()
        well = run_weekly(read_edition(file), file, week, tmp_path / "out", Making(jobs=2, **how), force, watch=said)
        return well, said

    return run


def test_only_what_changed_is_made_again(notebook, database, weekly, tmp_path):
    notebook(GOOD)
    well, first = weekly()
    assert well
    assert first.made == ["c1", "c2", "c3"]
    well, again = weekly()
    assert well
    assert again.made == []
    assert all("  unchanged since 20" in line for line in again.lines[:-1])

    held = database()
    held.event(held.messages[1], "opened", after=MINUTE)  # the last moment of the data stays the same
    database()
    assert weekly()[1].made == ["c1"]

    (tmp_path / "out" / WEEK / "post_campaign_review-c2.json").unlink()
    (tmp_path / "out" / WEEK / "post_campaign_review-c3.html").unlink()
    well, mended = weekly()
    assert mended.made == ["c2", "c3"]

    notebook(GOOD, "1 + 1")
    well, changed = weekly()
    assert changed.made == ["c1", "c2", "c3"]
    assert "post_campaign_review-c1.html  to be made: changed: notebook" in changed.lines
    assert weekly(force=True)[1].made == ["c1", "c2", "c3"]


def test_one_that_fails_stops_no_other_and_is_tried_again(notebook, weekly, tmp_path):
    notebook(GOOD, ODD)
    well, said = weekly()
    assert not well
    assert said.made == ["c1", "c2", "c3"]
    out = tmp_path / "out"
    assert "no luck" in (out / WEEK / "post_campaign_review-c2.html").read_text()
    assert "ValueError: no luck" in (out / WEEK / "index.html").read_text()
    well, again = weekly()
    assert not well
    assert again.made == ["c2"]
    assert "post_campaign_review-c2.html  to be made: it failed before" in again.lines
    results = [(run["report"], run["result"], run["failure"]) for run in read_lines(out / RUNS)]
    assert results.count(("post_campaign_review-c2", "failed", "ValueError: no luck")) == 2
    assert results.count(("post_campaign_review-c1", "made", None)) == 1
    assert {"at", "week", "parameters", "reason", "seconds", "code_version"} < set(read_lines(out / RUNS)[0])


def test_a_second_run_in_the_same_folder_leaves_it_alone(notebook, weekly, tmp_path):
    notebook(GOOD)
    with alone_in(tmp_path / "out"), pytest.raises(FolderInUse, match=f"another run \\(process {os.getpid()}\\)"):
        weekly()
    assert [file.name for file in (tmp_path / "out").iterdir()] == [".lock"]
    assert weekly()[0]


def test_what_a_killed_run_left_half_written_is_gone(notebook, weekly, tmp_path):
    notebook(GOOD)
    folder = tmp_path / "out" / WEEK
    folder.mkdir(parents=True)
    half = [folder / ".post_campaign_review-c1.html.0a1b2c3d.tmp", folder.parent / ".index.html.0a1b2c3d.tmp"]
    for file in half:
        file.write_text("<html")
    (folder.parent / RUNS).write_text('{"week": "2026-W44"}\n{"week": "20')
    assert weekly()[0]
    assert not any(file.exists() for file in half)
    assert [run["week"] for run in read_lines(folder.parent / RUNS)] == ["2026-W44", WEEK, WEEK, WEEK]


def test_a_database_that_does_not_answer_is_asked_again_and_only_that(notebook, weekly, tmp_path, monkeypatch):
    monkeypatch.setattr(retries, "BACK_OFF_S", (0.1, 0.1, 0.1))
    counted = "from pathlib import Path\ntries = Path({!r})\n"
    counted += "with tries.open('a') as told:  # two reports at once\n    told.write(campaign + ' ')"
    tries = tmp_path / "tries"
    tries.write_text("")
    passing = "if tries.read_text().count(campaign) < 3:\n    from reportlib.errors import DatabaseUnavailable\n"
    passing += "    raise DatabaseUnavailable('not now')"
    notebook(counted.format(str(tries)), passing, GOOD)
    assert weekly()[0]
    assert tries.read_text().split().count("c1") == 3

    tries.write_text("")
    notebook(counted.format(str(tries)), "from reportlib.errors import WarehouseError\nraise WarehouseError('no such')")
    assert not weekly()[0]
    assert tries.read_text().split().count("c1") == 1


def test_without_a_database_there_is_no_edition_after_a_few_tries(weekly, monkeypatch):
    monkeypatch.setattr(retries, "BACK_OFF_S", (0.1, 0.1))
    monkeypatch.setenv("CAMPAIGN_DATABASE_URL", "postgresql+psycopg://reader:hunter2@127.0.0.1:1/campaigns")
    began = time.monotonic()
    with pytest.raises(DatabaseUnavailable, match="does not answer"):
        weekly()
    assert time.monotonic() - began > 0.2


@pytest.mark.slow
def test_the_time_limit_of_the_edition_ends_a_report(notebook, weekly, tmp_path):
    notebook("import time\nif campaign == 'c1':\n    time.sleep(60)", GOOD)
    well, said = weekly(limit_s=8)
    assert not well
    assert [bool(result.failure) for result in sorted(said.results, key=lambda result: result.page)] == [
        True,
        False,
        False,
    ]
    assert "TimeLimit" in (tmp_path / "out" / WEEK / "post_campaign_review-c1.html").read_text()


def test_a_week_without_campaigns_has_an_index(notebook, weekly, tmp_path):
    notebook(GOOD)
    assert weekly(week="2026-W30")[0]
    assert "No report has been made yet" in (tmp_path / "out" / "2026-W30" / "index.html").read_text()


def test_a_plan_runs_nothing(notebook, weekly, tmp_path):
    notebook(GOOD)
    file = tmp_path / "weekly.yaml"
    plan = plan_edition(read_edition(file), file, WEEK, tmp_path / "out")
    assert [(step.page.stem, step.reason) for step in plan.due] == [
        (f"post_campaign_review-c{n}", "it is new") for n in range(1, 4)
    ]
    assert not (tmp_path / "out").exists()


def test_records_survive_a_last_line_that_was_cut_short(tmp_path):
    path = tmp_path / "some" / "runs.jsonl"
    append_lines(path, [{"a": "ü\n"}])
    with path.open("ab") as file:
        file.write(b'{"torn": "\xc3')
    append_lines(path, [{"b": 1}])
    assert read_lines(path) == [{"a": "ü\n"}, {"b": 1}]
    assert json.loads(path.read_bytes().split(b"\n")[0]) == {"a": "ü\n"}


def test_a_picture_is_added_to_what_is_there_and_chats_hear_of_it_once(notebook, weekly, tmp_path, chat_server):  # noqa: F811
    notebook(GOOD)
    weekly()
    file, out = tmp_path / "weekly.yaml", tmp_path / "out"
    chat = "{to: webhook, url: '${OWN_WEBHOOK}', about: post_campaign_review}"
    file.write_text(f"reports: {{post_campaign_review: {{}}}}\nnotify: {{chats: [{chat}]}}")
    for _ in range(2):
        said = Said()
        how = Making(jobs=2, png=True)
        assert run_weekly(read_edition(file), file, WEEK, out, how, posting=Posting(notify=True), watch=said)
        assert said.made == []
    assert len([*(out / WEEK).glob("*.png")]) == 3
    assert sorted(bool(one["picture"]) for one in chat_server.messages) == [True] * 3
