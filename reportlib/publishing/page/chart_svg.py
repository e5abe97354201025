"""A chart's specification drawn as SVG that needs no script: once for a wide page, once for a phone."""

import json
import re
import xml.etree.ElementTree as ElementTree
from functools import lru_cache
from html import escape

import vl_convert

from reportlib.presentation.look.drawing.drawable import drawable
from reportlib.presentation.look.folds import the_numbers
from reportlib.presentation.look.palette import FONT, PHONE, WIDE
from reportlib.publishing.page.chart_width import at_width, beside, beside_on_phone
from reportlib.publishing.page.fonts import measure_in_memory
from reportlib.publishing.page.long_texts import with_short_texts

measure_in_memory()
VEGA_LITE = "6.4"
_NAMESPACE = re.compile(r"^\{.*\}")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_LONG_NUMBER = re.compile(r"-?\d+\.\d{2,}")
_TWO_UNITS = re.compile("[\U00010000-\U0010ffff]")
_UNUSED, _STAND_INS = 0xE000, 6400  # Unicode's area for private use
_NOT_MARKS = ("", "axis", "legend", "title", "group mark container")
_SHAPES = ("d", "transform", "x", "y", "x1", "x2", "y1", "y2", "width", "height")
_PAINT = ("fill", "stroke", "stroke-width", "font-weight", "text-anchor", "fill-opacity")
_NEEDLESS = ("role", "aria-hidden", "class", "pointer-events", "stroke-miterlimit")
_DEFAULTS = {("opacity", "1"), ("stroke-width", "1"), ("transform", "translate(0,0)"), ("text-anchor", "start")}
_OVERLOOKED = 0.015
_INHERITED = {"font-family": FONT, "font-size": "12px"}


def drawings(spec: dict, name: str) -> tuple[str, str]:
    """The chart as two `<svg>` elements, about WIDE and PHONE pixels wide; `name` sets their ids apart from others."""
    spec = drawable(spec)
    described, spec = spec.get("description", "Chart"), with_short_texts(spec)
    wide, beyond = _fitted(spec, WIDE, beside(spec))
    phone, _ = _fitted(spec, PHONE, min(beyond, beside_on_phone(spec)))
    return _cleaned(wide, described, f"{name}w"), _cleaned(phone, described, f"{name}p")


def _fitted(spec, target, beyond) -> tuple[ElementTree.Element, float]:
    """The drawing of the spec about as wide as the target, and how much wider than its view it is.

    A view's width leaves out its axes. So it is drawn as if they added `beyond`; where they turn out to add more than a
    reader would overlook, once more. Most charts need one drawing so, which is what a page waits for longest.
    """
    for _ in range(2):
        view = max(80, round(target - beyond))
        root = ElementTree.fromstring(svg_of(at_width(spec, view)))
        beyond = float(root.attrib["width"]) - view
        if abs(view + beyond - target) <= _OVERLOOKED * target:
            break
    return root, beyond


def svg_of(spec: dict) -> str:
    """The drawing by vl-convert, which counts in UTF-16 and dies of a label cut within a character of two units.

    Such characters, emoji above all, are told apart by ones of a single unit that nobody uses while it draws.
    """
    whole = drawable({**spec, "usermeta": {}})
    return _svg(json.dumps(whole, ensure_ascii=False, sort_keys=True))  # as a saved notebook has it


@lru_cache(maxsize=64)  # the charts of a page or two, drawn ahead
def _svg(text):
    found = list(dict.fromkeys(_TWO_UNITS.findall(text)))[:_STAND_INS]
    wide = {character: chr(_UNUSED + at) for at, character in enumerate(found)}
    for character, stand_in in wide.items():
        text = text.replace(character, stand_in)
    text = _TWO_UNITS.sub("\ufffd", text)  # for which no stand-in is left
    svg = vl_convert.vegalite_to_svg(text, vl_version=VEGA_LITE)
    for character, stand_in in wide.items():
        svg = svg.replace(stand_in, character)
    return svg


def _cleaned(root, description, prefix):
    """The drawing without what a page does not need; labels of marks become titles, which browsers show on hover."""
    width, height = float(root.get("width")), float(root.get("height"))
    root.attrib = {
        "viewBox": f"0 0 {width:g} {height:g}",
        "width": f"{width:g}",
        "role": "img",
        "aria-label": description,
        **_INHERITED,
    }
    for element in root.iter():
        element.tag = _NAMESPACE.sub("", element.tag)  # within a page SVG needs no namespace
    for element in list(root.iter())[1:]:
        _slim(element, prefix)
    _without_empty(root)
    _merge(root)
    _hoist(root)
    return ElementTree.tostring(root, encoding="unicode")


def _slim(element, prefix):
    label, role = element.attrib.pop("aria-label", None), element.attrib.pop("aria-roledescription", "")
    kept = {}
    for attribute, value in element.attrib.items():
        if attribute in _NEEDLESS or _INHERITED.get(attribute) == value or (attribute, value) in _DEFAULTS:
            continue
        if attribute == "id":
            value = f"{prefix}-{value}"
        elif attribute in _SHAPES:
            value = _LONG_NUMBER.sub(lambda found: f"{float(found[0]):.1f}".removesuffix(".0"), value)
        kept[attribute] = _REFERENCE.sub(rf"url(#{prefix}-\1)", value)
    element.attrib = kept
    if label and role not in _NOT_MARKS and element.tag != "g":
        title = ElementTree.Element("title")
        title.text = label
        element.insert(0, title)


def _without_empty(parent):
    """Leave out backgrounds nobody sees and groups with nothing in them."""
    for child in [child for child in parent if child.tag not in ("defs", "clipPath")]:
        _without_empty(child)
        invisible = child.tag == "path" and (child.get("display") == "none" or not _painted(child))
        if invisible or (child.tag == "g" and not len(child)):
            parent.remove(child)


def _painted(path):
    """Whether a path shows: Vega writes the paint of every mark; a path without is a transparent background."""
    return any(path.get(paint, "none") not in ("none", "transparent") for paint in ("fill", "stroke"))


def _merge(parent):
    """Make one path of neighbours that differ in nothing but their shape: the empty cells of a map."""
    previous = None
    for child in list(parent):
        _merge(child)
        if previous is not None and _mergeable(previous, child):
            previous.set("d", previous.get("d") + child.get("d"))
            parent.remove(child)
        else:
            previous = child


def _mergeable(one, other):
    silent_paths = all(path.tag == "path" and not len(path) and path.get("d") for path in (one, other))
    return silent_paths and {**one.attrib, "d": ""} == {**other.attrib, "d": ""}


def _hoist(parent):
    """Move paint that all children of a group share to the group, which hands it down."""
    for child in parent:
        _hoist(child)
    if parent.tag != "g" or len(parent) < 2:
        return
    for attribute in _PAINT:
        values = {child.get(attribute) for child in parent}
        if len(values) == 1 and None not in values and attribute not in parent.attrib:
            parent.set(attribute, values.pop())
            for child in parent:
                del child.attrib[attribute]


def figure(spec: dict, name: str) -> str:
    """A chart as `<figure>` that needs no script: both drawings, its caption, its numbers as a table."""
    wide, phone = drawings(spec, name)
    return f'<figure><div class="wide">{wide}</div><div class="phone">{phone}</div>{_told(spec)}</figure>'


def live_figure(spec: dict, name: str, packed: str) -> str:
    """A chart as `<figure>` whose drawing a script replaces; `packed` is the specification as that script reads it."""
    short = with_short_texts(spec)
    drawn = _cleaned(_fitted(short, WIDE, beside(short))[0], spec.get("description", "Chart"), f"{name}w")
    source = f'<script type="text/plain">{packed}</script>'
    return f'<figure><div class="drawing">{drawn}</div>{source}{_told(spec)}</figure>'


def _told(spec):
    about = spec.get("usermeta", {}).get("reportlib", {})
    caption = f"<figcaption>{escape(about['caption'])}</figcaption>" if about.get("caption") else ""
    name = spec.get("description", "chart").partition(".")[0]
    return caption + the_numbers(name, about.get("columns", []), about.get("rows", []))
