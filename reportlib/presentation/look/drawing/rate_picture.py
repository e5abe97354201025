"""A rate as a small picture in a row or a card: where it lies, how sure that is, what is usual, where the goal is."""

from html import escape

from reportlib.presentation.look.palette import GRID, INK, MUTED, STATUS

WIDTH, HEIGHT, MIDDLE = 150, 16, 8  # pixels
DOT = 4.5
USUAL, HERE = STATUS["not sent"], STATUS["delivered"]


def interval_picture(rate, scale: tuple[float, float], marks: dict, words: str, apart: bool = False) -> str:
    """A dot with its 95 % interval from a `metrics.Rate`, on a scale that all rows share.

    `marks` are upright lines: "goal" dashed, "all" (everybody's rate) plain. A rate that stands `apart` is a diamond in
    another colour, and so in none. `words` say it to those who do not see it.
    """
    x = _on(scale)
    parts = [_upright(x(at), name) for name, at in marks.items() if at is not None and scale[0] <= at <= scale[1]]
    paint = STATUS["failed"] if apart else HERE
    parts.append(
        f'<line x1="{x(rate.low):.1f}" x2="{x(rate.high):.1f}" y1="{MIDDLE}" y2="{MIDDLE}" stroke="{paint}" '
        'stroke-width="2"/>'
    )
    at = x(rate.estimate)
    if apart:
        corners = ((at, MIDDLE - 6), (at + 6, MIDDLE), (at, MIDDLE + 6), (at - 6, MIDDLE))
        parts.append(f'<polygon points="{" ".join(f"{a:.1f},{b}" for a, b in corners)}" fill="{paint}"/>')
    else:
        parts.append(f'<circle cx="{at:.1f}" cy="{MIDDLE}" r="{DOT}" fill="{paint}"/>')
    return _picture("interval", parts, words)


def gauge(value: float, usual: tuple[float, float] | None, goal: float | None, words: str) -> str:
    """Where a rate lies on a track: the band of what is usual, a stroke for the goal, the rate as a mark."""
    known = [value, *(usual or ()), *([goal] if goal is not None else [])]
    low, high = min(known), max(known)
    room = max(0.25 * (high - low), 0.004)
    x = _on((max(0.0, low - room), min(1.0, high + room)))
    parts = [f'<rect x="0" y="5" width="{WIDTH}" height="6" rx="3" fill="{GRID}"/>']
    if usual:
        left, right = x(usual[0]), x(usual[1])
        parts.append(f'<rect x="{left:.1f}" y="5" width="{max(2, right - left):.1f}" height="6" fill="{USUAL}"/>')
    if goal is not None:
        parts.append(_upright(x(goal), "goal"))
    parts.append(f'<rect x="{x(value) - 2.5:.1f}" y="1" width="5" height="14" rx="2" fill="{HERE}"/>')
    return _picture("gauge", parts, words)


def _on(scale):
    low, high = scale
    span = (high - low) or 1.0
    return lambda value: DOT + 1.5 + (WIDTH - 2 * DOT - 3) * (min(max(value, low), high) - low) / span


def _upright(x, name):
    paint = f'stroke="{INK}" stroke-dasharray="2 2" stroke-width="1.5"' if name == "goal" else f'stroke="{MUTED}"'
    return f'<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{HEIGHT}" {paint}/>'


def _picture(kind, parts, words):
    return (
        f'<svg class="{kind}" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
        f'aria-label="{escape(words)}">{"".join(parts)}</svg>'
    )
