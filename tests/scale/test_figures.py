"""The ways that the benchmark compares find the same figures, or what it compares says nothing."""

import pytest

from tests import few
from tests.scale import by_hand, ours
from tests.scale.data import CAMPAIGN, as_parquet, build, into_postgresql
from tests.scale.measure import fingerprint

MESSAGES, LARGEST = 6_000, 4_000


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("scale") / "scale.duckdb"
    build(path, MESSAGES, LARGEST)
    return path


@pytest.fixture(params=few(["duckdb", "parquet", "postgresql"]))
def address(request, file, tmp_path):
    """The same data at each place in turn."""
    if request.param == "duckdb":
        return f"duckdb:///{file}"
    if request.param == "parquet":
        as_parquet(file, tmp_path / "folder")
        return f"parquet:///{tmp_path / 'folder'}"
    address = request.getfixturevalue("postgresql_url")
    into_postgresql(file, address)
    return address


def test_reports_and_sql_by_hand_find_the_same_figures(address):
    check_figures(address)


def check_figures(address, campaigns=(CAMPAIGN, None)):
    """Also for Spark (tests/conformance/test_spark.py), whose cluster is there."""
    for campaign in campaigns:
        assert told(by_hand.review(address, campaign)) == told(ours.review(address, campaign))
    assert told(by_hand.send_times(address)) == told(ours.send_times(address))


def told(figures) -> dict[str, str]:
    """Fingerprints of figures, all of which there must be some of."""
    assert all(figures.values())
    return {name: fingerprint(rows) for name, rows in figures.items()}
