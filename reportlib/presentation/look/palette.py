"""Colours, fonts and widths of every chart, and the name under which one reaches a notebook.

Colours are a finite set, apart in lightness as well as hue, so that colour-blind readers and grey prints keep them
apart and a page can map each to its counterpart on a dark ground (`DARK`).
"""

from string import Template

INK, MUTED, GRID, GROUND = "#1f2933", "#5a6772", "#dfe4ea", "#ffffff"
STATUS = {"delivered": "#0f5e9c", "pending": "#f2b632", "failed": "#d9480f", "sent": "#8e9cab", "not sent": "#cbd2d9"}
PERMANENCE = {
    "permanent": "#7a1f1f",
    "fixable": "#2e7d55",
    "transient": "#a87408",
    "unknown": STATUS["sent"],
}
HEAT = ("#f1f4f8", "#5290c4", "#3874ac", "#235b90", "#114271", "#06244a")  # none, then darker = more
INDEX = ("#b45309", "#f0b97d", "#d5dce3", HEAT[1], HEAT[4])  # below, as usual, above

DARK = {
    INK: "#e8edf2",
    MUTED: "#a7b4c0",
    GRID: "#36424f",
    GROUND: "#161c23",
    STATUS["delivered"]: "#5aa9e6",
    STATUS["pending"]: "#f5c659",
    STATUS["failed"]: "#ff8a5c",
    STATUS["sent"]: "#93a1b0",
    STATUS["not sent"]: "#52606d",
    PERMANENCE["permanent"]: "#e58a8a",
    PERMANENCE["fixable"]: "#6fcf9b",
    PERMANENCE["transient"]: "#e0b24d",
    INDEX[0]: "#e07b2a",
    INDEX[1]: "#7c4a1d",
    INDEX[2]: "#3a4552",
    HEAT[0]: "#1e262f",
    HEAT[1]: "#3a74a8",
    HEAT[2]: "#5190c8",
    HEAT[3]: "#78b0df",
    HEAT[4]: "#a8cff0",
    HEAT[5]: "#e6f3fd",
}

# Of text and boxes, by the names that style sheets and mails have for them.
COLOURS = {
    "ink": INK,
    "muted": "#55626e",
    "line": GRID,
    "ground": GROUND,
    "raised": "#f6f8fa",
    "good": "#146c43",
    "note": "#3b5368",
    "warning": "#8a5300",
    "bad": "#b02a0b",
    "accent": STATUS["delivered"],
    **{name: STATUS[name] for name in ("sent", "delivered", "failed", "pending")},
    "clicked": HEAT[2],
    "around": HEAT[0],
    "faint": STATUS["not sent"],
}
COLOURS_ON_DARK = {
    "ink": DARK[INK],
    "muted": DARK[MUTED],
    "line": DARK[GRID],
    "ground": DARK[GROUND],
    "raised": "#1d252e",
    "good": "#63c996",
    "note": "#9fb6cb",
    "warning": "#f0b95b",
    "bad": "#ff9a76",
    "accent": "#74b9f0",
}

# One typeface on pages, in charts, mails and PDFs. Charts are measured before it is known who reads them, so it is one
# that nearly every machine has, or another of exactly its widths, and no file has to bring it along.
FONT = "Arial, 'Liberation Sans', Helvetica, sans-serif"
WIDE, PHONE = 820, 358
CHART_MIME = "application/vnd.vegalite.v5+json"


def coloured(css: str, accents: tuple[str, str] | None = None) -> str:
    """A style sheet with colours for its $names and with $font; $light and $dark are all colours that have two, as CSS
    variables. `accents` are a brand's on light and on dark ground."""
    known = [COLOURS, COLOURS_ON_DARK]
    if accents:
        known = [colours | {"accent": accent} for colours, accent in zip(known, accents, strict=True)]
    light, dark = (" ".join(f"--{name}: {colours[name]};" for name in COLOURS_ON_DARK) for colours in known)
    return Template(css).substitute(known[0], font=FONT, light=light, dark=dark)


def on_dark(within: str = "") -> str:
    """CSS that gives drawings within this selector, which ends in a space, the colours of a dark ground."""
    return "".join(
        f'{within}svg [fill="{light}"]{{fill:{dark}}}{within}svg [stroke="{light}"]{{stroke:{dark}}}'
        for light, dark in DARK.items()
    )
