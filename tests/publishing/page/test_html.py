"""The page of an executed notebook."""

import re

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from reportlib.presentation.look.display import REPORT_MIME
from reportlib.publishing.page.html import report_html, report_payload
from reportlib.publishing.page.layout import page

HOSTILE = "<script>alert(1)</script>\"'&"


def shown(**data):
    return new_output("execute_result", data={name.replace("__", "/"): value for name, value in data.items()})


def notebook(*cells):
    about = {"title": HOSTILE, "subtitle": HOSTILE, "language": "en"}
    head = new_code_cell(
        "headline()", outputs=[new_output("execute_result", data={REPORT_MIME: about, "text/html": "<p>x</p>"})]
    )
    return new_notebook(cells=[new_markdown_cell("# Kind of report\n\nWhat it is."), head, *cells])


def test_title_language_and_kind():
    html = report_html(notebook())
    escaped = "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;&amp;"
    assert f"<title>{escaped} · Kind of report</title>" in html
    assert f"<h1><bdi>{escaped}</bdi></h1>" in html
    assert '<html lang="en">' in html
    assert '<p class="kicker">Kind of report</p>' in html
    assert html.count("<h1") == 1


def test_code_prompts_and_console_output_stay_out():
    said = new_output("stream", name="stderr", text="a warning of some library")
    html = report_html(notebook(new_code_cell("secret_code = 1", outputs=[said, shown(text__plain="7")])))
    assert "secret_code" not in html
    assert "a warning" not in html
    assert "<pre>7</pre>" in html


def test_plain_text_and_markdown_are_no_markup():
    cells = [
        new_code_cell("x", outputs=[shown(text__plain=HOSTILE)]),
        new_markdown_cell(f"## A {HOSTILE}\n\n{HOSTILE}"),
    ]
    html = report_html(notebook(*cells))
    assert "<script" not in html


def test_headings_are_listed_where_there_are_several():
    html = report_html(notebook(*[new_markdown_cell(f"## Part {n}") for n in range(3)]))
    assert re.findall(r'<a href="#(s\d)">(Part \d)</a>', html) == [("s1", "Part 0"), ("s2", "Part 1"), ("s3", "Part 2")]
    assert "<nav" not in report_html(notebook(new_markdown_cell("## Only one")))


def test_the_notebook_is_left_as_it_was():
    given = notebook(new_markdown_cell("## Part"))
    before = repr(given)
    report_html(given)
    assert repr(given) == before


def test_style_of_an_output_is_not_repeated():
    html = report_html(notebook(new_code_cell("x", outputs=[shown(text__html="<style>p {}</style><p>y</p>")])))
    assert html.count("<style") == 1


def test_default_pages_allow_nothing_and_live_ones_their_script_alone():
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:;" in page(title="t", body="")
    live = report_html(notebook(), interactive=True)
    assert re.search(r"script-src 'sha256-[A-Za-z0-9+/=]{44}' 'unsafe-eval'", live)
    assert "connect-src" not in live


def test_a_notebook_that_says_nothing_of_itself_has_a_page_too():
    bare = new_notebook(cells=[new_markdown_cell("Just text")])
    assert report_payload(bare) == {}
    assert "<title>Report</title>" in report_html(bare)
