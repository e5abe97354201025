"""Forked kernels: what a report finds and leaves behind is what it is with a kernel of its own; nothing outlives it."""

import gc
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import psutil
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_notebook

from reportlib.publishing.batch.in_kernel import forking
from reportlib.publishing.batch.order import Making
from reportlib.publishing.batch.run_notebook import execute
from reportlib.publishing.kernel import fork_client
from tests import few

PROJECT = Path(__file__).parents[3]
TIMES = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.+]*|[\d.]+ s\b|Made.{0,120}?\d{4}, \d\d:\d\d"
# A cold kernel watches its parent, whose process id it is told, in a thread; a forked one ends with its parent anyway.
STATE = """
import gc, locale, logging, os, random, resource, signal, sys, tempfile, threading, time, warnings
import altair, numpy, pandas, psutil, reportlib.presentation.review.charts, statsmodels.api
[pandas.options.display.max_rows, numpy.geterr(), altair.theme.active, altair.renderers.active, sorted(globals()),
 os.getcwd(), sorted(set(os.environ) - {'JPY_PARENT_PID'}), sys.argv[0], sys.argv[3:], sys.path, __name__, os.umask(18),
 os.getpgid(0) == os.getsid(0) == os.getpid(), tempfile.gettempdir() == os.environ['TMPDIR'], time.tzname,
 [signal.getsignal(number) for number in signal.valid_signals()], signal.pthread_sigmask(signal.SIG_BLOCK, []),
 [resource.getrlimit(getattr(resource, name)) for name in dir(resource) if name.startswith('RLIMIT')],
 sorted(map(str, warnings.filters)), logging.root.handlers, logging.root.level, gc.isenabled(), gc.get_threshold(),
 sorted({thread.name for thread in threading.enumerate()} - {'Thread-1'}), locale.setlocale(locale.LC_ALL),
 sys.getrecursionlimit(), sum(not socket.laddr for socket in psutil.Process().net_connections('unix'))]
"""
CHANGES = """
import os, random, altair, numpy, pandas, signal
pandas.options.display.max_rows = 7
random.seed(1); numpy.random.seed(1); numpy.seterr(all='raise')
os.chdir('/'); os.umask(0)
os.environ['LEFT_BEHIND'] = '1'
altair.theme.enable('dark')
"""
RANDOM = """
import numpy, random, tempfile, uuid
[random.random(), numpy.random.rand(), numpy.random.default_rng().random(), uuid.uuid4(), uuid.uuid1(),
 next(tempfile._get_candidate_names())]
"""
STARTS_ANOTHER = """
import subprocess, time
print(subprocess.Popen(['sleep', '600']).pid, flush=True)
time.sleep(600)
"""
REACHED_BY = """
import os, pathlib, psutil, stat
folder = pathlib.Path(os.environ['TMPDIR'])
sockets = psutil.Process().net_connections('unix')
[psutil.Process().net_connections('inet'), oct(stat.S_IMODE(folder.stat().st_mode) & 0o777),
 [socket.laddr for socket in sockets if socket.laddr and folder not in pathlib.Path(socket.laddr).parents],
 (folder / 'said').read_text()]
"""
PRINTS_IN_ANOTHER = """
import multiprocessing
process = multiprocessing.get_context('fork').Process(target=print, args=('from a forked process',))
process.start(); process.join()
"""


@pytest.fixture(scope="module")
def template():
    with forking(pytest.fail) as template:
        yield template


@pytest.fixture
def notebook(tmp_path):
    """A function that writes a notebook of these cells."""

    def write(*cells):
        made = new_notebook(cells=[*map(new_code_cell, cells)])
        made.cells[0].metadata["tags"] = ["parameters"]
        made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python", "language": "python"}
        path = tmp_path / "notebook.ipynb"
        nbformat.write(made, path)
        return path

    return write


@pytest.fixture
def shown(notebook):
    """A function that runs cells and gives what the last one showed."""

    def run(*cells, **options):
        made = execute(notebook(*cells), {}, **options)
        assert made.failure is None
        outputs = made.notebook.cells[-1].outputs
        return "".join(one["data"]["text/plain"] if "data" in one else one["text"] for one in outputs).strip()

    return run


def gone(*pids, within_s=10):
    """Whether all these processes end."""
    until = time.monotonic() + within_s
    while any(map(runs, pids)) and time.monotonic() < until:
        time.sleep(0.05)
    return not any(map(runs, pids))


def runs(pid):
    """Whether this process has not ended; nobody may yet have asked how."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.slow
def test_a_report_is_the_same_cold_and_forked(template, demo_url, monkeypatch):
    monkeypatch.setenv("CAMPAIGN_DATABASE_URL", demo_url)
    parameters = yaml.safe_load((PROJECT / "parameters" / "post_campaign_review" / "demo.yaml").read_text())
    made = [
        execute(PROJECT / "notebooks" / "post_campaign_review.ipynb", parameters, template=which)
        for which in (None, template)
    ]
    cold, forked = (re.sub(TIMES, "", json.dumps(_outputs(one.notebook))) for one in made)
    assert len(cold) > 50_000
    assert cold == forked


def _outputs(notebook):
    return [[cell.source, cell.get("outputs"), cell.get("execution_count")] for cell in notebook.cells]


def test_a_report_finds_what_it_finds_cold(template, shown):
    assert shown(STATE, template=template) == shown(STATE)


def test_what_one_report_changes_the_next_does_not_see(template, shown, notebook):
    before = shown(STATE, template=template)
    assert execute(notebook(CHANGES), {}, template=template).failure is None
    failure = execute(notebook(CHANGES, "os.kill(os.getpid(), signal.SIGSEGV)"), {}, template=template).failure
    assert failure.name == "KernelDied"
    assert failure.message.startswith("the Python that ran the notebook has ended")
    assert shown(STATE, template=template) == before


def test_reports_at_once_share_the_machine(template, shown, tmp_path, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    monkeypatch.setattr("os.sysconf", {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 4_000_000}.get)  # 16 GB
    monkeypatch.setattr("reportlib.machine.LIMITS_OF_CONTAINERS", [tmp_path / "max"])
    (tmp_path / "max").write_text("max")
    shares = [tuple(Making(jobs=jobs).sharing.values()) for jobs in (1, 3, 8, 20)]
    assert shares == [("8", "4096MB"), ("2", "1365MB"), ("1", "600MB"), ("1", "600MB")]
    (tmp_path / "max").write_text(str(4 * 10**9))
    assert Making().sharing["REPORTLIB_MEMORY"] == "1000MB"
    assert Making(scheduler="tcp://x").sharing == {}
    asked = "import os\nprint(os.environ.get('REPORTLIB_THREADS'))"
    assert shown(asked, template=template, sharing={"REPORTLIB_THREADS": "2"}) == "2"
    assert shown(asked, template=template) == "None"
    monkeypatch.setenv("REPORTLIB_THREADS", "5")
    assert shown(asked, template=template, sharing={"REPORTLIB_THREADS": "2"}) == "5"


def test_each_report_has_random_numbers_of_its_own(template, shown):
    one, other = (shown(RANDOM, template=template).split(", ") for _ in range(2))
    assert len({*one, *other}) == len(one) + len(other)


def test_the_template_has_one_thread_and_nothing_open(template, shown):
    names = ["vl_convert", "debugpy", "ipywidgets", "duckdb", "altair"]
    imported = f"import sys\n[name for name in {names} if sys.modules.get(name)]"
    assert shown(imported, template=template) == str(names[3:])
    process = psutil.Process(template.pid)
    assert process.num_threads() == 1
    assert process.children() == []
    opened = [str(file.readlink()) for file in Path(f"/proc/{template.pid}/fd").iterdir()]
    assert sorted(re.sub(r"\W.*", "", name.removeprefix("/")) for name in opened) == ["dev", "socket", "tmp", "tmp"]


@pytest.mark.slow
def test_what_some_notebooks_import_is_imported_once_several_were_asked_for(shown):
    imported = "import sys\nsorted({'scipy.stats', 'statsmodels.stats.proportion'} & set(sys.modules))"
    with forking(pytest.fail) as template:
        assert [shown(imported, template=template) for _ in range(2)] == ["[]", "[]"]
        give_up = time.monotonic() + 30
        while shown(imported, template=template) != "['scipy.stats', 'statsmodels.stats.proportion']":
            assert time.monotonic() < give_up
        assert psutil.Process(template.pid).num_threads() == 1


def test_nobody_else_can_join_a_kernel(template, shown):
    for which in (template, None):
        assert shown(REACHED_BY, template=which) == "[[], '0o700', [], '']"
        assert shown(PRINTS_IN_ANOTHER, template=which) == "from a forked process"


@pytest.mark.slow
def test_several_at_once_and_nothing_is_left(template, notebook):
    path = notebook("campaign = 0", "campaign")
    execute(path, {"campaign": -1}, template=template)
    process = psutil.Process(template.pid)
    gc.collect()
    before = process.num_fds(), psutil.Process().num_fds()
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda at: execute(path, {"campaign": at}, template=template), range(12)))
    assert [run.notebook.cells[-1].outputs[0]["data"]["text/plain"] for run in made] == list(map(str, range(12)))
    gc.collect()
    assert (process.num_fds(), psutil.Process().num_fds()) == before
    assert process.children() == []


def test_the_time_limit_ends_all_that_a_report_started(template, notebook):
    began = time.monotonic()
    run = execute(notebook("1", STARTS_ANOTHER), {}, limit_s=2, template=template)
    assert time.monotonic() - began < 300  # of the 600 that it would take
    assert (run.failure.name, run.failure.place) == ("TimeLimit", "cell 2")
    assert gone(int(run.notebook.cells[-1].outputs[0]["text"]))


def test_what_a_report_leaves_running_is_ended(template, shown):
    leaves = "import subprocess\nprint(subprocess.Popen(['sleep', '600'], stdin=-1).pid)"
    assert gone(int(shown(leaves, template=template)))


def test_how_a_kernel_ended(template, tmp_path):
    with (tmp_path / "said").open("wb") as said:
        kernel = template.fork(["--version"], dict(os.environ), str(tmp_path), said)
        assert kernel.wait(30) == 0
        assert kernel.wait() == kernel.poll() == 0
        killed = template.fork(["-f", str(tmp_path / "kernel.json")], dict(os.environ), str(tmp_path), said)
        assert killed.poll() is None
        os.kill(killed.pid, signal.SIGSEGV)
        assert killed.wait(30) == -signal.SIGSEGV
    assert gone(kernel.pid, killed.pid)


@pytest.mark.parametrize("killed", few(["the run", "the template"]))
def test_nothing_survives_a_kill(killed, notebook, tmp_path):
    run = """
import sys
from pathlib import Path
from reportlib.publishing.batch.run_notebook import execute
from reportlib.publishing.batch.in_kernel import forking
from reportlib.publishing.batch.order import Making
with forking(print) as template:
    print(template.pid, flush=True)
    print(execute(Path(sys.argv[1]), {}, template=template).failure.name, flush=True)
"""
    started = tmp_path / "started"
    cell = f"import os, subprocess, time\nother = subprocess.Popen(['sleep', '600']).pid\n\
open({str(started)!r}, 'w').write(f'{{os.getpid()}} {{other}}'); time.sleep(600)"
    command = [sys.executable, "-c", run, notebook(cell)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        template = int(process.stdout.readline())
        until = time.monotonic() + 30
        while not (started.exists() and started.read_text()) and time.monotonic() < until:
            time.sleep(0.05)
        kernel, other = map(int, started.read_text().split())
        if killed == "the run":
            process.kill()
        else:
            os.kill(template, signal.SIGKILL)
            assert process.stdout.readline() == "KernelDied\n"
    assert gone(template, kernel, other)


def test_code_changed_on_disk_is_seen_by_the_next_batch(shown, tmp_path, monkeypatch):
    shutil.copytree(PROJECT / "reportlib", tmp_path / "reportlib")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    source = tmp_path / "reportlib" / "version.py"
    seen = []
    for version in ("9.0", "10.0"):
        source.write_text(re.sub(r"__version__ = .*", f"__version__ = {version!r}", source.read_text()))
        with forking(pytest.fail) as template:
            seen.append(shown("import reportlib\nprint(reportlib.__version__)", template=template))
    assert seen == ["9.0", "10.0"]


@pytest.mark.slow
@pytest.mark.parametrize("broken", ["it is gone", "it does not start"])
def test_where_forking_fails_kernels_are_ordinary(broken, shown, monkeypatch):
    told = []
    if broken == "it does not start":
        monkeypatch.setattr(fork_client, "TEMPLATE", "reportlib.no_such_module")
    with forking(told.append) as template:
        if broken == "it is gone":
            os.kill(template.pid, signal.SIGKILL)
        for _ in range(2):
            assert shown("6 * 7", template=template) == "42"
    reason = "No module named reportlib.no_such_module" if broken == "it does not start" else "SIGKILL"
    (line,) = told
    assert reason in line
    assert "reports start their own" in line


def test_where_forking_is_impossible_or_unwanted(monkeypatch):
    told = []
    with forking(told.append, cold=True) as template:
        assert template is None
    assert told == []
    monkeypatch.setattr(sys, "platform", "darwin")
    with forking(told.append) as template:
        assert template is None
    assert "only Linux can" in told[0]
