"""What an analyst meets in a cell: frames that read well, errors of one line, names to complete, charts to change."""

import inspect
from importlib import resources
from pathlib import Path

import altair as alt
import jedi
import numpy as np
import pandas as pd
from IPython.core.interactiveshell import InteractiveShell

import reportlib
from reportlib import charts, metrics, tables
from reportlib.errors import UnknownCampaign
from reportlib.presentation.workbench.begin import begin
from reportlib.presentation.workbench.frames import MOST_ROWS, frame_html, typed_frame_html


def test_a_frame_shows_numbers_moments_names_and_types():
    frame = pd.DataFrame(
        {
            "name": ["<script>", None],
            "people": pd.array([12345, pd.NA], "Int64"),
            "rate": [0.123456, np.nan],
            "started_at": pd.to_datetime(["2026-09-22 12:00", None], utc=True),
            "is_new": [True, False],
        }
    )
    html = typed_frame_html(frame)
    for cell in ("<bdi>&lt;script&gt;</bdi>", "12,345", "0.1235", "2026-09-22 12:00", "<bdi>True</bdi>", "–"):
        assert f">{cell}<" in html
    assert "2 rows" in html
    assert "name : str; people : Int64; rate : float64; started_at : datetime64[us, UTC]; is_new : bool" in html
    assert "NaT" not in html
    assert "nan" not in html
    assert "float64" not in frame_html(frame)  # as a report has it


def test_a_long_frame_says_how_much_it_shows():
    html = frame_html(pd.DataFrame({"number": range(1234)}))
    assert f"{MOST_ROWS} of 1,234 rows" in html
    assert html.count("<tr>") == 1 + MOST_ROWS


def test_an_index_with_a_meaning_is_shown_as_pandas_shows_it():
    for frame in (pd.DataFrame({"a": [1]}, index=["x"]), pd.DataFrame({"a": [1, 2]})[1:], pd.DataFrame()):
        assert frame_html(frame) == frame._repr_html_()


def test_a_mistake_shows_as_one_line():
    assert UnknownCampaign("there is no campaign 'x'")._render_traceback_() == [
        "UnknownCampaign: there is no campaign 'x'"
    ]


def test_completion_shows_what_is_public():
    assert set(dir(reportlib)) == {*reportlib.__all__, "__version__"}
    for module in (metrics, charts, tables):
        assert dir(module) == sorted(module.__all__)
        assert all(getattr(module, name) is not None for name in module.__all__)


def test_editors_complete_what_notebooks_find():
    """jedi reads the sources, as editors do: what it finds behind each name is what a notebook gets."""
    names = {*reportlib.__all__, "Campaign", "TimeZone"}
    seen = {one.name: one for one in jedi.Script("import reportlib\nreportlib.").complete()}
    assert names <= set(seen)
    for name in reportlib.__all__:
        (found,) = jedi.Script(f"from reportlib import {name}").infer(1, 23)
        thing = getattr(reportlib, name)
        assert found.module_path == Path(inspect.getsourcefile(thing)), name
    shown = [one.name for one in jedi.Script("from reportlib import charts\ncharts.").complete()]
    assert set(charts.__all__) <= set(shown)
    assert (
        resources.files(reportlib).joinpath("py.typed").is_file()
    )  # so that type checkers read it where it is installed


def test_a_chart_can_be_changed_further(hostile):
    drawn = charts.failure_reasons(metrics.failures(hostile))
    changed = drawn.properties(title="Mine", width=200).configure_axis(labelFontSize=20).to_dict()
    assert isinstance(drawn, alt.TopLevelMixin)
    assert (changed["title"], changed["width"]) == ("Mine", 200)
    assert changed["config"]["axis"]["labelFontSize"] == 20
    assert charts.delivery_timeline(metrics.delivery_timeline(hostile)).properties(background="white").to_dict()


def test_a_cell_that_ends_with_a_frame_shows_it_so():
    shell = InteractiveShell.instance()
    try:
        begin()
        data, _ = shell.display_formatter.format(pd.DataFrame({"people": [12345]}))
        assert "12,345" in data["text/html"]
        assert "12345" in data["text/plain"]
    finally:
        InteractiveShell.clear_instance()
