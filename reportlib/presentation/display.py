"""What a notebook shows besides charts: a piece of HTML with its plain text, both safe to show."""

from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from importlib.resources import files

REPORT_MIME = "application/vnd.campaign-report+json"


@dataclass(frozen=True)
class Display:
    """HTML for JupyterLab and reports, text for everything else, and other forms by MIME type."""

    html: str
    text: str
    also: dict = field(default_factory=dict)

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": self.html, "text/plain": self.text, **self.also}

    def __repr__(self):
        return self.text


def one_below_the_other(parts: list[Display]) -> Display:
    """Several displays as one."""
    return Display("".join(part.html for part in parts), "\n\n".join(part.text for part in parts))


@lru_cache
def stylesheet() -> str:
    """The style of cards, tables and findings, in JupyterLab and on report pages."""
    return files("reportlib.presentation").joinpath("report.css").read_text(encoding="utf-8")


def name_html(text) -> str:
    """A name from the database: escaped, and isolated so that right-to-left marks in it stay within it."""
    return f"<bdi>{escape(str(text))}</bdi>"
