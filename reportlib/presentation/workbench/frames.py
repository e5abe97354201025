"""How a DataFrame looks in a notebook: numbers to read, what is missing as such, no index that says nothing."""

from datetime import datetime
from decimal import Decimal
from html import escape
from itertools import groupby
from numbers import Integral, Real

import pandas as pd

from reportlib.presentation.look import table
from reportlib.presentation.look.display import name_html
from reportlib.presentation.look.numbers import NOTHING

MOST_ROWS = 20
STYLE = """<style>
.frame.frame table { width: auto; margin: 4px 0; }
.frame.frame th, .frame.frame td { vertical-align: top; text-align: right; font-variant-numeric: tabular-nums; }
.frame.frame .text, .frame.frame thead th:first-child, .frame.frame tbody th { text-align: left; }
.frame.frame tbody th { font-weight: 400; white-space: nowrap; }
.frame.frame caption, .frame .types { color: var(--jp-ui-font-color2); font-size: 12px; text-align: left; }
.frame .types { margin: 2px 0 12px; max-width: 900px; }
</style>"""


def frame_html(frame: pd.DataFrame) -> str:
    """The first MOST_ROWS rows; as pandas has it where the index or a column's levels speak."""
    return _shown(frame, "")


def typed_frame_html(frame: pd.DataFrame) -> str:
    """The same with the columns' types, for who works with the frame."""
    return _shown(frame, f'<p class="base types">{escape(_types(frame))}</p>')


def _shown(frame, below):
    counted = frame.index.name is None and frame.index.equals(pd.RangeIndex(len(frame)))
    if not counted or frame.columns.nlevels > 1 or frame.columns.empty:
        return frame._repr_html_()
    texts = [at for at in range(len(frame.columns)) if not _has_numbers(frame.iloc[:, at])]
    rows = [[_cell(value) for value in row] for row in frame.head(MOST_ROWS).itertuples(index=False, name=None)]
    rest = f" of {len(frame):,}" if len(frame) > MOST_ROWS else ""
    size = f"{len(rows)}{rest} {'row' if len(frame) == 1 else 'rows'}"
    shown = table.table(size, [str(name) for name in frame.columns], rows, texts)
    scrolled = f'tabindex="0" role="group" aria-label="A table: {size}"'  # wide ones are, also by keyboard
    return f'{STYLE}<div class="frame" {scrolled}>{shown.html}{below}</div>'


def _has_numbers(column) -> bool:
    known = column.dropna().head(1)
    return pd.api.types.is_numeric_dtype(column.dtype) or (len(known) > 0 and isinstance(known.iloc[0], Decimal))


def _cell(value) -> str:
    """One value as HTML, for people: rounded, thousands apart."""
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return NOTHING
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, Integral) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, (Real, Decimal)) and not isinstance(value, bool):
        return f"{value:,.0f}" if abs(float(value)) >= 1000 else f"{value:.4g}"
    return name_html(value)


def _types(frame) -> str:
    """The columns with their types, as docstrings have them: "campaign_id, name : str; audience : int64"."""
    pairs = [(str(dtype), str(name)) for name, dtype in frame.dtypes.items()]
    grouped = groupby(pairs, key=lambda pair: pair[0])
    return "; ".join(f"{', '.join(name for _, name in alike)} : {dtype}" for dtype, alike in grouped)
