"""How a command ends before its end: a stop, an answer that nobody can read."""

import errno
import os
import signal
import sys
import traceback
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer, current_thread, main_thread

import click

from reportlib.errors import OutputError

INTERRUPTED = 130  # what a shell gives a program ended by Ctrl-C
_STOPS = ("SIGINT", "SIGTERM", "SIGHUP")  # Ctrl-C, a scheduler's or service manager's, a terminal that is closed
_AGAIN_S = 0.01
SHOWN = 100  # letters of a name that is too long


class Stop:
    """Whether a stop came."""

    came = False


def stopping() -> Stop:
    """From now on a stop raises KeyboardInterrupt, so that whatever is under way is undone and nothing left behind; one
    that is ignored, as by `nohup`, stays so."""
    stop = Stop()

    def comes(*_):
        stop.came = True
        raise KeyboardInterrupt

    if current_thread() is main_thread():
        for name in _STOPS:
            if signal.getsignal(getattr(signal, name)) is not signal.SIG_IGN:
                signal.signal(getattr(signal, name), comes)
        sys.unraisablehook = _raised_where_nothing_can_be
    return stop


def _raised_where_nothing_can_be(unraisable):
    """A stop that came within a `__del__` or a callback, from where Python lets no error out: it comes again."""
    if unraisable.exc_type is KeyboardInterrupt:
        again = Timer(_AGAIN_S, os.kill, (os.getpid(), signal.SIGINT))
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(unraisable)


def interrupted():
    """End the command as interrupted."""
    with suppress(OSError):
        click.echo("Interrupted; what was not finished was undone.", err=True)
    sys.exit(INTERRUPTED)


@contextmanager
def answering():
    """End the command with a line where what it answers cannot be written, as to a full disk; Python itself would fail
    at its very end, with a traceback. Where nobody reads on, as in `reportlib campaigns | head`, it ends silently.
    What is no text, as some names of files, is written as its escapes."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):  # it is closed
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            yield
        finally:
            _flush()
    except OSError as error:
        if not _is_of_stdout(error):
            raise
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what Python tries again goes nowhere
        if error.errno != errno.EPIPE:
            with suppress(OSError):
                click.echo(f"Error: the answer could not be written: {error.strerror}", err=True)
        sys.exit(1)


def about_a_name(error: Exception) -> str | None:
    """What is wrong with the name of a file, where no system could open it; None of any other error."""
    cause = error if isinstance(error, OSError) else error.__context__  # Python has its own for links in a circle
    if isinstance(cause, OSError) and cause.errno in (errno.ENAMETOOLONG, errno.ELOOP):
        return f"{str(cause.filename)[:SHOWN]}: {cause.strerror}"
    return None


def _is_of_stdout(error):
    """Whether it was raised where an answer is written, and not by some file that a command reads or writes."""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    return frame.f_code in (click.echo.__code__, _flush.__code__)


def _flush():
    if sys.stdout is not None:
        sys.stdout.flush()


def require_working_folder():
    """Raise OutputError where the folder that the command was called in is no more: nothing relative to it is found."""
    try:
        Path.cwd()
    except FileNotFoundError:
        raise OutputError("the working folder was removed: change to one that is there") from None
