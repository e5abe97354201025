"""One look for every chart, and how a chart reaches a notebook; importing this puts both into force."""

from typing import Any

import altair as alt
from altair.utils import schemapi

from reportlib.presentation.look.brand.brand import brand
from reportlib.presentation.look.drawing.drawable import drawable
from reportlib.presentation.look.front_end import has_front_end
from reportlib.presentation.look.palette import CHART_MIME, FONT, GRID, GROUND, INK, MUTED

# Drawn as SVG, to follow a dark theme and be read out. Its source is not shown: the page for it is written without
# escapes, so that a name could run as a script there; nor is it sent to an editor elsewhere.
_IN_JUPYTERLAB = {"renderer": "svg", "actions": {"export": True, "source": False, "compiled": False, "editor": False}}


@alt.theme.register("reportlib", enable=True)
def _theme() -> Any:  # altair's ThemeConfig knows no background that is null, which Vega-Lite does
    text = {"labelColor": MUTED, "titleColor": MUTED, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": 400}
    return {
        "config": {
            **_locale(),
            "font": FONT,
            "background": None,
            "padding": 4,
            "view": {"stroke": None},
            "axis": {**text, "gridColor": GRID, "labelPadding": 6, "ticks": False, "domain": False},
            "axisTemporal": {"ticks": True, "domain": True, "tickColor": GRID, "domainColor": GRID},
            "legend": {
                **text,
                "orient": "top",
                "direction": "horizontal",
                "titlePadding": 8,
                "offset": 10,
                "columns": 6,
            },
            "title": {
                "color": INK,
                "fontSize": 13,
                "fontWeight": 600,
                "anchor": "start",
                "frame": "group",
                "offset": 8,
            },
            "text": {"color": INK, "fontSize": 12},
        }
    }


def _locale():
    if not (name := brand().locale):
        return {}
    from reportlib.presentation.look.brand import local  # Babel, where it is needed

    return {"locale": local.for_charts(name)}


def _mimebundle(spec, **_):
    # Altair's own renderer says "…vegalite.v6.json", without +json, which nbformat refuses and papermill dies of; and
    # JupyterLab 4.6 draws Vega-Lite up to 5 only. No chart here needs more, so the spec goes by that name, without
    # a $schema that would be complained of.
    bare = drawable({name: value for name, value in spec.items() if name != "$schema"})
    bundle = {CHART_MIME: bare, "text/plain": spec.get("description", "Chart")}
    if not has_front_end():
        return bundle
    bare["background"] = GROUND  # of a picture that is saved; on the screen it is left out (display.py)
    return bundle, {CHART_MIME: {"embed_options": _IN_JUPYTERLAB}}


alt.renderers.register("reportlib", _mimebundle)
alt.renderers.enable("reportlib")


def show_unchecked(shell):
    """Let this shell of IPython show charts without holding each part of them, and then the whole, against the schema
    of Vega-Lite, which takes longer than all else about a chart. For finished notebooks: who writes one is told."""
    schemapi.disable_debug_mode()
    shell.display_formatter.mimebundle_formatter.for_type(
        alt.TopLevelMixin, lambda chart: alt.renderers.get()(chart.to_dict(False, context={"pre_transform": False}))
    )
