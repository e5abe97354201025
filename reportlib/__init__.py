"""Reports people trust, from a campaign database: `from reportlib import open_warehouse, metrics, charts, tables`.

The kinds of a notebook's parameters are here too: `from reportlib import Campaign, TimeZone`.
"""

import importlib
import sys

# JupyterLab's jsonschema[format-nongpl] imports rfc3987_syntax, which compiles some 35 grammars at import: 0.9 s in
# every process that imports altair or nbformat (python-jsonschema/jsonschema#1428). Without it jsonschema skips one
# format check that nothing here uses. To be deleted when upstream compiles them lazily.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

__version__ = "0.1.0"

_HOMES = {
    "open_warehouse": "reportlib.warehouse:open_warehouse",
    "metrics": "reportlib.metrics",
    "charts": "reportlib.presentation.review.charts",
    "heatmaps": "reportlib.presentation.look.heatmap",
    "tables": "reportlib.presentation.review.tables",
    "findings": "reportlib.presentation.review.findings",
    "caveats": "reportlib.presentation.review.caveats",
    "comparison": "reportlib.presentation.comparison",
    "impact": "reportlib.presentation.impact",
    "send_times": "reportlib.presentation.send_times",
    "weekly": "reportlib.presentation.weekly",
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
        raise AttributeError(f"module 'reportlib' has no attribute {name!r}")
    module, _, attribute = _HOMES[name].partition(":")
    found = importlib.import_module(module)
    if "ipykernel" in sys.modules:
        importlib.import_module("reportlib.presentation.workbench.begin").begin()
    return getattr(found, attribute) if attribute else found


def __dir__():
    """What a user asks for by name; completion shows it."""
    return [*__all__, "__version__"]
