"""A report on one screen, as a picture: what it is about, the verdict, its cards, its first chart and what to do."""

import base64
import io
import xml.etree.ElementTree as ElementTree
from html import escape
from itertools import count

import vl_convert
from nbformat import NotebookNode
from PIL import Image

from reportlib.presentation.look.brand.accent import tones
from reportlib.presentation.look.brand.brand import Brand, brand_of
from reportlib.presentation.look.cards import Card
from reportlib.presentation.look.finding import SYMBOLS
from reportlib.presentation.look.first_screen import MOST_ACTIONS, MOST_CARDS
from reportlib.presentation.look.palette import COLOURS, FONT
from reportlib.publishing.page.chart_svg import drawings
from reportlib.publishing.page.payload import chart_specs, first_heading, report_payload
from reportlib.publishing.page.text_width import cut, text_width
from reportlib.publishing.page.wording import line
from reportlib.reports.record import Record, record_of

WIDTH, HEIGHT, EDGE = 1200, 675, 40  # pixels
FEW = 128  # colours of a picture with a palette
_BOLD = 1.08  # as wide as plain letters
_TALLEST, _TRIED = 0.8, 3  # of its width, so that a chart can be read beside what to do; as many are looked at
_BESIDE, _GAP, _CARD = 380, 20, 132  # pixels: the column of what to do, between two things, the height of a card
_LINE = 1.35  # of the size of its letters


def report_picture(notebook: NotebookNode) -> bytes:
    """PNG, WIDTH × HEIGHT, of an executed notebook. Raises InvalidRecord for what the notebook says of itself and is
    none."""
    said = record_of({"notebook": "", "subject": first_heading(notebook), **report_payload(notebook)})
    brand = brand_of(said.account_id)
    parts, top = _head(said, first_heading(notebook))
    parts += _whose(brand)
    cards, top = _cards(said.cards[:MOST_CARDS], top)
    words = _to_do(said, top)
    room = WIDTH - 2 * EDGE - (_BESIDE + _GAP if words else 0)
    whole = "".join([*parts, *cards, *words, *_chart(notebook, room, top)])
    ground = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{COLOURS["ground"]}"/>'
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{escape(FONT)}">{ground}{whole}</svg>'
    return few_colours(vl_convert.svg_to_png(svg, scale=1))


def few_colours(png: bytes, colours: int = FEW, width: int | None = None) -> bytes:
    """The image with a palette, an eighth of its size; the colours of areas stay what they are. With a `width`, so
    many pixels wide."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    if width and width < image.width:
        image = image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)
    small = io.BytesIO()
    image.quantize(colours, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


def _head(said: Record, kind) -> tuple[list[str], float]:
    """Kind, title, subtitle and the verdict in its colour; where the next thing begins."""
    wide = WIDTH - 2 * EDGE
    parts = _text(EDGE, 50, [line(kind, 80)], 20, "muted", wide)
    parts += _text(EDGE, 92, [line(said.name, 200)], 36, "ink", wide, bold=True)
    parts += _text(EDGE, 122, [line(said.subtitle, 300)], 20, "muted", wide)
    level = said.level or (said.findings[0].level if said.findings else "note")
    colour = level if level in COLOURS else "note"
    sentence = next((one.text for one in said.findings), said.sentence)
    verdict = _wrapped(line(sentence, 400), 24, wide - 60, 2)
    if not sentence:
        return parts, 150
    high = len(verdict) * 24 * _LINE + 18
    parts += [f'<rect x="{EDGE}" y="142" width="6" height="{high:g}" fill="{COLOURS[colour]}"/>']
    return parts + _marked(EDGE + 20, 142 + 30, level, verdict, 24, colour, wide - 50), 142 + high + _GAP


def _whose(brand: Brand) -> list[str]:
    """The brand at the right of the first line: its colour, its logo, its name."""
    accent = brand.accent and tones(brand.accent)[0]
    parts = [f'<rect width="{WIDTH}" height="6" fill="{accent}"/>'] if accent else []
    name = brand.name if text_width(brand.name, 20) <= _BESIDE else cut(brand.name, 20, _BESIDE)
    left = WIDTH - EDGE - text_width(name, 20)
    parts += _text(left, 50, [name], 20, "ink", _BESIDE)
    if brand.logo:
        place = f'x="{left - 172:g}" y="26" width="160" height="36" preserveAspectRatio="xMaxYMid meet"'
        png = base64.b64encode(brand.logo.png).decode()
        parts.append(f'<image {place} href="data:image/png;base64,{png}"/>')
    return parts


def _cards(cards: list[Card], top) -> tuple[list[str], float]:
    """The cards side by side; where the next thing begins."""
    if not cards:
        return [], top
    parts, wide = [], (WIDTH - 2 * EDGE - _GAP * (len(cards) - 1)) / len(cards)
    for at, card in enumerate(cards):
        left, inner = EDGE + at * (wide + _GAP), wide - 32
        place = f'x="{left:g}" y="{top:g}" width="{wide:g}" height="{_CARD}" rx="8"'
        parts.append(f'<rect {place} fill="{COLOURS["raised"]}" stroke="{COLOURS["line"]}"/>')
        verdict = card.verdict
        rows = ((card.label, 18, "muted", 30), (card.count, 34, "ink", 68), (card.share, 17, "ink", 94))
        for text, size, shade, below in rows:
            parts += _text(left + 16, top + below, [line(text, 80)], size, shade, inner, bold=size == 34)
        if verdict:
            colour = verdict.level if verdict.level in COLOURS else "muted"
            parts += _marked(left + 16, top + 119, verdict.level, [line(verdict.words, 80)], 16, colour, inner - 20)
        else:
            parts += _text(left + 16, top + 119, [line(card.beside, 80)], 16, "muted", inner)
    return parts, top + _CARD + _GAP


def _to_do(said: Record, top) -> list[str]:
    """What to do, at the right of the chart, as far down as there is room."""
    if not said.actions:
        return []
    left, y = WIDTH - EDGE - _BESIDE, top + 20
    parts = _text(left, y, ["What to do"], 20, "ink", _BESIDE, bold=True)
    for number, action in zip(count(1), said.actions[:MOST_ACTIONS], strict=False):
        gain = f" ({line(action.gain, 60)})" if action.gain else ""
        lines = _wrapped(f"{number}. {line(action.text, 200)}{gain}", 18, _BESIDE, 3)
        if y + 34 + (len(lines) - 1) * 18 * _LINE > HEIGHT - EDGE / 2:
            break
        parts += _text(left, y + 34, lines, 18, "ink", _BESIDE)
        y += 14 + len(lines) * 18 * _LINE
    return parts


def _chart(notebook, room, top) -> list[str]:
    """The first chart that can be read in the room that is left."""
    drawn = [ElementTree.fromstring(drawings(spec, "picture")[0]) for spec in chart_specs(notebook)[:_TRIED]]
    low = [root for root in drawn if _height(root) <= _TALLEST * float(root.get("width", 0))]
    for root in (low or drawn)[:1]:
        shows = line(root.get("aria-label", "").partition(". ")[0].rstrip("."), 200)
        place = {"x": EDGE, "y": top + 30, "width": room, "height": HEIGHT - EDGE / 2 - top - 30}
        root.attrib |= {name: f"{value:g}" for name, value in place.items()} | {"preserveAspectRatio": "xMinYMin meet"}
        said = _text(EDGE, top + 15, [shows], 16, "muted", room)
        return [*said, ElementTree.tostring(root, encoding="unicode")]
    return []


def _height(root) -> float:
    return float(root.get("viewBox").split()[3])


def _marked(x, y, level, lines, size, colour, limit) -> list[str]:
    """Lines behind the symbol of their level. It is drawn on its own: a font that has it would draw them too."""
    symbol = _text(x, y, [SYMBOLS.get(level, SYMBOLS["note"])], size, colour, limit)
    return symbol + _text(x + 1.2 * size, y, lines, size, colour, limit)


def _text(x, y, lines, size, colour, limit, bold=False) -> list[str]:
    """Lines below each other, each cut where it would be wider than the limit."""
    limit = limit / _BOLD if bold else limit
    shown = [one if text_width(one, size) <= limit else cut(one, size, limit) for one in lines]
    look = f'font-size="{size}" fill="{COLOURS[colour]}"' + (' font-weight="700"' if bold else "")
    return [
        f'<text x="{x:g}" y="{y + at * size * _LINE:g}" {look}>{escape(text)}</text>'
        for at, text in enumerate(shown)
        if text
    ]


def _wrapped(text, size, limit, most) -> list[str]:
    """The text on at most so many lines; the last is cut where it is drawn."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if text_width(longer, size) <= limit or not lines[-1] or len(lines) == most:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
