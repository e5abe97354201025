"""Drawings: complete, apart from each other, and light."""

import ctypes
import os
import re
import shutil
import subprocess
import time
import xml.etree.ElementTree as ElementTree

import altair as alt
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from reportlib import charts, metrics
from reportlib.presentation.look.palette import FONT, PHONE, WIDE
from reportlib.publishing.page import chart_svg
from reportlib.publishing.page.chart_svg import drawings, figure, svg_of
from reportlib.publishing.page.chart_width import at_width
from reportlib.publishing.page.text_width import cut, text_width
from tests import examples

BARS = pd.DataFrame({"name": ["<b>&", "long " * 20, "c"], "n": [1, 2, 3]})


def bars():
    return alt.Chart(BARS, description='Bars & "all"', width=WIDE).mark_bar().encode(x="n:Q", y="name:N").to_dict()


def test_both_drawings_are_as_wide_as_their_page():
    wide, phone = (ElementTree.fromstring(svg) for svg in drawings(bars(), "c"))
    assert float(wide.get("width")) == pytest.approx(WIDE, abs=12)
    assert float(phone.get("width")) == pytest.approx(PHONE, abs=12)


def test_a_drawing_has_its_words_and_titles_of_marks():
    wide, _ = drawings(bars(), "c")
    root = ElementTree.fromstring(wide)
    assert root.get("role") == "img"
    assert root.get("aria-label") == 'Bars & "all"'
    assert next(root.iter("title")).text.startswith("n: ")
    assert len(list(root.iter("title"))) == len(BARS)


def test_every_mark_survives_the_slimming(demo_url):
    from reportlib import open_warehouse

    failed = metrics.failures(open_warehouse(demo_url), "spring-sale")
    wide, _ = drawings(charts.failure_reasons(failed).to_dict(), "c")
    assert wide.count("<title>") == 10
    clips = set(re.findall(r"url\(#([^)]+)\)", wide))
    assert clips <= set(re.findall(r'id="([^"]+)"', wide))


def test_ids_of_two_charts_never_meet():
    spec = alt.Chart(BARS).mark_bar(clip=True).encode(x="n:Q", y="name:N", color="n:Q").to_dict()
    pages = [*drawings(spec, "c1"), *drawings(spec, "c2")]
    ids = [set(re.findall(r' id="([^"]+)"', svg)) for svg in pages]
    assert all(ids)
    assert len(set.union(*ids)) == sum(map(len, ids))


def test_no_script_and_no_reference_to_elsewhere():
    html = figure(charts_with_hostile_text(), "c")
    assert "<script" not in html
    assert "alert(1)&lt;/script" in html or "alert(1)" in html
    assert not re.search(r"(href|src)=", html)


def charts_with_hostile_text():
    frame = pd.DataFrame({"name": ["<script>alert(1)</script>"], "n": [1]})
    return alt.Chart(frame, description="<script>alert(1)</script>").mark_bar().encode(x="n:Q", y="name:N").to_dict()


def of_names(names, **axis):
    frame = pd.DataFrame({"name": names, "n": range(1, len(names) + 1)})
    y = alt.Y("name:N", title=None, axis=alt.Axis(**axis))
    return alt.Chart(frame, width=WIDE).mark_bar().encode(x=alt.X("n:Q", axis=None), y=y).to_dict()


@pytest.mark.parametrize("names", [["a", "Übermäßig"], ["Not delivered to maintain a healthy ecosystem (131049)"]])
def test_a_chart_of_names_is_drawn_once_for_each_width(monkeypatch, names):
    spec, drawn = of_names(names, labelLimit=190), []
    monkeypatch.setattr(chart_svg, "svg_of", lambda spec: drawn.append(spec["mark"]) or svg_of(spec))
    drawings(spec, "c")
    assert drawn == [spec["mark"]] * 2


def labels(svg):
    return ["".join(text.itertext()) for text in ElementTree.fromstring(svg).iter("text")]


def test_names_are_cut_where_they_would_leave_no_room():
    odd = ['"]; alert(1); ["', "line\u2028separator", "\\", "👩‍👩‍👧 family"]
    short, long = [*odd, "Spring sale"], ["Winter clearance of all that is left, and some more", "éÜß 👩‍👩‍👧 " * 9]
    wide, phone = drawings(of_names(short + long, labelLimit=190), "c")
    assert set(short) < set(labels(wide))
    for drawn, limit in ((wide, 190), (phone, 110)):
        assert [name for name in labels(drawn) if name.startswith("Winter clearance") and name.endswith("…")]
        assert all(text_width(name, 12) <= limit for name in labels(drawn))
    assert "Winter clearance of all that is left,…" in labels(wide)


@pytest.mark.parametrize("name", ["constructor", "__proto__", "toString"])
def test_names_that_javascript_knows_are_drawn_as_any_other(name):
    drawn = [drawings(charts.failure_reasons(failed(title)).to_dict(), "c")[0] for title in (name, "unknown")]
    assert drawn[0].count("<path") == drawn[1].count("<path") > 2


def failed(title):
    named = {"channel": "sms", "provider": "twilio", "code": [None, "1"], "title": [title, "b"]}
    return pd.DataFrame({**named, "permanence": ["unknown", "transient"], "failed": [5, 7]})


def test_no_name_is_measured_to_be_cut():
    at_limit = at_width(of_names(["Not delivered to maintain a healthy ecosystem (131049)"], labelLimit=190), PHONE)
    assert at_limit["encoding"]["y"]["axis"]["labelLimit"] == 0


def test_texts_are_as_wide_as_they_are_drawn():
    """Fifty letters more make a chart so much wider."""
    letters = [*map(chr, range(ord("!"), ord("~") + 1)), *"éÜß…"]
    estimated = {letter: text_width(50 * letter, 12) for letter in letters}
    drawn = {letter: drawn_width(80 * letter) - drawn_width(30 * letter) for letter in letters}
    assert drawn == pytest.approx(estimated, rel=0.2, abs=1)
    assert sum(drawn.values()) == pytest.approx(sum(estimated.values()), rel=0.01)


def drawn_width(name):
    spec = {**of_names([name], labelLimit=2000), "config": {"font": FONT, "axis": {"labelFontSize": 12}}}
    return float(ElementTree.fromstring(svg_of(spec)).get("width"))


@pytest.mark.skipif(not shutil.which("fc-match"), reason="fontconfig, which knows where a font is, is not installed")
def test_no_font_is_opened_for_each_letter():
    named = subprocess.run(["fc-match", "-f", "%{file}", "Liberation Sans"], capture_output=True, check=True).stdout
    system = ctypes.CDLL(None)
    watched = system.inotify_init1(os.O_NONBLOCK)
    assert system.inotify_add_watch(watched, named, 0x20) > 0  # IN_OPEN
    drawings(bars(), "c")
    with pytest.raises(BlockingIOError):  # nothing was opened
        os.read(watched, 4096)
    os.close(watched)


def test_the_same_chart_is_drawn_the_same():
    assert drawings(bars(), "c") == drawings(bars(), "c")


@settings(max_examples=examples(40), deadline=None)
@given(st.text(max_size=60), st.floats(20, 300))
def test_a_text_is_cut_to_the_most_that_a_width_holds(text, limit):
    kept = text
    while kept and text_width(f"{kept}…", 12) > limit:  # the definition, slowly
        kept = kept[:-1]
    assert cut(text, 12, limit) == f"{kept.rstrip()}…"


def test_a_name_of_ten_thousand_letters_is_cut_in_one_pass():
    began = time.process_time()
    assert cut("n" * 20_000, 12, 190).startswith("nnnnnnnnn")
    assert time.process_time() - began < 20  # it was more than 100


def test_control_characters_cost_only_themselves():
    names = ["a\x00b", "c\x1bd\x0b", "e\ufffff\x85", "plain"]
    frame = pd.DataFrame({"name": names, "n": [1, 2, 3, 4]})
    y = alt.Y("name:N", sort=names, axis=alt.Axis(labelLimit=30))
    wide, phone = drawings(alt.Chart(frame, description="x\x00").mark_bar().encode(x="n:Q", y=y).to_dict(), "c")
    for svg in (wide, phone):
        assert all(f"name: {name}" in svg for name in ("ab", "cd", "ef", "plain"))
        assert svg.isprintable()
