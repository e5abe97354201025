"""A run of reports with real kernels: what goes well, what fails, what is interrupted."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from threading import Event, Thread

import nbformat
import psutil
import pytest
from jupyter_client.kernelspec import KernelSpec
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from reportlib.errors import OutputError
from reportlib.presentation.look.display import REPORT_MIME
from reportlib.publishing.batch import local, retries, run
from reportlib.publishing.batch.order import Made, Making
from reportlib.publishing.batch.run import Watch, named, run_reports
from reportlib.publishing.batch.run_notebook import execute
from reportlib.publishing.kernel.fork_client import Template
from reportlib.publishing.kernel.kernel import Kernel
from reportlib.publishing.page import letters
from reportlib.publishing.page.index import write_index
from reportlib.reports.parameters import Report
from tests import PROJECT
from tests.conftest import reportlib

SHOWS = "from reportlib.presentation.look.display import REPORT_MIME, Display\n"
FIGURES = {"channel": "all", "audience": 10, "delivered": 9, "failed": 1, "clicked": 2}
ABOUT = {"title": "<b>n</b>", "campaign_name": "<b>n</b>", "account": "A", "status": "completed", "channels": ["SMS"]}
ABOUT |= {"started_at": "2026-01-01T00:00:00Z", "data_as_of": "2026-01-02T00:00:00Z", "figures": [FIGURES]}
GOOD = f"{SHOWS}Display('<p>fine</p>', 'fine', {{REPORT_MIME: {ABOUT!r}}})"
ODD = "if campaign == 'bad':\n    raise ValueError('no <b>luck</b>')"


@pytest.fixture
def asked(tmp_path):
    """A function that makes a notebook of these cells and asks for it for each campaign."""

    def make(*cells, campaigns=("a",), name="post_campaign_review"):
        parameters = new_code_cell("campaign = ''", metadata={"tags": ["parameters"]})
        notebook = new_notebook(cells=[new_markdown_cell("# Review"), parameters, *map(new_code_cell, cells)])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python", "language": "python"}
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(notebook, path)
        return [Report(path, {"campaign": campaign}, Path(f"{campaign}.yaml"), campaign) for campaign in campaigns]

    return make


def test_one_that_fails_does_not_stop_the_others(asked, tmp_path):
    out = tmp_path / "out"
    results = run_reports(asked(GOOD, ODD, campaigns=("a", "bad", "c")), out)
    assert [bool(result.failure) for result in results] == [False, True, False]
    page = (out / "post_campaign_review-bad.html").read_text()
    assert "ValueError" in page
    assert "no &lt;b&gt;luck&lt;/b&gt;" in page
    assert "<script" not in page
    assert "No earlier report" in page
    index = (out / "index.html").read_text()
    assert index.index("Not made") < index.index("post_campaign_review-a.html")
    assert "&lt;b&gt;n&lt;/b&gt;" in index
    assert [file.name for file in out.glob(".*")] == [".lock"]


def test_beside_each_page_its_notebook_and_its_figures(asked, tmp_path):
    run_reports(asked(GOOD), tmp_path / "out")
    about = json.loads((tmp_path / "out" / "post_campaign_review-a.json").read_text())
    assert about["figures"] == [FIGURES]
    assert about["parameters"] == {"campaign": "a"}
    assert about["notebook"] == "post_campaign_review"
    assert about["duration_s"] > 0
    assert nbformat.read(tmp_path / "out" / "post_campaign_review-a.ipynb", as_version=4).cells[-1].outputs


def test_the_last_good_report_is_kept_until_the_next_one(asked, tmp_path):
    out = tmp_path / "out"
    run_reports(asked(GOOD), out)
    good = (out / "post_campaign_review-a.html").read_text()
    for _ in range(2):  # a second failure must not push the good one out
        run_reports(asked("raise RuntimeError('x')"), out)
        assert (out / "post_campaign_review-a.last-good.html").read_text() == good
        assert "post_campaign_review-a.last-good.html" in (out / "post_campaign_review-a.html").read_text()
    run_reports(asked(GOOD), out)
    assert not (out / "post_campaign_review-a.last-good.html").exists()


def test_a_page_that_cannot_be_drawn_is_a_failure_of_its_own(asked, tmp_path):
    broken = "from IPython.display import display\ndisplay({'application/vnd.vegalite.v5+json': {'mark': 7}}, raw=True)"
    results = run_reports([*asked(broken, name="x"), *asked(GOOD)], tmp_path / "out")
    assert [bool(result.failure) for result in results] == [True, False]
    assert (tmp_path / "out" / "x-a.html").exists()


HANGS = """
from IPython.display import display
test = {"calculate": "test(/^(x+)+$/, '" + 40 * "x" + "y')", "as": "a"}
chart = {"data": {"values": [{}]}, "transform": [test], "mark": "bar", "encoding": {"x": {"field": "a"}}}
display({"application/vnd.vegalite.v5+json": chart}, raw=True)
"""


@pytest.mark.cold
def test_ctrl_c_does_not_wait_for_a_page(asked, tmp_path, monkeypatch):
    drawing = Event()

    def published(*arguments):
        drawing.set()
        return make(*arguments)

    def interrupt():
        drawing.wait(60)
        time.sleep(1)
        os.kill(os.getpid(), signal.SIGINT)

    make, others = local.published, psutil.Process().children(recursive=True)
    monkeypatch.setattr(local, "published", published)
    Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        run_reports(asked(HANGS), tmp_path / "out")
    assert not {*psutil.Process().children(recursive=True)} - {*others}


def test_the_time_limit_ends_the_kernel_and_names_the_cell(asked):
    report = asked("1", "import time; time.sleep(600)")[0]
    failure = execute(report.notebook, report.parameters, limit_s=6).failure
    assert failure.name == "TimeLimit"
    assert failure.place.startswith("cell ")


def test_a_long_path_to_temporary_files_is_no_hindrance(asked, tmp_path, monkeypatch):
    deep = tmp_path / ("x" * 80)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    report = asked("1 + 1")[0]
    assert execute(report.notebook, report.parameters).failure is None


def test_the_notebook_is_what_its_text_says(asked):
    report = asked(GOOD)[0]
    run = execute(report.notebook, report.parameters)
    assert nbformat.reads(run.text, as_version=4) == run.notebook
    assert not {"input_path", "output_path"} & run.notebook.metadata.papermill.keys()


def test_a_kernel_that_dies_is_told(asked):
    report = asked("import os; os._exit(1)")[0]
    failure = execute(report.notebook, report.parameters).failure
    assert failure.name == "KernelDied"


def test_a_kernel_that_does_not_come_up_is_tried_again(asked, tmp_path, monkeypatch):
    monkeypatch.setattr(retries, "BACK_OFF_S", (0.1,))
    killed = []

    def fork_and_kill_the_first(template, *arguments):
        process = fork(template, *arguments)
        if not killed:
            os.kill(process.pid, signal.SIGKILL)
            killed.append(process.pid)
        return process

    fork = Template.fork
    monkeypatch.setattr(Template, "fork", fork_and_kill_the_first)
    (result,) = run_reports(asked("1 + 1"), tmp_path / "out")
    assert killed
    assert result.failure is None


def test_a_python_that_cannot_be_started_fails_its_report_and_no_other(asked, tmp_path, monkeypatch):
    monkeypatch.setattr(retries, "BACK_OFF_S", ())
    monkeypatch.setattr(Kernel, "kernel_spec", KernelSpec(argv=[str(tmp_path / "no python")], language="python"))
    results = run_reports(asked("1 + 1", campaigns=("a", "b")), tmp_path / "out", Making(cold=True))
    assert [result.failure.name for result in results] == ["KernelNotReady", "KernelNotReady"]
    assert "did not come up: it could not be started: [Errno 2]" in results[0].page.read_text()


@pytest.mark.slow
def test_python_without_docstrings_makes_reports(demo_url, tmp_path):
    asked = ("run", PROJECT / "parameters" / "post_campaign_review" / "demo.yaml", "--output", tmp_path / "out")
    done = reportlib(*asked, database=demo_url, PYTHONOPTIMIZE="2")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "post_campaign_review-spring-sale.html").exists()


def test_letters_that_no_font_has_are_told_of_a_pdf(asked, tmp_path, monkeypatch):
    made = Made({".html": "春".encode(), ".pdf": b"%PDF", ".json": b"{}"}, 1.0)
    monkeypatch.setattr(run, "_made", lambda orders, *_: ((page, made) for page in orders))
    monkeypatch.setattr(letters, "_has_font", lambda letter: False)
    pages, told = {tmp_path / f"{name}.html": asked("1")[0] for name in ("a", "b")}, []
    watch = Watch()
    watch.says = told.append
    assert len(list(run.make_reports(pages, Making(pdf=True), watch))) == 2
    assert len(list(run.make_reports(pages, Making(), watch))) == 2
    (line,) = told
    assert line.startswith("a.pdf: no font here has Chinese like 春")


def test_two_files_for_one_campaign_have_two_pages(asked, tmp_path):
    one, other = asked(GOOD, campaigns=("a", "a"))
    other = Report(other.notebook, other.parameters, Path("other.yaml"), other.subject)
    run_reports([one, other], tmp_path / "out")
    assert {page.name for page in (tmp_path / "out").glob("post_campaign_review-*.html")} == {
        "post_campaign_review-a-a.html",
        "post_campaign_review-a-other.html",
    }


def test_files_of_one_name_in_two_folders_have_two_pages(asked, tmp_path):
    (report,) = asked(GOOD)
    sources = [Path("one/x.yaml"), Path("other/x.yaml"), Path("other/x.yml")]
    reports = [Report(report.notebook, report.parameters, source, "a") for source in sources]
    results = run_reports(reports, tmp_path / "out")
    names = [result.page.stem.removeprefix("post_campaign_review-a-") for result in results]
    assert names[0] == "x-one"
    assert all(re.fullmatch("x-other-[0-9a-f]{8}", name) for name in names[1:])
    assert all(result.page.exists() for result in results)
    assert [report.source for report in named(reports[::-1]).values()] == sources[::-1]
    assert set(named(reports[::-1])) == set(named(reports))  # whatever their order


def test_a_campaign_named_like_a_failure_is_none(asked, tmp_path):
    names_itself = "from IPython.display import HTML\nHTML('<p>This report could not be made</p>')"
    run_reports(asked(names_itself), tmp_path)
    (failed,) = run_reports(asked("1 / 0"), tmp_path)
    assert failed.failure
    assert (tmp_path / "post_campaign_review-a.last-good.html").exists()


def test_an_output_that_is_a_file_is_a_clear_error(asked, tmp_path):
    (tmp_path / "out").write_text("x")
    with pytest.raises(OutputError, match="cannot be written to"):
        run_reports(asked(GOOD), tmp_path / "out")


def test_a_report_that_says_nothing_of_itself_is_listed_by_its_heading_and_subject(asked, tmp_path):
    run_reports(asked("1 + 1", campaigns=("<i>a</i>",)), tmp_path)
    index = (tmp_path / "index.html").read_text()
    assert "&lt;i&gt;a&lt;/i&gt;" in index
    assert "<caption><h2>Review.</h2></caption>" in index
    assert "could not be read" not in index


def test_what_a_notebook_says_of_itself_has_to_be_a_record(asked, tmp_path):
    says = f"""from IPython.display import display
display({{"{REPORT_MIME}": {{"title": "A", "findings": "none"}}}}, raw=True)"""
    (result,) = run_reports(asked(says), tmp_path)
    assert result.failure.message.startswith("what the notebook says of itself is no record: findings")
    assert "findings" in (tmp_path / "post_campaign_review-a.html").read_text()
    assert "a</a>" not in (tmp_path / "index.html").read_text().split("Not made")[0]


@pytest.mark.parametrize(
    "foreign", ["[]", "{", '{"figures": "abc"}', '{"failure": "x"}', '{"figures": [], "started_at": 7}']
)
def test_a_foreign_json_is_counted_and_stops_nothing(tmp_path, foreign):
    (tmp_path / "other.json").write_text(foreign)
    assert "1 file here could not be read as a report" in write_index(tmp_path).read_text()


@pytest.mark.slow
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_in_the_middle_loses_nothing(stop, demo_url, tmp_path):
    parameters = Path(__file__).parents[3] / "parameters" / "post_campaign_review" / "demo.yaml"
    command = [Path(sys.executable).with_name("reportlib"), "run", parameters, "--output", tmp_path / "out"]
    campaigns = ["vip-dinner", "spring-sale", "survey", "st-martin", "storytelling", "app-launch"]
    command += ["--jobs", "1", *[option for campaign in campaigns for option in ("--campaign", campaign)]]
    environment = {**os.environ, "CAMPAIGN_DATABASE_URL": demo_url, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as run:
        first = run.stderr.readline()
        kernels = wait_for_kernel(run.pid)
        run.send_signal(stop)
        _, rest = run.communicate(timeout=60)
    assert "1/6  post_campaign_review-vip-dinner.html" in first
    assert run.returncode == 130
    assert "Traceback" not in first + rest
    made = re.findall(r"(post_campaign_review-\S+)\.html .* made", first + rest)
    assert 1 <= len(made) < len(campaigns)
    names = {file.name for file in (tmp_path / "out").iterdir()}
    assert names == {".lock", "index.html", *(f"{name}.{kind}" for name in made for kind in ("html", "ipynb", "json"))}
    assert not any(psutil.pid_exists(kernel.pid) and kernel.is_running() for kernel in kernels)
    assert not list(tmp_path.glob("reportlib-*"))


def wait_for_kernel(pid):
    for _ in range(600):
        if kernels := psutil.Process(pid).children(recursive=True):
            time.sleep(0.1)
            return kernels
        time.sleep(0.05)
    raise AssertionError("no kernel was started")


def test_no_password_reaches_anything_published(tmp_path, demo_url):
    parameters = Path(__file__).parents[3] / "parameters" / "post_campaign_review" / "demo.yaml"
    address = "postgresql+psycopg://analyst:hunter2%40x@127.0.0.1:1/campaigns"
    done = reportlib("run", parameters, "--output", tmp_path / "out", database=address)
    assert done.returncode == 1
    assert "127.0.0.1" in done.stderr
    assert "hunter2" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_no_password_reaches_a_notebook_or_its_page(asked, tmp_path, monkeypatch):
    monkeypatch.setattr(retries, "BACK_OFF_S", (0.1,))
    monkeypatch.setenv("CAMPAIGN_DATABASE_URL", "postgresql+psycopg://analyst:hunter2%40x@127.0.0.1:1/campaigns")
    shows_it = "import os; print(os.environ['CAMPAIGN_DATABASE_URL'])"
    opens_it = "from reportlib import open_warehouse\nopen_warehouse()"
    run_reports(asked(shows_it, opens_it), tmp_path / "out")
    assert (tmp_path / "out" / "post_campaign_review-a.html").exists()
    for file in (tmp_path / "out").iterdir():
        assert "hunter2" not in file.read_text(), file.name
