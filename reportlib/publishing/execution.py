"""Running one notebook in a kernel of its own."""

import logging
import os
import re
import signal
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import nbformat
import papermill
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpec
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError

logging.getLogger("papermill").setLevel(logging.ERROR)  # it logs every cell; a run says one line per report

TIME_LIMIT_S = 600
_TERMINAL_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Failure:
    """Why a notebook did not finish.

    `cell` is the failed cell's source and `traceback` what Python said, both empty where no cell is to blame.
    """

    name: str
    message: str
    cell: str = ""
    traceback: str = ""


def execute(
    notebook: Path, parameters: dict, limit_s: float = TIME_LIMIT_S
) -> tuple[NotebookNode | None, Failure | None]:
    """Run a notebook with these parameters: the notebook as far as it got, and why it failed if it did.

    The kernel is gone when this returns, whatever happened, Ctrl-C included.
    """
    with tempfile.TemporaryDirectory(prefix="reportlib-") as private:
        kernel, executed = _own_kernel(Path(private)), Path(private) / "executed.ipynb"
        # In a thread of its own, so that Ctrl-C and the time limit reach this one, which then ends the kernel.
        with ThreadPoolExecutor(1) as thread:
            running = thread.submit(_run, notebook, executed, parameters, kernel)
            try:
                failure = running.result(timeout=limit_s)
            except TimeoutError:
                failure = Failure("TimeLimit", f"not done after {limit_s:g} s, so it was stopped")
            finally:
                _end(kernel)
        made = nbformat.read(executed, as_version=4) if executed.exists() else None
        return made, failure


def _own_kernel(folder: Path) -> KernelManager:
    """This very interpreter, spoken to through sockets in a private folder.

    Not the user's kernel spec, which may belong to another environment; not TCP, which others on the machine can join.
    """
    kernel = KernelManager(
        transport="ipc",
        ip=str(folder / "kernel"),
        connection_file=str(folder / "kernel.json"),
        client_class="jupyter_client.asynchronous.AsyncKernelClient",
    )
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel._kernel_spec = KernelSpec(argv=command, display_name="report", language="python")
    return kernel


def _run(notebook, executed, parameters, kernel):
    try:
        papermill.execute_notebook(str(notebook), str(executed), parameters, km=kernel, progress_bar=False)
    except PapermillExecutionError as error:
        traceback = _TERMINAL_COLOURS.sub("", "\n".join(error.traceback))
        return Failure(error.ename, error.evalue, error.source, traceback)
    except RuntimeError as error:  # what nbclient raises for a kernel that died or never came up
        return Failure("KernelDied", str(error) or "the kernel died")
    return None


def _end(kernel):
    """Kill the kernel with all it started; it has nothing to save."""
    with suppress(ProcessLookupError, AttributeError):  # never started, or gone already
        os.killpg(os.getpgid(kernel.provisioner.pid), signal.SIGKILL)
    if kernel.has_kernel:
        kernel.shutdown_kernel(now=True)
