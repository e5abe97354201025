"""Running one notebook in a kernel of its own."""

import os
import signal
import sys
import tempfile
import traceback
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import nbformat
import papermill
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec
from jupyter_core.utils import ensure_event_loop, run_sync
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError, strip_color

from reportlib import errors
from reportlib.publishing.passwords import without_password

TIME_LIMIT_S = 600
LINES_KEPT = 40  # of a traceback, or of what a kernel said before it died


@dataclass(frozen=True)
class Failure:
    """Why a report was not made, as its page tells it.

    `name` is the kind of error, `place` where it happened ("cell 5") and `code` what stands there; `details` is what
    Python said. Each is empty where there is none: a ReportError is a message to a user and has no details.
    """

    name: str
    message: str
    place: str = ""
    code: str = ""
    details: str = ""


def execute(
    notebook: Path, parameters: dict, limit_s: float = TIME_LIMIT_S
) -> tuple[NotebookNode | None, Failure | None]:
    """Run a notebook with these parameters: the notebook as far as it got, and why it failed if it did.

    The notebook is None where it could not even be read. The kernel has this process's environment and working
    folder, and is gone when this returns or raises, Ctrl-C included.
    """
    with tempfile.TemporaryDirectory(prefix="reportlib-") as private:
        executed = Path(private) / "executed.ipynb"
        with _kernel(Path(private)) as kernel:
            running = _run(notebook, executed, parameters, kernel, limit_s)
        made = _read(executed) if executed.exists() else None
        if running is None:
            return made, Failure("TimeLimit", f"not done after {limit_s:g} s, so it was stopped", _where_it_stood(made))
        return made, _failure(running, said=(Path(private) / "said").read_text(errors="replace"))


class _Kernel(AsyncKernelManager):
    """A kernel of this very Python, not of the user's kernel spec `python3`, which may be another environment's."""

    kernel_spec = KernelSpec(
        argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        display_name="report",
        language="python",
    )
    connected = None

    def client(self, **options):
        """The connection to the kernel; kept, since nbclient never closes one to a kernel it did not start."""
        self.connected = super().client(**options)
        return self.connected


@contextmanager
def _kernel(private: Path):
    """A kernel that ends with this context, reached through sockets in a private folder.

    TCP, the default, can be joined by others on the machine. What the kernel itself prints goes to the file `said`
    there, IPython keeps its profile and history there, so that no start-up file of the user has a say, and so does the
    database what does not fit into memory.
    """
    kernel = _Kernel(transport="ipc", ip=str(private / "kernel"), connection_file=str(private / "kernel.json"))
    environment = {**os.environ, "IPYTHONDIR": str(private / "ipython"), "TMPDIR": str(private)}
    with (private / "said").open("wb") as said:
        run_sync(kernel.start_kernel)(env=environment, stdout=said, stderr=said)
    try:
        yield kernel
    finally:
        _kill(kernel)
        run_sync(kernel.shutdown_kernel)(now=True)


def _kill(kernel):
    """End the kernel and all it started, which are a process group; it has nothing to save."""
    with suppress(ProcessLookupError):
        os.killpg(kernel.provisioner.pid, signal.SIGKILL)


def _run(notebook, executed, parameters, kernel, limit_s) -> Future | None:
    """papermill's run when it is over, or None when it took too long.

    It has a thread of its own, so that Ctrl-C and the time limit reach this one; when the kernel is killed, papermill
    sees that within a second and its thread ends.
    """
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(_papermill, notebook, executed, parameters, kernel)
        try:
            return running if wait([running], timeout=limit_s).done else None
        finally:
            _kill(kernel)


def _papermill(notebook, executed, parameters, kernel):
    """papermill, and what it leaves open in this thread closed: a run of many reports would run out of open files."""
    loop = ensure_event_loop()
    try:
        papermill.execute_notebook(str(notebook), str(executed), parameters, km=kernel, progress_bar=False)
    finally:
        if kernel.connected:
            kernel.connected.stop_channels()
        loop.close()


def _read(executed) -> NotebookNode:
    """The executed notebook, without a trace of the password or of this run's private folder."""
    notebook = nbformat.reads(without_password(executed.read_text(encoding="utf-8")), as_version=4)
    notebook.metadata.get("papermill", {}).pop("output_path", None)
    return notebook


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
    except RuntimeError as error:  # from nbclient: the kernel died, or never came up
        return Failure("KernelDied", f"the Python that ran the notebook has ended ({error})", details=_last_lines(said))
    except Exception as error:
        return Failure(type(error).__name__, without_password(str(error)), details=_last_lines(traceback.format_exc()))
    return None


def _last_lines(text):
    return without_password("\n".join(text.strip().splitlines()[-LINES_KEPT:]))
