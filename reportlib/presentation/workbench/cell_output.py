"""What the running cell has shown so far, asked of a kernel that a front end talks to."""

import sys
from functools import partial


class OutputWatch:
    """Whether anything, errors apart, was shown since `start` by the thread that called it."""

    def __init__(self, shell):
        self._publishers = (shell.display_pub, shell.displayhook)
        self._shown = False

    def start(self):
        """Begin to watch."""
        for publisher in self._publishers:
            publisher.register_hook(self._see)
        for stream in _streams():  # which send from a thread of their own, and have their hooks by thread
            stream.pub_thread.schedule(partial(stream.register_hook, self._see))

    def shown(self) -> bool:
        """Whether there is anything by now."""
        for stream in _streams():  # they hold back what is printed for a moment
            stream.flush()
        return self._shown

    def stop(self) -> bool:
        """Watch no more: whether anything was shown."""
        for publisher in self._publishers:
            publisher.unregister_hook(self._see)
        shown = self.shown()
        for stream in _streams():
            stream.pub_thread.schedule(partial(stream.unregister_hook, self._see))
        return shown

    def _see(self, message):
        self._shown |= message["header"]["msg_type"] in ("display_data", "execute_result", "stream")
        return message


def _streams():
    return [stream for stream in (sys.stdout, sys.stderr) if hasattr(stream, "pub_thread")]
