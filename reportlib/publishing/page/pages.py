"""The pages of an executed notebook. What they are made with is imported once one is asked for, so that no kernel waits
for it."""

import traceback
from threading import Lock

from nbformat import NotebookNode

from reportlib.publishing.failure import Failure

_making = Lock()  # one page at a time: the drawing of charts has one engine, and Python runs one thread at once


def pages_of(notebook: NotebookNode, how) -> tuple[dict[str, bytes], Failure | None]:
    """The .html and, where asked, the .pdf; or why there is none: a chart that cannot be drawn must not stop others.

    `how` is what a batch is asked for: whether `how.interactive`, whether a `how.pdf` too.
    """
    from reportlib.publishing.page.html import report_html

    try:
        with _making:
            html = report_html(notebook, interactive=how.interactive)
            pages = {".html": html.encode()}
            if how.pdf:
                from reportlib.publishing.page.pdf import report_pdf

                pages[".pdf"] = report_pdf(report_html(notebook) if how.interactive else html)
        return pages, None
    except Exception as error:
        from reportlib.publishing.store.passwords import without_password

        details = without_password(traceback.format_exc())
        return {}, Failure(type(error).__name__, without_password(str(error)), "the page", details=details)


def get_ready():
    """Import what pages are made with, and start the engine that draws charts."""
    from reportlib.publishing.page.html import warm_up

    warm_up()


def draw_ahead(spec: dict):
    """Draw a chart whose page will be asked for, which then takes its drawings from memory."""
    from reportlib.publishing.page.chart_svg import drawings

    drawings(spec, "")
