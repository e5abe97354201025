"""A logo as it can be embedded anywhere: a PNG written anew, or an SVG of plain shapes; nothing else of the file."""

import base64
import re
from functools import cached_property
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

LARGEST = 200_000  # bytes of the file
MOST_PIXELS = 4_000_000
_SVG = "http://www.w3.org/2000/svg"
_SHAPES = {"svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "defs", "clipPath"}
_SHAPES |= {"linearGradient", "radialGradient", "stop", "title", "desc"}
_PAINT = {
    "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity", "stroke-linecap",
    "stroke-linejoin", "stroke-miterlimit", "stroke-dasharray", "stroke-dashoffset", "opacity", "stop-color",
    "stop-opacity", "clip-path", "clip-rule",
}  # fmt: skip
_GEOMETRY = {
    "viewBox", "width", "height", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "fx", "fy", "d",
    "points", "transform", "id", "offset", "preserveAspectRatio", "gradientUnits", "gradientTransform",
    "spreadMethod", "clipPathUnits",
}  # fmt: skip
_HARMLESS = re.compile(r"(?:(?!url\()[^<>&\"\\;{}@])*|url\(#[\w.-]+\)", re.IGNORECASE)
_EDITORS = re.compile(r"\{(?!http://www\.w3\.org/(?:2000/svg|1999/xlink)\})")  # Inkscape's own remarks, metadata


class Logo:
    """A picture that stands at the top of a page or mail: its media type and its bytes."""

    def __init__(self, kind: str, content: bytes):
        self.kind, self.content = kind, content

    @property
    def address(self) -> str:
        """The whole picture as a data: address."""
        return f"data:{self.kind};base64,{base64.b64encode(self.content).decode()}"

    @cached_property
    def png(self) -> bytes:
        """As a PNG of twice the height that it is shown in, since mail programs show no SVG."""
        if self.kind == "image/png":
            return self.content
        import vl_convert

        return vl_convert.svg_to_png(self.content.decode(), scale=2)


def read_logo(file: Path) -> Logo:
    """The logo in a .png or .svg. Raises ValueError, which says what is wrong and what is allowed."""
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except OSError as error:
        raise ValueError(f"{file} cannot be read ({error.strerror or error})") from None
    if len(content) > LARGEST:
        raise ValueError(f"{file.name} is larger than {LARGEST // 1000} KB: make it smaller")
    if content.startswith(b"\x89PNG"):
        return Logo("image/png", _png(file, content))
    if b"<svg" in content:
        return Logo("image/svg+xml", _svg(file, content))
    raise ValueError(f"{file.name} is neither PNG nor SVG")


def _png(file, content):
    """The pixels alone: what else is in such a file is not handed on."""
    from PIL import Image

    try:
        with Image.open(BytesIO(content), formats=["PNG"]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise ValueError(f"{file.name} has {picture.width} by {picture.height} pixels: make it smaller")
            written = BytesIO()
            picture.convert("RGBA").save(written, "PNG", optimize=True)
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"{file.name} is no whole PNG ({error})") from None
    return written.getvalue()


def _svg(file, content):
    if b"<!DOCTYPE" in content.upper() or b"<!ENTITY" in content.upper():
        raise ValueError(f"{file.name} declares a document type or entities: save it as plain SVG")
    try:
        root = ElementTree.fromstring(content)
        kept = _shape(root)
    except (ElementTree.ParseError, RecursionError) as error:
        raise ValueError(f"{file.name} is no SVG ({error})") from None
    except ValueError as error:
        raise ValueError(
            f"{file.name} {error}: a logo has plain shapes with their colours, no script, style sheet, text, picture "
            "or reference; save it as plain SVG with texts as paths, or as PNG"
        ) from None
    if root.tag != f"{{{_SVG}}}svg" or not ("viewBox" in kept.attrib or {"width", "height"} <= kept.attrib.keys()):
        raise ValueError(f"{file.name} has neither a viewBox nor width and height")
    ElementTree.register_namespace("", _SVG)
    return ElementTree.tostring(kept, encoding="utf-8")


def _shape(element):
    """The element anew, of what is known to be harmless; what an editor noted for itself is left out."""
    name = element.tag.removeprefix(f"{{{_SVG}}}")
    if name not in _SHAPES:
        raise ValueError(f"has a <{name.rpartition('}')[2]}>")
    kept = ElementTree.Element(element.tag)
    kept.text = element.text if name in ("title", "desc") else None
    for attribute, value in [*element.attrib.items(), *_styled(element.get("style", ""))]:
        if attribute.rpartition("}")[2] == "href" or attribute.lower().startswith("on"):
            raise ValueError(f"has the attribute {attribute.rpartition('}')[2]}")
        if attribute in _PAINT | _GEOMETRY:
            if not _HARMLESS.fullmatch(value):
                raise ValueError(f"has {attribute}={value[:40]!r}")
            kept.set(attribute, value)
    for child in element:
        if isinstance(child.tag, str) and child.tag != f"{{{_SVG}}}metadata" and not _EDITORS.match(child.tag):
            kept.append(_shape(child))
    return kept


def _styled(style):
    """The declarations of a style attribute, (property, value)."""
    for declaration in style.split(";"):
        name, _, value = declaration.partition(":")
        yield name.strip(), value.strip()
