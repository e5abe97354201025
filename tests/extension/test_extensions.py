"""A package that somebody installs beside this one: its provider, its platform and its kind are as ours are."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from reportlib.extensions import GROUPS, added
from tests import PROJECT
from tests.conftest import reportlib
from tests.warehouse.callbacks.imported import database_with, rows

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder that the package is installed in, to be named in PYTHONPATH."""
    wheels, site = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", wheels]
    subprocess.run(command, cwd=HERE, check=True, capture_output=True)
    (wheel,) = wheels.glob("*.whl")
    subprocess.run([sys.executable, "-m", "zipfile", "-e", wheel, site], check=True)
    return os.pathsep.join(map(str, (site, PROJECT)))


def test_its_provider_is_imported_under_its_alias_and_the_broken_are_named(installed, duckdb_url, tmp_path):
    url = database_with(duckdb_url, {"provider": "acme", "channel": "sms"})
    feed = tmp_path / "feed.jsonl"
    feed.write_text('{"id": "w1", "state": "delivered", "at": 1790000000}\n{"id": "w1", "state": "lost"}\n')
    done = reportlib("import", "acme-sms", feed, database=url, PYTHONPATH=installed)
    assert "is left out" in done.stderr and done.returncode == 0, done.stderr
    assert rows(url, "messages", "status") == [("delivered",)]
    assert rows(url, "rejected_events", "provider", "reason") == [("acme", "the state lost is not known")]
    for name, problem in (("broken", "no_such_module"), ("empty", "it has no READS"), ("mailgun", "its name is taken")):
        assert any(f"'{name}' of the package acme-reports" in line and problem in line for line in said(done)), name


def test_its_platform_is_listed_and_connected(installed, tmp_path):
    source, copy = tmp_path / "crm.duckdb", f"duckdb:///{tmp_path / 'campaigns.duckdb'}"
    with duckdb.connect(str(source)) as database:
        database.execute(
            "CREATE TABLE letters (id BIGINT, person TEXT, campaign TEXT, sent_at TIMESTAMP, delivered BOOL)"
        )
        database.execute(
            "INSERT INTO letters SELECT i, 'p' || i, 'spring', '2026-11-02 10:00', i > 2 FROM range(9) t(i)"
        )
    listed = reportlib("connect", database="", PYTHONPATH=installed)
    assert "acme-crm" in listed.stdout
    asked = ("connect", "acme-crm", "--from", f"duckdb:///{source}", "--to", copy, "--timezone", "UTC")
    done = reportlib(*asked, database="", PYTHONPATH=installed)
    assert done.returncode == 0, done.stderr
    assert sorted(rows(copy, "messages", "status")) == [("delivered",)] * 6 + [("failed",)] * 3


def test_its_kind_is_a_parameter_s(installed, demo_url, tmp_path):
    cells = [new_code_cell("from reportlib import Region"), new_code_cell('region: Region = "north"  # where')]
    cells[1].metadata["tags"] = ["parameters"]
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "parameters").mkdir()
    nbformat.write(new_notebook(cells=cells), tmp_path / "notebooks" / "regions.ipynb")
    done = subprocess.run(
        [Path(sys.executable).with_name("reportlib"), "run", "notebooks/regions.ipynb", "--set", "region=nort"],
        env={**os.environ, "CAMPAIGN_DATABASE_URL": demo_url, "PYTHONPATH": installed},
        cwd=tmp_path, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 1
    assert "there is no region 'nort', did you mean 'north'?" in " ".join(done.stderr.split()), done.stderr


def test_every_group_is_in_the_docs_and_no_other_is_read():
    told = (PROJECT / "docs" / "extending.md").read_text(encoding="utf-8")
    assert all(f"`{group}`" in told for group in GROUPS)
    readers = [
        path for path in (PROJECT / "reportlib").rglob("*.py") if "entry_points" in path.read_text(encoding="utf-8")
    ]
    assert readers == [PROJECT / "reportlib" / "extensions.py"]
    with pytest.raises(ValueError, match="no group"):
        added("reportlib.undocumented", (), lambda one: None)


def said(done) -> list[str]:
    return done.stderr.splitlines()
