"""What the kernels of reports have beyond Jupyter's: imported and done once where they are forked, told their shell.

`forking` starts what they are forked from.
"""

import os
import pkgutil
from contextlib import suppress
from functools import partial
from importlib import import_module

from reportlib.publishing.kernel import fork_client

IMPORTED = (
    *("altair", "scipy.special", "reportlib.metrics", "reportlib.presentation.workbench.frames"),
    *("reportlib.reports.earlier", "reportlib.reports.kinds", "reportlib.reports.pick", "reportlib.reports.variables"),
    *("reportlib.presentation.workbench.begin", "reportlib.presentation.workbench.cell_output"),
    *("reportlib.warehouse.callbacks.providers", "pandas.core.reshape.reshape"),
)
IMPORTED_LATER = ("scipy.stats", "scipy.optimize", "statsmodels.stats.proportion")  # by some notebooks
_FOR_READERS = ("reportlib.presentation.live", "reportlib.presentation.workbench")  # with widgets, for who looks on

forking = partial(fork_client.forking, __name__)


def prepare():
    """Import what every notebook imports, and do what each report would do for the first time."""
    for module in IMPORTED:
        import_module(module)
    for module in pkgutil.walk_packages(import_module("reportlib.presentation").__path__, "reportlib.presentation."):
        if not module.name.startswith(_FOR_READERS):
            import_module(module.name)
    _import_driver()
    _do_once()
    _close_duckdb()


def load_ipython_extension(shell):
    """What IPython calls in each kernel, forked or not."""
    from reportlib.presentation.look.drawing.theme import show_unchecked

    show_unchecked(shell)


def _import_driver():
    """What connecting to the database imports, without connecting; and what DuckDB is first asked about itself."""
    from sqlalchemy import create_engine

    from reportlib.errors import ReportError
    from reportlib.warehouse.connection import ADDRESS_VARIABLE, connect, demo_address

    with suppress(ReportError):  # each report will say that its address is wrong
        engine = connect(os.environ.get(ADDRESS_VARIABLE) or demo_address())
        if engine.dialect.name == "duckdb":
            in_memory = create_engine("duckdb://", connect_args={"config": {"threads": 1}})
            in_memory.connect().close()
            in_memory.dispose()


def _do_once():
    """Write a chart, read the catalogue, ask which code makes the report, and what packages add."""
    import altair
    import pandas

    from reportlib.code_version import code_version
    from reportlib.metrics.failures.catalogue import read_catalogue
    from reportlib.reports.kinds import all_kinds

    altair.Chart(pandas.DataFrame({"a": [1.0]})).mark_bar().encode(x="a:Q").to_dict()
    read_catalogue()
    all_kinds()
    code_version()


def _close_duckdb():
    """End the connection that importing duckdb opens, and its threads; who uses it again opens it again."""
    import duckdb

    duckdb.close()
