"""A report's charts drawn anew for mail: PNG, narrow, with large text, on white, since mail programs show no SVG."""

import struct
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass

import vl_convert
from nbformat import NotebookNode

from reportlib.presentation.look import numbers
from reportlib.presentation.look.palette import GROUND
from reportlib.publishing.page.chart_svg import svg_of
from reportlib.publishing.page.long_texts import with_short_texts
from reportlib.publishing.page.payload import chart_specs
from reportlib.publishing.page.picture import few_colours
from reportlib.publishing.page.process import NotDrawn, PageProcess
from reportlib.publishing.page.wording import line

WIDTH = 520  # pixels
HIGHEST = 640  # pixels; of charts one below the other, as many as fit
SCALE = 2  # sharp on a phone
TEXT = 16  # pixels, of labels; a phone shows the chart at two thirds of its size
LONGEST_LABEL, LONGEST_DESCRIPTION, LONGEST_CAPTION = 190, 600, 400  # pixels, characters, characters
_LABELS = {"labelFontSize": TEXT, "titleFontSize": TEXT}
_FONT_SIZES = ("fontSize", "labelFontSize", "titleFontSize", "subtitleFontSize")


@dataclass(frozen=True)
class Chart:
    """A chart as an image: PNG, pixels on the page, what it shows in words, and the text below it."""

    png: bytes
    width: int
    height: int
    description: str
    caption: str = ""


def mail_charts(notebook: NotebookNode, number: int, pages: PageProcess) -> list[Chart | None]:
    """The first so many charts of an executed notebook that show something; None for one that cannot be drawn."""
    return [_drawn(spec, pages) for spec in chart_specs(notebook)[:number]]


def _drawn(spec, pages):
    try:
        return pages.ask(mail_chart, spec)
    except NotDrawn:
        return None


def mail_chart(spec: dict) -> Chart | None:
    """A chart drawn for mail; None where it cannot be drawn."""
    try:
        png, left_out = _png(_with_large_text(with_short_texts(spec)))
    except ValueError:  # vl-convert's only one; the mail says that a chart is missing
        return None
    wide, high = struct.unpack(">II", png[16:24])
    caption = line(spec.get("usermeta", {}).get("reportlib", {}).get("caption", ""), LONGEST_CAPTION)
    more = f"{numbers.plural(left_out, 'more part')} of this chart: see the report." if left_out else ""
    return Chart(
        png,
        min(WIDTH, wide // SCALE),
        round(min(WIDTH, wide // SCALE) * high / wide),
        line(spec.get("description", "Chart"), LONGEST_DESCRIPTION),
        f"{caption} {more}".strip(),
    )


def _png(spec) -> tuple[bytes, int]:
    """The drawing, and how many of the charts one below the other were left out of it for being too much for a mail."""
    views = spec.get("vconcat", [spec])
    for kept in range(len(views), 0, -1):
        some = {**spec, "vconcat": views[:kept]} if "vconcat" in spec else spec
        # As on a page: a view's width leaves out its axes, so draw, see how much they add, and draw that much narrower.
        first = ElementTree.fromstring(svg_of(_at_width(some, WIDTH)))
        if kept == 1 or float(first.attrib["height"]) <= HIGHEST:
            break
    beyond = float(first.attrib["width"]) - WIDTH
    drawn = vl_convert.svg_to_png(svg_of(_at_width(some, max(80, round(WIDTH - beyond)))), scale=SCALE)
    return few_colours(drawn), len(views) - kept


def _at_width(spec, width) -> dict:
    if "vconcat" in spec:
        return {**spec, "vconcat": [{**view, "width": width} for view in spec["vconcat"]]}
    return {**spec, "width": width}


def _with_large_text(spec) -> dict:
    large = _enlarged({**spec, "usermeta": {}})
    config = large.setdefault("config", {})
    for part in ("axis", "legend", "header"):
        config[part] = {**config.get(part, {}), **_LABELS}
    config["legend"] |= {"columns": 3, "symbolSize": 160}
    config["axisY"] = {**config.get("axisY", {}), "labelLimit": LONGEST_LABEL}
    config["title"] = {**config.get("title", {}), "fontSize": TEXT + 1}
    config["text"] = {**config.get("text", {}), "fontSize": TEXT}
    return {**large, "config": config, "background": GROUND, "padding": 4}


def _enlarged(part):
    """Sizes within the drawing, which win over those of the configuration, made large too."""
    if isinstance(part, list):
        return [_enlarged(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {name: _fitted(name, value) for name, value in part.items()}


def _fitted(name, value):
    if name in _FONT_SIZES and isinstance(value, int | float):
        return max(TEXT - 1, value)
    if name == "labelLimit" and isinstance(value, int | float):
        return min(LONGEST_LABEL, value)
    if name == "step" and isinstance(value, int | float):
        return max(TEXT + 10, value)
    return value if name in ("datasets", "values") else _enlarged(value)
