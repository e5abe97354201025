"""A report page as a PDF: tagged for screen readers, with page numbers, and trusted where an HTML file is not."""

import logging
import os
import re
from contextlib import contextmanager
from importlib.resources import files
from xml.etree import ElementTree

from reportlib.errors import OutputError
from reportlib.presentation.look.numbers import plural
from reportlib.presentation.look.palette import coloured
from reportlib.publishing.page.pdf_drawings import SVG, pictures

_STYLE = files("reportlib.publishing") / "template" / "pdf.css"
_DRAWING = re.compile(r'(<div class="phone">)?(<svg\b.*?</svg>)', re.DOTALL)
_LEFT_OUT = ("nav", "script", "noscript")
_LEFT_OUT_CLASSES = ("skip", "phone")
_NOWHERE = "about:blank"  # what relative addresses are relative to


def report_pdf(html: str) -> bytes:
    """The page that `report_html` made as a PDF/UA file: the same bytes for the same page, fonts and WeasyPrint.

    The drawings of an interactive page stand for its charts; no script runs. Nothing is fetched: an address other than
    `data:` is as if nothing were there. Raises OutputError when WeasyPrint is missing, or when something of the page
    would be missing in the file.
    """
    weasyprint = pdf_library()
    fetcher = _data_only(weasyprint)
    with _nothing_lost(fetcher.refused), _no_clock():
        # Drawings first: WeasyPrint reads HTML ten times as slowly as XML, and looks up the style of every node.
        page = weasyprint.HTML(string=_DRAWING.sub(_drawn, html), base_url=_NOWHERE, url_fetcher=fetcher)
        _prepare(page.etree_element)
        return page.write_pdf(pdf_variant="pdf/ua-1")


def pdf_library():
    """WeasyPrint. Raises OutputError that says what to install where it, or what it builds on, is missing."""
    try:
        import weasyprint
    except ImportError as error:
        raise OutputError(f"a PDF needs WeasyPrint ({error}): pip install 'reportlib[pdf]'") from None
    except OSError as error:  # it loads Pango when it is imported
        raise OutputError(
            "a PDF needs the Pango libraries, which WeasyPrint does not find: apt-get install libpango-1.0-0 "
            f"libpangoft2-1.0-0 ({str(error).splitlines()[0]})"
        ) from None
    return weasyprint


def _data_only(weasyprint):
    class DataOnly(weasyprint.urls.URLFetcher):
        """Fetches what the page itself holds, and notes the addresses of all else."""

        def __init__(self):
            super().__init__(allowed_protocols={"data"}, allow_redirects=False)
            self.refused = []

        def fetch(self, url, headers=None):
            if not url.lower().startswith("data:"):
                self.refused.append(url)
            return super().fetch(url, headers)

    return DataOnly()


@contextmanager
def _nothing_lost(refused):
    """Keep WeasyPrint's remarks on style it does not know to itself; raise OutputError for what it could not draw."""
    logger, errors = logging.getLogger("weasyprint"), []
    handler, level = logging.Handler(logging.ERROR), logger.level
    handler.emit = lambda record: errors.append(record.getMessage())
    logger.addHandler(handler)
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    lost = [error for error in errors if not any(url in error for url in refused)]
    if lost:
        raise OutputError(f"the PDF would lack something of the page: {'; '.join(lost)[:500]}")


@contextmanager
def _no_clock():
    """Keep the time of day out of the file: fontTools writes it into fonts, unless this variable says otherwise."""
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = before or "0"
    try:
        yield
    finally:
        if before is None:
            del os.environ["SOURCE_DATE_EPOCH"]


def _drawn(found):
    phone, drawing = found.groups()
    return phone or pictures(drawing)


def _prepare(root):
    """The page as it is printed: nothing to click, every picture with a text alternative, and the style of a PDF.

    What is folded on the page is a section here where it has one, or is to be printed; of other folds the line that
    they open with, or a last line that says what was left out.
    """
    tables = commands = 0
    for parent in list(root.iter()):
        for at, child in reversed(list(enumerate(parent))):
            if child.tag == "details":
                kind = child.get("class", "")
                tables += not kind and parent.get("class") != "effect"
                commands += parent.get("class") == "effect"
                _unfold(parent, at, child, kind)
            elif child.tag in _LEFT_OUT or child.get("class") in _LEFT_OUT_CLASSES:
                parent.remove(child)
            elif child.tag == "img" and not child.get("alt"):
                child.set("alt", "Picture")
            elif child.tag == f"{{{SVG}}}svg" and child.find(f"{{{SVG}}}title") is None:
                title = ElementTree.Element(f"{{{SVG}}}title")
                title.text = child.get("aria-label") or "Picture"
                child.insert(0, title)
    left_out = [plural(tables, "table of numbers", "tables of numbers")] * bool(tables)
    left_out += [plural(commands, "command")] * bool(commands)
    if left_out:
        said = ElementTree.SubElement(next(root.iter("main"), root.find("body")), "p", {"class": "base"})
        said.text = f"The page has, folded, {' and '.join(left_out)} that are not printed here."
    style = ElementTree.SubElement(root.find("head"), "style")
    style.text = coloured(_STYLE.read_text(encoding="utf-8"))


def _unfold(parent, at, details, kind):
    summary = details.find("summary")
    if kind == "section" or "printed" in kind:
        details.tag, summary.tag = "section", "div"
    elif kind == "folded":
        said = ElementTree.Element("p", {"class": "base"})
        said.text, said.tail = "".join(summary.itertext()), details.tail
        parent[at] = said
    else:
        parent.remove(details)
