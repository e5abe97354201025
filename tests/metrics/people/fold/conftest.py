"""A DuckDB file with a fold of few messages."""

import pytest
from sqlalchemy import create_engine

from reportlib.metrics.people.folding import keeping
from reportlib.metrics.people.folding.keeping import keep_fold
from tests.metrics.people.fold.steps import address, is_fitting
from tests.small_database import campaign, fill, small_database


@pytest.fixture(autouse=True)
def kept_of_few(monkeypatch):
    """A fold of few messages, too."""
    monkeypatch.setattr(keeping, "LEAST", 0)


@pytest.fixture
def kept(tmp_path):
    """A file with a fold of some messages, in several campaigns."""
    path = tmp_path / "kept.duckdb"
    engine = create_engine(address(path))
    fill(
        engine, small_database(*(campaign(name, audience=9).sent(8).delivered(7, opened=4, clicked=2) for name in "ab"))
    )
    engine.dispose()
    keep_fold(address(path))
    assert is_fitting(path)
    return path
