"""The kernel that notebooks run in: `python -P -m reportlib.publishing.kernel.main -f CONNECTION_FILE`, or forked."""

import os
import sys
import tempfile

import zmq
from ipykernel import kernelapp
from ipykernel.iostream import IOPubThread
from zmq.eventloop.zmqstream import ZMQStream

sys.modules.setdefault("debugpy", None)  # type: ignore[arg-type]  # the kernel would import it for a debugger that nobody asks a report for


def run_kernel(arguments: list[str], **traits):
    """Be ipykernel, with these command-line arguments, until it is shut down."""
    kernelapp.IOPubThread = _PrivateOutput  # type: ignore[misc]  # the application has no option for it
    kernel = kernelapp.IPKernelApp.instance(**traits)
    kernel.initialize(arguments)
    kernel.start()


class _PrivateOutput(IOPubThread):
    """The sender of a kernel's output, which takes that of processes forked in the notebook through a file.

    ipykernel's own takes it on a TCP port, whatever transport the kernel has, where all on the machine may knock.
    """

    def _setup_pipe_in(self):
        self._pipe_uuid = os.urandom(16)
        self._pipe_address = f"ipc://{tempfile.mkdtemp(prefix='output-')}/forked"
        pipe = self.socket.context.socket(zmq.PULL)
        pipe.linger = 0
        pipe.bind(self._pipe_address)
        self._pipe_in = ZMQStream(pipe, self.io_loop)
        self._pipe_in.on_recv(self._handle_pipe_msg)

    def _setup_pipe_out(self):
        context = zmq.Context()  # of the forked process's own
        pipe = context.socket(zmq.PUSH)
        pipe.linger = 3000  # milliseconds, as ipykernel has it
        pipe.connect(self._pipe_address)
        return context, pipe


if __name__ == "__main__":
    run_kernel(sys.argv[1:])
