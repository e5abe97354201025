"""What every chart has: the theme, a description, its caption and data table."""

import altair as alt
import pandas as pd

from reportlib.presentation.look.drawing import theme  # noqa: F401  the theme of all charts
from reportlib.presentation.look.palette import MUTED, WIDE

PLAIN_ZERO = "datum.value ? datum.label : '0'"  # Vega writes "0k" beside "5k"


def sentence_only(sentence):
    """A chart that says why there is none."""
    said = alt.Chart(pd.DataFrame({"said": [sentence]}), width=WIDE, height=28)
    return described(
        said.mark_text(align="left", x=0, color=MUTED, fontSize=14).encode(text=alt.Text("said:N")),
        sentence,
        "",
        [],
        [],
    )


def described(chart, description, caption, heads, rows):
    """The chart with its alternative text, caption and data table."""
    chart.description = description
    chart.usermeta = {"reportlib": {"caption": caption, "columns": heads, "rows": rows}}
    return chart
