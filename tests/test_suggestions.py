"""A name that is mistyped: the error says which was meant."""

import importlib
from operator import attrgetter

import pytest

import reportlib

SAID = [
    ("metrics", "deliver", "delivery"),
    ("charts", "delivery_timelin", "delivery_timeline"),
    ("tables", "engagemnt", "engagement"),
    ("heatmaps", "activity_heat_map", "activity_heatmap"),
    ("weekly", "headlines", "headline"),
    ("comparison", "chart", "charts"),
    ("comparison.charts", "differencs", "differences"),
    ("what_works.tables", "sentencs", "sentences"),
]


@pytest.mark.parametrize(("room", "typed", "meant"), SAID)
def test_a_name_that_is_near_is_named(room, typed, meant):
    with pytest.raises(AttributeError, match=f"has no attribute '{typed}', did you mean '{meant}'"):
        getattr(attrgetter(room)(reportlib), typed)


def test_so_does_the_package_itself():
    with pytest.raises(AttributeError, match="did you mean 'metrics'"):
        reportlib.metric  # noqa: B018
    assert "delivery" in dir(reportlib.metrics)


def test_what_is_no_name_at_all_is_said_without():
    with pytest.raises(AttributeError, match=r"has no attribute 'zzzz'$"):
        reportlib.metrics.zzzz  # noqa: B018
    assert importlib.import_module("reportlib.metrics.people") is reportlib.metrics.people
