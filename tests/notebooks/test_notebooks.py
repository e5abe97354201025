"""The notebooks: thin, clean, agreeing with their parameter models, and running by every road."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from reportlib.reports.models import MODELS
from reportlib.warehouse.connection import PROJECT

NOTEBOOKS = sorted((PROJECT / "notebooks").glob("*.ipynb"))
BIN = Path(sys.executable).parent


def code_cells(path):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def parameters_cell(path):
    tagged = [cell for cell in code_cells(path) if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    return tagged[0].source


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_output_is_committed(path):
    assert all(not cell.outputs and cell.execution_count is None for cell in code_cells(path))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_are_one_to_four_lines_and_define_nothing(path):
    for cell in code_cells(path):
        if "parameters" in cell.metadata.get("tags", []):
            continue
        assert 1 <= len([line for line in cell.source.splitlines() if line.strip()]) <= 4, cell.source
        assert not re.search(r"^\s*(def|class|for|while) ", cell.source, re.MULTILINE)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_parameters_cell_agrees_with_its_model(path):
    source = parameters_cell(path)
    written = {node.targets[0].id: ast.literal_eval(node.value) for node in ast.parse(source).body}
    model = MODELS[path.stem]
    assert list(written) == list(model.model_fields)
    assert written == model().model_dump()
    assert all("#" in line for line in source.splitlines()), "each parameter has a comment"


def test_each_notebook_has_a_model_and_parameters_and_the_other_way_round():
    folders = {folder.name for folder in (PROJECT / "parameters").iterdir() if folder.is_dir()}
    assert {path.stem for path in NOTEBOOKS} == set(MODELS) == folders


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_plain_papermill_runs_it(path, demo_url, tmp_path):
    parameters = PROJECT / "parameters" / path.stem / "demo.yaml"
    command = [BIN / "papermill", path, tmp_path / "out.ipynb", "-f", parameters, "-k", "python3", "--no-progress-bar"]
    environment = {**os.environ, "CAMPAIGN_DATABASE_URL": demo_url}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    outputs = [output for cell in code_cells(tmp_path / "out.ipynb") for output in cell.outputs]
    assert any("application/vnd.vegalite.v5+json" in output.get("data", {}) for output in outputs)


def test_run_all_as_in_jupyterlab(demo_url):
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "-q", "-p", "no:cacheprovider", PROJECT / "notebooks"]
    environment = {**os.environ, "CAMPAIGN_DATABASE_URL": demo_url}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, cwd=PROJECT)
    assert done.returncode == 0, done.stdout
