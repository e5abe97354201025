"""The notebooks: thin, clean, declaring their parameters, and running by every road."""

import ast
import os
import re
import subprocess
import sys
from concurrent.futures import Future
from pathlib import Path

import click
import nbformat
import pytest
from papermill.cli import papermill
from papermill.inspection import display_notebook_help
from sqlalchemy import create_engine

from reportlib.publishing.batch.run_notebook import execute
from reportlib.publishing.page.payload import first_heading
from reportlib.reports.catalogue import WAY_IN
from reportlib.reports.declaration import read_declaration
from tests import PROJECT, few
from tests.small_database import campaign, fill, small_database

START = PROJECT / "notebooks" / WAY_IN
NOTEBOOKS = sorted(path for path in (PROJECT / "notebooks").glob("*.ipynb") if path != START)
BIN = Path(sys.executable).parent


def code_cells(path):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_output_is_committed(path):
    assert all(not cell.outputs and cell.execution_count is None for cell in code_cells(path))


@pytest.mark.parametrize("path", [START, *NOTEBOOKS], ids=lambda path: path.stem)
def test_cells_that_show_nothing_are_folded(path):
    for cell in code_cells(path):
        shows = isinstance(ast.parse(cell.source).body[-1], ast.Expr) and not cell.source.startswith("pick(")
        parameters = "parameters" in cell.metadata.get("tags", [])
        assert cell.metadata.get("jupyter", {}).get("source_hidden", False) == (not shows and not parameters)


def test_the_way_in_leads_to_every_notebook(demo_url, monkeypatch):
    monkeypatch.setenv("CAMPAIGN_DATABASE_URL", demo_url)
    text = START.read_text(encoding="utf-8")
    assert {path.stem for path in NOTEBOOKS} == {*re.findall(r"\[(\w+)\]\(\1\.ipynb\)", text)}
    run = execute(START, {}, 300, Future())
    assert run.failure is None, run.failure
    cells = [cell for cell in run.notebook.cells if cell.cell_type == "code"]
    assert [bool(cell.outputs) for cell in cells] == [False, True, True, True]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_are_one_to_four_lines_and_define_nothing(path):
    for cell in code_cells(path):
        if "parameters" in cell.metadata.get("tags", []):
            continue
        assert 1 <= len([line for line in cell.source.splitlines() if line.strip()]) <= 4, cell.source
        assert not re.search(r"^\s*(def|class|for|while) ", cell.source, re.MULTILINE)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_declares_its_parameters_with_a_kind_and_a_comment(path):
    for parameter in read_declaration(path).parameters.values():
        assert parameter.written
        assert parameter.says


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_papermills_help_knows_every_parameter(path, capsys):
    declaration = read_declaration(path)
    assert display_notebook_help(click.Context(papermill), str(path), {}) == 0
    told = capsys.readouterr().out
    for name, parameter in declaration.parameters.items():
        assert f"{name}: {parameter.written.replace(' ', '')}" in told.replace(", ", ",")
        assert parameter.says.split("  ")[0][:40] in re.sub(r"\s+", " ", told)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_its_title_agrees_with_its_file_name(path):
    heading = first_heading(nbformat.read(path, as_version=4))
    assert re.sub("[^a-z]", "", heading.lower()).startswith(path.stem.replace("_", ""))


def test_each_notebook_has_parameters_and_the_other_way_round():
    folders = {folder.name for folder in (PROJECT / "parameters").iterdir() if folder.is_dir()}
    assert {path.stem for path in NOTEBOOKS} == folders


@pytest.mark.parametrize("name", few(["live_monitor", "post_campaign_review"]))
def test_plain_papermill_runs_it(name, demo_url, tmp_path):
    """One that is published and one that is not; tests/made_reports and tests/live run them all in JupyterLab."""
    path, parameters = PROJECT / "notebooks" / f"{name}.ipynb", PROJECT / "parameters" / name / "demo.yaml"
    command = [BIN / "papermill", path, tmp_path / "out.ipynb", "-f", parameters, "-k", "python3", "--no-progress-bar"]
    environment = {**os.environ, "CAMPAIGN_DATABASE_URL": demo_url}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    outputs = [output for cell in code_cells(tmp_path / "out.ipynb") for output in cell.outputs]
    assert any("application/vnd.vegalite.v5+json" in output.get("data", {}) for output in outputs)


def test_exploring_asks_of_any_campaign_of_any_database(tmp_path, monkeypatch):
    url = f"duckdb:///{tmp_path / 'campaigns.duckdb'}"
    engine = create_engine(url)
    fill(engine, small_database(campaign("only", audience=4).sent(3).delivered(2, clicked=1)))
    engine.dispose()
    monkeypatch.setenv("CAMPAIGN_DATABASE_URL", url)
    asked = PROJECT / "notebooks" / "exploring.ipynb"
    assert execute(asked, {"campaign": "only"}).failure is None
    told = execute(asked, {}).failure
    assert (told.name, told.details) == ("UnknownCampaign", "")
    assert told.sentence == "there is no campaign 'spring-sale'; `reportlib campaigns` lists them"


@pytest.mark.slow
def test_nbval_runs_one_as_in_jupyterlab(demo_url):
    """The quickest; each of them runs in JupyterLab itself (tests/made_reports, tests/live)."""
    notebook = PROJECT / "notebooks" / "exploring.ipynb"
    plugins = ["-p", "nbval.plugin", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *plugins, "--nbval-lax", "-q", notebook]
    environment = {**os.environ, "CAMPAIGN_DATABASE_URL": demo_url}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, cwd=PROJECT)
    assert done.returncode == 0, done.stdout
