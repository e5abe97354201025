"""Running one notebook in a kernel of its own."""

import os
import tempfile
import traceback
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

import nbformat
import papermill
from jupyter_core.utils import ensure_event_loop
from nbformat import NotebookNode
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError, strip_color

from reportlib import errors
from reportlib.presentation.look.palette import CHART_MIME
from reportlib.publishing.batch import in_kernel
from reportlib.publishing.failure import TIME_LIMIT_S, Failure
from reportlib.publishing.kernel.fork_client import Template
from reportlib.publishing.kernel.kernel import KernelNotReady, kernel
from reportlib.publishing.store.passwords import without_password
from reportlib.scratch import scratch_folder
from reportlib.warehouse.engines.postgresql import NOTEBOOK_VARIABLE

LONGEST_FOLDER = 60  # bytes; what a kernel makes within has up to 45 more
LINES_KEPT = 40  # of a traceback, or of what a kernel said before it died
_ENGINE = "reportlib"


@dataclass(frozen=True)
class Executed:
    """A notebook as far as it ran, as its file holds it, why it failed if it did, and how many seconds that took.

    There is no notebook, and its text is empty, where it could not even be read.
    """

    notebook: NotebookNode | None
    text: str
    failure: Failure | None
    seconds: float = 0


def execute(
    notebook: Path,
    parameters: dict,
    limit_s: float = TIME_LIMIT_S,
    stop: Future | None = None,
    template: Template | None = None,
    shown: Callable[[dict], None] | None = None,
    sharing: dict[str, str] | None = None,
) -> Executed:
    """Run a notebook with these parameters.

    The kernel has this process's environment and working folder, and is gone when this returns or raises, Ctrl-C
    included. Where several run in threads, `stop` ends them all: once it is done, each raises CancelledError. With a
    `template` the kernel is forked from that. `shown` is given the specification of each chart once its cell has run.
    The kernel's environment has `sharing`, where this process's does not say it.
    """
    stop = stop or Future()
    with scratch_folder("kernel", _short_folder()) as private:
        executed = private / "executed.ipynb"
        try:
            with kernel(private, in_kernel.__name__, _variables(notebook, sharing or {}), template) as manager:
                manager.shown = shown
                running = _run(notebook, executed, parameters, manager, limit_s, stop)
        except KernelNotReady as error:
            return Executed(None, "", _not_ready(error, traceback.format_exc()))
        made, text = _read(executed, manager.notebook)
        failure: Failure | None
        if running is None:
            failure = Failure("TimeLimit", f"not done after {limit_s:g} s, so it was stopped", _where_it_stood(made))
        else:
            failure = _failure(running, said=(private / "said").read_text(errors="replace"))
        return Executed(made, text, failure)


def _variables(notebook, sharing) -> dict[str, str]:
    """What the environment says to a kernel: which notebook it runs, and what a database in it may take."""
    return {
        NOTEBOOK_VARIABLE: notebook.name,
        **{name: said for name, said in sharing.items() if name not in os.environ},
    }


def _short_folder() -> str | None:
    """Where a kernel's folder can be: the usual place for temporary files, unless the address of a socket in it would
    be longer than the system takes, 107 bytes."""
    return None if len(os.fsencode(tempfile.gettempdir())) <= LONGEST_FOLDER else "/tmp"


def _run(notebook, executed, parameters, manager, limit_s, stop) -> Future | None:
    """papermill's run when it is over, or None when it took too long. Raises CancelledError when told to stop.

    It has a thread of its own, so that Ctrl-C and the time limit reach this one; when the kernel is killed, papermill
    sees that within a second and its thread ends.
    """
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(_papermill, notebook, executed, parameters, manager)
        try:
            over = wait([running, stop], timeout=limit_s, return_when=FIRST_COMPLETED).done
            if stop in over:
                raise CancelledError
            return running if over else None
        finally:
            manager.kill()


def _papermill(notebook, executed, parameters, manager):
    """papermill, and what it leaves open in this thread closed: a run of many reports would run out of open files."""
    loop = ensure_event_loop()
    try:
        papermill.execute_notebook(
            str(notebook),
            str(executed),
            parameters,
            engine_name=_ENGINE,
            km=manager,
            progress_bar=False,
            request_save_on_cell_execute=False,
        )
    finally:
        if manager.connected:
            manager.connected.stop_channels()
        loop.close()


class _InMemory(NBClientEngine):
    """papermill's engine, which lets us see the notebook while it runs, and its charts as they are shown: writing it
    after each cell, as papermill does to the same end, takes longer than running most cells."""

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, **options):
        manager, complete = options["km"], nb_man.cell_complete
        manager.notebook = nb_man.nb

        def cell_complete(cell, *arguments, **named):
            complete(cell, *arguments, **named)
            for output in cell.get("outputs", []):
                if manager.shown and CHART_MIME in output.get("data", {}):
                    manager.shown(output["data"][CHART_MIME])

        nb_man.cell_complete = cell_complete
        for path in ("input_path", "output_path"):  # which are this run's own
            nb_man.nb.metadata.papermill.pop(path, None)
        return super().execute_managed_notebook(nb_man, kernel_name, **options)


papermill_engines.register(_ENGINE, _InMemory)


def _read(executed, in_memory) -> tuple[NotebookNode | None, str]:
    """The executed notebook, without a trace of the password, and its text.

    papermill writes it at its end; when it did not get there, what it has in memory is as far as it got.
    """
    if in_memory is None:
        return None, ""
    written = executed.read_text(encoding="utf-8") if executed.exists() else nbformat.writes(in_memory)
    text = without_password(written)
    return in_memory if text == written else nbformat.reads(text, as_version=4), text


def _where_it_stood(notebook) -> str:
    """The last cell that was begun; papermill calls it completed when its kernel is gone."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"] if notebook else []
    begun = [at for at, cell in enumerate(code, 1) if cell.metadata.get("papermill", {}).get("start_time")]
    return f"cell {begun[-1]}" if begun else ""


def _failure(running: Future, said: str) -> Failure | None:
    """Whatever stopped a notebook: nothing of it may stop the other reports, all of it is told on its page."""
    try:
        running.result()
    except PapermillExecutionError as error:
        place, message = f"cell {error.exec_count}", without_password(error.evalue)
        if isinstance(getattr(errors, error.ename, None), type):
            return Failure(error.ename, message, place)
        details = strip_color("\n".join(error.traceback))
        return Failure(error.ename, message, place, without_password(error.source), _last_lines(details))
    except KernelNotReady as error:
        return _not_ready(error, said)
    except RuntimeError as error:  # from nbclient: the kernel died
        return Failure("KernelDied", f"the Python that ran the notebook has ended ({error})", details=_last_lines(said))
    except Exception as error:
        return Failure(type(error).__name__, without_password(str(error)), details=_last_lines(traceback.format_exc()))
    return None


def _not_ready(error, said) -> Failure:
    message = f"the Python that was to run the notebook did not come up: {error}"
    return Failure("KernelNotReady", message, details=_last_lines(said))


def _last_lines(text):
    return without_password("\n".join(text.strip().splitlines()[-LINES_KEPT:]))
