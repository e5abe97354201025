"""What a notebook shows besides charts: a piece of HTML with its plain text, both safe to show."""

from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from importlib.resources import files

from reportlib.presentation.look.brand.accent import tones
from reportlib.presentation.look.brand.brand import brand
from reportlib.presentation.look.front_end import has_front_end
from reportlib.presentation.look.palette import coloured, on_dark

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
    """The same as a style element for JupyterLab, whose dark theme is not the browser's, and the charts' there."""
    return f"<style>{stylesheet()}{on_dark('[data-jp-theme-light=false] .jp-RenderedVegaCommon5 ')}</style>"


def name_html(text) -> str:
    """A name from the database: escaped, and isolated so that right-to-left marks in it stay within it."""
    return f"<bdi>{escape(str(text))}</bdi>"
