"""Labels of a drawing that WeasyPrint would misspell: it sets text in drawings letter by letter, from left to right.

So names in Hebrew, Arabic or Hindi, accents of their own and joined emoji leave the drawing, and lie over it as HTML.
"""

import re
import unicodedata
from html import escape
from xml.etree.ElementTree import Element

_ACROSS_MM, _WIDE = 182, 600  # a chart's width on the sheet, and at least in its own units
_FOOT = 0.85  # of the size of letters, from the top of a line to where they stand
_RIGHT_TO_LEFT = ("R", "AL", "AN", "RLE", "RLO", "RLI")
_JOINED = re.compile("[\u200d\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff]")
_BOX = re.compile(r"([-\d.]+) ([-\d.]+) ([\d.]+) ([\d.]+)")
_SIZE = re.compile(r"([\d.]+)px")
_MOVED = re.compile(r"translate\(([-\d.]+)[, ]+([-\d.]+)\)")


def taken_labels(svg: Element) -> str:
    """Take labels whose letters depend on each other out of a chart: `<span>`s to lie over it, in a box of its size.

    A label that is turned stays, and so do those of small pictures and foreign ones.
    """
    box = _BOX.fullmatch(svg.get("viewBox", ""))
    if not box or float(box[3]) < _WIDE:
        return ""
    parents = {child: parent for parent in svg.iter() for child in parent}
    labels = []
    for text in [text for text in svg.iter("text") if _depend(text.text or "")]:
        above = list(_lineage(text, parents))
        moves = [_MOVED.fullmatch(element.get("transform", "translate(0,0)")) for element in above]
        size = _SIZE.fullmatch(_inherited(above, "font-size", "12px"))
        if all(moves) and size:
            labels.append(_label(text.text, above, moves, float(size[1]), [float(edge) for edge in box.groups()]))
            text.text = ""
    return "".join(labels)


def _depend(text):
    return bool(_JOINED.search(text)) or any(
        unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT or unicodedata.category(letter)[0] == "M" for letter in text
    )


def _lineage(element, parents):
    while element is not None:
        yield element
        element = parents.get(element)


def _label(text, above, moves, size, box):
    left, top, width, height = box
    x = (sum(float(move[1]) for move in moves) - left) / width * 100
    y = (sum(float(move[2]) for move in moves) - top - size * _FOOT) / height * 100
    place = {"end": f"right:{100 - x:.2f}%", "middle": f"left:{x - 25:.2f}%;width:50%;text-align:center"}
    style = (
        f"{place.get(_inherited(above, 'text-anchor', 'start'), f'left:{x:.2f}%')};top:{y:.2f}%;"
        f"font-size:{size * _ACROSS_MM / width:.2f}mm;font-weight:{_inherited(above, 'font-weight', '400')};"
        f"color:{_inherited(above, 'fill', 'black')}"
    )
    return f'<span style="{escape(style)}">{escape(text)}</span>'


def _inherited(above, attribute, otherwise):
    return next((element.get(attribute) for element in above if element.get(attribute)), otherwise)
