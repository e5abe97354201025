"""The process that kernels are forked from: `python -P -m reportlib.publishing.kernel.fork_server N PREPARED`.

PREPARED is a module of who starts it. Its `prepare()` has imported what every notebook imports, which is most of the
time that a short one takes; its IMPORTED_LATER is imported once several kernels were asked for. Of all threads only
the one that forks goes on in the child, where the others' locks and connections stay as they happened to be; so this
process has one thread, and neither a ZMQ context nor a database connection nor the engine that draws charts.

Who started it asks through the socket whose number is N: one message that says as JSON what the kernel shall be, with
two descriptors, a channel and the file it prints to. Through the channel the kernel says that it is there, and later
the template how it ended. The channel is the kernel's life: when its other end is closed, the kernel and all it started
are killed. So they are when the one who asked is gone, however it went.

Why not the fork server of `multiprocessing` (tried with Python 3.11): it lets go of a process as soon as that has
ended, so that its id may be another's when the group is killed; a kernel and what it started outlive a killed run; a
module that cannot be imported, and a server that was killed and is another now, are passed over in silence.
"""

import ctypes
import gc
import json
import os
import signal
import socket
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from selectors import EVENT_READ, PollSelector

SINGLE_THREADED = {"OPENBLAS_NUM_THREADS": "1"}  # else it starts threads as soon as numpy is imported
IMPORTED = (
    "reportlib.publishing.kernel.main",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.extensions.storemagic",
    "tornado.platform.asyncio",
)
_LONGEST_REQUEST = 1 << 20
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


@dataclass(frozen=True)
class Request:
    """A kernel that is asked for: its arguments, environment and folder, its channel, and where it prints."""

    kernel: dict
    channel: socket.socket
    output: int


@dataclass(frozen=True)
class Child:
    """A forked kernel; once it has ended, its process id is nobody else's until it is let go."""

    pid: int
    channel: socket.socket
    end: int  # a descriptor that can be read once it has ended

    def close(self):
        """Close what is open for it here."""
        self.channel.close()
        os.close(self.end)


def main(requests: socket.socket, prepared: str):
    """Import, then fork a kernel whenever asked, until nobody can ask any more."""
    template, environment = os.getpid(), dict(os.environ)
    gc.disable()  # what is imported is no garbage
    for module in IMPORTED:
        import_module(module)
    contents = import_module(prepared)
    contents.prepare()
    if (threads := len(list(Path("/proc/self/task").iterdir()))) > 1:
        sys.exit(f"what notebooks import has started threads: there are {threads}")
    gc.freeze()  # no collection in a kernel looks through it, which would copy all its pages
    gc.enable()
    if request := _serve(requests, [*contents.IMPORTED_LATER]):
        set_by_imports = {name: value for name, value in os.environ.items() if environment.get(name) != value}
        _become_kernel(request, template, set_by_imports)
    else:
        os._exit(0)  # Python would look through all that was imported first


def _serve(requests: socket.socket, later: list[str]) -> Request | None:
    """Fork on each request: returns it in the child that shall be its kernel, and None in the template at the end.

    Once there are several, and none waits, `later` is imported: the first does not wait for it.
    """
    waiting, asked = PollSelector(), 0
    waiting.register(requests, EVENT_READ)
    while True:
        events = waiting.select(0 if asked > 1 and later else None)
        if not events:
            _import_and_freeze(later.pop(0))
            continue
        event, _ = events[0]  # no second one: its descriptor may be closed, and the number be another's
        children = {key.data for key in waiting.get_map().values() if key.data}
        if event.fileobj is not requests:
            _attend(event, waiting)
        elif request := _receive(requests):
            asked += 1
            pid = _fork()
            if pid == 0:
                for held in (requests, *children):
                    held.close()
                return request
            if pid:
                child = Child(pid, request.channel, os.pidfd_open(pid))
                waiting.register(child.channel, EVENT_READ, child)
                waiting.register(child.end, EVENT_READ, child)
            else:
                request.channel.close()  # which tells that there will be no kernel
            os.close(request.output)
        else:
            for child in children:
                _let_go(child)
            return None


def _import_and_freeze(module):
    with suppress(ImportError):  # the notebook that needs it will tell
        import_module(module)
    gc.freeze()


def _receive(requests):
    message, descriptors, _, _ = socket.recv_fds(requests, _LONGEST_REQUEST, 2)
    if not message:
        return None
    channel, output = descriptors
    return Request(json.loads(message), socket.socket(fileno=channel), output)


def _fork() -> int | None:
    try:
        return os.fork()
    except OSError:  # too little memory, or too many processes
        return None


def _attend(event, waiting):
    """A kernel has ended, or nobody wants it any more."""
    child = event.data
    waiting.unregister(event.fileobj)
    if event.fileobj == child.end:
        ended = os.waitid(os.P_PIDFD, child.end, os.WEXITED | os.WNOWAIT)
        code = ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
        with suppress(OSError):  # nobody listens any more
            child.channel.send(json.dumps({"ended": code}).encode())
    else:
        with suppress(KeyError):  # it has ended before
            waiting.unregister(child.end)
        _let_go(child)


def _let_go(child):
    """End a kernel and all it started, which are a process group."""
    os.kill(child.pid, signal.SIGKILL)
    with suppress(ProcessLookupError):  # too young to have one
        os.killpg(child.pid, signal.SIGKILL)
    os.waitpid(child.pid, 0)
    child.close()


def _become_kernel(request: Request, template: int, set_by_imports: dict):
    """Make this child what a kernel started by itself would be, and run it."""
    os.setsid()
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != template:
        return
    for descriptor in (1, 2):
        os.dup2(request.output, descriptor)
    os.close(request.output)
    os.environ.clear()
    os.environ.update(set_by_imports | request.kernel["environment"])
    time.tzset()
    tempfile.tempdir = None  # TMPDIR is another
    os.chdir(request.kernel["folder"])
    _reseed()
    report_kernel = import_module("reportlib.publishing.kernel.main")
    sys.argv = [str(report_kernel.__file__), *request.kernel["arguments"]]
    with request.channel as channel:
        channel.send(json.dumps({"pid": os.getpid()}).encode())
    report_kernel.run_kernel(request.kernel["arguments"], parent_handle=1)  # it dies with its parent, unwatched


def _reseed():
    """Random numbers of its own; Python sees to `random` in each forked process, all else asks the system."""
    import numpy

    numpy.random.seed()


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), sys.argv[2])
