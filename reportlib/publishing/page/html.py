"""An executed notebook as one self-contained page."""

import base64
import gzip
import json
import re
from functools import lru_cache
from itertools import count

import vl_convert
from markupsafe import Markup
from nbconvert.exporters import TemplateExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode, from_dict
from traitlets.config import Config

from reportlib.presentation.look.brand.brand import brand_of, shown_in
from reportlib.presentation.look.display import with_csv
from reportlib.presentation.look.palette import CHART_MIME, FONT
from reportlib.publishing.page.chart_svg import figure, live_figure
from reportlib.publishing.page.layout import TEMPLATES, page
from reportlib.publishing.page.payload import TITLE, report_payload

_SECTION = re.compile(r"(<!--folded-->\s*)?<h2>(.*?)</h2>(.*?)(?=(?:<!--folded-->\s*)?<h2>|\Z)", re.DOTALL)
_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)


def report_html(notebook: NotebookNode, *, interactive: bool = False) -> str:
    """The page of an executed notebook: no code, no request to anywhere, and without `interactive` no script.

    The title comes from the notebook's output of type REPORT_MIME, the kind of report from its first heading, the
    contents list from the second-level ones.
    """
    about = report_payload(notebook)
    kind, cells = _without_title(notebook)
    with shown_in(brand_of(about.get("account_id"))):
        body, contents = _in_sections(_exporter().from_notebook_node(_drawn(cells, interactive))[0])
        return page(
            title=about.get("title", kind),
            language=about.get("language", "en"),
            account=about.get("account", ""),
            kicker=kind,
            subtitle=about.get("subtitle", ""),
            body=body,
            contents=contents,
            script=_loader() if interactive else None,
            bundle=_bundle() if interactive else None,
        )


def warm_up():
    """Make a small page with a chart, so that what a first one starts has been started."""
    axis = {"field": "a", "type": "quantitative"}
    chart = {"data": {"values": [{"a": 1}, {"a": 2}]}, "mark": "bar", "encoding": {"x": axis, "y": axis}}
    shown = {"output_type": "display_data", "data": {CHART_MIME: {**chart, "config": {"font": FONT}}}, "metadata": {}}
    prose = {"cell_type": "markdown", "id": "a", "source": "# A", "metadata": {}}
    code = {"cell_type": "code", "id": "b", "source": "", "outputs": [shown], "metadata": {}}
    report_html(from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [prose, code]}))


def _drawn(cells, interactive):
    """The notebook with the drawing of each chart, which has a number of its own, in the place of its specification:
    nbconvert copies and checks all that it is given, more than once."""
    numbers = count()

    def chart(spec):
        name = f"c{next(numbers)}"
        return (
            live_figure(spec, name, _packed(json.dumps({**spec, "usermeta": {}})))
            if interactive
            else figure(spec, name)
        )

    def shown(output):
        spec = output.get("data", {}).get(CHART_MIME)
        return NotebookNode({**output, "data": NotebookNode({CHART_MIME: chart(spec)})}) if spec else output

    for cell in cells.cells:
        if "outputs" in cell:
            cell.outputs = [shown(output) for output in cell.outputs]
    return cells


@lru_cache
def _exporter():
    """nbconvert with the template of the reports."""
    return TemplateExporter(
        config=Config({"NbConvertBase": {"display_data_priority": [CHART_MIME, "text/html", "text/plain"]}}),
        default_preprocessors=[],  # which change nothing that the template shows; after each all is checked once more
        extra_template_basedirs=[str(TEMPLATES)],
        template_name="report",
        template_file="index.html.j2",
        filters={"without_style": lambda html: _STYLE.sub("", html), "markdown2html": _markdown},
    )


def _markdown(source):
    """Markdown as HTML, without a link at each heading; HTML within it is shown as text."""
    return MarkdownWithMath(renderer=IPythonRenderer(escape=True, exclude_anchor_links=True)).render(source)


def _without_title(notebook):
    """The first-level heading, and a copy of the notebook without its cell: the page shows the heading above the title,
    and what else stands there is for those who open the notebook."""
    cells = NotebookNode({**notebook, "cells": [NotebookNode(cell) for cell in notebook.cells]})
    for cell in cells.cells:
        if cell.cell_type == "markdown" and (found := TITLE.search(cell.source)):
            cell.source = ""
            return found[1].strip(), cells
    return "Report", cells


def _in_sections(body):
    """The body with an id at each second-level heading, and the list of them: (id, text). What follows a heading whose
    cell is tagged `folded` opens at a click."""
    contents = []

    def section(found):
        folded, heading, rest = found.groups()
        contents.append((f"s{len(contents) + 1}", Markup(heading).striptags()))
        titled = f'<h2 id="{contents[-1][0]}">{heading}</h2>'
        return f'<details class="section"><summary>{titled}</summary>{rest}</details>' if folded else titled + rest

    return _SECTION.sub(section, body), contents


def _packed(text: str) -> str:
    """Text compressed and spelt in letters that no parser of HTML takes for markup."""
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()


@lru_cache
def _bundle():
    """Vega, Vega-Lite and vega-embed."""
    return _packed(vl_convert.javascript_bundle())


@lru_cache
def _loader():
    return with_csv(TEMPLATES / "live.js")
