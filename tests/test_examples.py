"""The examples in docstrings: each public function has one, on the demo, and what it says comes back."""

import doctest
import inspect

import pandas as pd
import pytest

import reportlib
from reportlib import metrics, open_warehouse
from reportlib.warehouse.explain import ADDRESS_VARIABLE

MADE_BY_METRICS = (
    metrics.Design,
    metrics.Learned,
    metrics.LiveFigures,
    metrics.WeeklyFigures,
    metrics.WhatWorks,
)  # which show how
IN_JUPYTERLAB = ("live_monitor", "map_columns")  # nothing comes back that a text could show
ROOMS = {name: getattr(reportlib, name) for name in ("metrics", "charts", "tables")}
NAMES = {name: getattr(reportlib, name) for name in reportlib.__all__}
PUBLIC = {f"{room}.{name}": getattr(module, name) for room, module in ROOMS.items() for name in module.__all__}
PUBLIC |= {name: one for name, one in NAMES.items() if name not in IN_JUPYTERLAB}
PUBLIC = {name: one for name, one in PUBLIC.items() if callable(one) and one not in MADE_BY_METRICS}
PUBLIC["heatmaps.activity_heatmap"] = reportlib.heatmaps.activity_heatmap


class AsRead(doctest.OutputChecker):
    """A narrow space is a space."""

    def check_output(self, want, got, optionflags):
        return super().check_output(want, got.replace("\u202f", " "), optionflags)


@pytest.fixture(scope="module")
def given(demo_url):
    """What an example finds: the names of reportlib, and the demo's warehouse."""
    with pytest.MonkeyPatch.context() as patch, pd.option_context("display.width", 100, "display.max_columns", 20):
        patch.setenv(ADDRESS_VARIABLE, demo_url)
        yield {**NAMES, "pd": pd, "warehouse": open_warehouse()}


@pytest.mark.parametrize("name", PUBLIC)
def test_the_example_is_so(given, name):
    text = inspect.getdoc(PUBLIC[name])
    example = doctest.DocTestParser().get_doctest(text, dict(given), name, None, None)
    assert example.examples
    said: list[str] = []
    runner = doctest.DocTestRunner(AsRead(), optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    runner.run(example, out=said.append)
    assert not said, "".join(said)
