"""Reports in an object store: a server of moto's on this machine stands for S3."""

import logging
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import nbformat
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto.server import ThreadedMotoServer
from s3fs.errors import translate_boto_error

from reportlib.errors import FolderInUse, OutputError
from reportlib.publishing.batch.order import Making
from reportlib.publishing.store import lease
from reportlib.publishing.store.files import append_lines, read_lines, write_whole
from reportlib.publishing.store.lock import alone_in
from reportlib.publishing.store.object_store import path_at
from reportlib.publishing.weekly.edition import Edition
from reportlib.publishing.weekly.run import RUNS, Posting, run_weekly
from tests.in_process import reportlib
from tests.publishing.batch.test_run import GOOD
from tests.publishing.conftest import EARLIER, WEEK, WEEKLY
from tests.publishing.made_files import files_of

SUFFIXES = ("html", "ipynb", "json")
KILLED = """
import os, signal, sys
from reportlib.publishing.store.lock import alone_in
from reportlib.publishing.store.object_store import path_at
with alone_in(path_at(sys.argv[1])):
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def store():
    """The environment in which s3:// is a server on this machine."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    environment = {
        "AWS_ENDPOINT_URL": "http://{}:{}".format(*server.get_host_and_port()),
        "AWS_ACCESS_KEY_ID": "anyone",
        "AWS_SECRET_ACCESS_KEY": "anything",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        path_at("s3://reports").mkdir()
        yield environment
    server.stop()


@pytest.fixture
def folder(store, _numbers=count()):  # noqa: B008  one counter for all
    """A folder of this test's own in the store, where nothing is yet."""
    return path_at(f"s3://reports/{next(_numbers)}")


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.slow
def test_an_edition_in_the_store_is_what_it_is_in_a_folder(run_edition, quick_notebook, folder, tmp_path):
    quick_notebook(GOOD)
    assert run_edition(tmp_path / "out")[0]
    well, said = run_edition(folder)
    assert well
    assert len(said.results) == 3
    here, there = files_of(tmp_path / "out"), files_of(folder)
    assert there.keys() == here.keys()
    for name, content in here.items():
        assert there[name] == content, name
    assert f'href="{WEEK}/index.html"' in there["index.html"]

    well, again = run_edition(folder)
    assert well
    assert again.results == []
    assert sum("  unchanged since 20" in line for line in again.lines) == 3

    quick_notebook(GOOD, "1 / 0")
    assert not run_edition(folder)[0]
    page = f"{WEEK}/post_campaign_review-c1"
    assert "division by zero" in (folder / f"{page}.html").read_text()
    assert (folder / f"{page}.last-good.html").read_text() == (tmp_path / "out" / f"{page}.html").read_text()
    assert [ran["result"] for ran in read_lines(folder / RUNS)] == ["made"] * 3 + ["failed"] * 3

    quick_notebook(GOOD, "1 + 1")
    assert run_edition(folder)[0]
    assert not (folder / f"{page}.last-good.html").exists()
    assert not [name for name in names(folder) if ".lock" in name]


@pytest.mark.slow
def test_the_command_writes_there(store, demo_url, folder):
    edition = ("weekly", "--week", "2026-W45", "--output", folder)
    planned = reportlib(*edition, "--plan", database=demo_url)
    assert planned.returncode == 0, planned.stderr
    parameters = "parameters/post_campaign_review/demo.yaml"
    done = reportlib("run", parameters, "--campaign", "vip-dinner", "--output", folder, database=demo_url)
    assert (done.returncode, done.stdout) == (0, f"{folder}/index.html\n"), done.stderr
    assert names(folder) == ["index.html", *(f"post_campaign_review-vip-dinner.{kind}" for kind in SUFFIXES)]


def test_an_earlier_review_in_the_store_reaches_its_notebook(run_edition, quick_notebook, folder):
    quick_notebook("print(earlier, open(earlier).read())", name="weekly_review", parameters=WEEKLY)
    before = write_whole(folder / "2026-W44" / "weekly_review-acme-2026-w44.json", EARLIER)
    assert run_edition(folder, "{weekly_review: {}}")[0]
    made = nbformat.reads((folder / WEEK / "weekly_review-acme-2026-w45.ipynb").read_text(), as_version=4)
    assert made.cells[-1].outputs[0].text == f"{before} {EARLIER}\n"


def test_one_run_at_a_time(folder):
    with alone_in(folder):
        another = rf"another run \(process {os.getpid()} on .*\) is making reports in s3:"
        with pytest.raises(FolderInUse, match=another), alone_in(folder):
            pass
        assert len(names(folder)) == 1
    with alone_in(folder):
        pass
    assert names(folder) == []


@pytest.mark.slow
def test_of_many_at_once_never_two_have_it(folder):
    having, most = [], []

    def claim(number):
        try:
            with alone_in(folder):
                having.append(number)
                most.append(len(having))
                time.sleep(0.2)
                having.remove(number)
        except FolderInUse:
            most.append(0)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(claim, range(16)))
    assert max(most) == 1
    assert names(folder) == []


def test_a_killed_run_has_the_folder_only_for_a_while(store, folder, monkeypatch):
    killed = subprocess.run([sys.executable, "-c", KILLED, str(folder)], env={**os.environ, **store})
    assert killed.returncode == -signal.SIGKILL
    until = r"Should it have been killed, the folder is free again at \d\d:\d\d UTC"
    with pytest.raises(FolderInUse, match=until), alone_in(folder):
        pass
    later = time.time() + lease.LEASE_S + lease.CLOCKS_DIFFER_S + 1
    monkeypatch.setattr(lease.time, "time", lambda: later)
    with alone_in(folder):
        assert len(names(folder)) == 1
    assert names(folder) == []


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="http://store"),
        translate_boto_error(ClientError({"Error": {"Code": "AccessDenied"}}, "ListObjectsV2")),
    ],
)
def test_a_store_that_fails_while_it_is_looked_at_is_said_in_a_line(folder, monkeypatch, error):
    def fails(*_):
        raise error

    with monkeypatch.context() as patched, pytest.raises(OutputError, match="cannot be reached") as told:
        patched.setattr(lease, "_others", fails)
        with alone_in(folder):
            pass
    assert "\n" not in str(told.value)
    assert names(folder) == []


def test_a_run_out_of_reach_for_long_ends(folder, monkeypatch):
    monkeypatch.setattr(lease, "RENEWED_EVERY_S", 0.2)
    monkeypatch.setattr(lease, "LEASE_S", 1)
    with pytest.raises(FolderInUse, match="was not reached for 1 s"), alone_in(folder):
        monkeypatch.setattr(lease, "put", unreachable)
        time.sleep(20)
    monkeypatch.undo()
    with alone_in(folder):
        pass


def unreachable(path, content):
    raise OutputError("no route")


def test_a_lease_is_renewed(folder, monkeypatch):
    monkeypatch.setattr(lease, "RENEWED_EVERY_S", 0.2)
    monkeypatch.setattr(lease, "LEASE_S", 1)
    with alone_in(folder):
        time.sleep(2)


def test_no_mail_goes_out_from_a_store(folder, tmp_path):
    declared = Edition.model_validate({"mail": {"mailings": [{"to": ["a@example.com"], "about": "weekly_review"}]}})
    with pytest.raises(OutputError, match="nothing is sent from an object store"):
        run_weekly(declared, tmp_path / "weekly.yaml", WEEK, folder, Making(), posting=Posting(mail=True))


def test_a_put_that_fails_leaves_the_old_object(folder, monkeypatch):
    path = write_whole(folder / "report.html", "old")
    monkeypatch.setattr(type(path.fs), "_call_s3", refused)
    with pytest.raises(OutputError, match=r"report\.html cannot be written: SlowDown"):
        write_whole(path, "new")
    monkeypatch.undo()
    assert path.read_text() == "old"
    append_lines(folder / RUNS, [{"a": "ü"}])
    append_lines(folder / RUNS, [{"b": 1}])
    assert read_lines(folder / RUNS) == [{"a": "ü"}, {"b": 1}]


async def refused(*_, **__):
    raise OSError("SlowDown")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("sftp://host/reports", "reports can be written to a folder or to one of s3"),
        ("s3://no-such-bucket/reports", "The specified bucket does not exist"),
    ],
)
def test_an_address_that_cannot_be_written_to_is_said_in_a_line(store, demo_url, address, said):
    parameters = "parameters/post_campaign_review/demo.yaml"
    done = reportlib("run", parameters, "--output", address, database=demo_url)
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
