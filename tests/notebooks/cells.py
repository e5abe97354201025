"""The cells of a notebook, run in this process on a warehouse that is open: all that its report would show, as text."""

import json
import re
from html import unescape
from unittest import mock

import altair
import nbformat
import pandas as pd

import reportlib
from reportlib.presentation.look.display import REPORT_MIME, Display
from tests import PROJECT
from tests.in_process import last_value

NAMES = sorted(path.stem for path in (PROJECT / "notebooks").glob("[a-z]*.ipynb"))


def outputs(name, warehouse, **parameters) -> list:
    """What the cells of this notebook return, but for those that choose its parameters."""
    found, names = [], {}
    cells = nbformat.read(PROJECT / "notebooks" / f"{name}.ipynb", as_version=4).cells
    with mock.patch.dict(reportlib.__dict__, open_warehouse=lambda: warehouse, pick=lambda: None):
        for cell in cells:
            if cell.cell_type == "code":
                found.append(last_value(cell.source, names))
            if "parameters" in cell.metadata.get("tags", []):
                names |= parameters
    return [one for one in found if one is not None]


def text_of(output) -> str:
    """All words and numbers of an output: its page's and its record's, a chart's, or a frame's."""
    if isinstance(output, Display):
        page = re.sub(r"<style>.*?</style>", " ", output.html, flags=re.DOTALL)
        record = json.dumps(output.also.get(REPORT_MIME, {}), ensure_ascii=False, indent=0, default=str)
        return re.sub(r"[ \t]+", " ", unescape(re.sub(r"<[^>]+>", " ", page))) + "\n" + record
    if isinstance(output, pd.DataFrame):
        return output.to_csv()
    assert isinstance(output, altair.TopLevelMixin), type(output)
    spec = output.to_dict()
    about = spec.get("usermeta", {}).get("reportlib", {})
    return json.dumps([spec.get("title"), spec.get("description"), about], ensure_ascii=False, default=str)
