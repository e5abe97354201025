"""A notebook's present choices, kept as a file of parameters that its report can be made from."""

import pytest

from reportlib.errors import InvalidParameters
from reportlib.reports.beginning import make_suite
from reportlib.reports.views import NOTEBOOK, save_view
from reportlib.yaml_files import read_yaml


@pytest.fixture
def suite(tmp_path, monkeypatch):
    make_suite(tmp_path)
    monkeypatch.setenv("REPORTLIB_SUITE", str(tmp_path))
    monkeypatch.setenv(NOTEBOOK, "notebooks/post_campaign_review.ipynb")
    return tmp_path


def test_a_view_is_a_file_of_parameters(suite):
    values = {"campaign": "=spring: \u202esale", "timezone": None, "breakdowns": ["country"], "top_groups": 5}
    command = save_view("oi", values)
    assert command == "reportlib run parameters/post_campaign_review/oi.yaml"
    assert read_yaml(suite / "parameters" / "post_campaign_review" / "oi.yaml") == (values, [])


@pytest.mark.parametrize(("name", "why"), [("demo", "there is a view 'demo' already"), ("  ", "needs a name")])
def test_no_view_takes_the_place_of_another(suite, name, why):
    before = (suite / "parameters" / "post_campaign_review" / "demo.yaml").read_text()
    with pytest.raises(InvalidParameters, match=why):
        save_view(name, {"top_groups": 5})
    assert (suite / "parameters" / "post_campaign_review" / "demo.yaml").read_text() == before


def test_a_name_leads_nowhere_else(suite):
    save_view("../../weekly", {"top_groups": 5})
    assert not (suite / "weekly.yaml").exists()
    assert len([*(suite / "parameters" / "post_campaign_review").iterdir()]) == 2


def test_where_no_notebook_is_known_it_says_so(suite, monkeypatch):
    monkeypatch.delenv(NOTEBOOK)
    with pytest.raises(InvalidParameters, match="does not tell which notebook"):
        save_view("oi", {})
