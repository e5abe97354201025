"""The kernel of one notebook: how it is started, talked to and ended."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty
from typing import cast

import zmq
from jupyter_client import AsyncKernelClient, AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning import LocalProvisioner
from jupyter_core.utils import run_sync
from nbformat import NotebookNode

from reportlib.publishing.kernel.fork_client import KERNEL, Template, python
from reportlib.publishing.kernel.fork_server import SINGLE_THREADED

_CONNECT_EVERY_MS = 5
_GONE_S = 30  # by when a killed process must have gone


class KernelNotReady(RuntimeError):
    """A kernel that could not be started, or was and never answered."""


class KernelClient(AsyncKernelClient):
    """The connection to a kernel, without the pauses of a fifth of a second that suit people and networks."""

    async def wait_for_ready(self, timeout: float | None = 60):
        """Return once the kernel answers on both its channels; raises KernelNotReady when it has died, or does not.

        An answer that comes later than it was waited for does no harm: nbclient passes over what it has not asked for.
        """
        until = time.monotonic() + (timeout or 60)
        while time.monotonic() < until:
            self.kernel_info()
            with suppress(Empty):
                await self.shell_channel.get_msg(timeout=1)
                await self.iopub_channel.get_msg(timeout=1)
                return
            if not await self.is_alive():
                raise KernelNotReady("it died before it was ready")
        raise KernelNotReady(f"it was not ready within {timeout:g} s")


class ForkedKernel(LocalProvisioner):
    """A kernel forked from a template; where that fails an ordinary one."""

    def __init__(self, template: Template, **traits):
        super().__init__(**traits)
        self._template = template

    async def launch_kernel(self, cmd, **options):
        """Fork what `cmd` would run, which is KERNEL with its arguments."""
        try:
            folder = str(options.get("cwd") or Path.cwd())
            self.process = self._template.fork(cmd[cmd.index(KERNEL) + 1 :], options["env"], folder, options["stdout"])
        except OSError as error:
            self._template.falls_back(error)
            return await super().launch_kernel(cmd, **options)
        self.pid = self.pgid = self.process.pid
        return self.connection_info


class Kernel(AsyncKernelManager):
    """A kernel of this very Python, not of the user's kernel spec `python3`, which may be another environment's.

    Attributes
    ----------
    notebook : the notebook it runs, as far as that got
    shown : what is given the specification of each chart once its cell has run, if anything is
    """

    kernel_spec = KernelSpec(
        argv=[*python(KERNEL), "-f", "{connection_file}", "--HistoryManager.enabled=False"],
        display_name="report",
        language="python",
    )
    connected: KernelClient | None = None
    notebook: NotebookNode | None = None
    shown: Callable[[dict], None] | None = None

    def client(self, **options) -> KernelClient:  # type: ignore[override]
        """The connection to the kernel; kept, since nbclient never closes one to a kernel it did not start."""
        connected = cast(KernelClient, super().client(**options))
        connected.context.setsockopt(zmq.RECONNECT_IVL, _CONNECT_EVERY_MS)  # its sockets are there in a moment
        self.connected = connected
        return connected

    def kill(self):
        """End the kernel and all it started, which are a process group; it has nothing to save."""
        with suppress(ProcessLookupError):
            os.killpg(self.provisioner.pid, signal.SIGKILL)

    def end(self):
        """Kill it and clear up; jupyter_client's own way looks every tenth of a second whether it is gone."""
        self.kill()
        with suppress(subprocess.TimeoutExpired, TimeoutError):  # the system cannot end it now, but will
            self.provisioner.process.wait(_GONE_S)
        run_sync(self.cleanup_resources)()


@contextmanager
def kernel(
    private: Path, extension: str, variables: dict[str, str], template: Template | None = None
) -> Iterator[Kernel]:
    """A kernel that ends with this context, reached through sockets in a private folder; forked from the template.

    TCP, the default, can be joined by others on the machine. What the kernel itself prints goes to the file `said`
    there, IPython keeps its profile and history there, so that no start-up file of the user has a say, and so does all
    that makes temporary files. It loads an IPython extension, and has this process's environment and the `variables`.
    Several run at once: linear algebra has one thread.

    Raises KernelNotReady where no process can be started, as when there are too many.
    """
    loads = [f"--IPKernelApp.extra_extensions={extension}", "--IPKernelApp.reraise_ipython_extension_failures=True"]
    files = {"ip": str(private / "kernel"), "connection_file": str(private / "kernel.json")}
    manager = Kernel(transport="ipc", client_factory=KernelClient, **files)
    if template:
        manager.provisioner = ForkedKernel(template, kernel_spec=manager.kernel_spec, parent=manager)
    private_folders = {"IPYTHONDIR": str(private / "ipython"), "TMPDIR": str(private)}
    environment = {**os.environ, **SINGLE_THREADED, **private_folders, **variables}
    try:
        with (private / "said").open("wb") as said:
            try:
                run_sync(manager.start_kernel)(extra_arguments=loads, env=environment, stdout=said, stderr=said)
            except OSError as error:
                raise KernelNotReady(f"it could not be started: {error}") from error
        yield manager
    finally:
        if manager.has_kernel:
            manager.end()
