"""Editions whose notebooks are quick, wherever they are made."""

from datetime import timedelta

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from sqlalchemy import create_engine

from reportlib.publishing.batch.order import Making
from reportlib.publishing.weekly.edition import read_edition
from reportlib.publishing.weekly.run import run_weekly
from tests.publishing.weekly.test_run import Said
from tests.small_database import START, campaign, fill, small_database

WEEK = "2026-W45"
EARLIER = '{"notebook": "weekly_review", "subject": "acme", "account_id": "acme"}'  # the least that a record says
WEEKLY = """account: Account = ''
week: Week = ''
weeks: int = 1
earlier: EarlierRecord = ''"""  # the parameters of a weekly review


def report_notebook(*cells, parameters="campaign: Campaign = ''"):
    """A notebook of these cells, with what its parameters are declared with."""
    kinds = new_code_cell("from reportlib.reports.kinds import *")
    declared = new_code_cell(parameters, metadata={"tags": ["parameters"]})
    made = new_notebook(cells=[new_markdown_cell("# Review"), kinds, declared, *map(new_code_cell, cells)])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python", "language": "python"}
    return made


@pytest.fixture(autouse=True)
def _warm(warm):
    """Runs in this process start nothing that is there already."""


@pytest.fixture(scope="module")
def edition_database(tmp_path_factory):
    """The address of a database of three campaigns that finished in week 45."""
    address = f"duckdb:///{tmp_path_factory.mktemp('database') / 'campaigns.duckdb'}"
    finished = {"completed_at": START + timedelta(hours=2)}
    held = small_database(*[campaign(f"c{n}", audience=4, **finished).sent(3).delivered(2) for n in range(1, 4)])
    engine = create_engine(address)
    fill(engine, held)
    engine.dispose()
    return address


@pytest.fixture
def run_edition(edition_database, tmp_path, monkeypatch):
    """A function that runs an edition into a folder."""
    monkeypatch.setenv("CAMPAIGN_DATABASE_URL", edition_database)
    file = tmp_path / "weekly.yaml"

    def run(output, declared="{post_campaign_review: {}}", posting=None, xlsx=False, **how):
        file.write_text(f"reports: {declared}")
        said, making = Said(), Making(jobs=2, **how)
        return run_weekly(read_edition(file), file, WEEK, output, making, False, posting, said, xlsx), said

    return run


@pytest.fixture
def quick_notebook(tmp_path):
    """A function that writes a quick notebook in the place of a real one."""
    for folder in ("notebooks", "parameters"):
        (tmp_path / folder).mkdir()

    def write(*cells, name="post_campaign_review", parameters="campaign: Campaign = ''"):
        made = report_notebook(*cells, parameters=parameters)
        nbformat.write(made, tmp_path / "notebooks" / f"{name}.ipynb")

    return write
