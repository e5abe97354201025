"""The command `reportlib`, or `python -m reportlib`: a stop is a line, also while Python is still importing."""

import os
import signal


def main():
    """Run the command. Until there is something to undo, Ctrl-C ends the process at once: an exception raised amidst an
    import comes out as whatever that import makes of it."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # and not where a shell has it ignored
        signal.signal(signal.SIGINT, _end)
    from reportlib.cli import main as command

    command(prog_name="reportlib")


def _end(*_):
    os.write(2, b"Interrupted; nothing was begun.\n")
    os._exit(130)


if __name__ == "__main__":
    main()
