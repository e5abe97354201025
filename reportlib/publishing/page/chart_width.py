"""A chart's specification made as wide as a page, and how much wider than its view a drawing will be."""

import copy
import json

from reportlib.presentation.look.palette import WIDE
from reportlib.publishing.page.text_width import cut, text_width

_PLAIN_AXIS, _NARROW_AXIS = 41, 124  # pixels that an axis of numbers adds, and one of names on a phone
_BESIDE_NAMES, _FONT_SIZE = 15, 12  # pixels that an axis of names has beside them; their size
_BEHIND_BARS = 15  # by which a number behind the longest bar stands out on a phone
_LABEL_LIMIT = 110  # pixels, on a phone
_UNCHANGED = ("datasets", "usermeta")  # which are most of a specification


def at_width(spec: dict, width: int) -> dict:
    """The specification with every view this wide, and labels that leave a narrow one room to draw in."""
    fitted = copy.deepcopy({name: part for name, part in spec.items() if name not in _UNCHANGED}) | {
        name: spec[name] for name in _UNCHANGED if name in spec
    }
    for view in fitted.get("vconcat", [fitted]):
        view["width"] = width
    config = fitted.setdefault("config", {})
    config.setdefault("axis", {})["aria"] = False  # what Vega says of an axis is left out of the page anyway
    for axis in ("axisQuantitative", "axisTemporal"):
        config.setdefault(axis, {})["labelLimit"] = 0
    narrow = width < WIDE / 2
    if narrow:
        config.setdefault("axisY", {})["labelLimit"] = _LABEL_LIMIT
        config.setdefault("legend", {})["columns"] = 3
    _cut_names(fitted, spec, narrow)
    return fitted


def _cut_names(view, spec, narrow):
    """Names that are wider than the limit of their axis, cut; a narrow view has a lower one.

    Left with a limit, Vega would measure each name many times over, which takes as long as all else of the drawing.
    """
    for part in [*view.get("vconcat", []), *view.get("layer", [])]:
        _cut_names(part, spec, narrow)
    y = view.get("encoding", {}).get("y", {})
    axis = y.get("axis") or {}
    if "labelLimit" in axis and "labelExpr" not in axis:
        limit = _LABEL_LIMIT if narrow else axis["labelLimit"]
        long = {name: cut(name, _FONT_SIZE, limit) for name in _names(spec, y) if text_width(name, _FONT_SIZE) > limit}
        axis["labelLimit"] = 0
        if long:
            which = f"indexof({_expression([*long])}, datum.value)"
            axis["labelExpr"] = f"{_expression([*long.values()])}[{which}] || datum.label"


def _expression(names) -> str:
    """A list of texts as Vega's expressions have it."""
    return json.dumps(names, ensure_ascii=False).replace("\u2028", r"\u2028").replace("\u2029", r"\u2029")


def beside(spec: dict) -> float:
    """Pixels that the axis of numbers, or that of names, adds to the width of a view, about."""
    view = spec.get("vconcat", [spec])[0]
    y = view.get("layer", [view])[0].get("encoding", {}).get("y", {})
    limit = (y.get("axis") or {}).get("labelLimit")
    widest = max([text_width(name, _FONT_SIZE) for name in _names(spec, y)], default=0) if limit else 0
    return _BESIDE_NAMES + min(widest, limit) if limit and widest else _PLAIN_AXIS


def beside_on_phone(spec: dict) -> float:
    """The most that it adds to a narrow view, with the numbers behind its bars, about."""
    marks = [layer.get("mark") for layer in spec.get("layer", [])]
    kinds = {mark.get("type") if isinstance(mark, dict) else mark for mark in marks}
    return _NARROW_AXIS + (_BEHIND_BARS if "text" in kinds else 0)


def _names(spec, channel) -> list[str]:
    """The texts among the values of the channel's field, each once."""
    field = channel.get("field")
    rows = (row for data in spec.get("datasets", {}).values() for row in data)
    return list(dict.fromkeys(str(row[field]) for row in rows if field in row))
