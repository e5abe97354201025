"""The style of the monitor in JupyterLab, light and dark."""

from functools import lru_cache
from importlib.resources import files

from reportlib.presentation.look.display import stylesheet
from reportlib.presentation.look.palette import coloured, on_dark


@lru_cache
def style() -> str:
    """A style element: components, the monitor's own, and the charts' colours on JupyterLab's dark ground."""
    own = coloured(files("reportlib.presentation.live").joinpath("live.css").read_text(encoding="utf-8"))
    dark = on_dark('body[data-jp-theme-light="false"] .reportlib-live ')
    return f"<style>{stylesheet()}{own}{dark}</style>"
