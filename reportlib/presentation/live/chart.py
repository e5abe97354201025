"""The delivery timeline of a monitor, drawn as SVG in the kernel: nothing to load, nothing that a browser keeps."""

from collections.abc import Collection
from datetime import UTC, datetime
from html import escape
from zoneinfo import ZoneInfo

import pandas as pd

from reportlib.presentation.look import numbers
from reportlib.presentation.look.palette import FONT, GRID, INK, MUTED, PHONE, STATUS, WIDE

LEFT, RIGHT, TOP, GAP = 44, 10, 26, 44  # pixels around the panels
OUTCOMES = ("delivered", "pending", "failed")
HEIGHTS = (190, 90)
STACK = (("delivered", "delivered_cumulative"), ("pending", "pending"), ("failed", "failed_cumulative"))
MAIN_PART = 0.99  # of what happened; of a campaign that is over, stragglers of days later would blur the rest
AHEAD = 0.2  # of the drawing at most, for a time in which nothing happened
_NICE = (1, 2, 2.5, 5, 10)
_STEPS_S = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 604_800)


def delivery_over_time(
    timeline: pd.DataFrame, now_ms: int, zone: str, over: bool = False, measured: Collection[str] = OUTCOMES
) -> str:
    """What became of the messages so far, above how many were handed over and delivered per minute; two widths."""
    if timeline.empty:
        return '<p class="empty">Nothing has been handed over yet.</p>'
    drawings = "".join(
        f'<div class="{name}">{_drawing(timeline, now_ms, zone, over, width, measured)}</div>'
        for name, width in (("wide", WIDE), ("phone", PHONE))
    )
    caption = f"Times are {escape(zone)}; each step is {_duration(timeline.attrs['bucket_s'])}."
    if timeline.attrs["untimed"]:
        caption += f" {numbers.plural(timeline.attrs['untimed'], 'outcome')} without a time cannot be drawn."
    return f"<figure>{drawings}<figcaption>{caption}</figcaption></figure>"


def told(timeline: pd.DataFrame, measured: Collection[str] = OUTCOMES) -> str:
    """The chart in a sentence, for who does not see it; of the outcomes that are `measured`."""
    last = timeline.iloc[-1]
    said = numbers.outcomes({name: last[column] for name, column in STACK}, measured)
    return f"Delivery over time: of {numbers.plural(last['sent_cumulative'], 'message')} handed over, {said}."


def _drawing(timeline, now_ms, zone, over, width, measured):
    size_ms = 1000 * timeline.attrs["bucket_s"]
    first_ms, end_ms = _span(timeline, now_ms, over)
    shown = timeline[timeline["bucket_ms"] < end_ms]
    ends = [first_ms, *(shown["bucket_ms"] + size_ms).clip(upper=end_ms).tolist(), end_ms]

    def x(ms):
        return LEFT + (width - LEFT - RIGHT) * (ms - first_ms) / max(1, end_ms - first_ms)

    xs = [x(ms) for ms in ends]
    top, height = TOP, HEIGHTS[0]
    parts = [_title(top, "So far", width), _key(STACK, width)]
    floor = [0.0] * len(ends)
    highest = _ceiling(shown["sent_cumulative"].iloc[-1] if len(shown) else 1)
    parts += _grid(top, height, highest, width)
    for name, column in STACK:
        values = [0, *shown[column].tolist()]
        roof = [low + value for low, value in zip(floor, [*values, values[-1]], strict=True)]
        parts.append(_area(xs, roof, floor, lambda value: _y(value, highest, top, height), STATUS[name]))
        floor = roof
    top, height = TOP + HEIGHTS[0] + GAP, HEIGHTS[1]
    whole = shown[shown["bucket_ms"] + size_ms <= max(end_ms, first_ms + size_ms)]  # a bucket half over looks slow
    per_minute = 60_000 / size_ms
    rates = {name: (whole[name] * per_minute).tolist() for name in ("sent", "delivered")}
    fastest = _ceiling(max(*rates["sent"], *rates["delivered"], 1))
    parts += [
        _title(top, "Per minute: handed over (grey), delivered (line)", width),
        *_grid(top, height, fastest, width),
    ]
    steps = [(x(ms), x(ms + size_ms)) for ms in whole["bucket_ms"]]
    parts.append(_steps(steps, rates["sent"], fastest, top, height, filled=True))
    parts.append(_steps(steps, rates["delivered"], fastest, top, height, filled=False))
    parts += _times(first_ms, end_ms, x, top + height, zone, width)
    return (
        f'<svg viewBox="0 0 {width} {top + height + 26}" role="img" aria-label="{escape(told(timeline, measured))}" '
        f'font-family="{FONT}" font-size="12">{"".join(parts)}</svg>'
    )


def _span(timeline, now_ms, over):
    """From the first bucket to now; not far beyond the last change, and of what is over the main part alone."""
    size_ms = 1000 * timeline.attrs["bucket_s"]
    first_ms, last_ms = int(timeline["bucket_ms"].iloc[0]), int(timeline["bucket_ms"].iloc[-1]) + size_ms
    if over:
        done = (timeline["sent"] + timeline["settled"]).cumsum()
        at = int((done >= MAIN_PART * done.iloc[-1]).argmax())
        return first_ms, int(timeline["bucket_ms"].iloc[at]) + size_ms
    most_ms = last_ms + int(AHEAD / (1 - AHEAD) * (last_ms - first_ms))
    return first_ms, max(first_ms + size_ms, min(max(now_ms, last_ms - size_ms + 1), most_ms))


def _ceiling(value) -> float:
    """The next round number for the top of an axis."""
    value = max(float(value), 1.0)
    power = 10 ** (len(str(int(value))) - 1)
    return next(step * power for step in _NICE if step * power >= value)


def _y(value, highest, top, height):
    return top + height * (1 - value / highest)


def _area(xs, roof, floor, y, colour):
    there = [f"{x:.1f},{y(value):.1f}" for x, value in zip(xs, roof, strict=True)]
    back = [f"{x:.1f},{y(value):.1f}" for x, value in zip(reversed(xs), reversed(floor), strict=True)]
    return f'<polygon points="{" ".join([*there, *back])}" fill="{colour}"/>'


def _steps(steps, values, highest, top, height, filled):
    points = [
        f"{x:.1f},{_y(value, highest, top, height):.1f}"
        for pair, value in zip(steps, values, strict=True)
        for x in pair
    ]
    if not filled:
        line = f'fill="none" stroke="{STATUS["delivered"]}" stroke-width="2"'
        return f'<polyline points="{" ".join(points)}" {line}/>'
    ground = [f"{steps[-1][1]:.1f},{top + height}", f"{steps[0][0]:.1f},{top + height}"] if steps else []
    return f'<polygon points="{" ".join([*points, *ground])}" fill="{STATUS["not sent"]}"/>'


def _grid(top, height, highest, width):
    for part in (0, 0.5, 1):
        y = _y(part * highest, highest, top, height)
        yield f'<line x1="{LEFT}" x2="{width - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="{MUTED}">{_short(part * highest)}</text>'


def _title(top, words, width):
    return f'<text x="{LEFT}" y="{top - 10}" font-size="13" font-weight="600" fill="{INK}">{words}</text>'


def _key(names, width):
    """A square and a word for each colour, on the right."""
    each = 88 if width == WIDE else 80
    at, parts = width - RIGHT - 2 * each - 74, []
    for name, _ in names:
        parts.append(f'<rect x="{at}" y="8" width="10" height="10" fill="{STATUS[name]}"/>')
        parts.append(f'<text x="{at + 15}" y="17" fill="{MUTED}">{name}</text>')
        at += each
    return "".join(parts)


def _times(first_ms, end_ms, x, bottom, zone, width):
    most = 7 if width == WIDE else 4
    step_s = next((step for step in _STEPS_S if (end_ms - first_ms) / 1000 <= step * most), _STEPS_S[-1])
    written = "{:%H:%M:%S}".format if step_s < 60 else numbers.clock if step_s < 43_200 else numbers.short_date
    offset_s = int(_local(first_ms, zone).utcoffset().total_seconds())
    local_s = first_ms // 1000 + offset_s
    at_s = local_s - local_s % step_s + step_s - offset_s
    while 1000 * at_s <= end_ms:
        middle = x(1000 * at_s)
        if middle < width - 24:
            label = written(_local(1000 * at_s, zone))
            yield f'<text x="{middle:.1f}" y="{bottom + 18}" text-anchor="middle" fill="{MUTED}">{label}</text>'
        at_s += step_s


def _local(ms, zone):
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(ZoneInfo(zone))


def _short(value) -> str:
    for size, unit in ((1_000_000, "M"), (1000, "k")):
        if value >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"


def _duration(seconds) -> str:
    return f"{seconds} s" if seconds < 60 else numbers.duration(seconds / 60)
