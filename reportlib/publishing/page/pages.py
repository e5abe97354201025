"""The pages of an executed notebook. What they are made with is imported once one is asked for, so that no kernel waits
for it."""

import traceback
from threading import Lock

from nbformat import NotebookNode

from reportlib.publishing.failure import Failure

_making = Lock()  # one page at a time: the drawing of charts has one engine, and Python runs one thread at once


def pages_of(notebook: NotebookNode, how) -> tuple[dict[str, bytes], Failure | None]:
    """The .html and, where asked, the .pdf and .png; or why there are none: a chart that cannot be drawn must not stop
    others.

    `how` is what a batch is asked for: whether `how.interactive`, whether a `how.pdf` and a `how.png` too.
    """
    from reportlib.publishing.page.html import report_html

    try:
        with _making:
            html = report_html(notebook, interactive=how.interactive)
            pages = {".html": html.encode()}
            if how.pdf:
                from reportlib.publishing.page.pdf import report_pdf

                pages[".pdf"] = report_pdf(report_html(notebook) if how.interactive else html)
            if how.png:
                from reportlib.publishing.page.picture import report_picture

                pages[".png"] = report_picture(notebook)
        return pages, None
    except Exception as error:
        from reportlib.publishing.store.passwords import without_password

        details = without_password(traceback.format_exc())
        return {}, Failure(type(error).__name__, without_password(str(error)), "the page", details=details)


def picture_of(notebook: str) -> bytes:
    """The picture of one screen, PNG, of an executed notebook as its file has it."""
    import nbformat

    from reportlib.publishing.page.picture import report_picture

    return report_picture(nbformat.reads(notebook, as_version=4))


def get_ready():
    """Import what pages are made with, and start the engine that draws charts."""
    from reportlib.publishing.page.html import warm_up

    warm_up()


def draw_ahead(spec: dict):
    """Draw a chart whose page will be asked for, which then takes its drawings from memory."""
    from reportlib.publishing.page.chart_svg import drawings

    drawings(spec, "")
