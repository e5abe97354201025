"""WhatsApp's template analytics, as the Graph API answers: messages by template and day, added up per template.

A message counts once as sent, delivered and read, so they stand for people; clicks are times, of nobody known. It says
nothing of failures.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import orjson

from reportlib.warehouse.callbacks.model import Unusable, brief

COUNTED = {"sent": "sent", "delivered": "delivered", "read": "opened"}


def points(path: Path) -> list[dict] | None:
    """The data points of the file; None where it is something else."""
    try:
        payload = orjson.loads(path.read_bytes()) if path.suffix == ".json" else None
    except (OSError, orjson.JSONDecodeError):
        return None
    return list(_points(payload)) or None


def totals(found: list[dict]) -> Iterator[tuple]:
    """Of each template its id, when it was first sent, until when that is, what → (people, times). Raises Unusable."""
    by_template: dict[str, list[dict]] = {}
    for point in found:
        by_template.setdefault(str(point["template_id"]), []).append(point)
    for template, own in by_template.items():
        counts: dict[str, tuple[int | None, int | None]] = {
            ours: (sum(_whole(one, theirs) for one in own), None) for theirs, ours in COUNTED.items()
        }
        if any("clicked" in one for one in own):
            counts["clicked"] = None, sum(map(_clicks, own))
        used = [one for one in own if _whole(one, "sent")] or own
        yield template, _moment(min(used, key=_start)["start"]), _moment(max(_whole(one, "end") for one in own)), counts


def _points(payload):
    if isinstance(payload, list):
        for one in payload:
            yield from _points(one)
    elif isinstance(payload, dict):
        if isinstance(payload.get("data_points"), list):
            of_template = {name: payload[name] for name in ("template_id",) if name in payload}
            points = [of_template | one for one in payload["data_points"] if isinstance(one, dict)]
            yield from (one for one in points if {"template_id", "start", "end", "sent"} <= one.keys())
            return
        for name in ("template_analytics", "data"):
            yield from _points(payload.get(name))


def _start(point):
    return _whole(point, "start")


def _clicks(point) -> int:
    """One number, or the buttons with theirs."""
    clicked = point.get("clicked") or 0
    buttons = clicked if isinstance(clicked, list) else [{"count": clicked}]
    return sum(_whole(one, "count") if isinstance(one, dict) else 0 for one in buttons)


def _whole(point, name) -> int:
    value = point.get(name) or 0
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if type(value) is not int or not 0 <= value < 1 << 53:
        raise Unusable(f"{name} is {brief(str(value))}, no whole number")
    return value


def _moment(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        raise Unusable(f"{brief(str(seconds))} is no time") from None
