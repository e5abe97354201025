"""A server that has the contract's tables: copied, the same figures as where they came from."""

import pandas as pd
import pytest

from reportlib.metrics import summary
from reportlib.warehouse import open_warehouse
from reportlib.warehouse.demo import make_demo
from tests.warehouse.connect.agreement import connected


@pytest.fixture
def served(request, database_url):
    """The address of a demo, on each engine in turn."""
    make_demo(database_url, 4_000)
    return database_url


def test_a_copy_says_what_its_source_says(served, tmp_path):
    (tmp_path / "to").mkdir()
    there = open_warehouse(served)
    expected = summary(there).drop(columns="data_as_of")
    there.engine.dispose()
    for _ in range(2):
        warehouse, said = connected("contract", served, tmp_path / "to", timezone="")
        pd.testing.assert_frame_equal(summary(warehouse).drop(columns="data_as_of"), expected)
        warehouse.engine.dispose()
    assert said.came["messages"] < said.there["messages"]
