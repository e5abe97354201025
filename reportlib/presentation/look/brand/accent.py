"""A colour of the brand as tones that can be read on light and on dark ground."""

import colorsys

from reportlib.presentation.look.palette import COLOURS, COLOURS_ON_DARK

READABLE = 4.5  # WCAG 2.2, 1.4.3: of small text against its ground
_GROUNDS = ("ground", "raised", "around")  # that text in the accent stands on, or that is text on the accent
_STEPS = 200


def tones(accent: str) -> tuple[str, str]:
    """The accent for a light and for a dark ground: itself where it can be read there, else the nearest tone that can.

    `accent` is "#rrggbb".

    Example
    -------
    >>> tones(COLOURS["accent"])[0] == COLOURS["accent"]
    True
    """
    on_light = [COLOURS[name] for name in _GROUNDS]
    on_dark = [COLOURS_ON_DARK[name] for name in _GROUNDS if name in COLOURS_ON_DARK]
    return _tone(accent, on_light, towards=0.0), _tone(accent, on_dark, towards=1.0)


def contrast(one: str, other: str) -> float:
    """How much lighter the lighter of two colours is: 1 to 21, as WCAG 2.2 defines it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def adjusted(accent: str) -> str:
    """A sentence on what became of the accent; "" where it can be read everywhere as it is."""
    light, dark = tones(accent)
    where = [("light", light, COLOURS["ground"]), ("dark", dark, COLOURS_ON_DARK["ground"])]
    said = [
        f"{tone} on {name} ground, where {accent} has a contrast of {contrast(accent, ground):.1f}:1"
        for name, tone, ground in where
        if tone != accent
    ]
    return f"Text wants {READABLE}:1, so the accent is {', and '.join(said)}." if said else ""


def _tone(accent, grounds, towards):
    hue, lightness, saturation = colorsys.rgb_to_hls(*_parts(accent))
    for step in range(_STEPS + 1):
        moved = lightness + (towards - lightness) * step / _STEPS
        tone = accent if not step else _hex(colorsys.hls_to_rgb(hue, moved, saturation))
        if all(contrast(tone, ground) >= READABLE for ground in grounds):
            break
    return tone


def _luminance(colour):
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _parts(colour):
    return [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]


def _hex(parts):
    return "#" + "".join(f"{round(255 * part):02x}" for part in parts)
