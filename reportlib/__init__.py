"""Reports people trust, from a campaign database: `from reportlib import open_warehouse, metrics, charts, tables`.

The kinds of a notebook's parameters are here too: `from reportlib import Campaign, TimeZone`.
"""

import importlib
import sys
from typing import TYPE_CHECKING

from reportlib.version import __version__ as __version__

# JupyterLab's jsonschema[format-nongpl] imports rfc3987_syntax, which compiles some 35 grammars at import: 0.9 s in
# every process that imports altair or nbformat (python-jsonschema/jsonschema#1428). Without it jsonschema skips one
# format check that nothing here uses. To be deleted when upstream compiles them lazily.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

if TYPE_CHECKING:  # what editors complete and mypy reads; at run time __getattr__ imports each where it is first used
    from reportlib import metrics as metrics
    from reportlib.presentation import (
        audience as audience,
        comparison as comparison,
        impact as impact,
        review as review,
        send_times as send_times,
        weekly as weekly,
        what_works as what_works,
    )
    from reportlib.presentation.live.monitor import live_monitor as live_monitor
    from reportlib.presentation.look.cards import Card as Card
    from reportlib.presentation.look.drawing import heatmap as _heatmap
    from reportlib.presentation.look.finding import Finding as Finding, Verdict as Verdict
    from reportlib.presentation.look.head import headline as headline, provenance as provenance
    from reportlib.presentation.review import (
        caveats as caveats,
        charts as charts,
        findings as findings,
        tables as tables,
    )
    from reportlib.presentation.workbench.mapping import map_columns as map_columns
    from reportlib.reports.earlier import earlier_review as earlier_review
    from reportlib.reports.kinds import *  # noqa: F403
    from reportlib.reports.pick import pick as pick
    from reportlib.warehouse import open_warehouse as open_warehouse

    heatmaps = _heatmap

_HOMES = {
    "open_warehouse": "reportlib.warehouse:open_warehouse",
    "metrics": "reportlib.metrics",
    "charts": "reportlib.presentation.review.charts",
    "heatmaps": "reportlib.presentation.look.drawing.heatmap",
    "tables": "reportlib.presentation.review.tables",
    "findings": "reportlib.presentation.review.findings",
    "audience": "reportlib.presentation.audience",
    "caveats": "reportlib.presentation.review.caveats",
    "comparison": "reportlib.presentation.comparison",
    "impact": "reportlib.presentation.impact",
    "send_times": "reportlib.presentation.send_times",
    "weekly": "reportlib.presentation.weekly",
    "what_works": "reportlib.presentation.what_works",
    "pick": "reportlib.reports.pick:pick",
    "map_columns": "reportlib.presentation.workbench.mapping:map_columns",
    "live_monitor": "reportlib.presentation.live.monitor:live_monitor",
    "review": "reportlib.presentation.review",
    "headline": "reportlib.presentation.look.head:headline",
    "Card": "reportlib.presentation.look.cards:Card",
    "Finding": "reportlib.presentation.look.finding:Finding",
    "Verdict": "reportlib.presentation.look.finding:Verdict",
    "earlier_review": "reportlib.reports.earlier:earlier_review",
    "provenance": "reportlib.presentation.look.head:provenance",
}
__all__ = list(_HOMES)


def __getattr__(name):
    """Import a room when it is first asked for, so that `reportlib --help` does not wait for pandas and altair."""
    if name not in _HOMES and name[:1].isupper():
        kinds = importlib.import_module("reportlib.reports.kinds").all_kinds()
        if name in kinds:
            return kinds[name]
    if name not in _HOMES:
        near = importlib.import_module("reportlib.errors").nearest(name, __dir__())
        raise AttributeError(f"module 'reportlib' has no attribute {name!r}{near}")
    module, _, attribute = _HOMES[name].partition(":")
    found = importlib.import_module(module)
    importlib.import_module("reportlib.errors").show_public(found)
    if "ipykernel" in sys.modules:
        importlib.import_module("reportlib.presentation.workbench.begin").begin()
    return getattr(found, attribute) if attribute else found


def __dir__():
    """What a user asks for by name; completion shows it."""
    return [*__all__, "__version__"]
