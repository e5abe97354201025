"""A report of one's own, as a new user makes it: from a clone, and from an installed wheel in an empty folder."""

import json
import os
import re
import subprocess
import sys
from contextlib import chdir

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from tests import PROJECT, few
from tests.in_process import reportlib
from tests.notebooks.own_report import copy_changed

DOCS = PROJECT / "docs" / "your_own_report.md"
WEEK = "2026-W46"


class Suite:
    """A folder, and the command as it runs there: the package at `package`, no database named.

    What is installed runs in a process of its own."""

    def __init__(self, folder, package):
        self.folder, self.package = folder, package

    def __call__(self, *arguments, within=".", fails=False):
        if self.package == PROJECT:
            with chdir(self.folder / within):
                return self._said(reportlib(*arguments, database=None), fails)
        home = str(self.folder.parent)
        named = {"PYTHONPATH": str(self.package), "PATH": os.environ["PATH"], "HOME": home, "TMPDIR": home}
        command = [sys.executable, "-P", "-c", "from reportlib.__main__ import main; main()", *map(str, arguments)]
        run = subprocess.run(command, cwd=self.folder / within, env=named, capture_output=True, text=True, timeout=600)
        return self._said(run, fails)

    def _said(self, run, fails):
        assert (run.returncode != 0) == fails, run.stderr
        assert "Traceback" not in run.stderr
        return run.stderr if fails else run.stdout

    def record(self, path):
        return json.loads((self.folder / "output" / path).read_text())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, unpacked where nothing else of the project is."""
    place = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    built = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", place, PROJECT]
    subprocess.run([*pip, *built], check=True, timeout=300)
    (file,) = place.glob("*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--no-index", "--target", place / "site", file], check=True)
    return place / "site"


PACKAGES = few(["clone", "wheel"])
CLONE, WHEEL = (pytest.mark.parametrize("suite", [package], indirect=True) for package in PACKAGES)


@pytest.fixture(scope="module", params=PACKAGES)
def suite(request, tmp_path_factory):
    """A suite with a small demo, made in an empty folder."""
    package = PROJECT if request.param == "clone" else request.getfixturevalue("wheel")
    made = Suite(tmp_path_factory.mktemp("home") / "suite", package)
    made.folder.mkdir()
    if request.param == "wheel":
        assert "`reportlib init FOLDER` makes one" in made("demo", fails=True)
    assert "is a suite" in made("init")
    made("demo", "--messages", 8_000)
    (made.folder / "deep" / "within").mkdir(parents=True)
    assert (made.folder / "output" / "demo.duckdb").exists()
    return made


@pytest.fixture(scope="module")
def copied(suite):
    """exploring.ipynb under another name, three cells and its parameters changed."""
    copy_changed(suite.folder / "notebooks", "my_report")
    asked = suite.folder / "parameters" / "my_report" / "x.yaml"
    asked.parent.mkdir()
    asked.write_text("campaign: vip-dinner\ntop_codes: 2\n")
    return suite


def test_it_runs_from_any_folder_within_with_page_pdf_record_and_row(copied):
    copied("run", "../../parameters/my_report/x.yaml", "--pdf", within="deep/within")
    assert copied.record("my_report-vip-dinner.json")["parameters"] == {
        "campaign": "vip-dinner",
        "top_codes": 2,
        "order": "failed",
    }
    assert (copied.folder / "output" / "my_report-vip-dinner.pdf").read_bytes().startswith(b"%PDF")
    page = (copied.folder / "output" / "my_report-vip-dinner.html").read_text()
    assert "Mine: vip-dinner" in page
    assert "float64" not in page
    index = (copied.folder / "output" / "index.html").read_text()
    assert "<bdi>Mine: vip-dinner</bdi>" in index
    assert "all is well" in index


@CLONE
def test_its_notebook_runs_with_its_defaults_and_what_is_set(copied):
    copied("run", "notebooks/my_report.ipynb", "--set", "top_codes=3", "--campaign", "sms-flash")
    assert copied.record("my_report-sms-flash.json")["parameters"] == {
        "campaign": "sms-flash",
        "top_codes": 3,
        "order": "failed",
    }


@CLONE
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--set", "top_codse=3"), "--set top_codse: there is no such parameter, did you mean 'top_codes'?"),
        (("--set", "top_codes=99"), "--set top_codes: should be less than or equal to 50, not 99"),
        (("--set", "top_codes"), "--set top_codes sets nothing: write --set name=value"),
        (("--campaign", "vip-diner"), "--campaign: there is no campaign 'vip-diner', did you mean 'vip-dinner'?"),
    ],
)
def test_mistakes_are_said_before_anything_runs(copied, arguments, said):
    assert said in copied("run", "notebooks/my_report.ipynb", *arguments, fails=True)


@pytest.mark.slow
def test_it_is_scheduled_for_each_campaign_skipped_when_unchanged_and_mailed(copied):
    edition = copied.folder / "parameters" / "mine.yaml"
    mailing = "{mailings: [{about: my_report, to: [ana@example.com], charts: 1, attach: []}]}"
    reports = "{my_report: {for_each: campaign, top_codes: 4}}"
    edition.write_text(f"accounts: [acai]\nreports: {reports}\nmail: {mailing}")
    copied("weekly", edition, "--week", WEEK, "--mail", "--dry-run")
    week = copied.folder / "output" / WEEK
    made = sorted(file.stem for file in week.glob("my_report-*.json"))
    assert made
    assert sorted(file.stem for file in (week / "mail").glob("*.eml")) == made
    assert copied.record(f"{WEEK}/{made[0]}.json")["parameters"]["top_codes"] == 4
    assert "Subject: My report" in (week / "mail" / f"{made[0]}.eml").read_text()
    plan = copied("weekly", edition, "--week", WEEK, "--plan", within="deep")
    assert plan.count("unchanged since") == len(made)


def test_it_is_listed_with_its_parameters(copied):
    listed = copied("reports", within="deep")
    assert "my_report: Exploring: eleven questions; in an edition for each: campaign" in listed
    assert re.search(r"top_codes +Between\[1, 50\] +5 +failures shown", listed)


def test_a_new_one_runs_at_once(copied):
    like = ("--like", "my_report") if copied.package == PROJECT else ()
    name = f"begun_{len(like)}"
    copied("new", name, *like)
    copied("run", f"parameters/{name}/demo.yaml")
    assert copied.record(f"{name}-spring-sale.json")["kind"] == name.replace("_", " ").capitalize()
    assert "there is a report" in copied("new", name.upper(), fails=True)
    assert "call it my_report" in copied("new", "my-report", fails=True)


@WHEEL
def test_the_code_of_the_docs_is_a_report(suite):
    blocks = re.findall(r"^```python\n(.*?)^```", DOCS.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    book = nbformat.read(suite.folder / "notebooks" / "exploring.ipynb", as_version=4)
    book.cells = [new_markdown_cell("# Coupons"), *map(new_code_cell, blocks)]
    (declared,) = [cell for cell in book.cells if cell.source.startswith("campaign: ")]
    declared.metadata["tags"] = ["parameters"]
    nbformat.write(book, suite.folder / "notebooks" / "coupons.ipynb")
    suite("run", "notebooks/coupons.ipynb")
    record = suite.record("coupons-spring-sale.json")
    assert "failure" not in record
    assert [card["label"] for card in record["cards"]] == ["Audience", "Failed"]
    assert "What failed" in (suite.folder / "output" / "coupons-spring-sale.html").read_text()


def test_what_there_is_stays_as_it_is(suite):
    changed = suite.folder / "parameters" / "weekly.yaml"
    changed.write_text("accounts: [acai]\n")
    assert "0 files made" in suite("init", ".")
    assert changed.read_text() == "accounts: [acai]\n"
