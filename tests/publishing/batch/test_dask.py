"""An edition on a real Dask cluster of two worker processes: the files it makes here, and what may go wrong there."""

import json
import logging
import socket
import time
from contextlib import suppress
from pathlib import Path

import cloudpickle
import nbformat
import psutil
import pytest
from distributed import LocalCluster
from distributed.cfexecutor import ClientExecutor

from reportlib.code_version import code_fingerprint
from reportlib.errors import ClusterError
from reportlib.publishing.batch import dask as on_cluster
from reportlib.publishing.batch.dask_worker import Publisher, require_same
from reportlib.publishing.kernel.fork_client import KERNEL, TEMPLATE
from reportlib.publishing.weekly.posting import Posting
from tests.conftest import reportlib
from tests.publishing.batch.test_run import GOOD
from tests.publishing.conftest import EARLIER, WEEK, WEEKLY
from tests.publishing.made_files import files_of
from tests.publishing.weekly.test_run import Said

PARAMETERS = Path(__file__).parents[3] / "parameters" / "post_campaign_review" / "demo.yaml"
KILLS_ITS_WORKER = """
import psutil
if campaign == 'c2':
    next(one for one in psutil.Process().parents() if 'multiprocessing' in ' '.join(one.cmdline())).kill()
    import time; time.sleep(60)
"""
# Whichever that is: which of the reports a scheduler has begun first is its own affair.
FIRST_ENDS = """
import pathlib, time
try:
    pathlib.Path({!r}).touch(exist_ok=False)
except FileExistsError:
    time.sleep(3000)
"""


@pytest.fixture(scope="module")
def cluster(edition_database):
    """Two worker processes on this machine, which have the database's address in their own environment."""
    environment = {"CAMPAIGN_DATABASE_URL": edition_database}
    options = {"n_workers": 2, "threads_per_worker": 1, "host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    with LocalCluster(processes=True, env=environment, silence_logs=logging.CRITICAL, **options) as cluster:
        yield cluster


def kernels():
    """The processes that run notebooks at present."""
    running = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            command = process.cmdline()
            is_forked = TEMPLATE in command and TEMPLATE in process.parent().cmdline()
            running += [process] if is_forked or KERNEL in command else []
    return running


def becomes(so, within_s=30):
    """Whether something is so before long."""
    until = time.monotonic() + within_s
    while not so() and time.monotonic() < until:
        time.sleep(0.1)
    return so()


def test_on_the_cluster_and_here_makes_the_same_files(cluster, run_edition, tmp_path):
    outputs = [tmp_path / name for name in ("here", "there")]
    declared = "{weekly_review: {}}"
    chats = "notify: {chats: [{to: webhook, url: '${OWN}', about: weekly_review}]}"  # which has the picture in it
    all_of_it = {"posting": Posting(notify=True, dry_run=True), "xlsx": True, "png": True}
    for output, scheduler in zip(outputs, (None, cluster.scheduler_address), strict=True):
        well, said = run_edition(output, f"{declared}\n{chats}", scheduler=scheduler, **all_of_it)
        assert well
        assert len(said.results) == 1
    here, there = map(files_of, outputs)
    assert len(here) == 5 + 3 + 1  # page, notebook, record, picture and workbook; indexes, what ran, a message
    assert there.keys() == here.keys()
    for name, content in here.items():
        assert there[name] == content, name
    assert run_edition(outputs[1], declared, scheduler=cluster.scheduler_address)[1].results == []


def test_files_that_parameters_name_reach_the_worker(cluster, run_edition, quick_notebook, tmp_path):
    quick_notebook("print(earlier, open(earlier).read())", name="weekly_review", parameters=WEEKLY)
    before = tmp_path / "out" / "2026-W44" / "weekly_review-acme-2026-w44.json"
    before.parent.mkdir(parents=True)
    before.write_text(EARLIER)
    well, _ = run_edition(tmp_path / "out", "{weekly_review: {}}", scheduler=cluster.scheduler_address)
    assert well
    text = (tmp_path / "out" / WEEK / "weekly_review-acme-2026-w45.ipynb").read_text()
    made = nbformat.reads(text, as_version=4)
    assert made.cells[-1].outputs[0].text == f"{before} {EARLIER}\n"
    assert "reportlib-" not in text


@pytest.mark.slow
def test_a_worker_that_dies_costs_its_report_and_no_other(cluster, run_edition, quick_notebook, tmp_path):
    quick_notebook(GOOD, KILLS_ITS_WORKER)
    well, said = run_edition(tmp_path / "out", scheduler=cluster.scheduler_address)
    assert not well
    assert {result.page.name[-7:-5]: bool(result.failure) for result in said.results} == {
        "c1": False,
        "c2": True,
        "c3": False,
    }
    assert "the worker that made it has died" in (tmp_path / "out" / WEEK / "post_campaign_review-c2.html").read_text()
    about = json.loads((tmp_path / "out" / WEEK / "post_campaign_review-c2.json").read_text())
    assert about["failure"]["name"] == "WorkerDied"


@pytest.mark.slow
def test_ctrl_c_ends_what_is_under_way(cluster, run_edition, quick_notebook, tmp_path, monkeypatch):
    quick_notebook(FIRST_ENDS.format(str(tmp_path / "first")), GOOD)

    def interrupt(_, result):
        assert result.failure is None, result.failure
        assert becomes(lambda: len(kernels()) > 0)
        raise KeyboardInterrupt

    monkeypatch.setattr(Said, "ends", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run_edition(tmp_path / "out", scheduler=cluster.scheduler_address)
    assert becomes(lambda: not kernels())
    made = sorted(file.name for file in (tmp_path / "out" / WEEK).iterdir())
    assert [name.partition(".")[2] for name in made] == ["html", "ipynb", "json"]
    assert len({name.partition(".")[0] for name in made}) == 1


@pytest.mark.parametrize("checked", ["before all", "with its first report"])
def test_a_worker_with_other_code_is_refused(cluster, run_edition, quick_notebook, tmp_path, monkeypatch, checked):
    quick_notebook(GOOD)
    monkeypatch.setattr(on_cluster, "code_fingerprint", lambda: "0" * 16)
    if checked == "with its first report":
        monkeypatch.setattr(on_cluster, "_require_same", lambda *_: None)
    with pytest.raises(ClusterError, match=r"the worker on .* has another version of reportlib"):
        run_edition(tmp_path / "out", scheduler=cluster.scheduler_address)
    assert not (tmp_path / "out" / WEEK).exists()


def test_a_worker_that_would_report_on_the_demo_is_refused(monkeypatch):
    monkeypatch.delenv("CAMPAIGN_DATABASE_URL", raising=False)
    with pytest.raises(ClusterError, match="has no CAMPAIGN_DATABASE_URL in its environment"):
        require_same(Publisher(code_fingerprint(), True, False))


def test_the_address_of_the_database_does_not_travel(
    cluster, run_edition, quick_notebook, edition_database, tmp_path, monkeypatch
):
    quick_notebook(GOOD)
    sent = []

    def submit(self, make, *arguments):
        sent.append(cloudpickle.dumps((make, arguments)))
        raise KeyboardInterrupt

    monkeypatch.setattr(ClientExecutor, "submit", submit)
    with pytest.raises(KeyboardInterrupt):
        run_edition(tmp_path / "out", scheduler=cluster.scheduler_address)
    assert b"c1" in sent[0]
    assert edition_database.removeprefix("duckdb:///").encode() not in sent[0]


def test_a_scheduler_that_does_not_answer_is_not_waited_for_long(run_edition, quick_notebook, tmp_path, monkeypatch):
    assert on_cluster.REACHED_S == 10
    monkeypatch.setattr(on_cluster, "REACHED_S", 1)
    quick_notebook(GOOD)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{nobody.getsockname()[1]}"
        with pytest.raises(ClusterError, match=f"the scheduler {address} cannot be reached"):
            run_edition(tmp_path / "out", scheduler=address)


def test_a_scheduler_that_is_not_there_is_said_in_a_line(edition_database, tmp_path):
    asked = ("run", PARAMETERS, "--campaign", "c1", "--output", tmp_path / "out", "--scheduler", "tcp://127.0.0.1")
    done = reportlib(*asked, database=edition_database)
    assert done.returncode == 1
    assert done.stderr == (
        "Error: the scheduler tcp://127.0.0.1 cannot be reached: missing port number in address '127.0.0.1'\n"
    )


def test_how_many_at_once_is_not_for_a_cluster(edition_database, tmp_path):
    done = reportlib("run", PARAMETERS, "--jobs", "2", "--scheduler", "tcp://127.0.0.1:1", database=edition_database)
    assert done.returncode == 2
    assert "--jobs is for this machine" in done.stderr
