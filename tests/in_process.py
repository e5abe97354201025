"""The command, and the cells of a notebook, run in this process: to start Python and import all takes longer than most
of what tests ask of them."""

import ast
import gc
import json
import os
import signal
import sys
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from types import ModuleType

import nbformat
import pytest
from click.testing import CliRunner

from reportlib.cli import main as command
from reportlib.presentation.look.display import REPORT_MIME
from reportlib.reports.declaration import TAG
from reportlib.suite import SUITE_VARIABLE
from reportlib.warehouse.connection import ADDRESS_VARIABLE
from tests import PROJECT
from tests.warm import lent


@dataclass(frozen=True)
class Said:
    """What a command ended with and printed, named as subprocess has it."""

    returncode: int
    stdout: str
    stderr: str


def head_of(notebook: str, address: str, **parameters) -> dict:
    """What a notebook of ours, all of it run on the database at this address, says of itself: the head of its record.
    Nothing is drawn."""
    shown = _shown(PROJECT / "notebooks" / f"{notebook}.ipynb", address, parameters)
    return json.loads(json.dumps(next(bundle[REPORT_MIME] for bundle in shown if REPORT_MIME in bundle)))


def _shown(path, address, parameters) -> list[dict]:
    """What each code cell shows, by MIME type, as IPython would be given it."""
    shown = []
    with _main() as variables, pytest.MonkeyPatch.context() as patch:
        patch.setenv(ADDRESS_VARIABLE, address)
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type != "code":
                continue
            shown.append(last_value(cell.source, variables))
            if TAG in cell.metadata.get("tags", []):
                assert set(parameters) <= set(variables)
                variables.update(parameters)
    return [value._repr_mimebundle_() for value in shown if value is not None]


def last_value(source, variables):
    """What the last line of a cell is worth; None where it is no expression."""
    *before, last = ast.parse(source).body
    ending = [] if isinstance(last, ast.Expr) else [last]
    exec(compile(ast.Module([*before, *ending], []), "cell", "exec"), variables)
    return None if ending else eval(compile(ast.Expression(last.value), "cell", "eval"), variables)


@contextmanager
def _main():
    """The variables of a `__main__` of the cells' own, where `pick` looks for them."""
    held, own = sys.modules["__main__"], ModuleType("__main__")
    sys.modules["__main__"] = own
    try:
        yield vars(own)
    finally:
        sys.modules["__main__"] = held


def reportlib(*arguments, database, **environment) -> Said:
    """`tests.conftest.reportlib` in this process: where a process of its own, and how it ends, is not the point.
    Without a `database` none is named."""
    undone = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    mask, threshold, hook = os.umask(0), gc.get_threshold(), sys.unraisablehook
    os.umask(mask)
    try:
        environment = {ADDRESS_VARIABLE: database, SUITE_VARIABLE: os.environ.get(SUITE_VARIABLE), **environment}
        with lent() if arguments[0] in ("run", "weekly") else nullcontext():
            done = CliRunner().invoke(command, [*map(str, arguments)], prog_name="reportlib", env=environment)
    finally:
        for one, handler in undone.items():
            signal.signal(one, handler)
        os.umask(mask)
        gc.set_threshold(*threshold)
        sys.unraisablehook = hook
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Said(done.exit_code, done.stdout, done.stderr)
