"""What a notebook gets from the first `from reportlib import …` in it."""

from IPython import get_ipython

from reportlib.presentation.look.front_end import has_front_end
from reportlib.presentation.workbench.progress import Progress

_ANY_CHART = ("altair.vegalite.v6.api", "TopLevelMixin")  # what every chart of Altair is
_progress: Progress | None = None  # of this kernel


def begin():
    """Let frames be easy to read, Altair's own charts look like ours, and cells that take long say so where somebody
    looks on."""
    global _progress
    if shell := get_ipython():
        html = shell.display_formatter.formatters["text/html"]
        html.for_type_by_name("pandas", "DataFrame", _frame_html)
        shell.display_formatter.mimebundle_formatter.for_type_by_name(*_ANY_CHART, _chart)
        if not _progress and has_front_end():
            _progress = Progress(shell)


def _frame_html(frame):
    from reportlib.presentation.workbench import frames  # with the first frame, not before

    return frames.typed_frame_html(frame) if has_front_end() else frames.frame_html(frame)


def _chart(chart):
    from reportlib.presentation.look.drawing import theme  # noqa: F401  a chart of plain altair gets it here

    return chart._repr_mimebundle_()
