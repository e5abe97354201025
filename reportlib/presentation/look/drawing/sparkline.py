"""Small pictures in a table's cell: how earlier ones went, and where this one stands among them."""

from html import escape

from reportlib.presentation.look.palette import GRID, GROUND, MUTED, STATUS

WIDTH, HEIGHT, EDGE = 132, 34, 5  # pixels
MOST = 12  # earlier ones drawn, the latest


def sparkline(earlier: list[float], now: float | None, usual: tuple | None, words: str, unusual: bool = False) -> str:
    """A line of earlier rates, oldest first, with this one's after them: a dot, or a diamond where it is unusual.

    `usual` is the range to be expected, drawn as a band as far as it fits. `words` say what it shows to those who do
    not see it. Colours are those of charts, written out: a page turns them dark with it, a PDF needs no style for them.
    """
    shown = earlier[-MOST:]
    values = shown if now is None else [*shown, now]
    if not values:
        return ""
    lowest, highest = min(values), max(values)
    room = (highest - lowest) or max(highest, 0.01)
    lowest, highest = lowest - 0.12 * room, highest + 0.12 * room

    def y(value):
        inside = min(max(value, lowest), highest)
        return EDGE + (HEIGHT - 2 * EDGE) * (highest - inside) / (highest - lowest)

    places = len(shown) + 1
    xs = [EDGE + (WIDTH - 2 * EDGE) * at / max(1, places - 1) for at in range(places)]
    points = [(x, y(value)) for x, value in zip(xs, shown, strict=False)]
    parts = []
    if usual:
        top, bottom = y(usual[1]), y(usual[0])
        parts.append(f'<rect x="0" y="{top:.1f}" width="{WIDTH}" height="{max(bottom - top, 1):.1f}" fill="{GRID}"/>')
    if len(points) > 1:
        line = " ".join(f"{x:.1f},{at:.1f}" for x, at in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{MUTED}" stroke-width="1.2"/>')
    parts += [f'<circle cx="{x:.1f}" cy="{at:.1f}" r="2" fill="{MUTED}"/>' for x, at in points]
    if now is not None:
        parts.append(_this_one(xs[-1] if shown else WIDTH / 2, y(now), unusual))
    return (
        f'<svg class="spark" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
        f'aria-label="{escape(words)}">{"".join(parts)}</svg>'
    )


def _this_one(x, y, unusual):
    paint = f'fill="{STATUS["failed" if unusual else "delivered"]}" stroke="{GROUND}" stroke-width="1.5"'
    if not unusual:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" {paint}/>'
    corners = [(x, y - 5), (x + 5, y), (x, y + 5), (x - 5, y)]
    return f'<polygon points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in corners)}" {paint}/>'
