"""What a notebook gets from the first `from reportlib import …` in it."""

from IPython import get_ipython

from reportlib.presentation.look.front_end import has_front_end
from reportlib.presentation.workbench.progress import Progress

_progress: Progress | None = None  # of this kernel


def begin():
    """Let frames be easy to read, and cells that take long say so where somebody looks on."""
    global _progress
    if shell := get_ipython():
        html = shell.display_formatter.formatters["text/html"]
        html.for_type_by_name("pandas", "DataFrame", _frame_html)
        if not _progress and has_front_end():
            _progress = Progress(shell)


def _frame_html(frame):
    from reportlib.presentation.workbench.frames import frame_html  # with the first frame, not before

    return frame_html(frame)
