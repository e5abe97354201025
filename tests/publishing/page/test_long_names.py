"""Names of any length: drawn as quickly as short ones, and no page the wider for them."""

import time
import xml.etree.ElementTree as ElementTree

import altair as alt
import pandas as pd
import pytest
from markupsafe import escape

from reportlib.presentation.look import table
from reportlib.presentation.look.cards import Card
from reportlib.presentation.look.display import name_html
from reportlib.presentation.look.finding import Finding
from reportlib.publishing.failure import Failure
from reportlib.publishing.mail.charts import mail_chart
from reportlib.publishing.page.chart_svg import drawings, figure
from reportlib.publishing.page.failure import failure_page
from reportlib.publishing.page.layout import page
from reportlib.publishing.page.long_texts import LONGEST_TEXT, with_short_texts
from tests.browser import launched_chromium

WIDTHS = {"desktop": 1280, "phone": 390}


def bars(*names):
    frame = pd.DataFrame({"name": names, "n": range(1, len(names) + 1)})
    order = alt.Y("name:N", sort=list(names), title=names[0], axis=alt.Axis(labelLimit=180))
    chart = alt.Chart(frame, title=names[0], description=names[0]).mark_bar()
    return chart.encode(x="n:Q", y=order, color=alt.Color("name:N", scale=alt.Scale(domain=list(names)))).to_dict()


def drawn_and_mailed(*names):
    """The drawings, the mailed chart, and the processor seconds both took."""
    began = time.process_time()
    return drawings(bars(*names), "c"), mail_chart(bars(*names)), time.process_time() - began


def test_a_chart_of_names_of_20000_letters_is_drawn_like_any_other():
    drawn_and_mailed("warm", "up", "it")
    _, _, usual = drawn_and_mailed("Ana", "Bia", "Caio")
    (wide, phone), mailed, took = drawn_and_mailed("W" * 20_000, "W" * 20_000 + "x", "short")
    assert took < 100 * usual  # 14 as a rule; it had been hundreds
    assert mailed.png
    for drawn in map(ElementTree.fromstring, (wide, phone)):
        texts = [text for text in drawn.itertext() if text.strip()]
        assert max(map(len, texts)) <= 4 * LONGEST_TEXT  # the title of a bar has the axis and the colour too
        assert len({text for text in texts if text.startswith("n: ")}) == 3  # names that begin alike are two bars


def test_texts_are_cut_alike_wherever_they_stand_and_expressions_are_not():
    spec = {"data": {"values": [{"a": "x" * 300}]}, "sort": ["x" * 300], "transform": [{"calculate": "y" * 300}]}
    short = with_short_texts(spec)
    assert short["data"]["values"][0]["a"] == short["sort"][0] != with_short_texts({"a": "x" * 301})["a"]
    assert len(short["sort"][0]) <= LONGEST_TEXT
    assert short["transform"] == spec["transform"]
    assert with_short_texts({"a": "x" * LONGEST_TEXT}) == {"a": "x" * LONGEST_TEXT}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The pages of everything that shows a name, for names of 600 letters."""
    folder = tmp_path_factory.mktemp("pages")
    for kind, name in {"letters": "W" * 600, "markup": "<&" * 300, "failed": "é" * 600}.items():
        rows = [[name_html(name), str(number), name_html(name)] for number in range(2)]
        body = table.table(name, ["Name", name, "Text"], rows, texts=(2,)).html
        body += table.notes([Finding("a", "bad", f"About {name}", name)]).html
        body += table.shown_cards([Card("Sent", name, name, name)], name).html
        body += figure(bars(name, "short"), "c") + f"<h2>{escape(name)}</h2><p>{escape(name)}</p>"
        html = page(title=name, body=body, kicker=name, subtitle=name, contents=[("s1", name)])
        if kind == "failed":
            html = failure_page(name, {name: name}, Failure(name, name, name, name, name), None)
        (folder / f"{kind}.html").write_text(html)
    return sorted(folder.glob("*.html"))


def test_a_name_of_600_letters_without_blanks_widens_no_page(pages):
    with launched_chromium() as browser:
        for width in WIDTHS.values():
            opened = browser.new_page(viewport={"width": width, "height": 900})
            for file in pages:
                opened.goto(file.as_uri())
                assert opened.evaluate("document.documentElement.scrollWidth") == width, file.name


def test_a_long_name_is_copied_from_a_page_as_it_is(pages):
    with launched_chromium() as browser:
        opened = browser.new_page()
        opened.goto(pages[-1].as_uri())
        assert opened.evaluate("document.querySelector('h1').textContent") == "<&" * 300
        assert opened.title() == "<&" * 300


def test_a_word_of_any_language_is_left_as_it_is():
    word = "Donaudampfschifffahrtsgesellsch"[:30]
    assert f"<p>{word}</p>" in page(title="t", body=f"<p>{word}</p>")
    assert "<wbr>" not in page(title="t", body=f"<pre>{'x' * 600}</pre><svg><text>{'x' * 600}</text></svg>")
