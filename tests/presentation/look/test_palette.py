"""Each colour is said once, in the palette; style sheets and mails name it."""

import re
from collections import Counter
from pathlib import Path

import reportlib
from reportlib.presentation.look.drawing.theme import _theme
from reportlib.presentation.look.palette import COLOURS, COLOURS_ON_DARK, FONT, coloured

HOME = Path(reportlib.__file__).parent
PALETTE = HOME / "presentation" / "look" / "palette.py"
COLOUR = re.compile(r"#(?:[0-9a-f]{6}|[0-9a-f]{3})\b", re.IGNORECASE)
WRITTEN = [path for path in HOME.rglob("*") if path.suffix in (".py", ".css", ".j2", ".js")]


def test_no_colour_stands_twice():
    found = Counter(COLOUR.findall(PALETTE.read_text(encoding="utf-8").lower()))
    assert len(found) > 40
    assert [colour for colour, times in found.items() if times > 1] == []


def test_no_colour_stands_elsewhere():
    assert {
        path.name: found for path in WRITTEN if path != PALETTE and (found := COLOUR.findall(path.read_text()))
    } == {}


def test_style_sheets_name_what_there_is():
    sheets = [path for path in WRITTEN if path.suffix == ".css"]
    assert len(sheets) >= 4
    for sheet in sheets:
        assert "$" not in coloured(sheet.read_text(encoding="utf-8"))  # an unknown name is an error
    assert coloured("a { $dark }") == "a { " + " ".join(f"--{k}: {v};" for k, v in COLOURS_ON_DARK.items()) + " }"
    assert coloured("a { color: $ink }") == f"a {{ color: {COLOURS['ink']} }}"


def test_there_is_one_typeface():
    declared = re.compile(r"font(?:-family)?:([^;}]*)")
    sheets = [path.read_text(encoding="utf-8") for path in WRITTEN if path.suffix == ".css"]
    chosen = [one.strip() for sheet in sheets for one in declared.findall(sheet) if one.strip() != "inherit"]
    assert len(chosen) >= 5
    assert [one for one in chosen if not one.endswith("$font")] == []
    assert coloured("a { font: 1em $font }") == f"a {{ font: 1em {FONT} }}"
    assert _theme()["config"]["font"] == FONT
