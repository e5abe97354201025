"""What a notebook shows besides charts: a piece of HTML with its plain text, both safe to show."""

from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from importlib.resources import files
from importlib.resources.abc import Traversable

from reportlib.presentation.look.brand.accent import tones
from reportlib.presentation.look.brand.brand import brand
from reportlib.presentation.look.front_end import has_front_end
from reportlib.presentation.look.palette import coloured, on_dark

_CHART = ".jp-RenderedVegaCommon5"  # what JupyterLab draws a chart in
_LEAST = 640  # pixels: a chart is made smaller, where there is less room, until its letters would be too small
REPORT_MIME = "application/vnd.campaign-report+json"


@dataclass(frozen=True)
class Display:
    """HTML for JupyterLab and reports, text for everything else, and other forms by MIME type."""

    html: str
    text: str
    also: dict = field(default_factory=dict)
    above: str = ""  # HTML that a page has already, and a notebook has not

    def _repr_mimebundle_(self, include=None, exclude=None):
        before = notebook_style() + self.above if has_front_end() else ""
        return {"text/html": before + self.html, "text/plain": self.text, **self.also}

    def __repr__(self):
        return self.text


def one_below_the_other(parts: list[Display]) -> Display:
    """Several displays as one."""
    return Display("".join(part.html for part in parts), "\n\n".join(part.text for part in parts))


def stylesheet() -> str:
    """The style of cards, tables and findings, in JupyterLab and on report pages, in the brand's colour."""
    return _stylesheet(brand().accent)


@lru_cache
def _stylesheet(accent):
    css = files("reportlib.presentation.look").joinpath("report.css").read_text(encoding="utf-8")
    return coloured(css, tones(accent) if accent else None)


def notebook_style() -> str:
    """The same as a style element for JupyterLab, whose dark theme is not the browser's, and the charts' there; with
    what adds to the menu of a chart."""
    css = stylesheet().replace("@media (max-width", "@container (max-width")  # an output is narrow, not the window
    css += f".jp-RenderedHTML{{container-type:inline-size}}{_CHART} .vega-embed{{max-width:100%}}"
    css += f"{_CHART} svg.marks{{background:none !important;max-width:max(100%,{_LEAST}px);height:auto}}"
    css += on_dark(f"[data-jp-theme-light=false] {_CHART} ")
    return f'<style onload="{_chart_menu()}">{css}</style>'


@lru_cache
def _chart_menu():
    """A script: HTML in JupyterLab cannot have one, but a style says when it is on the page."""
    return escape(with_csv(files("reportlib.presentation.look.drawing") / "chart_menu.js"))


def with_csv(script: Traversable) -> str:
    """A script behind what it makes CSV with."""
    csv = files("reportlib.presentation.look.drawing") / "csv.js"
    return f"{{{csv.read_text(encoding='utf-8')}{script.read_text(encoding='utf-8')}}}"


def name_html(text) -> str:
    """A name from the database: escaped, and isolated so that right-to-left marks in it stay within it."""
    return f"<bdi>{escape(str(text))}</bdi>"
