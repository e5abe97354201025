"""Kernels that are forked from a process which has imported everything, instead of importing it once more each."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from threading import Lock

from reportlib.publishing.kernel.fork_server import SINGLE_THREADED

TEMPLATE = "reportlib.publishing.kernel.fork_server"
KERNEL = "reportlib.publishing.kernel.main"
UNFORKED = "Kernels could not be forked ({}): reports start their own, which takes longer"
READY_S = 60  # by when a template must have imported all


@contextmanager
def forking(prepared: str, tell: Callable[[str], None], cold: bool = False) -> Iterator["Template | None"]:
    """A template for the kernels of a batch, gone at the end of this context; None where kernels cannot be forked.

    `prepared` is the module that says what it has imported. It has the code and the environment of this moment. `tell`
    is given a line where kernels are not forked though they were not asked to start `cold`.
    """
    template = None if cold else _template(prepared, tell)
    try:
        yield template
    finally:
        if template:
            template.close()


def _template(prepared, tell):
    try:
        if sys.platform != "linux":
            raise OSError("only Linux can")
        return Template(prepared, tell)
    except OSError as error:
        tell(UNFORKED.format(error))
        return None


def python(module: str) -> list[str]:
    """The command that runs a module in this very Python, whatever lies in the working folder."""
    return [sys.executable, "-P", "-m", module]


class Template:
    """The process that forks kernels; starting it does not wait until it is ready. For use by several threads."""

    def __init__(self, prepared: str, tell: Callable[[str], None]):
        self._tell = tell
        self._told = Lock()
        self._is_asked = False
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  close() does
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [*python(TEMPLATE), str(theirs.fileno()), prepared],
                env={**os.environ, **SINGLE_THREADED},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=self._said,
                stderr=self._said,
                start_new_session=True,  # Ctrl-C is for this process, which then ends that one
            )

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def fork(self, arguments: list[str], environment: dict, folder: str, output) -> "ForkedProcess":
        """A new kernel process with these arguments of ipykernel's; `output` is the file it prints to.

        Raises OSError when there is none.
        """
        self._is_asked = True
        kernel = {"arguments": arguments, "environment": environment, "folder": folder}
        channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ExitStack() as undone:
            undone.callback(channel.close)
            told = self._ask(kernel, channel, theirs, output)
            if not told:
                raise ChildProcessError(self._reason())
            begun = json.loads(told)
            if "pid" not in begun:
                raise ChildProcessError(f"a kernel ended as soon as it was forked, with {begun['ended']}")
            undone.pop_all()
        return ForkedProcess(begun["pid"], channel)

    def _ask(self, kernel, channel, theirs, output) -> bytes:
        """What is said through the channel first, nothing when the template is gone."""
        try:
            with theirs:
                socket.send_fds(self._requests, [json.dumps(kernel).encode()], [theirs.fileno(), output.fileno()])
            channel.settimeout(READY_S)
            return channel.recv(100)
        except ConnectionError:
            return b""
        except TimeoutError:
            self._process.kill()  # it hangs: let no other report wait for it
            raise

    def falls_back(self, reason):
        """Tell, once, that kernels are started in the ordinary way."""
        if self._told.acquire(blocking=False):
            self._tell(UNFORKED.format(reason))

    def close(self):
        """End the template and all its kernels."""
        self._requests.close()
        if not self._is_asked:
            self._process.kill()  # there are none, and it may still be importing
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._said.close()

    def _reason(self):
        """Why there is no kernel: the last line of what the template said, which names its error."""
        try:
            code = self._process.wait(1)
        except subprocess.TimeoutExpired:
            return "there is no room for another process"
        if code < 0:
            return f"their template was ended by {signal.Signals(-code).name}"
        said = os.pread(self._said.fileno(), 1 << 20, 0).decode(errors="replace").strip()
        return said.splitlines()[-1] if said else "their template has ended"


class ForkedProcess:
    """A forked kernel, with as much of subprocess.Popen as a LocalProvisioner uses."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, channel: socket.socket):
        self.pid = pid
        self.returncode: int | None = None
        self._channel = channel

    def poll(self) -> int | None:
        """Its exit code, or its signal's number below zero; None while it runs."""
        if self.returncode is None:
            self._channel.setblocking(False)
            with suppress(BlockingIOError):
                self._hear()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code once it has ended: until then its process id is no other's, after this it may be.

        Raises TimeoutError.
        """
        if self.returncode is None:
            self._channel.settimeout(timeout)
            self._hear()
        self._channel.close()
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, signum: int):
        """Send a signal to this process alone."""
        if self.poll() is None:
            os.kill(self.pid, signum)

    def kill(self):
        """End it."""
        self.send_signal(signal.SIGKILL)

    def _hear(self):
        told = self._channel.recv(100)
        self.returncode = json.loads(told)["ended"] if told else -signal.SIGKILL  # the template has gone, and it too
