"""Charts: told in words, with the numbers behind them, and nothing drawn from nothing."""

import json
from itertools import pairwise

import pandas as pd
import pytest

from reportlib import charts, heatmaps, metrics
from reportlib.presentation.look.drawing.theme import show_unchecked
from reportlib.presentation.look.palette import DARK, HEAT, INDEX, PERMANENCE, STATUS
from tests.presentation.conftest import check_told
from tests.small_database import SmallDatabase, fill, in_memory_engine

EMPTY = SmallDatabase()
EMPTY.account("acme", "UTC")
EMPTY.campaign("a")


def drawn(warehouse):
    return [
        charts.delivery_timeline(metrics.delivery_timeline(warehouse, "a")),
        charts.delivery_timeline(metrics.delivery_timeline(warehouse, "a"), "completed"),
        heatmaps.activity_heatmap(metrics.activity(warehouse, "a")),
        charts.failure_reasons(metrics.failures(warehouse, "a")),
    ]


def test_each_chart_has_words_a_caption_and_its_numbers(hostile):
    for chart in drawn(hostile):
        spec = chart.to_dict()
        check_told(spec)


def test_each_chart_says_when_there_is_nothing_to_draw():
    for chart in drawn(fill(in_memory_engine(), EMPTY)):
        assert chart.to_dict()["mark"]["type"] == "text"


def test_numbers_of_the_heat_map_are_those_of_people(hostile):
    frame = metrics.activity(hostile, "a")
    rows = heatmaps.activity_heatmap(frame).to_dict()["usermeta"]["reportlib"]["rows"]
    clicks = sum(int(cell) for row in rows if row[0] == "Clicks" for cell in row[2:])
    clicked = frame[frame["kind"] == "clicked"]
    assert clicks == (clicked["events"] - clicked["machine_events"]).sum() == 2


@pytest.mark.parametrize("largest", [1, 2, 3, 7, 100, 12_345])
def test_every_count_has_a_step_of_the_heat_map(largest):
    counts = pd.Series(sorted({0, 1, largest // 3, largest // 2, largest}))
    labels, level = heatmaps._heat_levels(counts)
    assert len(labels) <= len(HEAT)
    assert level[0] == "0"
    assert level[-1] == labels[-1]
    assert [labels.index(one) for one in level] == sorted(labels.index(one) for one in level)
    for count, label in zip(counts, level, strict=True):
        ends = [int(end.replace(",", "")) for end in label.split("–")]
        assert ends[0] <= count <= ends[-1]


def contrast(one, other):
    """The ratio of two colours' luminance, as WCAG 2 has it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_steps_of_a_map_are_told_by_height_as_well_as_by_colour(hostile):
    spec = heatmaps.activity_heatmap(metrics.activity(hostile, "a")).to_dict()
    for panel in spec["vconcat"]:
        rows = spec["datasets"][panel["data"]["name"]]
        heights = {row["level"]: round(row["top"] - row["floor"], 6) for row in rows}
        order = [heights[label] for label in panel["encoding"]["color"]["scale"]["domain"] if label in heights]
        assert order == sorted(set(order))
        assert all(0 < height < 1 for height in order)
    for steps in (HEAT, [DARK[colour] for colour in HEAT]):
        assert contrast(steps[0], steps[1]) >= 3  # of what there is none of, and little
        assert all(contrast(*pair) >= 1.4 for pair in pairwise(steps))


def test_every_colour_has_one_for_a_dark_page():
    assert {*STATUS.values(), *PERMANENCE.values(), *HEAT, *INDEX} <= set(DARK)
    assert len(set(DARK.values())) == len(DARK)


def test_altair_shows_charts_in_a_form_that_notebooks_accept(hostile):
    import altair

    bundle = altair.renderers.get()(drawn(hostile)[0].to_dict())
    assert list(bundle) == ["application/vnd.vegalite.v5+json", "text/plain"]
    assert json.loads(json.dumps(bundle))


def test_a_report_shows_a_chart_unchecked_as_it_would_checked(hostile, monkeypatch):
    from altair.utils import schemapi
    from IPython.core.interactiveshell import InteractiveShell

    monkeypatch.setattr(schemapi, "DEBUG_MODE", True)
    shell = InteractiveShell()
    checked = [shell.display_formatter.format(chart) for chart in drawn(hostile)]
    show_unchecked(shell)
    monkeypatch.setattr(schemapi, "validate_jsonschema", lambda *_, **__: pytest.fail("it is checked"))
    assert [shell.display_formatter.format(chart) for chart in drawn(hostile)] == checked
