"""Where the time of one report goes: `make benchmark-reports` measures and writes the second table of its page.

CPU seconds by part, each time in a process of its own, and beside them what the part took before three costs were
removed, which are put back for that: fonts that are opened anew for each letter, Altair's checks of every part of a
chart, and imports that no report needs.
"""

import contextlib
import io
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from importlib import import_module

from reportlib.warehouse.demo import make_demo
from tests.measured_tables import put, table
from tests.publishing.batch.benchmark import NOTEBOOK

TIMES = 3
PUT_BACK = {"FONTCONFIG_FILE": "/etc/fonts/fonts.conf"}  # fonts that the user has chosen are not held in memory
NEEDLESS = ("statsmodels.api", "debugpy.server.api", "ipywidgets")
PARTS = {
    "imports": "what notebooks import (once for a batch)",
    "questions": "questions to the database",
    "charts": "charts as specifications",
    "rest": "all else in the notebook's cells: figures, tables, sentences",
    "first_drawing": "starting the engine that draws (once for a batch)",
    "drawing": "drawing the charts, twice each",
    "page": "the page around them",
}


def measured(is_put_back: bool) -> dict[str, float]:
    """CPU seconds of this process by part, for one review of the demo."""
    seconds = dict.fromkeys(PARTS, 0.0)
    with part(seconds, "imports"):
        from reportlib.publishing.batch import in_kernel
        from reportlib.publishing.kernel import fork_server

        for module in (*fork_server.IMPORTED, *in_kernel.IMPORTED):
            import_module(module)
        if is_put_back:
            del sys.modules["debugpy"]  # None, which a report's kernel puts there
            for module in NEEDLESS:
                import_module(module)

    from IPython.core.interactiveshell import InteractiveShell

    from reportlib.presentation.look.drawing import heatmap
    from reportlib.presentation.look.drawing.theme import show_unchecked
    from reportlib.presentation.review import charts
    from reportlib.warehouse import Warehouse

    shell = InteractiveShell.instance()
    if not is_put_back:
        show_unchecked(shell)
    Warehouse.sql = counted(seconds, "questions", Warehouse.sql)
    for drawer, name in ((charts, "delivery_timeline"), (heatmap, "activity_heatmap")):
        setattr(drawer, name, counted(seconds, "charts", getattr(drawer, name)))
    shown, as_outputs = [], counted(seconds, "charts", shell.display_formatter.format)
    shell.display_formatter.format = lambda *given, **named: shown.append(as_outputs(*given, **named)[0]) or ({}, {})
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    with part(seconds, "rest"), contextlib.redirect_stdout(io.StringIO()):
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                shell.run_cell("".join(cell["source"])).raise_error()
    seconds["rest"] -= seconds["questions"] + seconds["charts"]

    from nbformat.v4 import new_code_cell, new_notebook, new_output

    from reportlib.publishing.page import chart_svg, html

    outputs = [new_output("display_data", data) for data in shown]
    executed = new_notebook(cells=[new_code_cell("", outputs=[output]) for output in outputs])
    with part(seconds, "first_drawing"):
        html.warm_up()
    chart_svg.svg_of = counted(seconds, "drawing", chart_svg.svg_of)
    with part(seconds, "page"):
        html.report_html(executed)
    seconds["page"] -= seconds["drawing"]
    return seconds


@contextlib.contextmanager
def part(seconds, name):
    before = cpu()
    yield
    seconds[name] += cpu() - before


def counted(seconds, name, function):
    """The function, its CPU seconds added to a part of the report."""

    def timed(*given, **named):
        with part(seconds, name):
            return function(*given, **named)

    return timed


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main(folder: str):
    """Measure both ways in turn, and write the table."""
    os.environ["CAMPAIGN_DATABASE_URL"] = f"duckdb:///{folder}/demo.duckdb"
    make_demo(os.environ["CAMPAIGN_DATABASE_URL"])
    ways = {"now": [], "before": []}
    for _ in range(TIMES):
        for way, all_of_it in ways.items():
            put_back = PUT_BACK if way == "before" else {}
            command = [sys.executable, "-m", "tests.publishing.batch.report_profile", way]
            made = subprocess.run(command, env={**os.environ, **put_back}, stdout=subprocess.PIPE, check=True)
            all_of_it.append(json.loads(made.stdout))
    now, before = (
        {name: statistics.median(one[name] for one in measurements) for name in PARTS} for measurements in ways.values()
    )
    rows = [[words, f"{now[name]:.2f}", f"{before[name]:.2f}"] for name, words in PARTS.items()]
    rows.append(["together", f"{sum(now.values()):.2f}", f"{sum(before.values()):.2f}"])
    heads = ["part of one review, CPU seconds", "now", "with three costs put back"]
    put("batch_benchmark.md", table(heads, rows), "a profile by make benchmark-reports")


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(measured(sys.argv[1] == "before")))
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(folder)
