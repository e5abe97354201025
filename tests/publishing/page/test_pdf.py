"""A report page as a PDF: what readers, screen readers and gateways meet, and that it takes nothing from elsewhere."""

import logging
import os
import re
import shutil
import subprocess
import sys
import threading
import zlib
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from reportlib.errors import OutputError
from reportlib.presentation.look.display import REPORT_MIME
from reportlib.presentation.look.folds import folded, the_numbers
from reportlib.presentation.look.palette import CHART_MIME
from reportlib.publishing.page.html import report_html
from reportlib.publishing.page.layout import page
from reportlib.publishing.page.pdf import report_pdf

TITLE = "Spring <script>alert(1)</script> \"'& ‮evil חג שמח 🌸"
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")


def chart(*views, days=WEEKDAYS):
    rows = [{"day": day, "rate": rate} for rate, day in enumerate(days, 90)]
    encoding = {"x": {"field": "rate", "type": "quantitative"}, "y": {"field": "day", "type": "nominal"}}
    drawn = [{"mark": "bar", "title": view, "height": 200, "encoding": encoding} for view in views]
    about = {"caption": "What it shows", "columns": ["", "Rate"], "rows": [["Mon", "only in the table"]]}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": "Delivered by weekday, 90 % on Mon.",
        "data": {"values": rows},
        "usermeta": {"reportlib": about},
        **(drawn[0] if len(drawn) == 1 else {"vconcat": drawn}),
    }


def notebook(spec):
    about = {"title": TITLE, "subtitle": "Shop & Sons", "language": "en"}
    parts = [new_markdown_cell(f"## Part {n}\n\n" + "A sentence of the report. " * 200) for n in range(1, 5)]
    head = "<p>16,697 of 17,699 people were reached: <bdi>94.3 %</bdi></p>"
    return new_notebook(
        cells=[
            new_markdown_cell("# Post-campaign review"),
            new_code_cell(
                "headline()", outputs=[new_output("execute_result", data={REPORT_MIME: about, "text/html": head})]
            ),
            new_code_cell("chart()", outputs=[new_output("execute_result", data={CHART_MIME: spec})]),
            *parts,
        ]
    )


def read(program, pdf, *options):
    """What a program of poppler-utils says of a PDF."""
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed (poppler-utils)")
    given = ["-", "-"] if program == "pdftotext" else ["-"]
    return subprocess.run([program, *options, *given], input=pdf, capture_output=True, check=True).stdout.decode()


def inside(pdf):
    """All objects of the file, unpacked."""
    streams = re.findall(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL)
    unpacked = []
    for stream in streams:
        try:
            unpacked.append(zlib.decompress(stream))
        except zlib.error:
            unpacked.append(stream)
    return pdf + b"\n".join(unpacked)


def alternatives(pdf):
    return [text.decode() for text in re.findall(rb"/Alt \((.*?)\)", inside(pdf))]


@pytest.fixture(scope="module")
def html():
    return report_html(notebook(chart("Rates")))


@pytest.fixture(scope="module")
def pdf(html):
    return report_pdf(html)


def test_what_is_folded_on_the_page_is_printed_or_told_of():
    body = (
        folded("No group differs (15 groups)", "<p>the groups themselves</p>")
        + the_numbers("a chart", ["", "n"], [["Mon", "7"]])
        + '<div class="effect"><details><summary>Command</summary><code>reportlib x</code></details></div>'
        + '<details class="section"><summary><h2>Limits</h2></summary><p>Reads are a minimum.</p></details>'
    )
    text = " ".join(read("pdftotext", report_pdf(page(title="x", body=body))).split())
    assert "No group differs (15 groups)" in text and "the groups themselves" not in text
    assert "Limits Reads are a minimum." in text and "reportlib x" not in text
    assert "The page has, folded, 1 table of numbers and 1 command that are not printed here." in text


def test_is_tagged_titled_and_in_its_language(pdf):
    about = read("pdfinfo", pdf)
    assert re.search(r"Tagged: +yes", about)
    assert TITLE in about
    assert re.search(r"Page size: .*\(A4\)", about)
    assert re.search(r"JavaScript: +no", about)
    assert b"/Lang (en)" in inside(pdf)
    assert b"pdfuaid:part" in inside(pdf)


def test_pages_are_numbered_and_named(pdf):
    pages = read("pdftotext", pdf, "-layout").split("\f")[:-1]
    assert len(pages) > 1
    for number, text in enumerate(pages, 1):
        assert f"{number} of {len(pages)}" in text
        assert text.count("Spring <script>alert(1)</script>") == 2 - (number > 1)


def test_headings_are_bookmarks(pdf):
    content = inside(pdf)
    assert [f"/Title (Part {n})".encode() in content for n in range(1, 5)] == [True] * 4


def test_a_long_title_stays_within_its_line():
    long = "Sale " * 80 + "END"
    shown = read("pdftotext", report_pdf(page(title=long, body="<p>x</p>")), "-layout")
    assert "END" not in shown  # neither in the heading, of four lines, nor in the foot, of one
    assert shown.count("…") == 2
    assert "1 of 1" in shown


def test_text_can_be_selected_in_tables_and_charts(pdf):
    text = read("pdftotext", pdf)
    assert "16,697 of 17,699 people were reached: 94.3 %" in re.sub(r"\s+", " ", re.sub("[\u2066-\u2069]", "", text))
    assert all(day in text for day in WEEKDAYS)


def test_only_what_is_read_is_printed(pdf):
    text = read("pdftotext", pdf)
    assert "What it shows" in text
    for absent in ("Skip to the report", "The numbers", "only in the table"):
        assert absent not in text
    assert text.count("Rates") == 1  # the drawing for a phone is left out


def test_charts_have_a_text_alternative(pdf):
    assert alternatives(pdf) == ["Delivered by weekday, 90 % on Mon."]
    assert "Figure" in read("pdfinfo", pdf, "-struct")


def test_a_tall_chart_goes_on_in_parts_of_its_views():
    views = ("Country", "Carrier", "Segment", "Plan", "Language")
    tall = report_pdf(report_html(notebook(chart(*views))))
    assert alternatives(tall) == [
        "Delivered by weekday, 90 % on Mon.",
        *(f"Part {n} of 5 of the picture before." for n in range(2, 6)),
    ]
    pages = read("pdftotext", tall).split("\f")
    assert [sum(view in text for text in pages) for view in views] == [1] * 5
    assert "Language" not in pages[0]


def test_a_chart_of_one_view_stays_whole():
    spec = {**chart("Rates"), "height": 900}
    assert len(alternatives(report_pdf(report_html(notebook(spec))))) == 1


def test_names_in_any_script_keep_the_order_of_their_letters():
    names = ("שלום עולם", "عرض الربيع", "Ação")
    text = read("pdftotext", report_pdf(report_html(notebook(chart("Rates", days=names)))))
    assert [text.count(name) for name in names] == [1, 1, 1]


def test_small_pictures_in_tables_and_foreign_ones():
    trend = '<svg role="img" aria-label="Rising &lt;b&gt;" width="60" viewBox="0 0 60 16"><path d="M0,16L60,0"/></svg>'
    odd = "<svg aria-label='No XML' width=9 viewBox=0,0,9,9><circle r=4></svg>"
    dot = '<img src="data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7">'
    body = f'<table><tbody><tr><th scope="row">Clicks</th><td>{trend}</td></tr></tbody></table>{odd}{dot}'
    made = report_pdf(page(title="t", body=body))
    assert alternatives(made) == ["Rising <b>", "No XML", "Picture"]


def test_an_interactive_page_shows_its_drawings():
    live = report_html(notebook(chart("Rates")), interactive=True)
    made = report_pdf(live)
    assert alternatives(made) == ["Delivered by weekday, 90 % on Mon."]
    assert len(made) < 300_000


def test_pages_made_after_a_pdf_are_as_those_before(html, pdf):
    assert "<svg" in report_html(notebook(chart("Rates")))
    assert "ns0:" not in report_html(notebook(chart("Rates")))


def test_the_same_page_makes_the_same_file(html, pdf, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert report_pdf(html) == pdf
    assert b"CreationDate" not in inside(pdf)
    assert "SOURCE_DATE_EPOCH" not in os.environ
    assert len(pdf) < 300_000


def test_nothing_is_fetched(tmp_path):
    asked = []

    class Server(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

    secret = tmp_path / "secret.svg"
    secret.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 20"><text y="9">confidential</text></svg>'
    )
    with HTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        addresses = [secret.as_uri(), f"http://127.0.0.1:{server.server_port}/x", "secret.svg", "FILE:///etc/passwd"]
        body = "".join(
            f'<img src="{address}" alt="nothing"><object data="{address}"></object>'
            f'<link rel="stylesheet" href="{address}"><link rel="attachment" href="{address}">'
            f'<p style="background: url({address})">x</p><svg viewBox="0 0 9 9"><image href="{address}"/></svg>'
            f'<style>@import "{address}"; @font-face {{ font-family: f; src: url({address}) }}</style>'
            for address in addresses
        )
        made = report_pdf(page(title="t", body=body))
        server.shutdown()
    assert asked == []
    assert "confidential" not in read("pdftotext", made)
    assert b"EmbeddedFile" not in inside(made)
    assert b"root:" not in inside(made)


def test_remarks_on_style_are_kept_quiet(html, caplog):
    with caplog.at_level(logging.DEBUG):
        report_pdf(html)
    assert [record for record in caplog.records if record.name.startswith("weasyprint")] == []


def test_a_picture_that_cannot_be_drawn_is_an_error():
    with pytest.raises(OutputError, match="would lack something"):
        report_pdf(page(title="t", body='<img alt="x" src="data:image/png;base64,bm8=">'))


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (ImportError("No module named 'weasyprint'"), r"pip install 'reportlib\[pdf\]'"),
        (OSError("cannot load library 'libpango-1.0-0'"), "apt-get install libpango-1.0-0 libpangoft2-1.0-0"),
    ],
)
def test_what_to_install_where_something_is_missing(html, monkeypatch, error, advice):
    class Missing:
        def find_spec(self, name, path=None, target=None):
            if name == "weasyprint":
                raise error

    for name in [name for name in sys.modules if name.partition(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])
    with pytest.raises(OutputError, match=advice):
        report_pdf(html)
