"""A page in the look of the reports, complete in itself."""

import base64
import hashlib
import re
from functools import lru_cache
from importlib.resources import files

from markupsafe import Markup

from reportlib.presentation.look.brand.accent import tones
from reportlib.presentation.look.brand.brand import brand
from reportlib.presentation.look.display import stylesheet
from reportlib.presentation.look.palette import coloured, on_dark

_TEXT_OR_NONE = re.compile(r"<(style|script|svg|title|pre)\b.*?</\1>|<[^>]*>|(?P<text>[^<]+)", re.DOTALL)
_LETTER = r"(?:&#?\w+;|[^\s<>&])"
_LONG_WORD, _PIECE = re.compile(_LETTER + "{31,}"), re.compile(_LETTER + "{8}")
TEMPLATES = files("reportlib.publishing") / "template"


def page(
    *,
    title,
    body,
    language="en",
    account="",
    kicker="",
    subtitle="",
    contents=(),
    links=(),
    script=None,
    bundle=None,
) -> str:
    """A whole page in the look of the reports; `body` is HTML, all else text; `links` are (address, text) of pages
    around it. It is in the brand of what is being shown."""
    html = (
        _environment()
        .get_template("page.html.j2")
        .render(
            title=title,
            language=language,
            account=account,
            kicker=kicker,
            subtitle=subtitle,
            body=Markup(body),
            contents=contents,
            links=Markup(links_html(links)),
            style=Markup(page_style(brand().accent)),
            brand=brand(),
            script=Markup(script) if script else None,
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() if script else None,
            bundle=Markup(bundle) if bundle else None,
        )
    )
    return _with_breaks(html)


def links_html(links) -> str:
    """The links, (address, text), to the pages around one; nothing where there are none."""
    return _environment().get_template("links.html.j2").render(links=links).strip()


def _with_breaks(html: str) -> str:
    """The page with places at which a word that is longer than any of a language may be broken, or a name of 600
    letters would make it as wide as that; style that breaks words would break those of all narrow columns."""
    return _TEXT_OR_NONE.sub(lambda found: _LONG_WORD.sub(_broken, found["text"]) if found["text"] else found[0], html)


def _broken(word):
    return _PIECE.sub(r"\g<0><wbr>", word[0]).removesuffix("<wbr>")


@lru_cache
def page_style(accent: str | None) -> str:
    """All style of a page: components, layout, and the theme's colours on a dark ground; in the brand's accent."""
    layout = coloured((TEMPLATES / "page.css").read_text(encoding="utf-8"), tones(accent) if accent else None)
    return _squeezed(f"{stylesheet()}{layout}@media screen and (prefers-color-scheme: dark){{{on_dark()}}}")


def _squeezed(css):
    return re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)).strip()


@lru_cache
def _environment():
    from jinja2 import Environment, FileSystemLoader

    return Environment(loader=FileSystemLoader(str(TEMPLATES)), autoescape=True, trim_blocks=True, lstrip_blocks=True)
